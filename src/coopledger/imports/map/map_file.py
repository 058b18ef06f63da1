"""The ``--map`` file: what a seller's events, products and seats are called in the ledger.

A TOML file with up to three tables::

    [events]                          # an event's slug = the screening's id
    turah = 1

    [events.festival]                 # a series: each date has a screening of its own
    "2026-12-05 19:00" = 4
    "2026-12-06 19:00" = 5

    [products]                        # a product = a tier's name or index, or "no ticket"
    "Tiket reguler" = "Tiket reguler"
    "Popcorn" = "no ticket"

    [products."Tiket masuk"]          # a product with variations
    "Pelajar" = 1

    [seats]                           # only for seats whose name is not their number
    "A-12" = 12

What is optional is optional by shape. An event or product is bound to one value, or to a table when its
dates or variations differ.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from coopledger.domain.orders import FilePlace
from coopledger.domain.types import ScreeningId, SeatNumber, TierIndex
from coopledger.imports.map.map_failures import MapEntryWrong, NotToml, UnknownMapTable
from coopledger.imports.orders import values
from coopledger.imports.orders.files import decode, read_bytes

T = TypeVar("T")

NO_TICKET_WORDS = "no ticket"
LARGEST_MAP = 5_000_000
"""Bytes; a large hall's whole seating plan takes a hundredth of it."""
LARGEST_SEAT = 2**16 - 1
_LARGEST_SCREENING = 2**32 - 1
_LARGEST_TIER = 2**8 - 1


@dataclass(frozen=True)
class TierByName:
    """The tier of the screening that has this name."""

    name: str


@dataclass(frozen=True)
class TierByIndex:
    """The tier of the screening at this place."""

    index: TierIndex


@dataclass(frozen=True)
class NoTicket:
    """The product admits nobody: no ticket is issued for it."""


TierChoice = TierByName | TierByIndex | NoTicket


Screenings = ScreeningId | dict[datetime, ScreeningId]
"""An event's one screening, or that of each of its dates."""
Tiers = TierChoice | dict[str, TierChoice]
"""A product's one tier, or that of each of its variations ("" where none was chosen)."""


@dataclass(frozen=True)
class MapFile:
    """What a map file says."""

    events: Mapping[str, Screenings]
    products: Mapping[str, Tiers]
    seats: Mapping[str, SeatNumber]


def read_map(path: Path, zone: ZoneInfo) -> MapFile:
    """Read a map file.

    Args:
        path: the TOML file.
        zone: where the dates of a series are that name no zone.

    Raises:
        NotToml: it breaks TOML's rules.
        UnknownMapTable: a table in it means nothing.
        MapEntryWrong: an entry is of the wrong kind.
        BadInput: it cannot be read as a file (see ``failures``).
    """
    content = decode(read_bytes(path, LARGEST_MAP), path)
    try:
        whole = tomllib.loads(content)
    except (ValueError, RecursionError) as failure:  # Too long a number, too deep a list.
        raise NotToml(FilePlace(path), str(failure)) from failure
    for table in whole:
        if table not in ("events", "products", "seats"):
            raise UnknownMapTable(FilePlace(path, path=table))
    reader = _Reader(path, zone)
    return MapFile(
        events=reader.table(whole, "events", reader.event),
        products=reader.table(whole, "products", reader.product),
        seats=reader.table(whole, "seats", reader.seat),
    )


@dataclass(frozen=True)
class _Reader:
    """Turns what TOML gave into typed entries, or names the entry that is wrong."""

    path: Path
    zone: ZoneInfo

    def table(
        self, parent: Mapping[str, object], name: str, entry: Callable[[object, str], T]
    ) -> dict[str, T]:
        found = parent.get(name, {})
        if not isinstance(found, dict):
            raise self._wrong(name, found, f"a table [{name}]")
        return {key: entry(value, f'{name}."{key}"') for key, value in found.items()}

    def event(self, value: object, where: str) -> Screenings:
        if not isinstance(value, dict):
            return self._screening(value, where)
        return {
            self._date(day, where): self._screening(screening, f'{where}."{day}"')
            for day, screening in value.items()
        }

    def product(self, value: object, where: str) -> Tiers:
        if not isinstance(value, dict):
            return self._tier(value, where)
        return {
            variation: self._tier(tier, f'{where}."{variation}"')
            for variation, tier in value.items()
        }

    def seat(self, value: object, where: str) -> SeatNumber:
        expected = f"a seat's number from 1 to {LARGEST_SEAT}"
        return SeatNumber(self._number(value, where, range(1, LARGEST_SEAT + 1), expected))

    def _screening(self, value: object, where: str) -> ScreeningId:
        allowed = range(1, _LARGEST_SCREENING + 1)
        return ScreeningId(self._number(value, where, allowed, "a screening's id (1, 2, 3 …)"))

    def _tier(self, value: object, where: str) -> TierChoice:
        expected = f'a tier\'s name, its index from 0 to {_LARGEST_TIER}, or "{NO_TICKET_WORDS}"'
        if isinstance(value, str):
            name = value.strip()
            if not name:
                raise self._wrong(where, value, expected)
            return NoTicket() if name == NO_TICKET_WORDS else TierByName(name)
        index = self._number(value, where, range(_LARGEST_TIER + 1), expected)
        return TierByIndex(TierIndex(index))

    def _number(self, value: object, where: str, allowed: range, expected: str) -> int:
        # TOML's true is an int to Python, but no number to anybody else.
        if type(value) is not int or value not in allowed:
            raise self._wrong(where, value, expected)
        return value

    def _date(self, day: str, where: str) -> datetime:
        try:
            return values.moment(day, self.zone)
        except values.UnusableValue as failure:
            expected = 'a date such as "2026-12-05 19:00"'
            raise self._wrong(where, day, expected) from failure

    def _wrong(self, where: str, value: object, expected: str) -> MapEntryWrong:
        return MapEntryWrong(FilePlace(self.path, path=where), str(value), expected)
