"""Moving a membership to a new key: propose, veto, contest, cancel, accept, and at once.

Everything that the ledger would refuse is looked at before anything is sent, also where a role has a
delay: the access manager schedules without asking the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eth_utils.address import to_checksum_address

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.transactions import Receipt
from coopledger.domain.moves import Move, MoveState
from coopledger.domain.register import Record
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import Address, MemberNumber, TicketId
from coopledger.services.authority.delays import Scheduled, send_or_schedule
from coopledger.services.moves.failures import (
    MoveInTheWay,
    MoveNotVetoed,
    MoveWaits,
    MoveWasVetoed,
    NoMovePending,
    NotTheNewKey,
    NotTheOldKey,
    SameAccount,
    TargetIsMember,
    TicketStays,
    VetoTooLate,
)


@dataclass(frozen=True)
class MembershipMoved:
    """A membership that has moved: the new record, and the tickets that came along beside the card."""

    old_number: MemberNumber
    number: MemberNumber
    account: Address
    tickets: tuple[TicketId, ...]


def propose(
    coop: Cooperative, sender: Sender, operator: Address, record: Record, to: Address
) -> Move | Scheduled:
    """Propose to move a membership; it can be accepted after 7 days unless the old key says no.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role RECOVERY.
        record: an open record.
        to: the person's new account.

    Raises:
        SameAccount, TargetIsMember: the membership cannot move there.
        MoveInTheWay: another move is pending.
        AccessManagedUnauthorized: the operator lacks the role.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    check_target(coop, record, to)
    pending = coop.ledger.move_of(record.number)
    if pending is not None:
        raise MoveInTheWay(record.number, pending)
    call = coop.ledger.propose_move_call(record.number, to)
    done = send_or_schedule(coop, sender, operator, call)
    return done if isinstance(done, Scheduled) else pending_move(coop, record.number)


def veto(coop: Cooperative, sender: Sender, operator: Address, record: Record) -> None:
    """Say no to a proposed move of the operator's own membership.

    Raises:
        NotTheOldKey: it is somebody else's.
        NoMovePending: there is nothing to say no to.
        VetoTooLate: it was vetoed before, or is contested, which cannot be vetoed.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    if record.account != operator:
        raise NotTheOldKey(record.number, record.account, operator)
    check_can_be_vetoed(coop, record.number)
    sender.send(coop.ledger.veto_move_call(record.number))


def contest(
    coop: Cooperative, sender: Sender, operator: Address, record: Record, to: Address
) -> Move | Scheduled:
    """Open a contested move after a veto; the old account is frozen until it is over.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role BOARD.
        record: an open record.
        to: the person's new account.

    Raises:
        SameAccount, TargetIsMember: the membership cannot move there.
        NoMovePending, MoveNotVetoed: only a vetoed move is contested.
        AccessManagedUnauthorized: the operator lacks the role.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    check_can_be_contested(coop, record, to)
    call = coop.ledger.contest_move_call(record.number, to)
    done = send_or_schedule(coop, sender, operator, call)
    return done if isinstance(done, Scheduled) else pending_move(coop, record.number)


def cancel(
    coop: Cooperative, sender: Sender, operator: Address, record: Record
) -> Receipt | Scheduled:
    """Stop a move at any stage, or clear a veto, so that a move can be proposed anew.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role GUARDIAN.
        record: the record.

    Raises:
        NoMovePending: there is none.
        AccessManagedUnauthorized: the operator lacks the role.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    pending_move(coop, record.number)
    call = coop.ledger.cancel_move_call(record.number)
    return send_or_schedule(coop, sender, operator, call)


def accept(
    coop: Cooperative,
    sender: Sender,
    operator: Address,
    record: Record,
    ticket_ids: Sequence[TicketId],
) -> MembershipMoved:
    """Accept a move that leads to the operator, and take tickets of the old account along.

    Raises:
        NoMovePending, MoveWasVetoed, MoveWaits: it cannot be accepted now.
        NotTheNewKey: it leads to somebody else.
        TargetIsMember: the operator has become a member meanwhile.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    move = check_can_be_accepted(coop, record.number)
    if move.to != operator:
        raise NotTheNewKey(record.number, move.to, operator)
    check_target(coop, record, move.to)
    receipt = sender.send(coop.ledger.accept_move_call(record.number, ticket_ids))
    return moved_in(coop, receipt)


