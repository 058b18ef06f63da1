"""Every command once, in every format: answers on standard output, all else beside it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coopledger.domain.types import Timestamp

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine

ROOT = Path(__file__).parents[2]
TURAH = str(ROOT / "examples" / "turah-orders.json")
MAP = ("--map", str(ROOT / "examples" / "kinarya-map.toml"))

PLAIN = "order,position,status,event,product,email,ordered_at,secret,Setuju: ikut?\n"
PAID = "{},1,paid,turah,Tiket reguler,{}@example.org,2026-11-02 19:30,{},{}\n"


@pytest.fixture
def sold(cli: CommandLine) -> CommandLine:
    """The command line after three orders were imported."""
    cli.done("import-orders", orders(cli), *MAP, "--consent", "buyers")
    return cli


def orders(cli: CommandLine, *bad: str) -> str:
    """Write a file of three orders, and some bad lines."""
    rows = [
        PAID.format(code, code.lower(), f"secret{code}", "ya") for code in ("ANI", "BUDI", "CICI")
    ]
    return cli.file("orders.csv", PLAIN + "".join(rows) + "".join(bad))


def shapes(cli: CommandLine, *words: str) -> list[dict[str, str]]:
    """Run a listing in each format; return what its CSV says."""
    table = cli.done(*words)
    assert table.out.strip()
    as_json = cli.done(*words, "--format", "json")
    listed = as_json.facts if isinstance(as_json.facts, list) else [as_json.facts]
    as_csv = cli.done(*words, "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(as_csv.out)))
    assert len(rows) == len(listed)
    for row, facts in zip(rows, listed, strict=True):
        assert list(row) == list(facts)
    return rows


def open_doors(cli: CommandLine) -> None:
    """Set the clock to the evening of the screening."""
    cli.dev.set_time(Timestamp(1_796_473_800))


def test_films_and_screenings(cli: CommandLine) -> None:
    """Films and screenings are added, listed in each format, and cancelled."""
    added = cli.done("film", "add", "Siti", "--year", "2014", "--minutes", "88")
    assert (added.out, added.err) == ("Film 2: Siti\n", "")
    films = shapes(cli, "film", "list")
    assert [film["title"] for film in films] == ["Turah", "Siti"]
    announced = cli.done(
        *("screening", "add", "--film", "2", "--starts", "2026-12-12 19:00", "--seated"),
        *("--tier", "Umum=50000", "--venue", "Balai Kota", "--capacity", "30"),
        *("--non-transferable", "--ends", "2026-12-12T22:00+07:00"),
    )
    assert announced.out == "Screening 2: Siti, 2026-12-12 19:00:00 WIB, Balai Kota\n"
    cancelled = cli.done("screening", "cancel", "2")
    assert cancelled.out == "Screening 2 is cancelled.\n"
    assert cancelled.err
    showings = shapes(cli, "screening", "list")
    assert [showing["state"] for showing in showings] == ["on sale", "cancelled"]
    assert showings[0]["starts"] == "2026-12-05 19:00:00 WIB"
    assert showings[0]["tiers"] == "Tiket reguler Rp 35.000, Tiket pelajar Rp 20.000"


def test_by_laws(cli: CommandLine) -> None:
    """By-laws are recorded by the hash of their file, in versions."""
    said = cli.done("bylaws", cli.file("AD-ART.md", "Pasal 1\n"))
    assert said.out.startswith("By-laws version 2: 0x")
    assert len(said.out.split("0x")[1].strip()) == 64


def test_an_import_in_each_format(cli: CommandLine) -> None:
    """An import answers with its counts in each format; again it sells nothing."""
    first = cli.done("import-orders", TURAH, *MAP, "--consent", "buyers", "-f", "json").facts
    assert (first["orders_imported"], first["tickets"], first["new_members"]) == (101, 236, 89)
    assert first["positions_skipped"] == {"cancelled": 19, "expired": 6, "pending": 16}
    assert first["gas"] > 0
    rows = shapes(cli, "import-orders", TURAH, *MAP, "--consent", "buyers")
    assert (rows[0]["tickets"], rows[0]["new_members"]) == ("0", "0")
    assert rows[0]["positions_skipped"] == (
        "19 cancelled, 6 expired, 236 issued before, 16 pending"
    )


def test_a_dry_run(cli: CommandLine) -> None:
    """A dry run says how many tickets there would be, and issues none."""
    facts = cli.done("import-orders", TURAH, *MAP, "--dry-run", "-f", "json").facts
    assert (facts["tickets"], facts["new_members"]) == (236, None)
    assert cli("ticket", "1").code == 4


def test_bad_rows_have_their_exit_code(cli: CommandLine) -> None:
    """A bad row ends the import with 3 and its name; left out, the rest is sold and it ends with 9."""
    file = orders(cli, PAID.format("DEDI", "no body", "", ""), "EKA,1,paid,,,,,,\n")
    refused = cli("import-orders", file, *MAP)
    assert (refused.code, refused.out) == (3, "")
    assert "2 rows cannot be imported" in refused.err
    assert "orders.csv, line 5, email: 'no body@example.org'" in refused.err
    assert "What to do: " in refused.err
    partly = cli("import-orders", file, *MAP, "--skip-bad", "-f", "json")
    assert partly.code == 9
    assert partly.facts["tickets"] == 3
    assert partly.facts["positions_skipped"] == {"unusable": 2}
    assert "2 rows were left out" in partly.err


@pytest.mark.parametrize(
    ("words", "joined"),
    [
        (("--consent", "none"), 0),
        (("--consent", "buyers"), 3),
        (("--consent", "holders", "--attestation", "daftar hadir"), 3),
        (("--consent", "column Setuju: ikut?"), 3),
        (("--consent", "column:Setuju: ikut?"), 3),
    ],
)
def test_each_rule_of_consent(cli: CommandLine, words: tuple[str, ...], joined: int) -> None:
    """Each rule of ``--consent`` is taken, a column's name with everything that it holds."""
    facts = cli.done("import-orders", orders(cli), *MAP, *words, "-f", "json").facts
    assert (facts["tickets"], facts["new_members"]) == (3, joined)


