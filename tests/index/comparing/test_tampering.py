"""A value, row or column of the index that is not as the chain has it is found, whichever it is, and named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Executable,
    LargeBinary,
    Row,
    Table,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.exc import IntegrityError

from coopledger.audit.findings import LISTED, Finding, Findings
from coopledger.domain.types import BlockNumber
from coopledger.index import schema
from coopledger.index.comparing.differing import Anew
from coopledger.index.comparing.remaking import made_anew
from coopledger.services.auditing.comparing import TABLES_RULE, compare_index, compare_tables
from tests.index.doubted import Alter, Told, altered, doubted, told

__all__ = ["altered", "doubted", "told"]

TABLES = schema.metadata.sorted_tables
COLUMNS = [(table, column) for table in TABLES for column in table.columns]
ONE_ROW = [table for table in TABLES if "one" in table.columns]
UNIQUE = {
    column
    for table in TABLES
    for constraint in table.constraints
    if isinstance(constraint, UniqueConstraint)
    for column in constraint.columns
}
BEYOND = 7_000


@pytest.fixture(scope="module")
def anew(told: Told) -> Iterator[Anew]:
    """The same index, made anew from the chain."""
    office = told.office
    with made_anew(office.coop, told.index.settings, office.chain.head(), lambda _: None) as made:
        yield made


def found(connection: Connection, anew: Anew) -> list[Finding]:
    """Return what is found in the index as it is in a transaction."""
    findings = Findings()
    compare_tables(findings, connection, anew)
    assert all(each.rule == TABLES_RULE for each in findings)
    return list(findings)


def some_row(connection: Connection, table: Table, column: Column[Any] | None = None) -> Row[Any]:
    """Return the first row of a table that must be there, and has the column if any has."""
    chosen = select(table)
    if table is schema.block:
        chosen = chosen.where(table.c.holds_events)
    if column is not None:
        chosen = chosen.order_by(column.is_(None))
    return connection.execute(chosen.order_by(*table.primary_key.columns)).first() or pytest.fail(
        f"the history of these tests makes no row of {table.name}"
    )


def another(column: Column[Any], value: Any) -> Any:
    """Return another value that the column may hold."""
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, LargeBinary):
        return bytes(16) if value is None else value[:-1] + bytes([value[-1] ^ 1])
    if isinstance(column.type, Text):
        return f"{value}!"
    if column.primary_key or column in UNIQUE:
        return value + BEYOND
    return 1 if value is None else value + 1


def at(table: Table, row: Row[Any]) -> Any:
    """Return the condition that names a row."""
    values = row._mapping
    return [each == values[each.name] for each in table.primary_key.columns]


def shown(value: Any) -> str:
    """Return a value as a finding shows it."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return "nothing" if value is None else str(value)


def refused(connection: Connection, statement: Executable) -> None:
    """Check that the database itself refuses a change."""
    with pytest.raises(IntegrityError), connection.begin_nested():
        connection.execute(statement)


def test_an_honest_index_agrees(told: Told, anew: Anew) -> None:
    """What followed the chain block by block is what is made of it at once, all rows of all tables."""
    findings = Findings()
    with told.index.reading() as connection:
        rows = compare_tables(findings, connection, anew)
    assert list(findings) == []
    assert rows == sum(map(len, told.index.dump().values()))


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[str(column) for _, column in COLUMNS])
def test_each_changed_value_is_named(
    anew: Anew, doubted: Connection, altered: Alter, table: Table, column: Column[Any]
) -> None:
    """A change in any column of any table is named: the row, the column, both values."""
    row = some_row(doubted, table, column)
    before = row._mapping[column.name]
    after = another(column, before)
    change = table.update().where(*at(table, row)).values({column.name: after})
    if column.name == "one":
        refused(doubted, change)
        return
    differences = found(altered(change), anew)
    if column.primary_key:
        key = f"{column.name} "
        assert {(each.expected, each.found) for each in differences} == {
            ("a row", "no such row"),
            ("no such row", "a row"),
        }
        assert all(each.what.startswith(f"{table.name} ") for each in differences)
        for each in differences:
            assert key + shown(before if each.expected == "a row" else after) in each.what
        return
    (only,) = differences
    assert only.what.split(" ")[0].rstrip(",") == table.name
    assert only.what.endswith(f", {column.name}")
    assert (only.expected, only.found) == (shown(before), shown(after))


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_a_removed_row_is_named(
    anew: Anew, doubted: Connection, altered: Alter, table: Table
) -> None:
    """A row that is not there any more is named by its key."""
    row = some_row(doubted, table)
    (only,) = found(altered(table.delete().where(*at(table, row))), anew)
    assert only.what.split(" ")[0] == table.name
    assert (only.expected, only.found) == ("a row", "no such row")


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_an_added_row_is_named(
    anew: Anew, doubted: Connection, altered: Alter, table: Table
) -> None:
    """A row that the chain knows nothing of is named by its key; of some tables there is but one."""
    row = some_row(doubted, table)
    values = {
        column.name: another(column, value) if fresh else value
        for column, value in zip(table.columns, row, strict=True)
        for fresh in [(column.primary_key or column in UNIQUE) and column.name != "one"]
    }
    addition = table.insert().values(values)
    if table in ONE_ROW:
        refused(doubted, addition)
        return
    (only,) = found(altered(addition), anew)
    assert only.what.split(" ")[0] == table.name
    assert (only.expected, only.found) == ("no such row", "a row")


