"""Principal deposits: which are due, and returning them.

A deposit belongs to a ticket, and the ticket says where it was paid. What was paid on the chain is
returned by the box office that sold it; what was paid outside is returned outside, and only that it was
is recorded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from eth_utils.address import to_checksum_address

from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.client import Log
from coopledger.chain.wire.transactions import Receipt
from coopledger.domain.register import Cause
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import (
    Address,
    Attestation,
    MemberNumber,
    Rupiah,
    ScreeningId,
    TicketId,
    Timestamp,
)
from coopledger.errors import NotFound
from coopledger.services.authority.delays import Scheduled, send_or_schedule
from coopledger.services.money.treasury import check_payee
from coopledger.services.programme.offices import office_at, office_of, offices


class DepositWay(StrEnum):
    """How a deposit that is due goes back."""

    RETURN = "return"
    """By the box office to the account of the record; anybody may do it."""
    PAY_HEIR = "pay-heir"
    """By the box office to the heir whom the treasurer names."""
    RECORD = "record"
    """Outside the chain, where it was paid; the treasurer records it."""


class NothingDue(NotFound):
    """None of somebody's deposits is due for return on the chain."""

    account: Address

    says = "no deposit can be returned on the chain to {account}"
    advice = "A deposit is due once its member has left. See what is due: coopledger deposit due"


@dataclass(frozen=True)
class DueDeposit:
    """A deposit that is due and was not returned."""

    number: MemberNumber
    account: Address
    ticket_id: TicketId
    screening: ScreeningId
    amount: Rupiah
    cause: Cause
    closed_at: Timestamp
    way: DepositWay


@dataclass(frozen=True)
class DepositReturn:
    """A deposit that went back. ``on_chain`` False: outside, and it is recorded."""

    ticket_id: TicketId
    screening: ScreeningId
    to: Address
    amount: Rupiah
    on_chain: bool


def due_deposits(coop: Cooperative) -> list[DueDeposit]:
    """Return all deposits that are due and were not returned, the longest due ones first.

    They are found by the register's closed records and the tickets by which those joined.

    Raises:
        UnknownIssuer: a ticket was sold by a contract that is not known here as a box office.
        NodeRefused: the node gives no logs.
    """
    closed = _closed_records(coop)
    returned = {event["ticketId"] for event, _ in _office_events(coop, "DepositReturned")}
    refunded = {event["ticketId"]: log for event, log in _office_events(coop, "Refunded")}
    ids = sorted({event["ticketId"] for event, _ in closed} - returned)
    tickets = {ticket.ticket_id: ticket for ticket in coop.ledger.tickets(ids)}
    terms = _Terms(coop, tickets.values())
    due: dict[TicketId, DueDeposit] = {}
    for event, log in closed:
        ticket = tickets.get(event["ticketId"])
        if ticket is None:
            continue
        way = _way_of(event, ticket, log, refunded.get(ticket.ticket_id))
        amount = terms.deposit_of(ticket)
        if way is not None and amount:
            due[ticket.ticket_id] = DueDeposit(
                event["number"],
                to_checksum_address(event["account"]),
                ticket.ticket_id,
                ticket.screening,
                amount,
                Cause(event["cause"]),
                event["timestamp"],
                way,
            )
    return list(due.values())


def due_to(coop: Cooperative, account: Address) -> list[TicketId]:
    """Return the tickets whose deposits can be returned on the chain to an account.

    Raises:
        NothingDue: there are none.
    """
    found = [
        each.ticket_id
        for each in due_deposits(coop)
        if each.account == account and each.way is DepositWay.RETURN
    ]
    if not found:
        raise NothingDue(account)
    return found


