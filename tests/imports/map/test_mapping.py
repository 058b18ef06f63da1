"""The map binds events, products and seats, guesses nothing, and says what it lacks."""

import pickle
import tomllib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coopledger.domain.orders import FilePlace, Position, PositionKey, PositionStatus
from coopledger.domain.types import NO_SEAT, WIB
from coopledger.imports.map.map_failures import (
    MapEntryWrong,
    NotMapped,
    NotToml,
    SeatNotMapped,
    SeriesAsOneScreening,
    UnknownMapTable,
)
from coopledger.imports.map.map_file import NoTicket, TierByIndex, TierByName
from coopledger.imports.map.mapping import OrderMap
from coopledger.imports.orders.failures import FileNotThere
from coopledger.imports.orders.files import read_positions

if TYPE_CHECKING:
    from tests.imports.conftest import Samples

WHOLE = """
[events]
turah = 1

[events.festival]
"2026-12-05 19:00" = 4
"2026-12-06T12:00:00Z" = 5

[products]
"Tiket reguler" = "Reguler"
"Tiket pelajar" = 1
Popcorn = "no ticket"

[products."Tiket masuk"]
Balkon = 2
"" = "Reguler"

[seats]
A-12 = 12
"7" = 70
"""


def position(
    event: str = "turah",
    product: str = "Tiket reguler",
    *,
    variation: str = "",
    starts_at: datetime | None = None,
    seat: str = "",
    status: PositionStatus = PositionStatus.PAID,
) -> Position:
    """Return a position that differs from a common one in what is given."""
    return Position(
        key=PositionKey("pretix", "A", "1"),
        status=status,
        place=FilePlace(Path("orders.csv"), line=2),
        event=event,
        event_starts_at=starts_at,
        product=product,
        variation=variation,
        seat=seat,
    )


FIFTH = datetime(2026, 12, 5, 19, tzinfo=WIB)
SIXTH = datetime(2026, 12, 6, 19, tzinfo=WIB)
SEVENTH = datetime(2026, 12, 7, 19, tzinfo=WIB)


@pytest.fixture
def order_map(samples: "Samples") -> OrderMap:
    """A map with an entry of every kind."""
    return OrderMap.load(samples.write(WHOLE, "map.toml"))


def test_the_demos_map_fits_the_demos_orders(samples: "Samples") -> None:
    """Every paid position of the examples has a screening and a tier."""
    order_map = OrderMap.load(samples.map)
    positions = read_positions(samples.indonesian).positions
    order_map.require(positions)
    paid = [each for each in positions if each.status is PositionStatus.PAID]
    assert {(each.event, order_map.screening_of(each)) for each in paid} == {
        ("turah", 1),
        ("siti", 2),
        ("ziarah", 3),
    }
    assert {order_map.tier_of(each) for each in paid} == {
        TierByName("Tiket reguler"),
        TierByName("Tiket pelajar"),
    }
    assert {order_map.seat_of(each) for each in paid} == {NO_SEAT}


def test_events_and_dates(order_map: OrderMap) -> None:
    """An event has one screening, or one for each date, in whatever zone the date is written."""
    assert order_map.screening_of(position()) == 1
    assert order_map.screening_of(position("festival", starts_at=FIFTH)) == 4
    assert order_map.screening_of(position("festival", starts_at=SIXTH)) == 5
    with pytest.raises(NotMapped, match="'siti'"):
        order_map.screening_of(position("siti"))
    with pytest.raises(NotMapped, match="'festival' on 2026-12-07 19:00"):
        order_map.screening_of(position("festival", starts_at=SEVENTH))
    with pytest.raises(NotMapped, match=r"'festival'$"):
        order_map.screening_of(position("festival"))


