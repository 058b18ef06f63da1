"""Which screening, tier and seat a sold position gets, by the ``--map`` file (``map_file``).

Nothing is mapped by likeness. A product that is not listed stops the import, because a guess would sell a
membership at another tier's price.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from coopledger.domain.orders import Kind, Position, PositionStatus
from coopledger.domain.types import NO_SEAT, WIB, ScreeningId, SeatNumber
from coopledger.imports.map.map_failures import NotMapped, SeatNotMapped, SeriesAsOneScreening
from coopledger.imports.map.map_file import (
    LARGEST_SEAT,
    NoTicket,
    Screenings,
    TierByIndex,
    TierByName,
    TierChoice,
    Tiers,
    read_map,
)


@dataclass(frozen=True)
class Binding:
    """The screening that a kind of position admits to, and the tier that it was sold in."""

    screening: ScreeningId
    tier: TierByIndex | TierByName


@dataclass(frozen=True)
class OrderMap:
    """Binds what a seller writes to what the ledger knows."""

    path: Path
    events: Mapping[str, Screenings]
    products: Mapping[str, Tiers]
    seats: Mapping[str, SeatNumber] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path, *, zone: ZoneInfo = WIB) -> "OrderMap":
        """Read a map.

        Args:
            path: the TOML file.
            zone: where the dates of a series are that name no zone.

        Raises:
            BadInput: the file cannot be read or is no TOML (``failures``, ``NotToml``); it has
                a table that means nothing (``UnknownMapTable``) or an entry of the wrong kind
                (``MapEntryWrong``).
        """
        said = read_map(path, zone)
        return cls(path, said.events, said.products, said.seats)

    def screening_of(self, position: Position) -> ScreeningId:
        """Return the screening that a position admits to.

        Raises:
            NotMapped: its event, or its date of the event, is not in the map.
        """
        screening = self._screening_or_none(position)
        if screening is None:
            raise NotMapped(self.path, (self._event_key(position),), ())
        return screening

    def tier_of(self, position: Position) -> TierChoice:
        """Return the tier that a position was sold in, or that it is no ticket.

        Raises:
            NotMapped: its product, or that product's variation, is not in the map.
        """
        tier = self._tier_or_none(position)
        if tier is None:
            raise NotMapped(self.path, (), (self._product_key(position),))
        return tier

    def seat_of(self, position: Position) -> SeatNumber:
        """Return the number of a position's seat; ``NO_SEAT`` where it names none.

        Raises:
            SeatNotMapped: the seat is not in the map and is no seat number itself.
        """
        if not position.seat:
            return NO_SEAT
        if position.seat in self.seats:
            return self.seats[position.seat]
        number = position.seat
        if number.isascii() and number.isdigit() and len(number) <= 5:
            seat = int(number)
            if 1 <= seat <= LARGEST_SEAT:
                return SeatNumber(seat)
        raise SeatNotMapped(position.place, position.seat)

    def require(self, positions: Iterable[Position]) -> dict[Kind, Binding | None]:
        """Return what each kind of paid position is bound to; None where it is no ticket.

        Raises:
            NotMapped: names all that are not.
            SeriesAsOneScreening: an event with several dates is mapped to one screening.
        """
        events: dict[tuple[str, datetime | None], None] = {}
        products: dict[tuple[str, str], None] = {}
        dates: dict[str, set[datetime | None]] = {}
        bound: dict[Kind, Binding | None] = {}
        for position in _one_of_each_kind(positions):
            tier, screening = self._tier_or_none(position), self._screening_or_none(position)
            if isinstance(tier, NoTicket):
                bound[position.kind] = None
                continue
            if tier is None:
                products[self._product_key(position)] = None
            if screening is None:
                events[self._event_key(position)] = None
            if tier is not None and screening is not None:
                bound[position.kind] = Binding(screening, tier)
            dates.setdefault(position.event, set()).add(position.event_starts_at)
        if events or products:
            raise NotMapped(self.path, tuple(events), tuple(products))
        for event, days in dates.items():
            if len(days) > 1 and not isinstance(self.events[event], dict):
                known = sorted(day for day in days if day is not None)
                raise SeriesAsOneScreening(self.path, event, tuple(known))
        return bound

    def _screening_or_none(self, position: Position) -> ScreeningId | None:
        found = self.events.get(position.event)
        if isinstance(found, dict):
            starts_at = position.event_starts_at
            return None if starts_at is None else found.get(starts_at)
        return found

    def _tier_or_none(self, position: Position) -> TierChoice | None:
        found = self.products.get(position.product)
        return found.get(position.variation) if isinstance(found, dict) else found

    def _event_key(self, position: Position) -> tuple[str, datetime | None]:
        return position.event, position.event_starts_at

    def _product_key(self, position: Position) -> tuple[str, str]:
        has_variations = isinstance(self.products.get(position.product), dict)
        named = position.variation or not has_variations
        return position.product, position.variation if named else ""


def _one_of_each_kind(positions: Iterable[Position]) -> Collection[Position]:
    first: dict[Kind, Position] = {}
    for position in positions:
        if position.status is PositionStatus.PAID:
            first.setdefault(position.kind, position)
    return first.values()
