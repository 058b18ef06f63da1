"""Two indexes of one chain up to one block, held against each other: every column of every table.

Two honest ones may differ in two things. Which of the newest blocks without events are remembered depends
on when each was made, and what was final on how far the chain was then. Nothing else may.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, select, text

from coopledger.domain.types import BlockNumber
from coopledger.index import schema

_PAGE = 5_000
_LONGEST_TEXT = 200

#: The column by which a row is about a member.
_MEMBER = {
    "record": "number",
    "exit": "number",
    "standing_change": "number",
    "move_event": "number",
    "ticket": "member",
    "ticket_event": "number",
}

Key = tuple[Any, ...]
AnyRow = Row[Any]


@dataclass(frozen=True)
class Anew:
    """An index that was made anew, and what another one of the same blocks may call final."""

    connection: Connection
    lowest_final: BlockNumber
    highest_final: BlockNumber


@dataclass(frozen=True)
class Difference:
    """One value, row or column of an index that should be another, or should not be at all."""

    where: str
    """The table, the row's key and member, the column."""
    expected: str
    found: str


class Tables:
    """All tables of two indexes: one that was made anew, and the one that is doubted."""

    def __init__(self, anew: Anew, doubted: Connection) -> None:
        self._anew, self._doubted = anew, doubted
        self.rows = 0
        """Rows of the doubted one that were compared so far."""

    def differences(self) -> Iterator[Difference]:
        """Yield every difference. The rows stream; none of them is kept."""
        shapes = _shape(self._anew.connection), _shape(self._doubted)
        unlike: set[str] = set()
        for name in sorted(shapes[0].keys() | shapes[1].keys()):
            expected, found = (shape.get(name) for shape in shapes)
            if expected != found:
                # Whatever else is there, our own columns can be read.
                unlike |= {name[0]} if expected else set()
                where = "{}, column {}".format(*name)
                yield Difference(where, expected or "no such column", found or "no such column")
        for table in schema.metadata.sorted_tables:
            if table.name not in unlike:
                yield from self._of_table(table)

    def _of_table(self, table: Table) -> Iterator[Difference]:
        key = _key_of(table)
        expected, found = _rows(self._anew.connection, table), self._counted(table)
        for should, row in _side_by_side(expected, found, key):
            if should is not None and row is not None:
                if should != row:
                    yield from self._of_row(table, should, row)
            elif row is not None:
                yield Difference(_where(table, row), "no such row", "a row")
            elif should is not None and not _may_be_missing(table, should):
                yield Difference(_where(table, should), "a row", "no such row")

    def _of_row(self, table: Table, should: AnyRow, row: AnyRow) -> Iterator[Difference]:
        for column, expected, found in zip(table.columns, should, row, strict=True):
            if expected != found and not self._may_differ(column, found):
                where = f"{_where(table, should)}, {column.name}"
                yield Difference(where, _shown(expected), _shown(found))

    def _may_differ(self, column: Column[Any], found: Any) -> bool:
        if column is not schema.cursor.c.final_block:
            return False
        return bool(self._anew.lowest_final <= found <= self._anew.highest_final)

    def _counted(self, table: Table) -> Iterator[AnyRow]:
        for row in _rows(self._doubted, table):
            self.rows += 1
            yield row


def _shape(connection: Connection) -> dict[tuple[str, str], str]:
    """Return every column of every table, and what it may hold."""
    query = """
        SELECT table_name, column_name,
               data_type || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END
        FROM information_schema.columns WHERE table_schema = :schema
    """
    found = connection.execute(text(query), {"schema": schema.SCHEMA})
    return {(table, column): kind for table, column, kind in found}


def _rows(connection: Connection, table: Table) -> Iterator[AnyRow]:
    query = select(table).order_by(*table.primary_key.columns)
    options = {"stream_results": True, "yield_per": _PAGE}
    yield from connection.execute(query, execution_options=options)


def _key_of(table: Table) -> Callable[[AnyRow], Key]:
    names = list(table.columns.keys())
    places = [names.index(column.name) for column in table.primary_key.columns]
    pick = itemgetter(*places)
    return (lambda row: (pick(row),)) if len(places) == 1 else pick


def _side_by_side(
    expected: Iterator[AnyRow], found: Iterator[AnyRow], key: Callable[[AnyRow], Key]
) -> Iterator[tuple[AnyRow | None, AnyRow | None]]:
    """Yield the rows of two tables that are in the order of their keys, those of one key together."""
    should, row = next(expected, None), next(found, None)
    while should is not None or row is not None:
        if row is None or (should is not None and key(should) < key(row)):
            yield should, None
            should = next(expected, None)
        elif should is None or key(row) < key(should):
            yield None, row
            row = next(found, None)
        else:
            yield should, row
            should, row = next(expected, None), next(found, None)


def _may_be_missing(table: Table, row: AnyRow) -> bool:
    return table is schema.block and not row.holds_events


def _where(table: Table, row: AnyRow) -> str:
    """Name a row: its table, its key, and the member whom it is about."""
    values = row._mapping
    key = [column.name for column in table.primary_key.columns if column.name != "one"]
    about = " ".join([table.name, ", ".join(f"{name} {_shown(values[name])}" for name in key)])
    member = values[_MEMBER[table.name]] if table.name in _MEMBER else None
    return about.strip() + ("" if member is None else f" (member {member})")


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bytes):
        return "0x" + value.hex()[:_LONGEST_TEXT]
    shown = str(value)[:_LONGEST_TEXT]
    # What stands in the database is anybody's word, and is shown in a terminal.
    return shown if shown.isprintable() else ascii(shown)
