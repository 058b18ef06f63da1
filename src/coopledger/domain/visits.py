"""What a ticket admits to, as far as it is known.

The ledger knows of every screening when it is and which seat a ticket names; the rest only its own box
office knows, so film, venue and tier may be missing.
"""

from dataclasses import dataclass

from coopledger.domain.screenings import Film
from coopledger.domain.types import ScreeningId, SeatNumber, Timestamp


@dataclass(frozen=True)
class Visit:
    """One seat at one screening. What another box office keeps to itself is None."""

    screening: ScreeningId
    starts_at: Timestamp
    ends_at: Timestamp
    seat: SeatNumber
    film: Film | None = None
    venue: str | None = None
    tier: str | None = None
    cancelled: bool = False
