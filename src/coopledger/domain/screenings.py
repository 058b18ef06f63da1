"""Films, screenings and their tiers, as the box office announces and sells them.

Amounts are in the currency's smallest unit, which for rupiah is the rupiah.
"""

from dataclasses import dataclass

from coopledger.domain.types import (
    Address,
    FilmId,
    Rupiah,
    ScreeningId,
    TierIndex,
    Timestamp,
)


@dataclass(frozen=True)
class Film:
    """A film of the programme."""

    title: str
    year: int
    minutes_long: int


@dataclass(frozen=True)
class Tier:
    """A price class. ``deposit`` is the part of the price that is a member's principal deposit."""

    name: str
    price: Rupiah
    deposit: Rupiah
    sold: bool = False


@dataclass(frozen=True)
class Announcement:
    """What a screening is opened with. The sale closes for buyers at ``closes_at``."""

    film: FilmId
    venue: str
    capacity: int
    starts_at: Timestamp
    ends_at: Timestamp
    opens_at: Timestamp
    closes_at: Timestamp
    refundable_until: Timestamp
    seated: bool
    non_transferable: bool
    tiers: tuple[Tier, ...]


@dataclass(frozen=True)
class Sale:
    """How the sale of a screening stands."""

    film: FilmId
    capacity: int
    sold: int
    sequence: int
    opens_at: Timestamp
    closes_at: Timestamp
    refundable_until: Timestamp
    seated: bool
    non_transferable: bool
    cancelled: bool

    @property
    def left(self) -> int:
        """Places that are not sold."""
        return self.capacity - self.sold


@dataclass(frozen=True)
class Screening:
    """A screening as the ledger knows it; ``issuer`` is the box office that sells it."""

    screening_id: ScreeningId
    issuer: Address
    starts_at: Timestamp
    ends_at: Timestamp


@dataclass(frozen=True)
class Showing:
    """A screening with all that its box office says of it."""

    screening: Screening
    film: Film
    sale: Sale
    venue: str
    tiers: tuple[Tier, ...]

    def state_at(self, moment: Timestamp) -> str:
        """Return what a guest may do: announced, on sale, sale closed, over, or cancelled."""
        if self.sale.cancelled:
            return "cancelled"
        if moment >= self.screening.ends_at:
            return "over"
        if moment >= self.sale.closes_at:
            return "sale closed"
        return "on sale" if moment >= self.sale.opens_at else "announced"

    def tier_named(self, name: str) -> TierIndex | None:
        """Return the tier of that name, or None where the screening has none."""
        for index, tier in enumerate(self.tiers):
            if tier.name == name:
                return TierIndex(index)
        return None
