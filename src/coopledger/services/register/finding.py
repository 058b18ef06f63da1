"""Who is a member, and who was: read from the chain itself, page by page.

A list as of an earlier moment is read from the present records, which never change but for their end and
standing; only the standings of that moment are asked for. So it needs no node that keeps old states.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.contracts.ledger import LARGEST_PAGE
from coopledger.chain.wire.client import BlockId
from coopledger.domain.accounts import account_of
from coopledger.domain.addresses import email_of
from coopledger.domain.moments import Moment
from coopledger.domain.register import Cause, Link, Record, Standing
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import (
    Address,
    Email,
    MemberNumber,
    TicketId,
)
from coopledger.errors import NotFound, Refused
from coopledger.people.desk import People
from coopledger.services.register.successors import successors

_LONGEST_NUMBER = 9
"""Digits; longer ones are no number of a register that counts to 2^32."""


class NeverAMember(NotFound):
    """The account has no record in the register."""

    account: Address

    says = "{account} is not in the register and never was"
    advice = "Check the account; only the account that joined is in the register."


class RecordIsClosed(Refused):
    """What was asked for needs an open record, and this one is closed."""

    number: MemberNumber
    cause: Cause

    advice = "Name the person's open record; coopledger member shows their others."

    def __str__(self) -> str:
        return f"the record of member {self.number} is closed ({self.cause.name.lower()})"


@dataclass(frozen=True)
class MemberHistory:
    """A record with its ties, its card, and the account's other records, newest first."""

    record: Record
    link: Link
    card: TicketId | None
    others: tuple[Record, ...]


def list_members(
    coop: Cooperative,
    when: Moment,
    start: MemberNumber,
    *,
    closed: bool,
    annulled: bool,
    page_size: int | None = None,
    before: MemberNumber | None = None,
) -> Iterator[Record]:
    """Yield the members as of a moment, by number, in pages of the ledger.

    Args:
        coop: the deployed contracts.
        when: the moment.
        start: the first number to list, from 1.
        closed: list all records up to the moment, also those that were closed by then.
        annulled: list entries that were made in error, too.
        page_size: how many records to read at once; without it as many as the ledger gives.
        before: the number to stop in front of.
    """
    number = start
    while before is None or number < before:
        size = page_size or LARGEST_PAGE
        if before is not None:
            size = min(size, before - number)
        page = coop.ledger.members(number, size, when.read.number)
        wanted = [_at(record, when) for record in page if record.joined_at <= when.time]
        wanted = [
            record
            for record in wanted
            if (closed or record.left_at is None) and (annulled or not _is_annulled(page, record))
        ]
        yield from _with_standings(coop, wanted, when) if when.past else wanted
        if len(page) < size or page[-1].joined_at > when.time:
            return
        number = MemberNumber(number + size)


def find_member(coop: Cooperative, number: MemberNumber, at: BlockId = "latest") -> MemberHistory:
    """Return a record and what belongs to it.

    Raises:
        UnknownMember: there is none of that number.
    """
    record = coop.ledger.member(number, at)
    others = []
    latest = coop.ledger.latest_member_of(record.account, at)
    while latest is not None:
        if latest != number:
            others.append(coop.ledger.member(latest, at))
        latest = coop.ledger.link_of(latest, at).previous
    card = coop.ledger.ticket_of(record.account, at) if record.left_at is None else None
    return MemberHistory(record, coop.ledger.link_of(number, at), card, tuple(others))


def find_member_of(coop: Cooperative, account: Address, at: BlockId = "latest") -> MemberHistory:
    """Return an account's newest record.

    Raises:
        NeverAMember: it has none.
    """
    number = coop.ledger.latest_member_of(account, at)
    if number is None:
        raise NeverAMember(account)
    return find_member(coop, number, at)


def find_member_by_email(coop: Cooperative, people: People, email: Email) -> MemberHistory:
    """Return the newest record of a person, also where it has moved to a key of their own.

    Raises:
        EmailUnknown: nobody is known by it.
        NeverAMember: that person did not join.
    """
    account = account_kept_for(coop, people, email)
    return find_member_of(coop, successors(coop, [account]).get(account, account))


def find_who(coop: Cooperative, people: Callable[[], People], who: str) -> MemberHistory:
    """Return the record of somebody named by a number, an account or an e-mail address.

    Args:
        coop: the deployed contracts.
        people: only asked for where an e-mail needs it.
        who: as a clerk writes it.

    Raises:
        NotAnAccount, NotAnEmail: it is none of the three.
        UnknownMember, NeverAMember, EmailUnknown: nobody of the register is named so.
    """
    if "@" in who:
        return find_member_by_email(coop, people(), email_of(who))
    if who.isascii() and who.isdigit() and len(who) <= _LONGEST_NUMBER:
        return find_member(coop, MemberNumber(int(who)))
    return find_member_of(coop, account_of(who))


def open_record(coop: Cooperative, people: Callable[[], People], who: str) -> Record:
    """Return somebody's record, which must be open.

    Raises:
        RecordIsClosed: it is closed.
        CoopledgerError: nobody is named so (see :func:`find_who`).
    """
    record = find_who(coop, people, who).record
    if record.left_at is not None:
        raise RecordIsClosed(record.number, record.cause)
    return record


def find_ticket(coop: Cooperative, ticket_id: TicketId) -> Ticket:
    """Return a ticket.

    Raises:
        TokenDoesNotExist: none of that id was issued.
    """
    return coop.ledger.ticket(ticket_id)


def _at(record: Record, when: Moment) -> Record:
    """Return a record as it stood at a moment after it was opened."""
    if record.left_at is not None and when.time < record.left_at:
        return replace(record, left_at=None, cause=Cause.NONE)
    return record


def _is_annulled(page: list[Record], record: Record) -> bool:
    return page[record.number - page[0].number].cause is Cause.ANNULLED


def _with_standings(coop: Cooperative, records: list[Record], when: Moment) -> Iterator[Record]:
    numbers = [record.number for record in records]
    standings = coop.ledger.standings_at(numbers, when.time, when.read.number)
    for record, standing in zip(records, standings, strict=True):
        # A record that was closed by then keeps the standing that it was closed with.
        yield record if standing is Standing.NONE else replace(record, standing=standing)


def account_kept_for(coop: Cooperative, people: People, email: Email) -> Address:
    """Return the account that the service keeps for the person behind an address.

    Raises:
        EmailUnknown: nobody is known by it.
    """
    return people.account_of(email, coop.chain.chain_id, coop.ledger.address)
