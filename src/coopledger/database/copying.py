"""Many rows into a table in one go, by PostgreSQL's COPY.

COPY stops at a row that is there already. Where some may be, rows are copied into a temporary table, and
go from there into their own by an INSERT, which can say what is to be done then. That takes twice as
long, so rows that are known to be new go straight to their table.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

import psycopg
from psycopg import sql
from psycopg.types.string import BytesBinaryDumper
from sqlalchemy import Column, Connection, MetaData, Table, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import OperationalError

# Binary, as most of what is copied are bytes, which would double as text.
_COPY = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)")

Columns = tuple[Column[Any], ...]

Row = Sequence[object]
"""A value for each column."""


def copy_new(connection: Connection, columns: Columns, rows: Iterable[Row]) -> None:
    """Copy rows of which none is in their table yet.

    Args:
        connection: in a transaction; where others add rows, too, it has its turn
            (``people.adding.take_turn_adding``).
        columns: of one table.
        rows: a value for each column.

    Raises:
        UniqueViolation: one is there.
    """
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    table = columns[0].table
    names = [sql.Identifier(each.name) for each in columns]
    place = connection.schema_for_object(table)
    where = [place, table.name] if place else [table.name]
    types = [each.type.compile(connection.dialect).lower() for each in columns]
    statement = _COPY.format(sql.Identifier(*where), sql.SQL(", ").join(names))
    try:
        with driver.cursor() as cursor:
            # Of the two writers of bytes that the driver has, the last to be registered is the slow one.
            cursor.adapters.register_dumper(bytes, BytesBinaryDumper)
            with cursor.copy(statement) as copy:
                # "numeric(78, 0)" is known as "numeric".
                copy.set_types([each.partition("(")[0] for each in types])
                for row in rows:
                    copy.write_row(row)
    except psycopg.OperationalError as error:
        # As it comes from every other statement.
        raise OperationalError("COPY", None, error) from error


def copy_unless_there(connection: Connection, columns: Columns, rows: Iterable[Row]) -> None:
    """Copy rows; one that is there already stays as it is."""
    with insert_copied(connection, columns, rows) as new:
        connection.execute(new.on_conflict_do_nothing())


@contextmanager
def insert_copied(
    connection: Connection, columns: Columns, rows: Iterable[Row]
) -> Iterator[Insert]:
    """Copy rows into a temporary table, and give the statement that inserts them from there."""
    copied = _temporary(columns)
    copied.create(connection, checkfirst=False)
    copy_new(connection, tuple(copied.c), rows)
    yield insert(columns[0].table).from_select(list(copied.c), select(copied))
    copied.drop(connection, checkfirst=False)


@cache
def _temporary(columns: Columns) -> Table:
    """Return the description of a temporary table of some columns of another."""
    alike = (Column(each.name, each.type) for each in columns)
    return Table(f"copied_{columns[0].table.name}", MetaData(), *alike, prefixes=["TEMPORARY"])
