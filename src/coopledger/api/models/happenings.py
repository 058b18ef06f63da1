"""The shapes of what the index knows of one member: everything that happened, and the tickets.

Where a holder will sit is not told before the screening has ended as of the answer's moment. So what was
paid for a ticket is told beside its screening alone, never in a history.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from coopledger.api.models.common import ADDRESS, HEX_32, MomentShape, hexadecimal, utc
from coopledger.api.models.programme import AMOUNT
from coopledger.api.models.register import EventShape, facts_of
from coopledger.api.models.register_index import EntryShape, RegisterAnswer
from coopledger.api.models.tickets import TicketShape
from coopledger.domain.moments import Moment
from coopledger.domain.types import MemberNumber
from coopledger.index.asking.entries import Entry, TicketEntry
from coopledger.index.asking.happenings import Happening, TicketHappening
from coopledger.services.asking.answers import TicketSeen


class HappeningShape(EventShape):
    """Something that happened to a member. What does not belong to its kind is null."""

    log_index: int
    """Its place among the block's events."""
    sender: str = Field(pattern=ADDRESS)
    """Who sent the transaction."""
    ticket: int | None = None
    """The ticket that it happened to."""
    holder: str | None = Field(None, pattern=ADDRESS)
    """Whom the ticket belonged to from then on, where it was issued, given or moved along; else who was
    paid."""
    former_holder: str | None = Field(None, pattern=ADDRESS)
    amount: str | None = Field(None, pattern=AMOUNT)
    """What was paid out, in the currency's smallest unit."""

    @classmethod
    def of_happening(cls, happening: Happening, number: MemberNumber) -> "HappeningShape":
        """Return the shape of what happened to a member."""
        event = happening.event
        facts = _of_ticket(event) if isinstance(event, TicketHappening) else facts_of(event, number)
        return cls(
            time=utc(happening.moment),
            block=event.place.block,
            log_index=event.place.log_index,
            transaction=hexadecimal(event.place.transaction),
            sender=happening.sender,
            **facts,
        )


class HistoryAnswer(RegisterAnswer):
    """An entry of the register as of a moment, and everything that had happened until then."""

    member: EntryShape
    history: list[HappeningShape]
    """What happened to the record, and to its account's tickets while it was open and before; oldest first."""

    @classmethod
    def of(
        cls, entry: Entry, history: tuple[Happening, ...], as_of: Moment, zone: ZoneInfo
    ) -> "HistoryAnswer":
        """Return the shape of an entry with its history."""
        return cls(
            as_of=MomentShape.of(as_of, zone),
            member=EntryShape.of(entry),
            history=[HappeningShape.of_happening(each, entry.number) for each in history],
        )


class TicketThenShape(TicketShape):
    """A ticket as it stood at the moment, and how it was issued."""

    issued_to: str = Field(pattern=ADDRESS)
    issued: datetime
    price: str | None = Field(pattern=AMOUNT)
    """What was paid for it on the chain, in the currency's smallest unit; shown once it is shown in full."""
    block: int
    """Of the issue."""
    transaction: str = Field(pattern=HEX_32)
    """Of the issue."""

    @classmethod
    def of_entry(cls, entry: TicketEntry, as_of: Moment) -> "TicketThenShape":
        """Return the shape of a ticket as it may be shown as of a moment."""
        seen = TicketShape.of(TicketSeen(entry.ticket, entry.ends_at), as_of.time)
        paid = entry.price if seen.shown_in_full else None
        return cls(
            **seen.model_dump(),
            issued_to=entry.issued_to,
            issued=utc(entry.issued_at),
            price=None if paid is None else str(paid),
            block=entry.block,
            transaction=hexadecimal(entry.transaction),
        )


class TicketsThenAnswer(RegisterAnswer):
    """A page of tickets as of a moment, in the order of their ids."""

    tickets: list[TicketThenShape]
    next: str | None
    """Where the next page of the same moment is; null on the last one."""

    @classmethod
    def of(
        cls, tickets: Sequence[TicketEntry], following: str | None, as_of: Moment, zone: ZoneInfo
    ) -> "TicketsThenAnswer":
        """Return the shape of a page."""
        shown = [TicketThenShape.of_entry(each, as_of) for each in tickets]
        return cls(as_of=MomentShape.of(as_of, zone), tickets=shown, next=following)


def _of_ticket(event: TicketHappening) -> dict[str, Any]:
    kind = "issued" if event.kind is None else event.kind.name.lower().replace("_", " ")
    amount = None if event.kind is None or event.amount is None else str(event.amount)
    return {
        "kind": f"ticket {kind}",
        "ticket": event.ticket,
        "holder": event.account,
        "former_holder": event.former,
        "document": None if event.document is None else hexadecimal(event.document),
        "amount": amount,
    }
