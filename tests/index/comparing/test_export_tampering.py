"""A cell of an export that is not as the chain has it is found, in whichever column, and named."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from coopledger.audit.files.compare import Listing, asks_for_admissions, compare_file
from coopledger.audit.files.register_file import open_register_file
from coopledger.audit.findings import Finding, Findings
from coopledger.domain.types import WIB
from coopledger.exports.data import COLUMNS
from coopledger.index.asking.pinning import pin
from coopledger.index.asking.wanted import ALL
from coopledger.pictures.language import House, Language
from coopledger.services.asking.exporting import export
from tests.index.doubted import Told, told

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["told"]

KINDS = ("csv", "json")
OTHER = {
    "account": "0x" + "5b" * 20,
    "standing": "full",
    "consent": "signed",
    "cause": "deceased",
    "joined": "2020-01-01T00:00:00Z",
    "left": "2020-01-01T00:00:00Z",
    "consented": "2020-01-01T00:00:00Z",
    "attestation": "0x" + "5b" * 16,
    "transaction": "0x" + "5b" * 32,
}
"""Other values of some columns; of the others the number after."""

Row = dict[str, Any]


@pytest.fixture(scope="module", params=KINDS)
def exported(
    told: Told, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """An export of all records, as of the index's moment."""
    file: Path = tmp_path_factory.mktemp("exported") / f"members.{request.param}"
    then, house = told.verdict.moment.block, House("Kinarya", WIB)
    with told.index.reading() as connection:
        as_of = pin(connection, then)
        export(file, told.office.coop, house, connection, as_of, ALL, Language.EN)
    yield file


def rows_of(file: Path) -> list[Row]:
    """Return the members of an export."""
    if file.suffix == ".json":
        members: list[Row] = json.loads(file.read_text("utf-8"))["members"]
        return members
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def with_rows(file: Path, rows: list[Row], copy: Path) -> Path:
    """Write a copy of an export with other members."""
    if file.suffix == ".json":
        content = json.loads(file.read_text("utf-8"))
        copy.write_text(json.dumps({**content, "members": rows}), "utf-8")
        return copy
    with copy.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return copy


def found(told: Told, file: Path) -> list[Finding]:
    """Compare a file that lists all records with the verdict of its moment."""
    opened = open_register_file(file)
    assert asks_for_admissions(opened)
    verdict = replace(told.verdict, findings=Findings())
    assert compare_file(verdict, opened, Listing(True, True, WIB)) > 250
    return list(verdict.findings)


def test_an_honest_export_agrees(told: Told, exported: Path, tmp_path: Path) -> None:
    """What the index exports is what the chain's events tell, in every column."""
    assert found(told, exported) == []
    rows = rows_of(exported)
    assert all(any(row[column] for row in rows) for column in COLUMNS)
    assert found(told, with_rows(exported, rows, tmp_path / exported.name)) == []


def test_what_a_file_says_of_its_list_is_compared(
    told: Told, exported: Path, tmp_path: Path
) -> None:
    """In JSON counts, head, rows, SHA-256, chain and ledger must be right, too."""
    if exported.suffix != ".json":
        assert not open_register_file(exported).stated
        return
    content = json.loads(exported.read_text("utf-8"))
    copy = tmp_path / exported.name
    named = set()
    for name in ("chain_id", "ledger", "rows", "register_events", "register_head", "sha256"):
        other = "0x5b" if isinstance(content[name], str) else content[name] + 1
        copy.write_text(json.dumps({**content, name: other}), "utf-8")
        (only,) = found(told, copy)
        assert (only.what, only.found) == (name, str(other))
        named.add(name)
    for name, count in content["counts"].items():
        counts = {**content["counts"], name: count + 1}
        copy.write_text(json.dumps({**content, "counts": counts}), "utf-8")
        (only,) = found(told, copy)
        assert (only.what, only.expected) == (f"counts, {name}", str(count))
        named.add("counts")
    assert content.keys() - named == {"cooperative", "as_of", "wanted", "verify", "members"}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_cell_is_named(told: Told, exported: Path, tmp_path: Path, column: str) -> None:
    """A change to a cell of any column is named: which member, which column, both values."""
    rows = rows_of(exported)
    changed = next(row for row in rows if row[column])
    number, honest = changed["number"], changed[column]
    # As a kind that JSON keeps: numbers stay numbers.
    changed[column] = type(honest)(OTHER.get(column) or int(honest) + 9_000)
    assert changed[column] != honest
    findings = found(told, with_rows(exported, rows, tmp_path / exported.name))
    if column == "number":
        assert {each.what for each in findings} == {
            f"member {number}",
            f"member {int(number) + 9_000}",
        }
        return
    (only,) = findings
    assert only.what == f"member {number}, {column}"
    assert only.found == str(changed[column])
    if not column.endswith(("ed", "left")) or column == "moved_from":
        assert only.expected == str(honest)


@pytest.mark.parametrize("column", [each for each in COLUMNS if each != "number"])
def test_an_emptied_or_unreadable_cell_is_named(
    told: Told, exported: Path, tmp_path: Path, column: str
) -> None:
    """A cell that says nothing, or nothing that can be read, is named as it stands."""
    rows = rows_of(exported)
    emptied, broken = next(row for row in rows if row[column]), rows[-1]
    emptied[column] = None
    broken[column] = "0x_1"
    whats = {
        each.what: each.found
        for each in found(told, with_rows(exported, rows, tmp_path / exported.name))
    }
    expected = {f"member {broken['number']}, {column}": "0x_1"}
    if emptied is not broken:
        expected[f"member {emptied['number']}, {column}"] = "nothing"
    assert whats == expected
