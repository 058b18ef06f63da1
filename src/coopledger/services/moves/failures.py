"""Why a membership cannot move (yet), each with what to do instead."""

from dataclasses import dataclass
from typing import ClassVar

from coopledger.domain.moves import Move, MoveState
from coopledger.domain.types import Address, MemberNumber, TicketId, Timestamp, to_datetime
from coopledger.errors import BadInput, NotAllowed, NotFound, Refused


@dataclass(eq=False)
class NoMovePending(NotFound):
    """No move of the membership is pending."""

    number: MemberNumber

    advice: ClassVar[str] = "See the pending moves: coopledger move list"

    def __str__(self) -> str:
        return f"no move of membership {self.number} is pending"


@dataclass(eq=False)
class MoveInTheWay(Refused):
    """Another move of the membership is pending, or was vetoed."""

    number: MemberNumber
    move: Move

    advice: ClassVar[str] = (
        "After a veto the board may contest (coopledger move contest), or the guardian clears the "
        "veto. A pending move is accepted by its new account, or cancelled by the guardian."
    )

    def __str__(self) -> str:
        state = "was vetoed" if self.move.state is MoveState.VETOED else "is pending"
        return f"a move of membership {self.number} to {self.move.to} {state}"


@dataclass(eq=False)
class MoveNotVetoed(Refused):
    """Only a move that the old key vetoed is contested."""

    number: MemberNumber
    move: Move

    advice: ClassVar[str] = "Wait until it can be accepted, or have the guardian cancel it."

    def __str__(self) -> str:
        state = "contested already" if self.move.state is MoveState.CONTESTED else "not vetoed"
        return f"the move of membership {self.number} to {self.move.to} is {state}"


@dataclass(eq=False)
class MoveWasVetoed(Refused):
    """The old key said no, so the move cannot be accepted."""

    number: MemberNumber
    to: Address

    advice: ClassVar[str] = (
        "Ask the board: it may open a contested move of 30 days, or the guardian clears the veto."
    )

    def __str__(self) -> str:
        return f"the old key has vetoed the move of membership {self.number} to {self.to}"


@dataclass(eq=False)
class MoveWaits(Refused):
    """The delay of the move is not over."""

    number: MemberNumber
    ready_at: Timestamp

    advice: ClassVar[str] = "Wait until then; nobody can shorten the delay."

    def __str__(self) -> str:
        ready_at = f"{to_datetime(self.ready_at):%Y-%m-%d %H:%M:%S %Z}"
        return f"the move of membership {self.number} cannot be accepted before {ready_at}"


@dataclass(eq=False)
class VetoTooLate(Refused):
    """A move was vetoed before, or is a contested one, which the old key cannot veto."""

    number: MemberNumber
    move: Move

    advice: ClassVar[str] = "Only the guardian can stop a contested move: coopledger move cancel"

    def __str__(self) -> str:
        if self.move.state is MoveState.VETOED:
            return f"the move of membership {self.number} to {self.move.to} was vetoed before"
        return (
            f"the move of membership {self.number} to {self.move.to} is contested, after a veto, "
            "and cannot be vetoed again"
        )


@dataclass(eq=False)
class TargetIsMember(Refused):
    """The new account has a membership of its own."""

    number: MemberNumber
    to: Address
    member: MemberNumber

    advice: ClassVar[str] = "Name an account that is no member; one account has one membership."

    def __str__(self) -> str:
        return f"membership {self.number} cannot move to {self.to}, which is member {self.member} itself"


@dataclass(eq=False)
class SameAccount(BadInput):
    """The new account is the old one."""

    number: MemberNumber
    account: Address

    advice: ClassVar[str] = "Name the account of the person's new key."

    def __str__(self) -> str:
        return f"membership {self.number} belongs to {self.account} already"


@dataclass(eq=False)
class NotTheOldKey(NotAllowed):
    """Only the account that would lose the membership may say no."""

    number: MemberNumber
    account: Address
    operator: Address

    advice: ClassVar[str] = "Veto with the old key; if it is lost, ask the guardian to cancel."

    def __str__(self) -> str:
        return f"only {self.account} can veto the move of membership {self.number}, not {self.operator}"


@dataclass(eq=False)
class NotTheNewKey(NotAllowed):
    """Only the account that the move leads to accepts it."""

    number: MemberNumber
    to: Address
    operator: Address

    advice: ClassVar[str] = (
        "Accept with the key of the new account, or have it sign: --message FILE"
    )

    def __str__(self) -> str:
        return (
            f"the move of membership {self.number} leads to {self.to}, so {self.operator} cannot "
            "accept it"
        )


@dataclass(eq=False)
class NotThisMove(BadInput):
    """A message file is about something else than the move that was named."""

    reason: str

    advice: ClassVar[str] = "Give the file that 'coopledger move now' wrote for this membership."

    def __str__(self) -> str:
        return f"the message file does not fit: it {self.reason}"


@dataclass(eq=False)
class TicketStays(Refused):
    """A ticket that was named cannot come along."""

    ticket_id: TicketId
    reason: str

    advice: ClassVar[str] = "Leave it out; without --tickets all that can come along do."

    def __str__(self) -> str:
        return f"ticket {self.ticket_id} cannot come along: it {self.reason}"
