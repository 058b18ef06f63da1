"""The door: which ticket a code stands for, and letting its bearer in.

A code is a ticket's id, the secret in a seller's QR code, or ORDER-POSITION. The last two lead to a keyed
reference, and the chain alone says which ticket was issued for it.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.batches import Cost
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.client import Log
from coopledger.domain.tickets import LONGEST_TICKET_ID, GateRefusal
from coopledger.domain.types import (
    Gas,
    OrderReference,
    ScreeningId,
    TicketId,
    Timestamp,
)
from coopledger.errors import NotFound, PartlyDone, Refused
from coopledger.index.look import Look
from coopledger.people.desk import People
from coopledger.people.positions import PositionAmbiguous, PositionUnknown, TicketSecretUnknown
from coopledger.services.counter.batching import send_in_turn
from coopledger.services.counter.receipts import sold_by_reference
from coopledger.services.programme.offices import office_of

#: What a ticket adds to a transaction of the door, rounded up from docs/gas.json.
_REDEEMED = Cost(Gas(12_000), 32)
_REDEEMING = Cost(Gas(60_000), 150)


class NotIssued(NotFound):
    """The order position is known, but no ticket was issued for it on this chain."""

    code: str

    says = "no ticket was issued for {code}"
    advice = "Import the order first: coopledger import-orders FILE"


class NothingToSee(Refused):
    """The screening was cancelled."""

    screening: ScreeningId

    says = "screening {screening} was cancelled"
    advice = (
        "Nobody was let in, so that the tickets can still be refunded or voided. Send the guests to "
        "the box office."
    )


@dataclass(frozen=True)
class TurnedAway:
    """A ticket that the gate could not redeem, and when it was used before, if it was."""

    ticket_id: TicketId
    reason: GateRefusal
    used_at: Timestamp | None = None
    used_by: str = ""
    """The gate's account that let its bearer in."""


class SomeTurnedAway(PartlyDone):
    """Some tickets could not be redeemed; the others were."""

    turned_away: tuple[TurnedAway, ...]

    advice = "Look at these tickets; the others are checked in."

    def __str__(self) -> str:
        return f"tickets turned away: {len(self.turned_away)}"


@dataclass(frozen=True)
class Admission:
    """What the gate did."""

    admitted: tuple[TicketId, ...]
    turned_away: tuple[TurnedAway, ...]


def find_tickets(
    coop: Cooperative,
    people: Callable[[], People],
    codes: Sequence[str],
    look: Look | None = None,
) -> list[TicketId]:
    """Return the ticket behind each code. ``people`` and the index are asked where a code needs it.

    Up to nine digits are a ticket's id; more are a secret, since sellers' codes may be digits alone.

    Raises:
        TicketSecretUnknown, PositionUnknown: nothing is known of a code.
        TicketSecretAmbiguous, PositionAmbiguous: it may stand for several tickets.
        NotIssued: its position has no ticket on this chain.
    """
    given = [code.strip() for code in codes]
    references: dict[str, tuple[OrderReference, bool]] = {}
    for place, code in enumerate(given, start=1):
        if not _is_ticket_id(code):
            try:
                references[code] = _reference_of(people(), code)
            except TicketSecretUnknown:
                raise TicketSecretUnknown(place if len(codes) > 1 else None) from None
    wanted = {reference for reference, _ in references.values()}
    sold = sold_by_reference(coop, look, wanted) if wanted else {}
    for code, (reference, is_secret) in references.items():
        if reference not in sold:
            raise NotIssued("the scanned code" if is_secret else code)
    return [
        sold[references[code][0]].ticket_id if code in references else TicketId(int(code))
        for code in given
    ]


def _is_ticket_id(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) <= LONGEST_TICKET_ID


def _reference_of(desk: People, code: str) -> tuple[OrderReference, bool]:
    """Return the reference behind a code, and whether the code is a secret. A secret may have hyphens."""
    try:
        by_secret = desk.reference_of_secret(code)
    except TicketSecretUnknown:
        if "-" not in code:
            raise
        return desk.reference_of_label(code), False
    with suppress(PositionUnknown):
        if "-" in code and desk.reference_of_label(code) != by_secret:
            raise PositionAmbiguous(code, 2)
    return by_secret, True


