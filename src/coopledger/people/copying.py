"""Many rows into a table in one go, by PostgreSQL's COPY.

The one subtlety: COPY stops at a row that is there already. So rows are copied into a temporary
table, and go from there into their own by an INSERT, which can say what is to be done then.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Column, Connection, MetaData, Table, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import OperationalError

# Binary, as most of what is copied are bytes, which would double as text.
_COPY = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)")

Columns = tuple[Column[Any], ...]


@contextmanager
def insert_copied(
    connection: Connection, columns: Columns, rows: Iterable[Sequence[object]]
) -> Iterator[Insert]:
    """Copy rows into a temporary table, and give the statement that inserts them from there.

    Args:
        connection: in a transaction.
        columns: of one table, those of its key first: rows are inserted in their order, so that
            two processes which insert the same never wait for each other in a circle.
        rows: a value for each column.
    """
    copied = _temporary(columns)
    copied.create(connection, checkfirst=False)
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    try:
        with (
            driver.cursor() as cursor,
            cursor.copy(_COPY.format(sql.Identifier(copied.name))) as copy,
        ):
            copy.set_types([each.type.compile(connection.dialect).lower() for each in columns])
            for row in rows:
                copy.write_row(row)
    except psycopg.OperationalError as error:
        # As it comes from every other statement.
        raise OperationalError("COPY", None, error) from error
    in_order = select(copied).order_by(*copied.c)
    yield insert(columns[0].table).from_select(list(copied.c), in_order)
    copied.drop(connection, checkfirst=False)


@cache
def _temporary(columns: Columns) -> Table:
    """Return the description of a temporary table of some columns of another."""
    alike = (Column(each.name, each.type) for each in columns)
    return Table(f"copied_{columns[0].table.name}", MetaData(), *alike, prefixes=["TEMPORARY"])
