"""The registrar's commands, what waits for a delay, and by-laws, as they are typed."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine, Said

ROOT = Path(__file__).parents[2]
MAP = ("--map", str(ROOT / "examples" / "kinarya-map.toml"))
PLAIN = "order,position,status,event,product,email,ordered_at\n"
PAID = "{},1,paid,turah,Tiket reguler,{}@example.org,2026-11-02 19:30\n"
NAMES = ("ANI", "BUDI", "CICI")
DAY_S = 86_400


def orders(cli: CommandLine) -> str:
    """Write a file of three orders."""
    rows = [PAID.format(name, name.lower()) for name in NAMES]
    return cli.file("orders.csv", PLAIN + "".join(rows))


@pytest.fixture
def sold(cli: CommandLine) -> CommandLine:
    """The command line after three people bought and joined."""
    cli.done("import-orders", orders(cli), *MAP, "--consent", "buyers")
    return cli


def standings(cli: CommandLine) -> list[str]:
    """Return the members' standings."""
    return [each["standing"] for each in cli.done("members", "-f", "json").facts]


def closing(cli: CommandLine, number: str) -> Said:
    """Schedule that a record is closed."""
    return cli.done("close", number, "--cause", "expelled", "--reference", "rapat 7")


def short_id(said: Said) -> str:
    """Return the id that a scheduling command says."""
    found = re.search(r"coopledger pending execute (0x[0-9a-f]{8})\n", said.out)
    assert found
    return found.group(1)


def test_a_standing(sold: CommandLine) -> None:
    """A member is made full by number, account or e-mail; again it is refused by name."""
    account = sold.done("member", "3", "-f", "json").facts["account"]
    for number, who in enumerate(("1", "Budi@example.org", account), start=1):
        said = sold.done("standing", who, "full", "--reference", "KTP")
        assert said.out == f"Member {number} is full now.\n"
    assert standings(sold) == ["full"] * 3
    again = sold("standing", "1", "full", "--reference", "KTP")
    assert (again.code, again.out) == (5, "")
    assert "member 1 is already full" in again.err
    assert sold("standing", "9", "full", "--reference", "x").code == 4
    assert sold("standing", "nobody@example.org", "full", "--reference", "x").code == 4
    assert sold("standing", "9" * 5000, "full", "--reference", "x").code == 3
    assert sold("standing", "1", "voter", "--reference", "x").code == 2


def test_standings_by_file(sold: CommandLine) -> None:
    """A file is applied in each format; bad rows end it with 3, left out with 9, and again nothing."""
    good = "anggota;kedudukan;referensi\nani@example.org;penuh;BA 1\n2;penuh;BA 1\n"
    file = sold.file("rapat.csv", good + "8;penuh;BA 1\n")
    refused = sold("standings", file)
    assert (refused.code, refused.out) == (3, "")
    assert "1 row cannot be used, and nothing was sent" in refused.err
    assert "rapat.csv, line 4, anggota: '8' is not in the register" in refused.err
    partly = sold("standings", file, "--skip-bad", "-f", "json")
    assert partly.code == 9
    facts = partly.facts
    assert facts.pop("gas") > 0
    assert facts == {"changed": 2, "unchanged": 0, "scheduled": 0, "left_out": 1}
    assert "Left out: rapat.csv, line 4" in partly.err
    assert standings(sold) == ["full", "full", "associate"]
    again = sold.done("standings", sold.file("good.csv", good), "-f", "csv")
    (row,) = csv.DictReader(io.StringIO(again.out))
    assert (row["changed"], row["unchanged"], row["gas"]) == ("0", "2", "0")
    assert sold("standings", str(sold.folder / "none.csv")).code == 3


def test_enrolling_by_form(cli: CommandLine) -> None:
    """Holders whose consent is on paper join by their tickets, on a day that is not to come."""
    cli.done("import-orders", orders(cli), *MAP)
    said = cli.done(
        "enrol", "1", "BUDI-1", "--reference", "Formulir 7", "--consented-at", "2026-11-29"
    )
    assert said.out == "Member 1 joined with ticket 1.\nMember 2 joined with ticket 2.\n"
    assert cli.done("enrol", "3", "--reference", "Formulir 8").out.startswith("Member 3 joined")
    assert cli("enrol", "3", "--reference", "Formulir 8").code == 5
    later = cli("enrol", "3", "--reference", "Formulir 8", "--consented-at", "2027-01-01")
    assert later.code == 3
    assert "nobody has consented on 2027-01-01 00:00 WIB yet" in later.err


