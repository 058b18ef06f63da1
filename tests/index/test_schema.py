"""The migrations and the tables they make."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from coopledger.database.engine import engine_of
from coopledger.index.schema import MIGRATIONS, SCHEMA, metadata
from tests.index.conftest import Index


def test_the_migrations_make_the_tables_that_the_code_uses(index: Index) -> None:
    """Nothing differs between the migrated database and ``schema.py``; dropped and made anew too."""
    engine = engine_of(index.dsn)
    with engine.begin() as connection:
        MIGRATIONS.upgrade(connection)
        MIGRATIONS.upgrade(connection)
        MIGRATIONS.drop(connection)
        assert SCHEMA not in inspect(connection).get_schema_names()
        MIGRATIONS.upgrade(connection)
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
                "version_table_schema": SCHEMA,
                "compare_type": True,
                "compare_server_default": True,
            },
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()
