"""The exports of a real pretix, counted."""

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coopledger.domain.orders import FilePlace, Position, PositionKey, PositionStatus
from coopledger.domain.types import WIB
from coopledger.imports.orders.columns import FileFormat
from coopledger.imports.orders.failures import OrderSheetGiven
from coopledger.imports.orders.files import read_positions

if TYPE_CHECKING:
    from tests.imports.conftest import Samples


def by_key(positions: tuple[Position, ...]) -> dict[PositionKey, Position]:
    """Return positions by key, without their places."""
    nowhere = FilePlace(Path())
    return {position.key: replace(position, place=nowhere) for position in positions}


@pytest.fixture(scope="module")
def indonesian(samples: "Samples") -> tuple[Position, ...]:
    """Read the Indonesian sheet."""
    return read_positions(samples.indonesian).positions


@pytest.fixture(scope="module")
def from_json(samples: "Samples") -> tuple[Position, ...]:
    """Read the three JSON exports as one."""
    return tuple(p for path in samples.jsons for p in read_positions(path).positions)


def paid(positions: tuple[Position, ...]) -> list[Position]:
    """Return the positions that tickets are issued for."""
    return [each for each in positions if each.status is PositionStatus.PAID]


def test_every_position_is_read_with_its_status(indonesian: tuple[Position, ...]) -> None:
    """The sheet lists 867 positions, 749 of them paid."""
    assert Counter(position.status for position in indonesian) == {
        PositionStatus.PAID: 749,
        PositionStatus.PENDING: 50,
        PositionStatus.CANCELLED: 48,
        PositionStatus.EXPIRED: 20,
    }


def test_paid_positions_by_event_and_product(indonesian: tuple[Position, ...]) -> None:
    """Each event and product has the paid positions that pretix counts."""
    assert Counter((position.event, position.product) for position in paid(indonesian)) == {
        ("turah", "Tiket reguler"): 156,
        ("turah", "Tiket pelajar"): 80,
        ("siti", "Tiket reguler"): 174,
        ("siti", "Tiket pelajar"): 107,
        ("ziarah", "Tiket reguler"): 147,
        ("ziarah", "Tiket pelajar"): 85,
    }
    assert sum(position.price for position in paid(indonesian)) == 22_135_000
    prices = {(position.product, position.price) for position in paid(indonesian)}
    assert prices == {("Tiket reguler", 35_000), ("Tiket pelajar", 20_000)}


def test_holders_and_those_who_bought_their_own_ticket(indonesian: tuple[Position, ...]) -> None:
    """418 people hold the paid positions; 251 of them hold one of their own order."""
    positions = paid(indonesian)
    assert len({position.holder_email for position in positions}) == 418
    assert len({p.holder_email for p in positions if p.held_by_buyer}) == 251
    assert len({position.buyer_email for position in positions}) == 257
    for event, holders in {"turah": 170, "siti": 171, "ziarah": 164}.items():
        assert len({p.holder_email for p in positions if p.event == event}) == holders


def test_indonesian_and_english_sheets_are_the_same(
    indonesian: tuple[Position, ...], samples: "Samples"
) -> None:
    """The language of the export changes no field of any position."""
    english = read_positions(samples.english)
    assert not english.problems
    assert by_key(english.positions) == by_key(indonesian)


def test_csv_and_json_are_the_same(
    indonesian: tuple[Position, ...], from_json: tuple[Position, ...]
) -> None:
    """A position has the same key and fields in both exports, but for what the JSON lacks."""
    without_names = {
        key: replace(position, buyer_name="") for key, position in by_key(indonesian).items()
    }
    assert by_key(from_json) == without_names
    assert len(from_json) == 867
    assert len({position.secret for position in paid(from_json)}) == 749


def test_one_position_in_full(indonesian: tuple[Position, ...], samples: "Samples") -> None:
    """The first row of the sheet says what a reader sees in it."""
    assert indonesian[0] == Position(
        key=PositionKey("pretix", "TW7ZZ", "1"),
        status=PositionStatus.PAID,
        place=FilePlace(samples.indonesian, line=2),
        event="turah",
        product="Tiket reguler",
        price=indonesian[0].price,
        ordered_at=datetime(2026, 10, 19, 11, 2, 10, tzinfo=WIB),
        buyer_email=indonesian[0].buyer_email,
        buyer_name="Widya Mulyani",
        attendee_email=indonesian[0].buyer_email,
        attendee_name="Widya Mulyani",
        secret="fec7q87qerxzcearhpq3jabbjxxvmx6b",
    )
    assert indonesian[0].buyer_email == "widya.mulyani@example.org"
    assert indonesian[0].price == 35_000


def test_moments_are_jakartas_in_both_exports(
    indonesian: tuple[Position, ...], from_json: tuple[Position, ...]
) -> None:
    """The JSON's UTC moments come back in WIB, on the day that the CSV has."""
    for position in [*paid(indonesian), *paid(from_json)]:
        assert position.ordered_at is not None
        assert position.ordered_at.tzinfo is WIB
    days = {p.key: p.ordered_at.date() for p in paid(indonesian) if p.ordered_at}
    assert days == {p.key: p.ordered_at.date() for p in paid(from_json) if p.ordered_at}


def test_of_people_whose_order_is_not_paid_nothing_is_kept(
    indonesian: tuple[Position, ...], from_json: tuple[Position, ...]
) -> None:
    """A position that is not to be issued names event and product, and nobody."""
    for position in [*indonesian, *from_json]:
        if position.status is not PositionStatus.PAID:
            assert position.event
            assert position.product
            assert not (position.buyer_email or position.attendee_email or position.secret)
            assert not (position.buyer_name or position.attendee_name)


def test_what_is_said_of_the_file(samples: "Samples") -> None:
    """Format, checksum, keys and whole orders of the file come beside the positions."""
    read = read_positions(samples.indonesian)
    assert read.format is FileFormat.PRETIX_CSV
    assert read.sha256 == hashlib.sha256(samples.indonesian.read_bytes()).hexdigest()
    assert read.problems == ()
    assert read.questions == ()
    assert read.keys == {position.key for position in read.positions}
    assert len(read.whole_orders) == 400
    assert ("pretix", "TW7ZZ") in read.whole_orders
    assert read_positions(samples.jsons[0]).format is FileFormat.PRETIX_JSON
    assert len(read_positions(samples.jsons[0]).whole_orders) == 123


@pytest.mark.parametrize("language", ["order_sheet", "order_sheet_english"])
def test_the_order_sheet_is_refused(samples: "Samples", language: str) -> None:
    """The sheet with one row an order is refused, and the advice says which export to take."""
    path = getattr(samples, language)
    with pytest.raises(OrderSheetGiven) as caught:
        read_positions(path)
    assert caught.value.place == FilePlace(path)
    for word in ("Order positions", "Posisi pesanan", "Only paid orders", "untick"):
        assert word in caught.value.advice
