"""What a cancelled screening owes its viewers, and pushing those refunds that the chain can pay.

A batch is refunded as a whole or not at all, and a holder may be a contract that takes no money. A batch
that is refused is tried again in halves, so one holder blocks nobody else.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.sending.batches import Batch, Cost
from coopledger.chain.sending.send_failures import (
    RanOutOfGas,
    TransactionOverGasCap,
    TransactionRejected,
    TransactionReverted,
)
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.transactions import Receipt
from coopledger.domain.screenings import Tier
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import Address, Gas, Rupiah, ScreeningId, TicketId
from coopledger.errors import CoopledgerError, PartlyDone, Refused
from coopledger.services.programme.offices import office_of

_TRANSACTION_GAS = 21_000
_BASE_GAS = 30_000
"""What a transaction takes without tickets: the node's 21,000, the guard, the array."""
_MOST_GAS_OF_ONE = Gas(1_000_000)
"""What a single holder may take, who may be a contract: no wallet takes a tenth of it."""
_TRIED = 10
"""On how many tickets the gas of a refund is tried before the most is taken for all."""
_BYTES_OF_A_TICKET = 32
_BYTES_OF_A_CALL = 100

Progress = Callable[[int, int], None]
"""Called with how many tickets are done, of how many."""

_NOT_DONE = (
    ContractRefusal,
    TransactionRejected,
    TransactionOverGasCap,
    TransactionReverted,
    RanOutOfGas,
)
"""Failures after which nothing was refunded for certain. After others nobody knows yet."""


class NotCancelled(Refused):
    """Only a cancelled screening's tickets are handed back for their holders."""

    screening: ScreeningId

    says = "screening {screening} is not cancelled"
    advice = "Cancel it first (coopledger screening cancel). Until then each holder decides."


@dataclass(frozen=True)
class Owed:
    """What some tickets of a screening are worth to their holders."""

    tickets: int
    amount: Rupiah
    """What goes back: the price, of a card without its deposit."""
    withheld: Rupiah
    """Deposits of cards, which stay their members' until they leave."""


@dataclass(frozen=True)
class Debts:
    """What a screening's valid tickets are worth, by where they were paid."""

    on_chain: Owed
    outside: Owed


@dataclass(frozen=True)
class LeftOut:
    """A ticket that could not be refunded, and why."""

    ticket_id: TicketId
    holder: Address
    amount: Rupiah
    reason: str


class SomeNotRefunded(PartlyDone):
    """Some tickets of a cancelled screening could not be refunded; the others were."""

    left_out: tuple[LeftOut, ...]

    advice = (
        "Run the command again when the reasons are gone; nothing is paid twice. The money stays "
        "held for these holders."
    )

    def __str__(self) -> str:
        return f"tickets not refunded: {len(self.left_out)}"


@dataclass(frozen=True)
class Refunds:
    """What pushing refunds came to."""

    screening: ScreeningId
    refunded: Owed
    holders: int
    before: int
    """Tickets that were void, hence refunded, before."""
    left_out: tuple[LeftOut, ...]
    transactions: int
    gas: Gas


def debts_of(coop: Cooperative, screening: ScreeningId) -> Debts:
    """Return what a screening's valid tickets are worth to their holders.

    Raises:
        NoSuchScreening, UnknownIssuer: see ``office_of``.
    """
    office = office_of(coop, screening)
    tiers = office.tiers(screening)
    blocks = coop.first_block, coop.chain.head()
    bought, sold = office.bought(screening, *blocks), office.sold_for(screening, *blocks)
    return Debts(
        _owed(_valid(coop.ledger.tickets(bought)), tiers),
        _owed(_valid(coop.ledger.tickets(sold)), tiers),
    )


