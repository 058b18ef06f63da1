"""The shape of a ticket.

Before a screening has ended, where its holder will sit is left out, and when the screening ends too,
which would tell. The chain is public and holds it; this page does not spread it.
"""

from zoneinfo import ZoneInfo

from pydantic import Field

from coopledger.api.models.common import ADDRESS, Answer, ReadMomentShape, Shape
from coopledger.domain.moments import Moment
from coopledger.domain.types import Timestamp
from coopledger.services.asking.answers import Page, TicketSeen


class TicketShape(Shape):
    """A ticket."""

    id: int
    holder: str = Field(pattern=ADDRESS)
    member: int | None
    """The record that it carries, if it is a membership card."""
    state: str = Field(pattern="^(valid|redeemed|void)$")
    locked: bool
    """Whether it can no longer change hands (ERC-5192)."""
    paid_on_chain: bool
    shown_in_full: bool
    """False until the screening has ended: screening, tier and seat are null until then."""
    screening: int | None
    tier: int | None
    """The index of the price class."""
    seat: int | None
    """Null with free seating, too."""

    @classmethod
    def of(cls, seen: TicketSeen, now: Timestamp) -> "TicketShape":
        """Return the shape of a ticket as it may be shown at a moment."""
        ticket, over = seen.ticket, now >= seen.ends_at
        return cls(
            id=ticket.ticket_id,
            holder=ticket.owner,
            member=ticket.member,
            state=ticket.state,
            locked=ticket.locked,
            paid_on_chain=ticket.paid_on_chain,
            shown_in_full=over,
            screening=ticket.screening if over else None,
            tier=ticket.tier if over else None,
            seat=(ticket.seat or None) if over else None,
        )


class TicketAnswer(Answer):
    """One ticket."""

    ticket: TicketShape

    @classmethod
    def of(cls, seen: TicketSeen, when: Moment, zone: ZoneInfo) -> "TicketAnswer":
        """Return the shape of a ticket's answer."""
        ticket = TicketShape.of(seen, when.time)
        return cls(as_of=ReadMomentShape.of(when, zone), ticket=ticket)


class TicketsAnswer(Answer):
    """A page of tickets, in the order of their ids."""

    tickets: list[TicketShape]
    next: str | None
    """Where the next page is; null on the last one."""

    @classmethod
    def of(
        cls, page: Page[TicketSeen], following: str | None, when: Moment, zone: ZoneInfo
    ) -> "TicketsAnswer":
        """Return the shape of a page."""
        tickets = [TicketShape.of(seen, when.time) for seen in page.items]
        return cls(as_of=ReadMomentShape.of(when, zone), tickets=tickets, next=following)
