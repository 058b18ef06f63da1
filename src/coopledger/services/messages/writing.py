"""Writing down what a person may sign, so that somebody else can send it.

The writer need not hold the person's key. What is written is checked against the chain now, and again
when it is signed and when it is sent.
"""

from collections.abc import Sequence

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.signed_messages import (
    Message,
    give_message,
    join_message,
    leave_message,
    refund_message,
)
from coopledger.domain.types import Address, TicketId, Timestamp, to_datetime
from coopledger.errors import BadInput
from coopledger.services.holders.holding import check_receiver, membership_of
from coopledger.services.messages.checking import NotYourMessage, signers_of
from coopledger.services.programme.offices import office_of_tickets
from coopledger.services.register.bylaws import bylaws_in_force

LASTS_S = 7 * 86_400
"""Seconds for which a message is good unless its writer says otherwise."""


class DeadlinePassed(BadInput):
    """A message would have expired before it was signed."""

    deadline: Timestamp
    now: Timestamp

    advice = "Name a later time; the chain's clock counts."

    def __str__(self) -> str:
        shown = [f"{to_datetime(each):%Y-%m-%d %H:%M:%S %Z}" for each in (self.deadline, self.now)]
        return f"{shown[0]} is no time to come; the chain's clock says {shown[1]}"


def deadline(coop: Cooperative, moment: Timestamp | None) -> Timestamp:
    """Return until when a message is to be good: a time, or seven days by the chain's clock.

    Raises:
        DeadlinePassed: the time is not to come.
    """
    now = coop.chain.block("latest").timestamp
    if moment is None:
        return Timestamp(now + LASTS_S)
    if moment <= now:
        raise DeadlinePassed(moment, now)
    return moment


def join(coop: Cooperative, account: Address, ticket_id: TicketId, until: Timestamp) -> Message:
    """Write an account's wish to join with a ticket under the by-laws in force.

    The day of the consent is that of the writing, until the person signs here.

    Raises:
        NoBylaws: there are none.
        Overtaken: the account could not join so.
        TokenDoesNotExist: there is no such ticket.
    """
    message = join_message(
        coop.ledger.signing_domain(),
        account,
        ticket_id,
        bylaws_in_force(coop).version,
        coop.ledger.latest_member_of(account),
        coop.chain.block("latest").timestamp,
        until,
    )
    return _of(coop, message, account)


def give(
    coop: Cooperative, account: Address, ticket_id: TicketId, to: Address, until: Timestamp
) -> Message:
    """Write a holder's wish to give a ticket to somebody.

    Raises:
        NotAPerson: the receiver is a contract of the cooperative.
        NotYourMessage: the ticket is somebody else's.
        Overtaken: the ticket cannot change hands.
        TokenDoesNotExist: there is no such ticket.
    """
    check_receiver(coop, to)
    message = give_message(coop.ledger.signing_domain(), ticket_id, to, until)
    return _of(coop, message, account)


def leave(coop: Cooperative, account: Address, until: Timestamp) -> Message:
    """Write a member's wish to leave.

    Raises:
        NotAMember: the account has no open membership.
    """
    number = membership_of(coop, account).number
    return leave_message(coop.ledger.signing_domain(), number, until)


def refund(
    coop: Cooperative, account: Address, ticket_ids: Sequence[TicketId], until: Timestamp
) -> Message:
    """Write a holder's wish to hand tickets back.

    Raises:
        NotYourMessage: a ticket is somebody else's.
        Overtaken: they are void, or several people's.
        TokenDoesNotExist: there is no such ticket.
    """
    once = list(dict.fromkeys(ticket_ids))
    office = office_of_tickets(coop, once)
    return _of(coop, refund_message(office.signing_domain(), once, until), account)


def _of(coop: Cooperative, message: Message, account: Address) -> Message:
    signers = signers_of(coop, message)
    if account not in signers:
        raise NotYourMessage(account, signers)
    return message