def return_deposit(coop: Cooperative, sender: Sender, ticket_id: TicketId) -> DepositReturn:
    """Return the deposit of a member who left or was expelled. Anybody may.

    Raises:
        TokenDoesNotExist: there is no such ticket.
        NoDepositDue: its membership has not ended so.
        NotPaidOnChain: it was paid outside; return it there and record it.
        DepositReturnedBefore: nothing is due any more.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    ticket = coop.ledger.ticket(ticket_id)
    office = office_of(coop, ticket.screening)
    return _returned(office, ticket, sender.send(office.return_deposit_call(ticket_id)))


def pay_heir(
    coop: Cooperative,
    sender: Sender,
    operator: Address,
    ticket_id: TicketId,
    heir: Address,
    document: Attestation,
) -> DepositReturn | Scheduled:
    """Pay a deceased member's deposit to the heir.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role TREASURER.
        ticket_id: the member's card.
        heir: who inherits.
        document: keyed hash of the paper that says so.

    Raises:
        BadPayee: the money would be lost there.
        NoDepositDue, NotPaidOnChain, DepositReturnedBefore: see :func:`return_deposit`.
        AccessManagedUnauthorized: the operator lacks the role.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    check_payee(coop, heir)
    ticket = coop.ledger.ticket(ticket_id)
    office = office_of(coop, ticket.screening)
    call = office.return_deposit_to_call(ticket_id, heir, document)
    done = send_or_schedule(coop, sender, operator, call)
    return done if isinstance(done, Scheduled) else _returned(office, ticket, done)


def record_return(
    coop: Cooperative,
    sender: Sender,
    operator: Address,
    ticket_id: TicketId,
    document: Attestation,
) -> DepositReturn | Scheduled:
    """Record that a deposit which was paid outside the chain was returned outside.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role TREASURER.
        ticket_id: the member's card.
        document: keyed hash of the receipt.

    Raises:
        NoDepositDue, DepositReturnedBefore: see :func:`return_deposit`.
        PaidOnChain: it is returned by the box office.
        AccessManagedUnauthorized: the operator lacks the role.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    ticket = coop.ledger.ticket(ticket_id)
    office = office_of(coop, ticket.screening)
    call = office.record_deposit_return_call(ticket_id, document)
    done = send_or_schedule(coop, sender, operator, call)
    return done if isinstance(done, Scheduled) else _returned(office, ticket, done)


def _way_of(
    event: dict[str, Any], ticket: Ticket, left: Log, refunded: Log | None
) -> DepositWay | None:
    """Return how the deposit of a closed record goes back; None where none is due."""
    if event["cause"] == Cause.ANNULLED:
        # A refund that came before the entry was annulled has withheld the deposit.
        withheld = refunded is not None and _place(refunded) < _place(left)
        return DepositWay.RETURN if withheld and ticket.member is None else None
    if ticket.member != event["number"]:
        return None
    if not ticket.paid_on_chain:
        return DepositWay.RECORD
    return DepositWay.PAY_HEIR if event["cause"] == Cause.DECEASED else DepositWay.RETURN


def _place(log: Log) -> tuple[int, int]:
    return log.block_number, log.log_index


class _Terms:
    """The tiers of the screenings of some tickets, each read once."""

    def __init__(self, coop: Cooperative, tickets: Iterable[Ticket]) -> None:
        wanted = sorted({ticket.screening for ticket in tickets})
        self._tiers = {
            each.screening_id: office_at(coop, each.screening_id, each.issuer).tiers(
                each.screening_id
            )
            for each in coop.ledger.screenings(wanted)
        }

    def deposit_of(self, ticket: Ticket) -> Rupiah:
        return self._tiers[ticket.screening][ticket.tier].deposit


def _closed_records(coop: Cooperative) -> list[tuple[dict[str, Any], Log]]:
    event = events_of("TicketLedger")["Left"]
    logs = coop.chain.logs(
        [coop.ledger.address], [event.topic], coop.first_block, coop.chain.head()
    )
    return [(event.decode(log), log) for log in logs]


def _office_events(coop: Cooperative, name: str) -> list[tuple[dict[str, Any], Log]]:
    event = events_of("BoxOffice")[name]
    addresses: Sequence[Address] = [office.address for office in offices(coop)]
    logs = coop.chain.logs(addresses, [event.topic], coop.first_block, coop.chain.head())
    return [(event.decode(log), log) for log in logs]


def _returned(office: BoxOfficeContract, ticket: Ticket, receipt: Receipt) -> DepositReturn:
    event = office.events("DepositReturned", receipt.logs)[0]
    return DepositReturn(
        ticket.ticket_id,
        ticket.screening,
        to_checksum_address(event["to"]),
        Rupiah(event["amount"]),
        event["onChain"],
    )
