"""Why a membership cannot move (yet), each with what to do instead."""

from coopledger.domain.moves import Move, MoveState
from coopledger.domain.types import Address, MemberNumber, TicketId, Timestamp, to_datetime
from coopledger.errors import BadInput, NotAllowed, NotFound, Refused


class NoMovePending(NotFound):
    """No move of the membership is pending."""

    number: MemberNumber

    says = "no move of membership {number} is pending"
    advice = "See the pending moves: coopledger move list"


class MoveInTheWay(Refused):
    """Another move of the membership is pending, or was vetoed."""

    number: MemberNumber
    move: Move

    advice = (
        "After a veto the board may contest (coopledger move contest), or the guardian clears the "
        "veto. A pending move is accepted by its new account, or cancelled by the guardian."
    )

    def __str__(self) -> str:
        state = "was vetoed" if self.move.state is MoveState.VETOED else "is pending"
        return f"a move of membership {self.number} to {self.move.to} {state}"


class MoveNotVetoed(Refused):
    """Only a move that the old key vetoed is contested."""

    number: MemberNumber
    move: Move

    advice = "Wait until it can be accepted, or have the guardian cancel it."

    def __str__(self) -> str:
        state = "contested already" if self.move.state is MoveState.CONTESTED else "not vetoed"
        return f"the move of membership {self.number} to {self.move.to} is {state}"


class MoveWasVetoed(Refused):
    """The old key said no, so the move cannot be accepted."""

    number: MemberNumber
    to: Address

    says = "the old key has vetoed the move of membership {number} to {to}"
    advice = (
        "Ask the board: it may open a contested move of 30 days, or the guardian clears the veto."
    )


class MoveWaits(Refused):
    """The delay of the move is not over."""

    number: MemberNumber
    ready_at: Timestamp

    advice = "Wait until then; nobody can shorten the delay."

    def __str__(self) -> str:
        ready_at = f"{to_datetime(self.ready_at):%Y-%m-%d %H:%M:%S %Z}"
        return f"the move of membership {self.number} cannot be accepted before {ready_at}"


class VetoTooLate(Refused):
    """A move was vetoed before, or is a contested one, which the old key cannot veto."""

    number: MemberNumber
    move: Move

    advice = "Only the guardian can stop a contested move: coopledger move cancel"

    def __str__(self) -> str:
        if self.move.state is MoveState.VETOED:
            return f"the move of membership {self.number} to {self.move.to} was vetoed before"
        return (
            f"the move of membership {self.number} to {self.move.to} is contested, after a veto, "
            "and cannot be vetoed again"
        )


class TargetIsMember(Refused):
    """The new account has a membership of its own."""

    number: MemberNumber
    to: Address
    member: MemberNumber

    says = "membership {number} cannot move to {to}, which is member {member} itself"
    advice = "Name an account that is no member; one account has one membership."


class SameAccount(BadInput):
    """The new account is the old one."""

    number: MemberNumber
    account: Address

    says = "membership {number} belongs to {account} already"
    advice = "Name the account of the person's new key."


class NotTheOldKey(NotAllowed):
    """Only the account that would lose the membership may say no."""

    number: MemberNumber
    account: Address
    operator: Address

    says = "only {account} can veto the move of membership {number}, not {operator}"
    advice = "Veto with the old key; if it is lost, ask the guardian to cancel."


class NotTheNewKey(NotAllowed):
    """Only the account that the move leads to accepts it."""

    number: MemberNumber
    to: Address
    operator: Address

    says = "the move of membership {number} leads to {to}, so {operator} cannot accept it"
    advice = "Accept with the key of the new account, or have it sign: --message FILE"


class NotThisMove(BadInput):
    """A message file is about something else than the move that was named."""

    reason: str

    says = "the message file does not fit: it {reason}"
    advice = "Give the file that 'coopledger move now' wrote for this membership."


class TicketStays(Refused):
    """A ticket that was named cannot come along."""

    ticket_id: TicketId
    reason: str

    says = "ticket {ticket_id} cannot come along: it {reason}"
    advice = "Leave it out; without --tickets all that can come along do."
