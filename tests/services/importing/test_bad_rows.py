"""Rows that cannot be imported: each is named, and nothing is sent unless the person says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coopledger.domain.types import Attestation
from coopledger.imports.map.map_failures import NotMapped
from coopledger.services.importing.consents import ConsentRule, Consents
from coopledger.services.importing.report import RowsUnusable
from coopledger.services.register.bylaws import NoBylaws

if TYPE_CHECKING:
    from tests.services.conftest import Office

GOOD = {"order": "GOOD"}
PAPER = Attestation(b"a signed sheet..")
COLUMN = Consents(ConsentRule.COLUMN, "Setuju: ikut?", PAPER)

BAD_ROWS = {
    "an order of the future": (
        [{"ordered_at": "2026-11-30 19:30"}],
        "line 2, ordered_at: '2026-11-30T19:30:00+07:00' lies in the future of the chain's clock",
    ),
    "no date for a consent": (
        [{"ordered_at": ""}],
        "line 2, ordered_at: the field is empty, but says when the holder consented to joining",
    ),
    "an unclear consent": (
        [{"Setuju: ikut?": "mungkin"}],
        "line 2, Setuju: ikut?: 'mungkin' ",
    ),
    "a screening that is not there": (
        [{"event": "nowhere"}],
        "line 2, event: 'nowhere' is mapped to screening 99, which this box office does not sell",
    ),
    "a cancelled screening": (
        [{"event": "cancelled"}],
        "line 2, event: 'cancelled' is mapped to screening 5, which was cancelled",
    ),
    "a tier by name": (
        [{"product": "Gold"}],
        "line 2, product: 'Gold' is mapped to ",
    ),
    "a tier by index": (
        [{"product": "Ninth"}],
        "which screening 1 does not have",
    ),
    "no seat in a hall": (
        [{"event": "hall"}],
        "line 2, seat: the field is empty, but the screening has numbered seats",
    ),
    "a seat where seating is free": (
        [{"seat": "3"}],
        "line 2, seat: '3' is given, but seating is free",
    ),
    "a seat beyond the hall": (
        [{"event": "hall", "seat": "11"}],
        "line 2, seat: '11' is beyond the 10 seats of the screening",
    ),
    "a seat without a number": (
        [{"event": "hall", "seat": "Balkon"}],
        "line 2, seat: 'Balkon' ",
    ),
    "a seat twice": (
        [{"event": "hall", "seat": "1"}, {"event": "hall", "seat": "A-1", "order": "TWICE"}],
        "line 3, seat: 'A-1' is taken already",
    ),
    "more than there are places": (
        [{"event": "small", "position": str(number)} for number in (1, 2, 3)],
        "line 4, event: 'small' is sold out: screening 6 has 2 places",
    ),
    "an address that is none": (
        [{"email": "ani@"}],
        "line 2, email: 'ani@' ",
    ),
}


@pytest.mark.parametrize(("rows", "said"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_is_named(office: Office, rows: list[dict[str, str]], said: str) -> None:
    """A bad row is named by file, line, field and reason, and not even the good ones are sold."""
    nonce = office.nonce()
    file = office.plain(*({"order": "BAD", **row} for row in rows), GOOD)
    consents = COLUMN if "Setuju" in said else None
    with pytest.raises(RowsUnusable) as failure:
        office.sell(file, order_map=office.plain_map(), consents=consents)
    (problem,) = failure.value.problems
    assert said in str(problem)
    assert str(problem).startswith(f"{file.name}, line ")
    assert str(problem) in str(failure.value)
    assert "nothing was sent" in str(failure.value)
    assert (office.nonce(), office.coop.ledger.ticket_count()) == (nonce, 0)


@pytest.mark.parametrize(("rows", "said"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_good_rows_are_sold_when_bad_ones_are_left_out(
    office: Office, rows: list[dict[str, str]], said: str
) -> None:
    """With ``skip_bad`` every good row is sold, and the bad one is counted and reported."""
    bad = [{"order": "BAD", **row} for row in rows]
    consents = COLUMN if "Setuju" in said else None
    report = office.sell_plain(*bad, GOOD, consents=consents, skip_bad=True)
    assert said in str(report.problems[0])
    assert (report.tickets, report.skipped) == (len(rows), {"unusable": 1})
    assert len(office.tickets()) == len(rows)


def test_a_seat_that_was_sold_before_is_taken(office: Office) -> None:
    """A seat that the chain has a ticket for is taken, whoever sold it, until that one is void."""
    office.sell_plain({"order": "A", "event": "hall", "seat": "7"})
    with pytest.raises(RowsUnusable, match="'7' is taken already"):
        office.sell_plain({"order": "B", "event": "hall", "seat": "7"})


def test_a_row_with_two_faults_is_one_row(office: Office) -> None:
    """All faults of all rows are named at once; rows are counted as rows."""
    with pytest.raises(RowsUnusable) as failure:
        office.sell_plain(
            {"order": "A", "event": "cancelled", "product": "Gold"},
            {"order": "B", "email": "nobody", "ordered_at": "yesterday"},
        )
    assert len(failure.value.problems) == 4
    assert failure.value.rows == 2
    assert str(failure.value).startswith("2 rows cannot be imported")


def test_rows_that_are_not_issued_are_not_judged(office: Office) -> None:
    """A row that is not paid may hold anything beside its key and status."""
    report = office.sell_plain(
        {"order": "A", "status": "cancelled", "email": "?", "event": "unheard", "seat": "?"}, GOOD
    )
    assert (report.tickets, report.skipped) == (1, {"cancelled": 1})


def test_an_unmapped_product_stops_everything(office: Office) -> None:
    """A product that the map does not list stops the import even when bad rows are left out."""
    nonce = office.nonce()
    with pytest.raises(NotMapped, match="Loge"):
        office.sell_plain({"order": "A", "product": "Loge"}, GOOD, skip_bad=True)
    assert office.nonce() == nonce


def test_nobody_joins_without_bylaws(unfounded: Office) -> None:
    """Before by-laws are recorded nobody can join, and nothing is sent."""
    nonce = unfounded.nonce()
    with pytest.raises(NoBylaws):
        unfounded.sell_plain(GOOD)
    assert unfounded.nonce() == nonce
