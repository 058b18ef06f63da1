"""The tickets' events into rows.

Whoever joins by a ticket at its issue joins first, by the ledger's order, and the sale is told last. So a
new ticket's row is kept back until its batch has been read to the end.
"""

from collections.abc import Iterable

from coopledger.domain import events
from coopledger.domain.events import Place
from coopledger.domain.types import Attestation, MemberNumber, Rupiah, TicketId
from coopledger.index import schema
from coopledger.index.following.projection import NewTicket, Projection, named, packed
from coopledger.index.kinds import TicketEventKind


def transferred(work: Projection, event: events.TicketTransferred) -> None:
    """Issue a ticket, or note its new owner."""
    if event.sender is None:
        _issue(work, event)
        return
    move = work.move
    within_move = (
        move is not None
        and move.place.transaction == event.place.transaction
        and move.account == event.to
    )
    kind = TicketEventKind.MOVED if within_move else TicketEventKind.GIVEN
    _note(
        *(work, event.place, kind, event.ticket_id),
        account=packed(event.to),
        former=packed(event.sender),
    )


def redeemed(work: Projection, event: events.Redeemed) -> None:
    """Note who was let in."""
    _note_all(work, event.place, TicketEventKind.REDEEMED, event.ticket_ids)


def unredeemed(work: Projection, event: events.Unredeemed) -> None:
    """Note that a redemption was taken back."""
    _note(work, event.place, TicketEventKind.UNREDEEMED, event.ticket_id)


def redeem_refused(work: Projection, event: events.RedeemRefused) -> None:
    """Note what the gate turned away."""
    place = event.place
    work.rows.add(
        schema.gate_refusal,
        place.block,
        place.log_index,
        place.transaction,
        event.screening,
        event.ticket_id,
        event.reason,
    )


def voided(work: Projection, event: events.Voided) -> None:
    """Note which tickets are void."""
    _note_all(work, event.place, TicketEventKind.VOIDED, event.ticket_ids)


def voided_with_reason(work: Projection, event: events.VoidedWithReason) -> None:
    """Note why tickets are void that were sold outside."""
    _note_all(work, event.place, TicketEventKind.VOIDED_OUTSIDE, event.ticket_ids, event.document)


def purchased(work: Projection, event: events.Purchased) -> None:
    """Note who bought a new ticket for how much."""
    ticket = _new_ticket(work, event.place, event.ticket_id)
    ticket.buyer = packed(event.buyer)
    ticket.price = event.price


def sold(work: Projection, event: events.Sold) -> None:
    """Note the order reference of each new ticket. What another office says of it later is no news."""
    for ticket_id, reference in enumerate(event.references, event.first):
        ticket = _new_ticket(work, event.place, TicketId(ticket_id))
        ticket.reference = ticket.reference or reference


def refunded(work: Projection, event: events.Refunded) -> None:
    """Note who got how much back."""
    _note(
        *(work, event.place, TicketEventKind.REFUNDED, event.ticket_id),
        account=packed(event.holder),
        amount=event.amount,
    )


def deposit_returned(work: Projection, event: events.DepositReturned) -> None:
    """Note to whom a principal deposit went back."""
    on_chain = TicketEventKind.DEPOSIT_RETURNED
    _note(
        work,
        event.place,
        on_chain if event.on_chain else TicketEventKind.DEPOSIT_RETURNED_OUTSIDE,
        event.ticket_id,
        account=packed(event.to),
        document=event.document,
        amount=event.amount,
        # Zero where the entry was annulled before: the ticket carries no record any more.
        number=event.number or None,
    )


def _issue(work: Projection, event: events.TicketTransferred) -> None:
    expected = work.known.tickets + 1
    if event.ticket_id != expected:
        work.refuse(event.place.block, f"ticket {event.ticket_id} was issued, not {expected}")
    work.known.tickets = event.ticket_id
    work.issued[event.ticket_id] = NewTicket(
        packed(event.to), event.place, work.cards.pop(event.ticket_id, None)
    )


def _new_ticket(work: Projection, place: Place, ticket_id: TicketId) -> NewTicket:
    ticket = work.issued.get(ticket_id)
    if ticket is None:
        work.refuse(place.block, f"ticket {ticket_id} was sold, and not issued before")
    return ticket


def _note_all(
    work: Projection,
    place: Place,
    kind: TicketEventKind,
    ticket_ids: Iterable[TicketId],
    document: Attestation | None = None,
) -> None:
    for ticket_id in ticket_ids:
        _note(work, place, kind, ticket_id, document=document)


def _note(
    work: Projection,
    place: Place,
    kind: TicketEventKind,
    ticket_id: TicketId,
    *,
    account: bytes | None = None,
    former: bytes | None = None,
    document: Attestation | None = None,
    amount: Rupiah | None = None,
    number: MemberNumber | None = None,
) -> None:
    work.rows.add(
        schema.ticket_event,
        ticket_id,
        place.block,
        place.log_index,
        place.transaction,
        kind,
        account,
        former,
        None if document is None else named(document),
        amount,
        number,
    )
    work.rows.tickets.add(ticket_id)
