"""A batch of events into rows: ``HANDLERS`` says which function is for which kind of event.

A failing handler fails the batch, and so stops the sync. There is no event that may be skipped.
"""

from collections.abc import Callable
from typing import Any

from coopledger.domain import events
from coopledger.domain.events import ChainEvent
from coopledger.index import schema
from coopledger.index.following import programme_rows, register_rows, ticket_rows
from coopledger.index.following.batch import BlockBatch
from coopledger.index.following.known import KnownState
from coopledger.index.following.projection import Projection, Rows, packed

HANDLERS: dict[type[ChainEvent], Callable[[Projection, Any], None]] = {
    events.Joined: register_rows.joined,
    events.Left: register_rows.left,
    events.StandingSet: register_rows.standing_set,
    events.Moved: register_rows.moved,
    events.BylawsSet: register_rows.bylaws_set,
    events.MoveProposed: register_rows.move_proposed,
    events.MoveContested: register_rows.move_contested,
    events.MoveVetoed: register_rows.move_vetoed,
    events.MoveCancelled: register_rows.move_cancelled,
    events.TicketTransferred: ticket_rows.transferred,
    events.Redeemed: ticket_rows.redeemed,
    events.RedeemRefused: ticket_rows.redeem_refused,
    events.Unredeemed: ticket_rows.unredeemed,
    events.Voided: ticket_rows.voided,
    events.VoidedWithReason: ticket_rows.voided_with_reason,
    events.Purchased: ticket_rows.purchased,
    events.Sold: ticket_rows.sold,
    events.Refunded: ticket_rows.refunded,
    events.DepositReturned: ticket_rows.deposit_returned,
    events.ScreeningOpened: programme_rows.screening_opened,
    events.ScreeningPostponed: programme_rows.screening_postponed,
    events.ScreeningAdded: programme_rows.screening_added,
    events.ScreeningCancelled: programme_rows.screening_cancelled,
    events.RefundsUntil: programme_rows.refunds_until,
    events.FilmAdded: programme_rows.film_added,
    events.TierSet: programme_rows.tier_set,
    events.Withdrawn: programme_rows.withdrawn,
}


def project(batch: BlockBatch, known: KnownState) -> Rows:
    """Return the rows that a batch makes; ``known`` is carried on to its end.

    Raises:
        LogsIncomplete: an event does not follow on the one before.
    """
    work = Projection(batch, known)
    handlers = HANDLERS
    for event in batch.events:
        handlers[type(event)](work, event)
    _check(work)
    _add_tickets(work)
    _add_blocks(work)
    # A ticket that was issued earlier, and somebody joined by it now.
    work.rows.tickets.update(work.cards)
    return work.rows


def _check(work: Projection) -> None:
    """Compare with what the ledger says of the last block; only so a missing last event shows."""
    said = work.batch.checkpoint
    if said is None:
        return
    known = work.known
    read = (known.head, known.sequence, known.tickets, known.screenings)
    if read != (said.register_head, said.register_events, said.tickets, said.screenings):
        work.refuse(
            work.batch.end.number,
            f"the ledger counts {said.register_events} register events, {said.tickets} tickets and"
            f" {said.screenings} screenings, and the logs {known.sequence}, {known.tickets} and"
            f" {known.screenings}",
        )


def _add_tickets(work: Projection) -> None:
    for ticket_id, new in work.issued.items():
        terms = work.batch.tickets[ticket_id]
        work.rows.add(
            schema.ticket,
            ticket_id,
            terms.screening,
            terms.seat,
            terms.tier,
            terms.non_transferable,
            terms.paid_on_chain,
            new.issued_to,
            work.batch.times[new.place.block],
            new.reference,
            new.buyer,
            new.price,
            new.place.block,
            new.place.log_index,
            new.place.transaction,
            new.issued_to,
            new.member,
            False,
            False,
        )


def _add_blocks(work: Projection) -> None:
    """Note the blocks that hold events, and the transactions that the events came from."""
    hashes = {}
    transactions = {}
    for event in work.batch.events:
        if isinstance(event, events.FilmAdded):
            continue  # read again, from any block on, when its box office becomes known
        place = event.place
        hashes[place.block] = place.block_hash
        transactions[place.transaction] = place.block
    for number, block_hash in hashes.items():
        work.rows.add(schema.block, number, block_hash, work.batch.times[number], True)
    for mark in work.batch.marks:
        if mark.number not in hashes:
            work.rows.add(schema.block, mark.number, mark.hash, mark.time, False)
    for transaction, number in transactions.items():
        sender = work.batch.senders[transaction]
        work.rows.add(schema.transaction, transaction, number, packed(sender))
    for number, totals in work.totals.items():
        work.rows.add(schema.tally, number, work.batch.times[number], *totals)