@pytest.mark.parametrize(
    "words",
    [
        ("--consent", "everybody"),
        ("--consent", "buyers please"),
        ("--consent", "column"),
        ("--consent", "column:"),
        ("--consent", "column Nothing"),
        ("--consent", "holders"),
        ("--consent", ""),
    ],
)
def test_an_unclear_consent_is_refused(cli: CommandLine, words: tuple[str, ...]) -> None:
    """A rule of consent that says nothing clear sells nothing."""
    said = cli("import-orders", orders(cli), *MAP, *words)
    assert (said.code, said.out) == (3, "")
    assert cli("ticket", "1").code == 4


def test_tickets_that_are_no_longer_sold(sold: CommandLine) -> None:
    """What is cancelled in the shop is listed, and voided when that is asked for."""
    text = Path("orders.csv").read_text()
    file = sold.file("later.csv", text.replace("BUDI,1,paid", "BUDI,1,cancelled"))
    listed = sold.done("import-orders", file, *MAP, "-f", "json")
    assert listed.facts["no_longer_sold"] == ["BUDI-1 (ticket 2, cancelled)"]
    assert listed.facts["voided"] == 0
    assert "--void-cancelled" in listed.err
    voided = sold.done("import-orders", file, *MAP, "--void-cancelled", "-f", "json")
    assert voided.facts["voided"] == 1
    assert sold.done("ticket", "2", "-f", "json").facts["state"] == "void"
    again = sold.done("import-orders", file, *MAP, "--void-cancelled", "-f", "json")
    assert (again.facts["no_longer_sold"], again.facts["voided"]) == ([], 0)


def test_used_tickets_are_not_voided(sold: CommandLine) -> None:
    """A cancelled ticket whose bearer was let in is listed and stays as it is."""
    open_doors(sold)
    sold.done("redeem", "2")
    text = Path("orders.csv").read_text()
    file = sold.file("later.csv", text.replace("BUDI,1,paid", "BUDI,1,cancelled"))
    said = sold.done("import-orders", file, *MAP, "--void-cancelled", "-f", "json")
    assert said.facts["no_longer_sold"] == ["BUDI-1 (ticket 2, cancelled, but used)"]
    assert said.facts["voided"] == 0


def test_the_counter_and_voiding(cli: CommandLine) -> None:
    """A ticket is sold at the counter, shown in each format, and voided by its order's number."""
    rows = cli.done(
        *("sell", "1", "--tier", "Tiket reguler", "--receipt", "R1", "--email", "ani@example.org"),
        *("--name", "Ani", "--consent", "form 3", "-f", "json"),
    ).facts
    assert (rows["ticket"], rows["member"]) == (1, 1)
    again = cli("sell", "1", "--tier", "Tiket reguler", "--receipt", "R1")
    assert (again.code, again.out) == (5, "")
    ticket = shapes(cli, "ticket", "R1-1")[0]
    assert (ticket["state"], ticket["holder"], ticket["locked"]) == ("valid", rows["holder"], "yes")
    assert cli.done("void", "R1-1", "--reference", "batal").out == "1 tickets are void.\n"
    assert cli("void", "R1-1", "--reference", "batal").code == 5