def refund_all(
    coop: Cooperative,
    sender: Sender,
    screening: ScreeningId,
    progress: Progress,
) -> Refunds:
    """Refund every ticket of a cancelled screening that was paid on the chain.

    Anybody may do this; the money goes to the holders. Run again, it goes on with what is left.

    Args:
        coop: the deployed contracts.
        sender: sends the transactions of whoever pays their gas.
        screening: of a former box office, too.
        progress: told of each batch.

    Raises:
        NoSuchScreening, UnknownIssuer: see ``office_of``.
        NotCancelled: it takes place.
        CoopledgerError: a transaction's outcome is not known; run it again.
    """
    office = office_of(coop, screening)
    if not office.sale(screening).cancelled:
        raise NotCancelled(screening)
    bought = office.bought(screening, coop.first_block, coop.chain.head())
    tickets = _valid(coop.ledger.tickets(bought))
    work = _Refunding(coop, office, sender, office.tiers(screening))
    frozen = coop.ledger.frozen_among(sorted({ticket.owner for ticket in tickets}))
    for ticket in tickets:
        if ticket.owner in frozen:
            work.leave_out(ticket, "its holder's account is frozen by a contested move")
    payable = [ticket for ticket in tickets if ticket.owner not in frozen]
    done = 0
    for batch in work.batches(payable):
        work.push(batch)
        done += len(batch.items)
        progress(done, len(payable))
    return Refunds(
        screening,
        _owed(work.refunded, work.tiers),
        len({ticket.owner for ticket in work.refunded}),
        len(bought) - len(tickets),
        tuple(work.left_out),
        len(work.receipts),
        Gas(sum(receipt.gas_used for receipt in work.receipts)),
    )


class _Refunding:
    """Refunds tickets in batches, each of which may fall into halves."""

    def __init__(
        self,
        coop: Cooperative,
        office: BoxOfficeContract,
        sender: Sender,
        tiers: tuple[Tier, ...],
    ) -> None:
        self.coop = coop
        self.office = office
        self.sender = sender
        self.tiers = tiers
        self.refunded: list[Ticket] = []
        self.left_out: list[LeftOut] = []
        self.receipts: list[Receipt] = []

    def batches(self, tickets: Sequence[Ticket]) -> Iterator[Batch[Ticket]]:
        """Split tickets by what the first of them takes, which shares nothing with another."""
        if not tickets:
            return
        cost = Cost(self._gas_of_one(tickets), _BYTES_OF_A_TICKET)
        base = Cost(Gas(_BASE_GAS), _BYTES_OF_A_CALL)
        yield from self.sender.split(tickets, lambda _: cost, base)

    def push(self, batch: Batch[Ticket]) -> None:
        """Refund a batch, or as much of it as can be."""
        tickets = batch.items
        gas = batch.gas_limit if len(tickets) > 1 else _MOST_GAS_OF_ONE
        ids = [ticket.ticket_id for ticket in tickets]
        try:
            receipt = self.sender.send(self.office.refund_call(ids, gas))
        except _NOT_DONE as failure:
            if len(tickets) == 1:
                self._explain(tickets[0], failure)
                return
            middle = len(tickets) // 2
            for half in (tickets[:middle], tickets[middle:]):
                # The same limit: a half that ran out of gas once has twice as much now.
                self.push(Batch(half, batch.expected_gas, batch.gas_limit))
            return
        self.receipts.append(receipt)
        self.refunded += tickets

    def leave_out(self, ticket: Ticket, reason: str) -> None:
        """List a ticket as not refunded."""
        amount = _amount(ticket, self.tiers)
        self.left_out.append(LeftOut(ticket.ticket_id, ticket.owner, amount, reason))

    def _explain(self, ticket: Ticket, failure: CoopledgerError | ContractRefusal) -> None:
        """List why a single ticket was not refunded, unless somebody else has just done it."""
        if not self.coop.ledger.ticket(ticket.ticket_id).void:
            reason = str(failure)
            if self.coop.chain.code_at(ticket.owner):
                reason = f"its holder is a contract that does not take the money ({reason})"
            self.leave_out(ticket, reason)

    def _gas_of_one(self, tickets: Sequence[Ticket]) -> Gas:
        """Return what one refund takes, tried on the first ticket that can be."""
        for ticket in tickets[:_TRIED]:
            try:
                estimate = self.sender.estimate(
                    self.office.refund_call([ticket.ticket_id], _MOST_GAS_OF_ONE)
                )
            except _NOT_DONE:
                continue
            return Gas(estimate - _TRANSACTION_GAS)
        return _MOST_GAS_OF_ONE


def _valid(tickets: Sequence[Ticket]) -> list[Ticket]:
    return [ticket for ticket in tickets if not ticket.void]


def _amount(ticket: Ticket, tiers: tuple[Tier, ...]) -> Rupiah:
    tier = tiers[ticket.tier]
    return Rupiah(tier.price if ticket.member is None else tier.price - tier.deposit)


def _owed(tickets: Sequence[Ticket], tiers: tuple[Tier, ...]) -> Owed:
    cards = Counter(ticket.tier for ticket in tickets if ticket.member is not None)
    return Owed(
        len(tickets),
        Rupiah(sum(_amount(ticket, tiers) for ticket in tickets)),
        Rupiah(sum(tiers[tier].deposit * count for tier, count in cards.items())),
    )