def test_a_finding_names_the_member(anew: Anew, altered: Alter) -> None:
    """Where a row is about a member, the finding says which."""
    altered("UPDATE index.record SET bylaws = 9 WHERE number = 4")
    altered("UPDATE index.exit SET time = 1 WHERE number = 5")
    connection = altered("UPDATE index.ticket SET seat = 77 WHERE member = 7")
    told_of = [each.what for each in found(connection, anew)]
    assert sorted(what[what.index("(") :] for what in told_of) == [
        "(member 4), bylaws",
        "(member 5), time",
        "(member 7), seat",
    ]
    assert "record number 4 (member 4), bylaws" in told_of


def test_what_two_honest_indexes_may_differ_in_is_no_difference(
    told: Told, anew: Anew, altered: Alter
) -> None:
    """A recent block without events may be forgotten; what is remembered of one must be the chain's."""
    recent = told.office.chain.head() - 3
    connection = altered("DELETE FROM index.block WHERE number = :recent", recent=recent)
    assert found(connection, anew) == []
    altered("UPDATE index.block SET time = time + 1 WHERE number = :number", number=recent + 1)
    (only,) = found(connection, anew)
    assert only.what == f"block number {recent + 1}, time"


def test_a_final_block_may_lag_but_not_lead(told: Told, anew: Anew, altered: Alter) -> None:
    """Final may be what was so when the index came to its block, up to what is so now."""
    lenient = Anew(anew.connection, BlockNumber(10), BlockNumber(12))
    for final_block, differs in ((9, True), (10, False), (12, False), (13, True)):
        connection = altered("UPDATE index.cursor SET final_block = :final", final=final_block)
        whats = [each.what for each in found(connection, lenient)]
        assert whats == (["cursor, final_block"] if differs else [])


def test_tables_of_another_shape_are_named(anew: Anew, altered: Alter) -> None:
    """A column or table that is gone, is another, or was never ours is named; the rest is compared."""
    altered("UPDATE index.film SET title = title || '!' WHERE film = 1")
    connection = altered(
        "UPDATE index.tier SET name = E'\\x1b[2J' WHERE screening = 1 AND tier = 0"
    )
    for statement in (
        "ALTER TABLE index.record DROP COLUMN left_block",
        "ALTER TABLE index.film ADD COLUMN note text",
        "ALTER TABLE index.exit ALTER COLUMN cause TYPE bigint",
        "DROP TABLE index.withdrawal",
        "ALTER TABLE index.issuer DROP CONSTRAINT issuer_pkey",
    ):
        connection.exec_driver_sql(statement)
    altered("INSERT INTO index.issuer SELECT * FROM index.issuer")
    told_of = {each.what.split(" 0x")[0]: each.found for each in found(connection, anew)}
    assert told_of.pop("record, column left_block") == "no such column"
    assert told_of.pop("film, column note") == "text"
    assert told_of.pop("exit, column cause") == "bigint not null"
    assert {table for table in told_of if table.startswith("withdrawal")} == {
        f"withdrawal, column {column.name}" for column in schema.withdrawal.columns
    }
    assert told_of["issuer address"] == "a row"
    (name,) = (value for what, value in told_of.items() if what.startswith("tier screening 1"))
    assert name == r"'\x1b[2J'"


def test_the_list_of_differences_is_bounded(anew: Anew, altered: Alter) -> None:
    """However much differs, all of it is counted and the first part listed."""
    findings = Findings()
    compare_tables(findings, altered("UPDATE index.ticket SET seat = 9, tier = 9"), anew)
    assert len(findings.listed) == LISTED
    assert findings.count > 1_400


def test_a_whole_comparison_names_an_altered_cursor(told: Told, anew: Anew, altered: Alter) -> None:
    """The block that the index has come to is told by its hash: a number that was altered is named."""
    head = told.office.chain.head()
    asked: list[int] = []

    def make_anew(block: BlockNumber) -> nullcontext[Anew]:
        asked.append(block)
        return nullcontext(anew)

    for number in (head + 5, head - 1):
        connection = altered("UPDATE index.cursor SET block = :number", number=number)
        compared = compare_index(told.office.coop, connection, make_anew)
        told_of = [(each.what, each.found) for each in compared.verdict.findings]
        assert told_of[-1] == ("cursor, block", str(number))
    assert asked == [head, head]
    connection = altered("UPDATE index.cursor SET block = :number", number=head)
    compared = compare_index(told.office.coop, connection, make_anew)
    assert compared.verdict.agrees
    assert compared.rows is not None
    assert compare_index(told.office.coop, connection, None).rows is None
