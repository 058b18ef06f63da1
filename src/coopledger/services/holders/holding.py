"""What a holder does with their own key: join, give, leave, hand tickets back.

Leaving ends the membership alone. The card stays in the register's history, its seat stays good, and the
deposit that was paid on the chain comes back by a second transaction, which anybody may send.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.rpc import NodeRefused
from coopledger.chain.wire.transactions import Receipt
from coopledger.domain.types import (
    Address,
    BylawsVersion,
    MemberNumber,
    Rupiah,
    ScreeningId,
    TicketId,
)
from coopledger.errors import BadInput, CoopledgerError, NotFound, PartlyDone
from coopledger.services.holders.buying import check_joining
from coopledger.services.money.deposits import return_deposit
from coopledger.services.programme.offices import office_of, offices


class NotAMember(NotFound):
    """The account has no open membership."""

    account: Address

    says = "{account} is not a member"
    advice = "See what the account has: coopledger my"


class NotAPerson(BadInput):
    """A ticket would go to one of the cooperative's contracts, where nobody could use it."""

    account: Address

    says = "{account} is a contract of the cooperative, not a person's account"
    advice = "Give the account of the person who is to have the ticket."


class DepositStillDue(PartlyDone):
    """The membership ended, but the deposit has not been paid back yet."""

    number: MemberNumber
    card: TicketId
    reason: str

    says = (
        "membership {number} has ended, but the deposit of ticket {card} is not paid back yet: "
        "{reason}"
    )
    advice = "Nothing is lost. Ask for it again: coopledger deposit return TICKET"


@dataclass(frozen=True)
class Membership:
    """An account's open membership, its card, and the deposit that was paid on the chain with it."""

    number: MemberNumber
    card: TicketId
    deposit: Rupiah


@dataclass(frozen=True)
class MembershipEnded:
    """A membership that its member ended. ``deposit`` is what was paid back of it just now."""

    number: MemberNumber
    card: TicketId
    deposit: Rupiah


@dataclass(frozen=True)
class Refund:
    """A ticket that was handed back, and what its holder was paid for it."""

    ticket_id: TicketId
    screening: ScreeningId
    amount: Rupiah


def membership_of(coop: Cooperative, account: Address) -> Membership:
    """Return an account's open membership.

    Raises:
        NotAMember: it has none.
    """
    number, card = coop.ledger.member_of(account), coop.ledger.ticket_of(account)
    if number is None or card is None:
        raise NotAMember(account)
    return Membership(number, card, _deposit_on_chain(coop, card))


def join(
    coop: Cooperative, sender: Sender, account: Address, ticket_id: TicketId, bylaws: BylawsVersion
) -> MemberNumber:
    """Join with one's own ticket under the by-laws in force; return the member's number.

    Raises:
        NoBylaws, OtherBylawsInForce, MemberAlready: see ``check_joining``.
        ContractRefusal: the ticket is somebody else's, void, or a card already.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    check_joining(coop, account, bylaws, account)
    receipt = sender.send(coop.ledger.join_call(ticket_id, bylaws))
    return joined_in(coop, receipt)


def give(coop: Cooperative, sender: Sender, ticket_id: TicketId, to: Address) -> None:
    """Give one's own ticket to somebody, who does not become a member by it.

    Raises:
        NotAPerson: the account is one of the cooperative's contracts.
        ContractRefusal: the ticket is somebody else's, or cannot change hands.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    check_receiver(coop, to)
    sender.send(coop.ledger.give_call(ticket_id, to))


def check_receiver(coop: Cooperative, to: Address) -> None:
    """Check that a ticket does not go to one of the cooperative's contracts.

    Raises:
        NotAPerson: it would.
    """
    contracts = {coop.ledger.address, coop.box_office.address, coop.access.address, coop.lens}
    if to in contracts | set(coop.former_box_offices) | {coop.box_office.currency()}:
        raise NotAPerson(to)


def leave(coop: Cooperative, sender: Sender, account: Address) -> MembershipEnded:
    """End one's own membership, and have the deposit paid back where it was paid on the chain.

    Raises:
        NotAMember: there is none to end.
        DepositStillDue: the membership has ended, and the second transaction failed.
        ContractRefusal: a contested move has frozen the account.
        CoopledgerError: the first transaction failed (see ``Sender.send``).
    """
    ended = membership_of(coop, account)
    sender.send(coop.ledger.leave_call())
    if not deposit_due(coop, ended.card):
        return MembershipEnded(ended.number, ended.card, Rupiah(0))
    try:
        returned = return_deposit(coop, sender, ended.card)
    except (ContractRefusal, CoopledgerError) as failure:
        raise DepositStillDue(ended.number, ended.card, str(failure)) from failure
    return MembershipEnded(ended.number, ended.card, returned.amount)


def deposit_due(coop: Cooperative, card: TicketId) -> bool:
    """Say whether the deposit of a former member's card would be paid back now."""
    office = office_of(coop, coop.ledger.ticket(card).screening)
    call = office.return_deposit_call(card)
    try:
        coop.chain.call(call.to, call.data)
    except NodeRefused:
        return False
    return True


def _deposit_on_chain(coop: Cooperative, card: TicketId) -> Rupiah:
    ticket = coop.ledger.ticket(card)
    tiers = office_of(coop, ticket.screening).tiers(ticket.screening)
    if not ticket.paid_on_chain or ticket.tier >= len(tiers):
        return Rupiah(0)
    return tiers[ticket.tier].deposit


def refund(coop: Cooperative, sender: Sender, ticket_ids: Sequence[TicketId]) -> list[Refund]:
    """Hand tickets back: one's own until the refund deadline, anybody's of a cancelled screening.

    Raises:
        ContractRefusal: a ticket is not the sender's, used, void, not paid on the chain, or it is
            too late.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    by_office: dict[BoxOfficeContract, list[TicketId]] = {}
    for ticket in coop.ledger.tickets(list(dict.fromkeys(ticket_ids))):
        by_office.setdefault(office_of(coop, ticket.screening), []).append(ticket.ticket_id)
    done: list[Refund] = []
    for office, tickets in by_office.items():
        done += refunds_in(coop, sender.send(office.refund_call(tickets)))
    return done


def joined_in(coop: Cooperative, receipt: Receipt) -> MemberNumber:
    """Return the number that somebody got by joining in a transaction."""
    return MemberNumber(coop.ledger.events("Joined", receipt.logs)[0]["number"])


def refunds_in(coop: Cooperative, receipt: Receipt) -> list[Refund]:
    """Return the refunds of a transaction."""
    return [
        Refund(
            TicketId(event["ticketId"]), ScreeningId(event["screening"]), Rupiah(event["amount"])
        )
        for office in offices(coop)
        for event in office.events("Refunded", receipt.logs)
    ]
