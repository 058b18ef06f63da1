"""Making the index's tables, also where a copy is there that another version made.

The index has no migrations. A copy is a PostgreSQL schema whose comment is the fingerprint of its tables.
One with another fingerprint is made anew from the chain, in a schema beside it, and that takes its place
once it has caught up. Until then whoever still runs the other version reads the old copy.
"""

from functools import cache
from hashlib import sha256

from sqlalchemy import Connection, MetaData, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from coopledger.index.schema import SCHEMA, cursor, metadata, origin

EDITION = 1
"""Raise it where the same tables are to hold other rows than before."""

BESIDE = f"{SCHEMA}_beside"


@cache
def fingerprint() -> str:
    """Return the fingerprint of the tables that this version makes."""
    return fingerprint_of(metadata)


def fingerprint_of(described: MetaData) -> str:
    """Return the fingerprint of tables and indexes, of all that is made but the comments."""
    statements = [str(EDITION)]
    for table in described.sorted_tables:
        indexes = sorted(table.indexes, key=lambda each: str(each.name))
        made: list[ExecutableDDLElement] = [CreateTable(table), *map(CreateIndex, indexes)]
        statements += [str(each.compile(dialect=postgresql.dialect())) for each in made]  # type: ignore[no-untyped-call]
    return sha256("\n".join(statements).encode()).hexdigest()


def found(connection: Connection, name: str = SCHEMA) -> str | None:
    """Return the fingerprint of a copy, "" for one of before there were any, None for no copy."""
    row = connection.execute(text(_FOUND), {"name": name}).first()
    return None if row is None else str(row[0])


_FOUND = """
SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace WHERE nspname = :name
"""


def prepare(connection: Connection) -> bool:
    """Make the tables where they are missing, in a transaction; the connection writes there from then on.

    Returns:
        Whether they are beside a copy of another version.
    """
    made_otherwise = found(connection) not in (None, fingerprint())
    place = BESIDE if made_otherwise else SCHEMA
    connection.execution_options(schema_translate_map={SCHEMA: place})
    if not made_otherwise:
        _drop(connection, BESIDE)
    if found(connection, place) != fingerprint():
        _drop(connection, place)
        connection.execute(text(f"CREATE SCHEMA {place}"))
        connection.execute(text(f"COMMENT ON SCHEMA {place} IS '{fingerprint()}'"))
        metadata.create_all(connection, checkfirst=False)
    return made_otherwise


def take_place(connection: Connection) -> None:
    """Put what was made beside an older copy in its place, if it was."""
    if connection.schema_for_object(cursor) != BESIDE:
        return
    with connection.begin():
        _drop(connection, SCHEMA)
        connection.execute(text(f"ALTER SCHEMA {BESIDE} RENAME TO {SCHEMA}"))
    connection.execution_options(schema_translate_map=None)


def drop(connection: Connection) -> None:
    """Remove the tables and everything in them, within the connection's transaction."""
    for place in (SCHEMA, BESIDE):
        _drop(connection, place)


def _drop(connection: Connection, place: str) -> None:
    first_read = f"{place}.{origin.name}"
    if connection.scalar(text("SELECT to_regclass(:name)"), {"name": first_read}) is not None:
        # Whoever reads comes to its end, whoever comes now waits, and none of them holds another table.
        connection.execute(text(f"LOCK TABLE {first_read} IN ACCESS EXCLUSIVE MODE"))
    connection.execute(text(f"DROP SCHEMA IF EXISTS {place} CASCADE"))
