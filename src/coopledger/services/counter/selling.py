"""Selling and voiding single tickets at the counter.

A counter sale has a receipt number where an order has its code, so the same receipt cannot be rung up
twice, not even by two clerks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.batches import Cost
from coopledger.chain.sending.sender import Sender
from coopledger.domain.types import (
    NO_ATTESTATION,
    Address,
    Attestation,
    BylawsVersion,
    Email,
    Gas,
    MemberNumber,
    ScreeningId,
    SeatNumber,
    TicketId,
)
from coopledger.domain.words import pack_line
from coopledger.errors import BadInput, NotFound, Refused
from coopledger.index.look import Look
from coopledger.people.desk import People
from coopledger.people.positions import IssuedPosition
from coopledger.services.counter.batching import send_in_turn
from coopledger.services.counter.receipts import sold_by_reference
from coopledger.services.programme.films_and_screenings import showings_of
from coopledger.services.programme.offices import office_at, office_of
from coopledger.services.register.bylaws import NoBylaws
from coopledger.services.register.successors import successors

_COUNTER = "counter"

#: What a voided ticket adds to a transaction, rounded up from docs/gas.json.
_VOIDED = Cost(Gas(20_000), 32)
_VOIDING = Cost(Gas(80_000), 200)


class NotSoldHere(NotFound):
    """This box office does not sell the screening."""

    screening: ScreeningId

    says = "there is no screening {screening} at this box office"
    advice = "List the screenings: coopledger screening list"


class NoSuchTier(BadInput):
    """The screening has no tier of that name."""

    tier: str
    names: tuple[str, ...]

    advice = "Name one of the screening's tiers."

    def __str__(self) -> str:
        return f"there is no tier '{self.tier}'; there are: {', '.join(self.names)}"


class HolderUnclear(BadInput):
    """The sale does not say who holds the ticket, or who joins by it."""

    reason: str

    says = "it is not clear whose ticket this is: {reason}"
    advice = "Name the holder once: by e-mail, or by a wallet of their own."


class ReceiptUsed(Refused):
    """A ticket was sold under this receipt number."""

    receipt: str
    ticket_id: TicketId

    says = "receipt {receipt} was used for ticket {ticket_id}"
    advice = "Look the ticket up, or use the number of another receipt."


class NoReceiptNumber(BadInput):
    """A counter sale without the number of its receipt."""

    says = "the receipt has no number"
    advice = "Give the number that stands on the receipt; it keeps a sale from counting twice."


@dataclass(frozen=True)
class CounterSale:
    """A ticket sold at the counter. ``consent`` names the paper on which the buyer joined."""

    screening: ScreeningId
    tier: str
    seat: SeatNumber
    receipt: str
    email: Email | None = None
    name: str = ""
    account: Address | None = None
    consent: str = ""


@dataclass(frozen=True)
class SoldOverCounter:
    """What a counter sale gave: the ticket, its holder's account, and the number if they joined."""

    ticket_id: TicketId
    account: Address
    member: MemberNumber | None


def sell(
    coop: Cooperative,
    sender: Sender,
    office: Address,
    people: People,
    sale: CounterSale,
    look: Look | None = None,
) -> SoldOverCounter:
    """Sell one ticket that is paid at the counter.

    The holder is the e-mail's account, or the wallet that is named, or else the box office's own.
    What was sold before is asked of the index, where one is given, and of the chain after it.

    Raises:
        HolderUnclear: the sale names two holders, or a consent and no holder.
        NoReceiptNumber: the receipt has none.
        NotSoldHere, NoSuchTier: the sale names what there is not.
        ReceiptUsed: the receipt was rung up before.
        NoBylaws: the buyer would join, but no by-laws are recorded.
        ContractRefusal: sold out, seat taken, another sale came first, or the role is missing.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    number = sale.receipt.strip().upper()  # as ORDER-POSITION is spelled at the door
    if not number:
        raise NoReceiptNumber
    if sale.email is not None and sale.account is not None:
        raise HolderUnclear("an e-mail and a wallet are given")
    if sale.consent and sale.email is None and sale.account is None:
        raise HolderUnclear("somebody consented to joining, and nobody is named")
    showings = showings_of(coop, [sale.screening])
    if not showings:
        raise NotSoldHere(sale.screening)
    tier = showings[0].tier_named(sale.tier)
    if tier is None:
        raise NoSuchTier(sale.tier, tuple(each.name for each in showings[0].tiers))
    reference = people.order_reference(_COUNTER, number, "1")
    before = sold_by_reference(coop, look, [reference], showings).get(reference)
    if before is not None:
        raise ReceiptUsed(number, before.ticket_id)
    bylaws = coop.ledger.bylaws_version() if sale.consent else BylawsVersion(0)
    if sale.consent and not bylaws:
        raise NoBylaws
    account = sale.account or office
    if sale.email is not None:
        names = [sale.name] if sale.name else []
        chain, ledger = coop.chain.chain_id, coop.ledger.address
        kept = people.persons_for({sale.email: names}, chain, ledger)[sale.email]
        account = successors(coop, [kept]).get(kept, kept)
    people.remember_positions([IssuedPosition(reference, f"{number}-1")])

    # The paper is in the clerk's hand: the consent is given now, by the chain's clock.
    consented_at = coop.chain.block("latest").timestamp if sale.consent else None
    office_contract = office_at(coop, sale.screening, showings[0].screening.issuer)
    receipt = sender.send(
        office_contract.sell_call(
            sale.screening,
            showings[0].sale.sequence,
            [pack_line(account, sale.seat, tier, consented_at)],
            [reference],
            bylaws,
            people.attestation_of(sale.consent) if sale.consent else NO_ATTESTATION,
        )
    )
    ticket = next(office_contract.sold_tickets(iter(receipt.logs)))
    joined = coop.ledger.events("Joined", receipt.logs)
    return SoldOverCounter(ticket.ticket_id, account, joined[0]["number"] if joined else None)


def void(
    coop: Cooperative, sender: Sender, ticket_ids: Sequence[TicketId], document: Attestation
) -> int:
    """Void unused tickets that were sold outside the chain; return how many.

    What does not fit into one transaction is voided in several. A ticket that is named twice is one.

    Raises:
        TokenDoesNotExist: a ticket was never issued.
        UnknownIssuer: see ``office_of``.
        ContractRefusal: a ticket is used, void or paid on the chain, or the role is missing.
        CoopledgerError: a transaction failed (see ``Sender.send``).
        StoppedHalfway: one of these, after other tickets were voided.
    """
    by_screening: dict[ScreeningId, list[TicketId]] = {}
    for ticket in coop.ledger.tickets(list(dict.fromkeys(ticket_ids))):
        by_screening.setdefault(ticket.screening, []).append(ticket.ticket_id)
    calls = (
        (office_of(coop, screening).void_call(screening, batch.items, document), batch.items)
        for screening, tickets in by_screening.items()
        for batch in sender.split(tickets, lambda _: _VOIDED, _VOIDING)
    )
    for _ in send_in_turn(sender, calls):
        pass
    return sum(map(len, by_screening.values()))
