"""Whose word a message is, and whether the chain has overtaken it.

A contract can only say that a signature is not good for what is asked of it now. Most often it was good
once, and something happened in between; so what the message says is compared with the chain before
anybody signs or sends it, and the difference is named.
"""

from collections.abc import Sequence

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.moves import MoveState
from coopledger.domain.register import Record
from coopledger.domain.signed_messages import Message, MessageKind
from coopledger.domain.types import Address, MemberNumber, TicketId, Timestamp, to_datetime
from coopledger.errors import BadInput, NotAllowed, Refused
from coopledger.services.messages.relaying import check_domain


class MessageExpired(Refused):
    """The message's deadline is over."""

    deadline: Timestamp

    advice = "Write a new message and have it signed."

    def __str__(self) -> str:
        return f"the message was good until {to_datetime(self.deadline):%Y-%m-%d %H:%M:%S %Z}"


class Overtaken(Refused):
    """What the message asks for cannot be done as the chain stands now."""

    kind: MessageKind
    reason: str

    says = "the {kind} message is not good now: {reason}"
    advice = "Look at how things stand now, and write a new message."


class NotYourMessage(NotAllowed):
    """The message is somebody else's to sign."""

    account: Address
    signers: tuple[Address, ...]

    advice = "Sign with the key that the message is about, or name that account."

    def __str__(self) -> str:
        return f"this is for {' and '.join(self.signers)} to sign, not for {self.account}"


class NothingToHandBack(BadInput):
    """The message names no ticket."""

    says = "the message hands back no ticket"
    advice = "Name at least one ticket."


def signers_of(coop: Cooperative, message: Message) -> tuple[Address, ...]:
    """Return the accounts that have to sign a message, as the chain stands now.

    Raises:
        MessageForAnother: it is for another cooperative.
        MessageExpired: its deadline is over.
        Overtaken: it was good once, or never could be; says why.
        NothingToHandBack: it is about nothing.
        UnknownMember, TokenDoesNotExist: it names what there is not.
    """
    check_domain(coop, message)
    if message.deadline < coop.chain.block("latest").timestamp:
        raise MessageExpired(message.deadline)
    match message.kind:
        case MessageKind.JOIN:
            return (_joining(coop, message),)
        case MessageKind.GIVE:
            return (_giving(coop, message),)
        case MessageKind.LEAVE:
            return (_open_record(coop, message).account,)
        case MessageKind.VETO_MOVE:
            return (_vetoing(coop, message),)
        case MessageKind.ACCEPT_MOVE:
            return (_accepting(coop, message),)
        case MessageKind.MOVE_NOW:
            return _moving(coop, message)
        case MessageKind.REFUND:
            return (_handing_back(coop, message, message.fields["ticketIds"]),)
        case MessageKind.PERMIT:
            return (message.fields["owner"],)


def _joining(coop: Cooperative, message: Message) -> Address:
    fields = message.fields
    account: Address = fields["account"]
    number = coop.ledger.member_of(account)
    if number is not None:
        raise Overtaken(message.kind, f"{account} is member {number} by now")
    if (coop.ledger.latest_member_of(account) or 0) != fields["previous"]:
        raise Overtaken(message.kind, f"{account} has joined and left since it was written")
    in_force = coop.ledger.bylaws_version()
    if in_force != fields["bylaws"]:
        reason = f"version {in_force} of the by-laws is in force, not version {fields['bylaws']}"
        raise Overtaken(message.kind, reason)
    ticket = coop.ledger.ticket(fields["ticketId"])
    if ticket.owner != account:
        reason = f"ticket {ticket.ticket_id} belongs to {ticket.owner}, not to {account}"
        raise Overtaken(message.kind, reason)
    if ticket.void:
        raise Overtaken(message.kind, f"ticket {ticket.ticket_id} is void")
    if ticket.member is not None:
        reason = f"ticket {ticket.ticket_id} is the card of member {ticket.member}"
        raise Overtaken(message.kind, reason)
    return account


def _giving(coop: Cooperative, message: Message) -> Address:
    ticket = coop.ledger.ticket(message.fields["ticketId"])
    if ticket.locked:
        reason = f"ticket {ticket.ticket_id} cannot change hands (card, used, void or personal)"
        raise Overtaken(message.kind, reason)
    return ticket.owner


def _open_record(coop: Cooperative, message: Message) -> Record:
    record = coop.ledger.member(MemberNumber(message.fields["number"]))
    if record.left_at is not None:
        reason = f"membership {record.number} has ended ({record.cause.name.lower()})"
        raise Overtaken(message.kind, reason)
    return record


def _vetoing(coop: Cooperative, message: Message) -> Address:
    record = _open_record(coop, message)
    move = coop.ledger.move_of(record.number)
    if move is None or move.state is not MoveState.PROPOSED:
        raise Overtaken(message.kind, f"no proposed move of membership {record.number} is pending")
    if (move.to, move.ready_at) != (message.fields["to"], message.fields["readyAt"]):
        reason = f"another move of membership {record.number} is pending, to {move.to}"
        raise Overtaken(message.kind, reason)
    return record.account


def _accepting(coop: Cooperative, message: Message) -> Address:
    record = _open_record(coop, message)
    move = coop.ledger.move_of(record.number)
    if move is None or move.state is MoveState.VETOED:
        how = "was vetoed" if move else "is not pending any more"
        raise Overtaken(message.kind, f"the move of membership {record.number} {how}")
    if move.ready_at != message.fields["readyAt"]:
        reason = f"another move of membership {record.number} is pending, to {move.to}"
        raise Overtaken(message.kind, reason)
    return move.to


def _moving(coop: Cooperative, message: Message) -> tuple[Address, ...]:
    to: Address = message.fields["to"]
    number = coop.ledger.member_of(to)
    if number is not None:
        raise Overtaken(message.kind, f"{to} is member {number} by now")
    # Record 0: the claim of somebody who takes over tickets and no membership.
    if not message.fields["number"]:
        return (to,)
    return (_open_record(coop, message).account, to)


def _handing_back(coop: Cooperative, message: Message, ticket_ids: Sequence[TicketId]) -> Address:
    if not ticket_ids:
        raise NothingToHandBack
    tickets = coop.ledger.tickets(ticket_ids)
    for ticket in tickets:
        if ticket.void:
            raise Overtaken(message.kind, f"ticket {ticket.ticket_id} is void")
    holders = sorted({ticket.owner for ticket in tickets})
    if len(holders) > 1:
        raise Overtaken(message.kind, f"the tickets belong to several: {', '.join(holders)}")
    return holders[0]