def check_target(coop: Cooperative, record: Record, to: Address) -> None:
    """Check that a membership can move to an account.

    Raises:
        SameAccount, TargetIsMember: it cannot.
    """
    if to == record.account:
        raise SameAccount(record.number, to)
    number = coop.ledger.member_of(to)
    if number is not None:
        raise TargetIsMember(record.number, to, number)


def pending_move(coop: Cooperative, number: MemberNumber) -> Move:
    """Return a record's pending move.

    Raises:
        NoMovePending: there is none.
    """
    move = coop.ledger.move_of(number)
    if move is None:
        raise NoMovePending(number)
    return move


def check_can_be_contested(coop: Cooperative, record: Record, to: Address) -> None:
    """Check that the board can open a contested move of a membership to an account.

    Raises:
        SameAccount, TargetIsMember, NoMovePending, MoveNotVetoed: it cannot.
    """
    check_target(coop, record, to)
    pending = pending_move(coop, record.number)
    if pending.state is not MoveState.VETOED:
        raise MoveNotVetoed(record.number, pending)


def check_can_be_vetoed(coop: Cooperative, number: MemberNumber) -> Move:
    """Return a record's move, which the old key can still say no to.

    Raises:
        NoMovePending, VetoTooLate: it cannot.
    """
    move = pending_move(coop, number)
    if move.state is not MoveState.PROPOSED:
        raise VetoTooLate(number, move)
    return move


def check_can_be_accepted(coop: Cooperative, number: MemberNumber) -> Move:
    """Return a record's move, which the new key can accept now.

    Raises:
        NoMovePending, MoveWasVetoed, MoveWaits: it cannot.
    """
    move = pending_move(coop, number)
    if move.state is MoveState.VETOED:
        raise MoveWasVetoed(number, move.to)
    if coop.chain.block("latest").timestamp < move.ready_at:
        raise MoveWaits(number, move.ready_at)
    return move


@dataclass(frozen=True)
class Luggage:
    """The tickets of an old account beside the card: which can come along, and which stay."""

    comes: tuple[Ticket, ...]
    stays: tuple[Ticket, ...]


def luggage_of(coop: Cooperative, record: Record) -> Luggage:
    """Return what a record's account holds beside its card; what is used or void stays there."""
    held = coop.ledger.tickets_of(record.account, coop.first_block)
    comes = tuple(filter(_comes_along, held))
    stays = (each for each in held if each.member != record.number and each not in comes)
    return Luggage(comes, tuple(stays))


def movable(coop: Cooperative, account: Address) -> list[Ticket]:
    """Return the tickets of an account that come along in a move, beside the card."""
    return list(filter(_comes_along, coop.ledger.tickets_of(account, coop.first_block)))


def check_tickets(
    coop: Cooperative, record: Record, ticket_ids: Sequence[TicketId]
) -> list[TicketId]:
    """Check that tickets that were named can come along; name each once.

    The ledger would leave them behind without a word, and a person might count on them.

    Raises:
        TicketStays: one cannot, and why.
        TokenDoesNotExist: one was never issued.
    """
    once = list(dict.fromkeys(ticket_ids))
    for ticket_id in once:
        ticket = coop.ledger.ticket(ticket_id)
        if ticket.owner != record.account:
            raise TicketStays(ticket_id, f"belongs to {ticket.owner}")
        if ticket.member == record.number:
            raise TicketStays(ticket_id, "is the membership's card, which comes along anyway")
        if ticket.member is not None:
            raise TicketStays(ticket_id, f"is the card of member {ticket.member}")
        if not _comes_along(ticket):
            raise TicketStays(ticket_id, f"is {ticket.state}")
    return once


def moved_in(coop: Cooperative, receipt: Receipt) -> MembershipMoved:
    """Return what a transaction moved."""
    event = coop.ledger.events("Moved", receipt.logs)[0]
    brought = [each["id"] for each in coop.ledger.events("Transfer", receipt.logs)]
    return MembershipMoved(
        MemberNumber(event["oldNumber"]),
        MemberNumber(event["number"]),
        to_checksum_address(event["account"]),
        tuple(TicketId(each) for each in brought if each != event["ticketId"]),
    )


def _comes_along(ticket: Ticket) -> bool:
    return ticket.member is None and not ticket.redeemed and not ticket.void
