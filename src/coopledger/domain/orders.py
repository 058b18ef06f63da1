"""What another system sold, as plain values: one ``Position`` for each admission it lists.

Importers (``imports/``) produce these, the import use case (``services/``) issues tickets for them. Only
key and status are sure to be valid on a position that is not to be issued; everything else is checked for
paid positions alone.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from coopledger.domain.types import Email, Rupiah
from coopledger.domain.values import value


class PositionStatus(StrEnum):
    """Where an order stands in the system that sold it."""

    PAID = "paid"
    PENDING = "pending"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class PositionKey(NamedTuple):
    """Names one sold position for good: source system, order code, position within the order."""

    source: str
    order: str
    position: str

    def __str__(self) -> str:
        return f"{self.order}-{self.position}"

    @property
    def of_order(self) -> tuple[str, str]:
        """Source and code of the order that the position belongs to."""
        return (self.source, self.order)


Kind = tuple[str, datetime | None, str, str]
"""Event, date of a series, product and variation."""


@value
class FilePlace:
    """Where in a file something stands: a line of a CSV (from 1), or a path in a JSON."""

    file: Path
    line: int | None = None
    path: str = ""

    def __str__(self) -> str:
        if self.line is not None:
            return f"{self.file.name}, line {self.line}"
        return f"{self.file.name}, {self.path}" if self.path else self.file.name


@value
class Position:
    """One admission that another system lists, paid or not."""

    key: PositionKey
    status: PositionStatus
    place: FilePlace
    event: str = ""
    """The event's slug (or name, in a plain CSV)."""
    event_starts_at: datetime | None = None
    """The date of a series that the position is for; None where the event has one date."""
    product: str = ""
    variation: str = ""
    price: Rupiah = Rupiah(0)
    ordered_at: datetime | None = None
    """Aware. Set on every paid position, unless a plain CSV does not say it."""
    buyer_email: Email | None = None
    buyer_name: str = ""
    attendee_email: Email | None = None
    attendee_name: str = ""
    secret: str = ""
    """What the seller's own ticket shows in its QR code, if it has one."""
    seat: str = ""
    """The seat's name or number as the seller writes it; empty for free seating."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Answers to the seller's own questions, by the question's column name or identifier."""

    @property
    def kind(self) -> Kind:
        """What it admits to, as the seller says it; many positions are of one kind."""
        return (self.event, self.event_starts_at, self.product, self.variation)

    @property
    def holder_email(self) -> Email | None:
        """Whose ticket it is: the attendee's address where there is one, else the buyer's."""
        return self.attendee_email or self.buyer_email

    @property
    def held_by_buyer(self) -> bool:
        """Whether the holder is the order's own e-mail address."""
        return self.holder_email is not None and self.holder_email == self.buyer_email