def test_products_and_variations(order_map: OrderMap) -> None:
    """A product has a tier by name or index, one for each variation, or is no ticket."""
    assert order_map.tier_of(position()) == TierByName("Reguler")
    assert order_map.tier_of(position(variation="Balkon")) == TierByName("Reguler")
    pelajar = order_map.tier_of(position(product="Tiket pelajar"))
    assert isinstance(pelajar, TierByIndex)
    assert pelajar.index == 1
    assert order_map.tier_of(position(product="Popcorn")) == NoTicket()
    balkon = order_map.tier_of(position(product="Tiket masuk", variation="Balkon"))
    assert isinstance(balkon, TierByIndex)
    assert balkon.index == 2
    assert order_map.tier_of(position(product="Tiket masuk")) == TierByName("Reguler")
    with pytest.raises(NotMapped, match=r"'Tiket masuk' \(Lantai\)"):
        order_map.tier_of(position(product="Tiket masuk", variation="Lantai"))
    with pytest.raises(NotMapped, match="'tiket reguler'"):
        order_map.tier_of(position(product="tiket reguler"))


def test_seats(order_map: OrderMap) -> None:
    """A seat is a number itself, or gets one from the map, which goes first."""
    seats = {"": 0, "A-12": 12, "7": 70, "8": 8, "65535": 65535}
    assert {seat: order_map.seat_of(position(seat=seat)) for seat in seats} == seats
    for seat in ("B-1", "0", "65536", "-1", "1.5", "٣"):
        with pytest.raises(SeatNotMapped) as caught:
            order_map.seat_of(position(seat=seat))
        assert caught.value.seat == seat
        assert caught.value.reason == "is no seat number, and the map gives it none under [seats]"


def test_all_that_is_missing_is_named_at_once(order_map: OrderMap) -> None:
    """Missing events, dates, products and variations come in one failure, each once."""
    positions = [
        position("siti", "T-shirt"),
        position("siti", "T-shirt"),
        position("festival", starts_at=SEVENTH),
        position(product="Tiket masuk", variation="Lantai"),
        position("unpaid", "unpaid", status=PositionStatus.PENDING),
        position("elsewhere", "Popcorn"),
    ]
    with pytest.raises(NotMapped) as caught:
        order_map.require(positions)
    assert caught.value.events == (("siti", None), ("festival", SEVENTH))
    assert caught.value.products == (("T-shirt", ""), ("Tiket masuk", "Lantai"))
    assert str(caught.value) == (
        "map.toml does not say what these are: "
        "'siti', 'festival' on 2026-12-07 19:00, 'T-shirt', 'Tiket masuk' (Lantai)"
    )
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301


def test_the_snippet_can_be_pasted_and_filled_in(samples: "Samples") -> None:
    """The advice holds TOML that lacks nothing but ids; unfilled it is refused by name."""
    empty = OrderMap.load(samples.write("# nothing yet", "map.toml"))
    positions = [
        position('Turah "malam"', "Tiket\\x"),
        position("festival", "Tiket masuk", variation="Balkon", starts_at=SEVENTH),
    ]
    with pytest.raises(NotMapped) as caught:
        empty.require(positions)
    snippet = caught.value.snippet
    assert snippet in caught.value.advice
    assert tomllib.loads(snippet)["events"] == {
        'Turah "malam"': 0,
        "festival": {"2026-12-07 19:00": 0},
    }
    with pytest.raises(MapEntryWrong, match="a screening's id"):
        OrderMap.load(samples.write(snippet, "map.toml"))
    filled = OrderMap.load(samples.write(snippet.replace("= 0", "= 7"), "map.toml"))
    # A variation of a product that is not in the map at all is asked for by its own name.
    assert filled.tier_of(positions[1]) == TierByName("Balkon")
    filled.require(positions)


def test_a_series_bound_to_one_screening(samples: "Samples") -> None:
    """An event that was sold for two dates cannot be one screening; with one date it can."""
    order_map = OrderMap.load(samples.write(WHOLE, "map.toml"))
    order_map.require([position(starts_at=FIFTH), position(starts_at=FIFTH)])
    with pytest.raises(SeriesAsOneScreening) as caught:
        order_map.require([position(starts_at=SIXTH), position(starts_at=FIFTH)])
    assert str(caught.value) == (
        "map.toml binds the event 'turah' to one screening, but tickets were sold for several "
        "dates: 2026-12-05 19:00, 2026-12-06 19:00"
    )


