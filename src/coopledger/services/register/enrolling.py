"""Enrolling the holders of tickets whose consent is on paper.

Everything is looked at before anything is sent, since a paper names people and not tickets: a mistyped
ticket would enrol somebody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.contracts.reverts import exception_of
from coopledger.chain.sending.sender import Sender
from coopledger.domain.roles import Role
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import (
    Address,
    Attestation,
    MemberNumber,
    TicketId,
    Timestamp,
    to_datetime,
    to_timestamp,
)
from coopledger.errors import BadInput, Refused
from coopledger.services.authority.delays import Scheduled, send_or_schedule
from coopledger.services.register.bylaws import NoBylaws


class ConsentToCome(BadInput):
    """The day of a consent has not come."""

    consented_at: Timestamp
    now: Timestamp

    advice = "Give the day on which the person consented."

    def __str__(self) -> str:
        return (
            f"nobody has consented on {to_datetime(self.consented_at):%Y-%m-%d %H:%M %Z} yet; on "
            f"the chain it is {to_datetime(self.now):%Y-%m-%d %H:%M %Z}"
        )


class HeldByOffice(Refused):
    """A ticket waits to be collected at the box office; nobody knows whose it is."""

    ticket_id: TicketId

    says = "ticket {ticket_id} is held by the box office, which is nobody's membership"
    advice = "Give the ticket to its owner's account first."


class HolderTwice(BadInput):
    """Two of the tickets have the same holder, who can join once."""

    first: TicketId
    second: TicketId

    says = "tickets {first} and {second} have the same holder"
    advice = "Name one ticket for each person."


@dataclass(frozen=True)
class Enrolled:
    """Somebody who joined by a ticket."""

    ticket_id: TicketId
    account: Address
    number: MemberNumber


def today(coop: Cooperative, zone: ZoneInfo) -> Timestamp:
    """Return the beginning of the day that it is on the chain, in a zone.

    A day and not a second, so that the same command on the same day asks for the same call.
    """
    now = to_datetime(coop.chain.block("latest").timestamp, zone)
    return to_timestamp(now.replace(hour=0, minute=0, second=0, microsecond=0))


def enrol(
    coop: Cooperative,
    sender: Sender,
    operator: Address,
    ticket_ids: Sequence[TicketId],
    attestation: Attestation,
    consented_at: Timestamp,
) -> list[Enrolled | Scheduled]:
    """Enrol the holders of tickets under the by-laws in force.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role REGISTRAR.
        ticket_ids: one for each person.
        attestation: keyed hash of the paper with their consents.
        consented_at: the day on which they consented.

    Returns:
        What came of each ticket, in order.

    Raises:
        NoBylaws: there is nothing to consent to.
        ConsentToCome: the consent would lie in the future.
        TokenDoesNotExist, TicketIsVoid, TicketBound, AlreadyMember: a ticket or its holder
            cannot join; nothing was sent.
        HeldByOffice, HolderTwice: it is not clear who would join; nothing was sent.
        AccessManagedUnauthorized: the operator lacks the role.
        CoopledgerError: a transaction failed (see ``Sender.send``).
    """
    bylaws = coop.ledger.bylaws_version()
    if not bylaws:
        raise NoBylaws
    now = coop.chain.block("latest").timestamp
    if consented_at > now:
        raise ConsentToCome(consented_at, now)
    tickets = [coop.ledger.ticket(ticket_id) for ticket_id in ticket_ids]
    _check_all(coop, tickets)
    outcome: list[Enrolled | Scheduled] = []
    for ticket in tickets:
        call = coop.ledger.enrol_call(ticket.ticket_id, bylaws, consented_at, attestation)
        done = send_or_schedule(coop, sender, operator, call)
        if isinstance(done, Scheduled):
            outcome.append(done)
        else:
            number = MemberNumber(coop.ledger.events("Joined", done.logs)[0]["number"])
            outcome.append(Enrolled(ticket.ticket_id, ticket.owner, number))
    return outcome


def _check_all(coop: Cooperative, tickets: Sequence[Ticket]) -> None:
    members = coop.ledger.members_of([ticket.owner for ticket in tickets])
    holders: dict[Address, TicketId] = {}
    for ticket in tickets:
        if ticket.void:
            raise exception_of("TicketIsVoid")(ticket.ticket_id)
        if ticket.member is not None:
            raise exception_of("TicketBound")(ticket.ticket_id, ticket.member)
        if coop.access.holding(Role.BOX_OFFICE, ticket.owner).held:
            raise HeldByOffice(ticket.ticket_id)
        if members[ticket.owner] is not None:
            raise exception_of("AlreadyMember")(ticket.owner, members[ticket.owner])
        if ticket.owner in holders:
            raise HolderTwice(holders[ticket.owner], ticket.ticket_id)
        holders[ticket.owner] = ticket.ticket_id
