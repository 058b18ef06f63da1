"""What the service does for a person without a wallet who asks for it, with their derived key.

The person's account signs a message and the operator sends it. The people's desk signs what a person may
ask for, and refuses to sign a consent or a vote, which are their own word (design rule 2).
"""

from collections.abc import Sequence

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.transactions import Receipt
from coopledger.domain.signed_messages import (
    Message,
    accept_message,
    give_message,
    leave_message,
    refund_message,
    veto_message,
)
from coopledger.domain.types import Address, Email, MemberNumber, TicketId, Timestamp
from coopledger.errors import NotFound
from coopledger.people.desk import People
from coopledger.services.messages.relaying import relay_call
from coopledger.services.moves.moving import movable, pending_move
from coopledger.services.programme.offices import office_of_tickets
from coopledger.services.register.finding import account_kept_for

_GOOD_FOR_S = 3600
"""How long a signature holds that is sent at once."""


class NoOpenMembership(NotFound):
    """The person behind an address has no open membership on an account kept here."""

    email: Email
    account: Address

    says = "{email} has no open membership on the account that is kept for them"
    advice = "Look them up (coopledger member EMAIL); they may have moved or left."


def give_for(
    coop: Cooperative, sender: Sender, people: People, email: Email, ticket: TicketId, to: Address
) -> Receipt:
    """Give a person's ticket to somebody, as the person asked. It enrols nobody.

    Raises:
        EmailUnknown: nobody is known by the address.
        ContractRefusal: the ticket is not theirs, or can no longer be given.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    message = give_message(coop.ledger.signing_domain(), ticket, to, _deadline(coop))
    return _sign_and_send(coop, sender, people, email, message)


def leave_for(coop: Cooperative, sender: Sender, people: People, email: Email) -> MemberNumber:
    """Close a person's membership, as the person asked, and return its number.

    Raises:
        EmailUnknown: nobody is known by the address.
        NoOpenMembership: they are no member, or have claimed the membership.
        ContractRefusal: a contested move has frozen the account.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    number = _membership(coop, people, email)
    message = leave_message(coop.ledger.signing_domain(), number, _deadline(coop))
    _sign_and_send(coop, sender, people, email, message)
    return number


def refund_for(
    coop: Cooperative, sender: Sender, people: People, email: Email, tickets: Sequence[TicketId]
) -> Receipt:
    """Hand a person's tickets back to the box office. The money goes to their account.

    Raises:
        EmailUnknown: nobody is known by the address.
        UnknownIssuer: see ``office_of``.
        ContractRefusal: a ticket was not paid on the chain, is used or void, or it is too late.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    office = office_of_tickets(coop, tickets)
    message = refund_message(office.signing_domain(), tickets, _deadline(coop))
    return _sign_and_send(coop, sender, people, email, message)


def veto_for(coop: Cooperative, sender: Sender, people: People, email: Email) -> MemberNumber:
    """Say no to the move of a person's membership, as the person asked; return its number.

    Raises:
        EmailUnknown, NoOpenMembership: there is no such membership here.
        NoMovePending: no move of it is under way.
        ContractRefusal: the move was vetoed before, or is contested.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    number = _membership(coop, people, email)
    move = pending_move(coop, number)
    domain = coop.ledger.signing_domain()
    message = veto_message(domain, number, move.to, move.ready_at, _deadline(coop))
    _sign_and_send(coop, sender, people, email, message)
    return number


def accept_for(
    coop: Cooperative, sender: Sender, people: People, email: Email, number: MemberNumber
) -> MemberNumber:
    """Accept a move that leads to the account kept for a person; return the new number.

    The old account's tickets that can come along do.

    Raises:
        EmailUnknown: nobody is known by the address.
        UnknownMember, NoMovePending: no move of that record is under way.
        ContractRefusal: it leads to another account, is vetoed, or is not ready.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    old = coop.ledger.member(number).account
    move = pending_move(coop, number)
    tickets = [ticket.ticket_id for ticket in movable(coop, old)]
    message = accept_message(
        coop.ledger.signing_domain(), number, move.ready_at, tickets, _deadline(coop)
    )
    receipt = _sign_and_send(coop, sender, people, email, message)
    return MemberNumber(coop.ledger.events("Moved", receipt.logs)[0]["number"])


def _sign_and_send(
    coop: Cooperative, sender: Sender, people: People, email: Email, message: Message
) -> Receipt:
    account = account_kept_for(coop, people, email)
    signature = people.sign_for(account, coop.chain.chain_id, coop.ledger.address, message)
    return sender.send(relay_call(coop, message, account, signature))


def _membership(coop: Cooperative, people: People, email: Email) -> MemberNumber:
    account = account_kept_for(coop, people, email)
    number = coop.ledger.member_of(account)
    if number is None:
        raise NoOpenMembership(email, account)
    return number


def _deadline(coop: Cooperative) -> Timestamp:
    return Timestamp(coop.chain.block("latest").timestamp + _GOOD_FOR_S)
