"""The migrations and the tables they make."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from coopledger.index.database import drop, upgrade
from coopledger.index.schema import SCHEMA, metadata
from coopledger.people.database import engine_of
from tests.index.conftest import Index


def test_the_migrations_make_the_tables_that_the_code_uses(index: Index) -> None:
    """Nothing differs between the migrated database and ``schema.py``; dropped and made anew too."""
    engine = engine_of(index.dsn)
    with engine.begin() as connection:
        upgrade(connection)
        upgrade(connection)
        drop(connection)
        assert SCHEMA not in inspect(connection).get_schema_names()
        upgrade(connection)
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