def redeem(
    coop: Cooperative,
    sender: Sender,
    ticket_ids: Sequence[TicketId],
    screening: ScreeningId | None = None,
) -> Admission:
    """Let the bearers of tickets in, each at its own screening, or all at the one named.

    What does not fit into one transaction goes into several. A ticket that is named twice is one.

    Raises:
        TokenDoesNotExist: a ticket was never issued.
        NothingToSee: a screening was cancelled; nobody was let in.
        ContractRefusal: the gate is closed, or the operator lacks the role GATE.
        CoopledgerError: a transaction failed (see ``Sender.send``).
        StoppedHalfway: one of these, after others were dealt with; a second scan says who is in.
    """
    by_screening: dict[ScreeningId, list[TicketId]] = {}
    for ticket in coop.ledger.tickets(list(dict.fromkeys(ticket_ids))):
        at = ticket.screening if screening is None else screening
        by_screening.setdefault(at, []).append(ticket.ticket_id)
    for each in by_screening:
        if office_of(coop, each).sale(each).cancelled:
            raise NothingToSee(each)
    calls = (
        (coop.ledger.redeem_call(each, batch.items), batch.items)
        for each, tickets in by_screening.items()
        for batch in sender.split(tickets, lambda _: _REDEEMED, _REDEEMING)
    )
    admitted: list[TicketId] = []
    refused: dict[ScreeningId, list[tuple[TicketId, GateRefusal]]] = {}
    for receipt in send_in_turn(sender, calls):
        for event in coop.ledger.events("Redeemed", receipt.logs):
            admitted += [TicketId(ticket_id) for ticket_id in event["ticketIds"]]
        for event in coop.ledger.events("RedeemRefused", receipt.logs):
            why = TicketId(event["ticketId"]), GateRefusal(event["reason"])
            refused.setdefault(ScreeningId(event["screening"]), []).append(why)
    return Admission(tuple(admitted), _explained(coop, refused))


def unredeem(coop: Cooperative, sender: Sender, ticket_id: TicketId) -> ScreeningId:
    """Take back that a ticket was used, and return its screening. Until the screening ends.

    Raises:
        TokenDoesNotExist: it was never issued.
        ContractRefusal: it was not used, the screening is over, or the operator lacks BOX_OFFICE.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    (ticket,) = coop.ledger.tickets([ticket_id])
    sender.send(coop.ledger.unredeem_call(ticket.screening, ticket_id))
    return ticket.screening


def _explained(
    coop: Cooperative, refused: Mapping[ScreeningId, Sequence[tuple[TicketId, GateRefusal]]]
) -> tuple[TurnedAway, ...]:
    """Say when and by which gate each used ticket was used, as the queue will ask."""
    uses: dict[TicketId, Log] = {}
    for screening, tickets in refused.items():
        if any(reason is GateRefusal.ALREADY_REDEEMED for _, reason in tickets):
            uses |= _uses(coop, screening)
    used = [uses[of] for each in refused.values() for of, _ in each if of in uses]
    numbers = sorted({log.block_number for log in used})
    times = dict(zip(numbers, (b.timestamp for b in coop.chain.blocks(numbers)), strict=True))
    gates = coop.chain.senders(list({log.transaction_hash for log in used}))

    def explain(ticket: TicketId, reason: GateRefusal) -> TurnedAway:
        log = uses.get(ticket) if reason is GateRefusal.ALREADY_REDEEMED else None
        if log is None:
            return TurnedAway(ticket, reason)
        return TurnedAway(
            ticket, reason, times[log.block_number], gates.get(log.transaction_hash, "")
        )

    return tuple(explain(*each) for tickets in refused.values() for each in tickets)


def _uses(coop: Cooperative, screening: ScreeningId) -> dict[TicketId, Log]:
    """Return by what log each ticket of a screening was used last."""
    event = events_of("TicketLedger")["Redeemed"]
    topics = [event.topic, screening.to_bytes(32)]
    logs = coop.chain.logs([coop.ledger.address], topics, coop.first_block, coop.chain.head())
    return {TicketId(ticket): log for log in logs for ticket in event.decode(log)["ticketIds"]}
