"""A list of members is held against the register as of its moment, and each difference is named."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest

from coopledger.audit.files.compare import Listing, compare_file, read_moment
from coopledger.audit.files.register_file import NotARegisterFile, open_register_file
from coopledger.audit.run import Verdict, audit
from coopledger.audit.views.lists import FIELDS
from coopledger.chain.wire.moments import pin
from coopledger.domain.moments import AtBlock
from coopledger.domain.types import WIB, BlockNumber, MemberNumber, Timestamp, to_datetime
from coopledger.services.register.finding import list_members

if TYPE_CHECKING:
    from pathlib import Path

    from coopledger.audit.findings import Finding
    from coopledger.domain.register import Record
    from tests.services.conftest import Office

Row = dict[str, Any]


def time(moment: Timestamp | None) -> str | None:
    """Return a time as listings have it."""
    return None if moment is None else f"{to_datetime(moment, WIB):%Y-%m-%d %H:%M:%S %Z}"


def row(record: Record) -> Row:
    """Return a record as 'coopledger members' lists it."""
    return {
        "number": record.number,
        "account": record.account,
        "standing": record.standing.name.lower(),
        "consent": record.consent.name.lower(),
        "joined": time(record.joined_at),
        "left": time(record.left_at),
        "cause": record.cause.name.lower() if record.cause else None,
    }


def listed(
    office: Office, at: int | None = None, *, closed: bool = False, annulled: bool = False
) -> list[Row]:
    """Return the rows of a list of members as of a block."""
    when = pin(office.chain, None if at is None else AtBlock(BlockNumber(at)))
    found = list_members(office.coop, when, MemberNumber(1), closed=closed, annulled=annulled)
    return [row(each) for each in found]


def write_csv(path: Path, rows: Iterable[Row]) -> Path:
    """Write a list as CSV, as spreadsheets do, too."""
    rows = list(rows)
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_json(path: Path, rows: Iterable[Row]) -> Path:
    """Write a list as JSON."""
    path.write_text(json.dumps(list(rows)), "utf-8")
    return path


Writer = Callable[["Path", Iterable[Row]], "Path"]
WRITERS = pytest.mark.parametrize("write", [write_csv, write_json])


def compared(
    office: Office, file: Path, at: int | None = None, **chosen: bool
) -> tuple[Verdict, list[Finding]]:
    """Compare a file as of a block, and return what was found."""
    moment = None if at is None else AtBlock(BlockNumber(at))
    verdict = audit(office.coop.ledger, moment)
    listing = Listing(chosen.get("closed", False), chosen.get("annulled", False), WIB)
    compare_file(verdict, open_register_file(file), listing)
    return verdict, list(verdict.findings)


@WRITERS
def test_lists_of_all_kinds_and_times_agree(
    eventful: Office, tmp_path: Path, write: Writer
) -> None:
    """A list of now or of any time before, with closed and annulled records or without, agrees."""
    for at in (None, *range(60, eventful.chain.head(), 12)):
        for chosen in ({}, {"closed": True}, {"closed": True, "annulled": True}):
            file = write(tmp_path / "members", listed(eventful, at, **chosen))
            assert compared(eventful, file, at, **chosen)[1] == []


@WRITERS
@pytest.mark.parametrize("column", [name for name, _, _ in FIELDS])
def test_each_changed_cell_is_named(
    eventful: Office, tmp_path: Path, write: Writer, column: str
) -> None:
    """A change to any cell is named: which member, which field, both values."""
    rows = listed(eventful, closed=True)
    number = 4  # expelled: every cell of it is filled
    (changed,) = [each for each in rows if each["number"] == number]
    honest = changed[column]
    changed[column] = {
        "account": "0x" + "5b" * 20,
        "joined": "2026-11-30 08:00:01 WIB",
        "left": None,
        "standing": "full",
        "consent": "signed",
        "cause": "left",
    }[column]
    (found,) = compared(eventful, write(tmp_path / "members", rows))[1]
    assert found.what == f"member {number}, {column}"
    assert found.expected.lower() == str(honest).lower()
    assert found.found == (changed[column] or "nothing")


@WRITERS
def test_rows_that_are_missing_doubled_or_made_up_are_named(
    eventful: Office, tmp_path: Path, write: Writer
) -> None:
    """Whoever is left out, stands there twice or was never a member is named."""
    rows = listed(eventful, closed=True)
    without = [each for each in rows if each["number"] not in {4, 9}]
    doubled = [*without, rows[0], {**rows[0], "number": 999}, {**rows[0], "number": "x"}]
    found = compared(eventful, write(tmp_path / "members", doubled))[1]
    assert {each.what: each.found.split(" in ")[0] for each in found} == {
        "member 1": "listed again",
        "member 999": "listed",
        f"{'entry' if write is write_json else 'line'} {len(doubled) + (write is write_csv)}": "x",
        "member 4": "not listed",
        "member 9": "not listed",
    }


def test_what_came_later_is_no_difference(eventful: Office, tmp_path: Path) -> None:
    """A list from before exits and standings agrees as of then, and not as of now."""
    before = eventful.coop.ledger.member(MemberNumber(1)).joined_at
    block = eventful.chain.block_at(before).number
    file = write_csv(tmp_path / "old.csv", listed(eventful, block, annulled=True))
    assert compared(eventful, file, block)[1] == []
    found = compared(eventful, file)[1]
    assert "member 4, left" in [each.what for each in found]


def test_a_file_may_say_what_it_is_of(eventful: Office, tmp_path: Path) -> None:
    """A JSON export names its block and hash; other columns are no difference; a false hash is one."""
    block = eventful.chain.block(BlockNumber(eventful.chain.head() - 5))
    rows = [{**each, "ticket": 7} for each in listed(eventful, block.number)]
    as_of_facts = {"block": block.number, "hash": "0x" + block.hash.hex()}
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"as_of": as_of_facts, "members": rows}), "utf-8")
    opened = open_register_file(path)
    assert (opened.block, opened.columns[-1]) == (block.number, "ticket")
    assert compared(eventful, path, block.number)[1] == []
    path.write_text(
        json.dumps({"as_of": {**as_of_facts, "hash": "0x" + "00" * 32}, "members": rows}), "utf-8"
    )
    (found,) = compared(eventful, path, block.number)[1]
    assert found.what == f"block {block.number}"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n1,2\n",
        b"number,number\n1,2\n",
        b'{"members": 3}',
        b"[",
        b"\xff\xfe\x00\x01",
        b"[]",
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that is no list of members, or is not there, is refused with the reason."""
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(NotARegisterFile):
        open_register_file(path)
    with pytest.raises(NotARegisterFile):
        open_register_file(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-02 07:00:00 WIB", 86_400),
        ("1970-01-02 08:00:00 WITA", 86_400),
        ("1970-01-02 00:00:00 UTC", 86_400),
        ("1970-01-02T00:00:00Z", 86_400),
        ("1970-01-02T07:00:00+07:00", 86_400),
        ("1970-01-02 07:00:00", 86_400),
        ("86400", 86_400),
        ("", 0),
        ("1970-01-02 07:00:00 XXX", None),
        ("yesterday", None),
        ("9999-12-31T23:59:59-23:59", 253402387139),
    ],
)
def test_times_are_read_however_they_are_written(text: str, seconds: int | None) -> None:
    """Times with a zone's name or offset, without one (WIB here), or in seconds mean the same."""
    assert read_moment(text, WIB) == seconds