def test_what_is_pending(sold: CommandLine) -> None:
    """What is scheduled is listed in each format, refused before its time, and then executed."""
    nothing = sold.done("pending", "list")
    assert nothing.err == "Nothing is scheduled.\n"
    short = short_id(closing(sold, "2"))
    table = sold.done("pending", "list").out
    assert short in table
    assert "close the record of member 2 (expelled)" in table
    (listed,) = sold.done("pending", "list", "-f", "json").facts
    assert listed["operation"].startswith(short)
    assert len(listed["operation"]) == 66
    assert (listed["state"], listed["role"], listed["function"]) == ("waiting", "CLOSING", "close")
    assert listed["arguments"]["number"] == 2
    assert re.fullmatch(r"2026-12-03 \d\d:\d\d:\d\d WIB", listed["ready"])
    (row,) = csv.DictReader(io.StringIO(sold.done("pending", "list", "-f", "csv").out))
    assert list(row) == list(listed)
    early = sold("pending", "execute", short)
    assert early.code == 5
    assert "cannot be executed before 2026-12-03" in early.err
    sold.dev.increase_time(3 * DAY_S)
    (ready,) = sold.done("pending", "list", "-f", "json").facts
    assert ready["state"] == "ready"
    done = sold.done("pending", "execute", short)
    assert done.out == "Executed: close the record of member 2 (expelled).\n"
    assert sold.done("pending", "list", "-f", "json").facts == []
    assert sold("pending", "execute", short).code == 4


def test_who_stops_what_is_pending(sold: CommandLine) -> None:
    """Another key is refused; the guardian stops it; an id that is none is named."""
    short = short_id(closing(sold, "2"))
    sold.set(development_key="5")
    refused = sold("pending", "cancel", short)
    assert refused.code == 6
    assert "or a holder of GUARDIAN or ADMIN" in refused.err
    sold.dev.increase_time(3 * DAY_S)
    assert sold("pending", "execute", short).code == 6
    sold.set(development_key="7")
    said = sold.done("pending", "cancel", short)
    assert said.out == "Cancelled: close the record of member 2 (expelled).\n"
    assert sold("pending", "cancel", short).code == 4
    assert sold("pending", "cancel", "rapat").code == 3


def test_by_laws_and_their_versions(cli: CommandLine) -> None:
    """Versions are listed in each format; a file is told by its hash, and another one is not."""
    example = str(ROOT / "examples" / "AD-ART.md")
    cli.done("bylaws", cli.file("second.md", "Pasal 1\n"))
    listed = cli.done("bylaws", "-f", "json").facts
    assert [each["version"] for each in listed] == [1, 2]
    assert listed[0]["until"] == listed[1]["since"]
    assert listed[1]["until"] is None
    assert listed[0]["block"] < listed[1]["block"]
    rows = list(csv.DictReader(io.StringIO(cli.done("bylaws", "-f", "csv").out)))
    assert [row["hash"] for row in rows] == [each["hash"] for each in listed]
    assert {listed[1]["hash"], listed[1]["transaction"]} <= set(cli.done("bylaws").out.split())
    first = cli.done("bylaws", example, "--check", "-f", "json").facts
    assert first == listed[0]
    changed = cli("bylaws", cli.file("third.md", "Pasal 1\r\n"), "--check")
    assert (changed.code, changed.out) == (4, "")
    assert "no version of the by-laws has the hash 0x" in changed.err
    assert cli("bylaws", cli.file("empty.md", ""), "--check").code == 3
    assert cli("bylaws", "--check").code == 2
    assert len(cli.done("bylaws", "-f", "json").facts) == 2


def test_by_laws_recorded_twice_are_the_newer_version(cli: CommandLine) -> None:
    """A text that came back into force is told as the version that is in force."""
    example = str(ROOT / "examples" / "AD-ART.md")
    cli.done("bylaws", cli.file("second.md", "Pasal 1\n"))
    cli.done("bylaws", example)
    assert cli.done("bylaws", example, "--check", "-f", "json").facts["version"] == 3