def test_the_door(sold: CommandLine) -> None:
    """Bearers are let in; a ticket turned away is explained, and ends the command with 9."""
    early = sold("redeem", "1")
    assert (early.code, early.out) == (5, "")
    open_doors(sold)
    first = sold.done("redeem", "1", "secretBUDI", "CICI-1", "-f", "json").facts
    assert [row["result"] for row in first] == ["let in"] * 3
    second = sold("redeem", "2", "-f", "csv")
    assert second.code == 9
    (row,) = csv.DictReader(io.StringIO(second.out))
    assert row["result"] == "already redeemed"
    assert row["used_at"].startswith("2026-12-05 ")
    assert row["gate"].startswith("0x")
    assert "What to do" in second.err
    assert "unused again" in sold.done("unredeem", "CICI-1").out
    assert sold("unredeem", "CICI-1").code == 5
    assert sold("redeem", "7").code == 4
    assert sold("redeem", "secretEKA").code == 4


def test_the_register(sold: CommandLine) -> None:
    """Members are listed in pages and formats, now and then, and each is shown by any name."""
    rows = shapes(sold, "members")
    assert [row["number"] for row in rows] == ["1", "2", "3"]
    page = sold.done("members", "--count", "2", "-f", "json")
    assert len(page.facts) == 2
    assert page.err == "More follow: --start 3\n"
    assert sold.done("members", "--start", "3", "--count", "0", "-f", "json").err == ""
    assert sold.done("members", "--at", "2026-11-30 09:00", "-f", "json").facts == []
    assert sold.done("members", "--at", str(sold.chain.head()), "-f", "json").facts
    (shown,) = shapes(sold, "member", "2")
    assert shown["account"] == rows[1]["account"]
    assert "email" not in shown
    assert sold.done("member", rows[1]["account"], "-f", "json").facts["number"] == 2
    by_email = sold.done("member", "Budi@Example.org", "-f", "json").facts
    assert (by_email["number"], by_email["email"]) == (2, "budi@example.org")


def test_closing_waits(sold: CommandLine) -> None:
    """A record is closed by the same command twice, with the delay between."""
    words = ("close", "2", "--cause", "expelled", "--reference", "rapat 7")
    scheduled = sold.done(*words)
    assert re.fullmatch(
        r"Scheduled. It can be executed from 2026-12-03 .* WIB on "
        r"\(until 2026-12-10 .* WIB\): run the same command again, or "
        r"coopledger pending execute 0x[0-9a-f]{8}\n",
        scheduled.out,
    )
    assert "Whoever scheduled it or holds GUARDIAN can still stop it" in scheduled.err
    assert sold.done(*words).out == scheduled.out
    sold.dev.increase_time(3 * 86_400)
    assert sold.done(*words).out == "Member 2 is closed: expelled.\n"
    assert sold(*words).code == 5
    listed = sold.done("members", "--closed", "-f", "json").facts
    assert [member["cause"] for member in listed] == [None, "expelled", None]
    assert [m["number"] for m in sold.done("members", "-f", "json").facts] == [1, 3]


def test_a_key_is_made(cli: CommandLine) -> None:
    """A new key is written encrypted, and only its account is shown; a slip writes nothing."""
    typed = iter(["a long password", "a long password", "a long password", "another one"])
    cli.patch.setattr("getpass.getpass", lambda _: next(typed))
    made = cli.done("new-key", "operator.json")
    content = json.loads(Path("operator.json").read_text())
    assert made.out.strip().lower() == "0x" + content["address"]
    assert cli("new-key", "other.json").code == 3
    assert not Path("other.json").exists()


def test_a_formula_is_never_written_raw(cli: CommandLine) -> None:
    """A venue or film that begins like a formula is made safe in a CSV, and whole elsewhere."""
    title = '=HYPERLINK("http://x.example","klik")'
    cli.done("film", "add", title, "--year", "2020", "--minutes", "60")
    cli.done(
        *("screening", "add", "--film", "2", "--starts", "2026-12-12 19:00", "--capacity", "3"),
        *("--tier", "@SUM=1", "--venue", "+62 Tegal"),
    )
    text = cli.done("screening", "list", "-f", "csv").out
    (row,) = [r for r in csv.DictReader(io.StringIO(text)) if r["screening"] == "2"]
    assert row["film"] == "'" + title
    assert (row["venue"], row["tiers"][:2]) == ("'+62 Tegal", "'@")
    assert cli.done("film", "list", "-f", "json").facts[1]["title"] == title
