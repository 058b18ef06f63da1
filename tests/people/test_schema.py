"""The migrations and the tables they make."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect
from sqlalchemy.exc import IntegrityError

from coopledger.database.dsn import Dsn
from coopledger.database.engine import engine_of
from coopledger.people.schema import MIGRATIONS, SCHEMA, metadata, person


def test_the_migrations_make_the_tables_that_the_code_uses(dsn: Dsn) -> None:
    """Nothing differs between the migrated database and ``schema.py``, and twice is harmless."""
    engine = engine_of(dsn)
    with engine.connect() as connection:
        MIGRATIONS.upgrade(connection)
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
        inspector = inspect(connection)
        assert set(inspector.get_table_names(SCHEMA)) == {
            *(table.name for table in metadata.tables.values()),
            "alembic_version",
        }
        assert inspector.get_table_names("public") == []
    engine.dispose()


@pytest.mark.parametrize("erased", [True, False])
def test_a_person_is_kept_whole_or_erased_whole(dsn: Dsn, erased: bool) -> None:
    """The database itself refuses a half-erased person."""
    engine = engine_of(dsn)
    with engine.begin() as connection:
        MIGRATIONS.upgrade(connection)
    half = {"salt": b"s", "email": None, "email_index": b"i"}
    row = {"id": "00000000-0000-0000-0000-000000000001", "secret_version": 1, **half}
    if erased:
        row["erased_at"] = "2026-01-01T00:00:00Z"
    with pytest.raises(IntegrityError, match="erased_whole"), engine.begin() as connection:
        connection.execute(insert(person), row)
    engine.dispose()