@pytest.mark.parametrize(
    ("content", "failure", "sentence"),
    [
        ("[event]\nturah = 1\n", UnknownMapTable, "map.toml, event: no such table or key is known"),
        ("turah = 1\n", UnknownMapTable, "map.toml, turah: no such table or key is known"),
        (
            "events = 1\n",
            MapEntryWrong,
            "map.toml, events: a table [events] expected, not '1'",
        ),
        (
            '[events]\nturah = "1"\n',
            MapEntryWrong,
            "map.toml, events.\"turah\": a screening's id (1, 2, 3 …) expected, not '1'",
        ),
        (
            "[events]\nturah = true\n",
            MapEntryWrong,
            "map.toml, events.\"turah\": a screening's id (1, 2, 3 …) expected, not 'True'",
        ),
        (
            "[events]\nturah = 4294967296\n",
            MapEntryWrong,
            "map.toml, events.\"turah\": a screening's id (1, 2, 3 …) expected, not '4294967296'",
        ),
        (
            '[events.turah]\n"5 Des" = 1\n',
            MapEntryWrong,
            'map.toml, events."turah": a date such as "2026-12-05 19:00" expected, not \'5 Des\'',
        ),
        (
            '[events.turah]\n"2026-12-05 19:00" = 0\n',
            MapEntryWrong,
            (
                'map.toml, events."turah"."2026-12-05 19:00": '
                "a screening's id (1, 2, 3 …) expected, not '0'"
            ),
        ),
        (
            "[products]\nTiket = 256\n",
            MapEntryWrong,
            (
                'map.toml, products."Tiket": a tier\'s name, its index from 0 to 255, or "no ticket" '
                "expected, not '256'"
            ),
        ),
        (
            '[products]\nTiket = " "\n',
            MapEntryWrong,
            (
                'map.toml, products."Tiket": a tier\'s name, its index from 0 to 255, or "no ticket" '
                "expected, not ' '"
            ),
        ),
        (
            "[products.Tiket]\nBalkon = []\n",
            MapEntryWrong,
            (
                'map.toml, products."Tiket"."Balkon": a tier\'s name, its index from 0 to 255, '
                "or \"no ticket\" expected, not '[]'"
            ),
        ),
        (
            "[seats]\nA-1 = 0\n",
            MapEntryWrong,
            "map.toml, seats.\"A-1\": a seat's number from 1 to 65535 expected, not '0'",
        ),
        (
            "[products]\nTiket reguler = 1\n",
            NotToml,
            (
                "map.toml: not valid TOML (Expected '=' after a key in a key/value pair "
                "(at line 2, column 7))"
            ),
        ),
    ],
)
def test_a_map_that_is_wrong(
    samples: "Samples", content: str, failure: type[Exception], sentence: str
) -> None:
    """An unknown table, an entry of the wrong kind and broken TOML are named with their place."""
    with pytest.raises(failure) as caught:
        OrderMap.load(samples.write(content, "map.toml"))
    assert caught.type is failure
    assert str(caught.value) == sentence


@pytest.mark.parametrize("content", ["x = " + "9" * 5000, "x = " + "[" * 5000])
def test_a_map_that_python_cannot_hold(samples: "Samples", content: str) -> None:
    """Too long a number and too deep a list are failures of the file, not of the program."""
    with pytest.raises(NotToml):
        OrderMap.load(samples.write(content, "map.toml"))


def test_a_map_that_is_not_there(tmp_path: Path) -> None:
    """A missing map is named as a missing file."""
    with pytest.raises(FileNotThere, match=r"map\.toml"):
        OrderMap.load(tmp_path / "map.toml")
