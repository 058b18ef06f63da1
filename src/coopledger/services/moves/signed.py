"""What the keys of a move may sign, so that somebody else can send it, and the move that both sign.

An acceptance can be signed before the move is ready, so that a person with a new key need not come back
in a week; its message is good until a week after the move is.
"""

from collections.abc import Sequence

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.sender import Sender
from coopledger.domain.moves import MoveState
from coopledger.domain.register import Record
from coopledger.domain.signed_messages import (
    Message,
    MessageKind,
    accept_message,
    move_now_message,
    veto_message,
)
from coopledger.domain.types import Address, MemberNumber, TicketId, Timestamp
from coopledger.services.authority.delays import Scheduled, send_or_schedule
from coopledger.services.messages import writing
from coopledger.services.messages.checking import signers_of
from coopledger.services.messages.files import MessageFile
from coopledger.services.messages.signing import NotSigned, checked_signature
from coopledger.services.moves.failures import (
    MoveInTheWay,
    MoveWasVetoed,
    NotThisMove,
)
from coopledger.services.moves.moving import (
    MembershipMoved,
    check_can_be_vetoed,
    check_target,
    moved_in,
    pending_move,
)


def write_veto(coop: Cooperative, record: Record, until: Timestamp | None) -> Message:
    """Write the old key's no to a proposed move; good for 7 days unless said otherwise.

    Raises:
        NoMovePending, VetoTooLate: there is nothing to say no to.
        DeadlinePassed: ``until`` is not to come.
    """
    move = check_can_be_vetoed(coop, record.number)
    deadline = writing.deadline(coop, until)
    domain = coop.ledger.signing_domain()
    return veto_message(domain, record.number, move.to, move.ready_at, deadline)


def write_acceptance(
    coop: Cooperative, record: Record, ticket_ids: Sequence[TicketId], until: Timestamp | None
) -> Message:
    """Write the new key's yes; good until 7 days after the move is ready unless said otherwise.

    Raises:
        NoMovePending, MoveWasVetoed: there is nothing to accept.
        TargetIsMember: the new account has become a member meanwhile.
        DeadlinePassed: ``until`` is not to come.
    """
    move = pending_move(coop, record.number)
    if move.state is MoveState.VETOED:
        raise MoveWasVetoed(record.number, move.to)
    check_target(coop, record, move.to)
    deadline = writing.deadline(coop, until)
    if until is None:
        deadline = max(deadline, Timestamp(move.ready_at + writing.LASTS_S))
    domain = coop.ledger.signing_domain()
    return accept_message(domain, record.number, move.ready_at, ticket_ids, deadline)


def write_move_now(
    coop: Cooperative,
    record: Record,
    to: Address,
    ticket_ids: Sequence[TicketId],
    until: Timestamp | None,
) -> Message:
    """Write what both keys sign so that the registrar may move a membership at once.

    Raises:
        SameAccount, TargetIsMember: the membership cannot move there.
        MoveInTheWay: a contested move is under way, which agreement does not end.
        DeadlinePassed: ``until`` is not to come.
    """
    check_target(coop, record, to)
    _check_not_contested(coop, record.number)
    deadline = writing.deadline(coop, until)
    return move_now_message(coop.ledger.signing_domain(), record.number, to, ticket_ids, deadline)


def move_now(
    coop: Cooperative,
    sender: Sender,
    operator: Address,
    file: MessageFile,
    record: Record,
    to: Address,
) -> MembershipMoved | Scheduled:
    """Move a membership at once, as both keys signed.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role REGISTRAR.
        file: the message and both signatures.
        record: whose membership the registrar means to move.
        to: where the registrar means to move it.

    Raises:
        NotThisMove: the message is about something else.
        NotSigned, SignatureOfAnother: a key has not signed it, or not exactly this.
        SameAccount, TargetIsMember, MoveInTheWay: the membership cannot move there.
        AccessManagedUnauthorized: the operator lacks the role.
        CoopledgerError: the message is for another cooperative, expired or overtaken
            (see ``signers_of``), or the transaction failed (see ``Sender.send``).
    """
    message, fields = file.message, file.message.fields
    if message.kind is not MessageKind.MOVE_NOW:
        raise NotThisMove(f"is a {message.kind} message")
    if (fields["number"], fields["to"]) != (record.number, to):
        raise NotThisMove(f"moves membership {fields['number']} to {fields['to']}")
    check_target(coop, record, to)
    _check_not_contested(coop, record.number)
    signatures = []
    for account in signers_of(coop, message):
        if account not in file.signatures:
            raise NotSigned(account)
        signatures.append(checked_signature(coop, message, file.signatures, account))
    old, new = signatures
    call = coop.ledger.move_now_call(
        record.number, to, fields["ticketIds"], message.deadline, old, new
    )
    done = send_or_schedule(coop, sender, operator, call)
    return done if isinstance(done, Scheduled) else moved_in(coop, done)


def _check_not_contested(coop: Cooperative, number: MemberNumber) -> None:
    move = coop.ledger.move_of(number)
    if move is not None and move.state is MoveState.CONTESTED:
        raise MoveInTheWay(number, move)
