"""Where moves of memberships stand, and who can do what about them.

A pending move is found by its events, and the ledger alone says how it stands now; a closed or moved
record has none any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.moves import Move, MoveState
from coopledger.domain.types import Address, MemberNumber, Timestamp


class MoveStanding(StrEnum):
    """How a move stands, in a word or two."""

    WAITING = "proposed, waiting"
    READY = "proposed, ready"
    VETOED = "vetoed"
    CONTESTED = "contested, waiting"
    CONTESTED_READY = "contested, ready"


@dataclass(frozen=True)
class MoveStatus:
    """A pending move of an open record."""

    number: MemberNumber
    account: Address
    to: Address
    ready_at: Timestamp | None
    """From when it can be accepted; None for a vetoed one."""
    standing: MoveStanding
    frozen: bool
    """Whether the old account can do nothing with its tickets and membership."""

    @property
    def possible(self) -> tuple[str, ...]:
        """Who can do what now, in sentences."""
        guardian = "the guardian can cancel"
        match self.standing:
            case MoveStanding.WAITING:
                return "the old key can veto", guardian, "the new key must wait"
            case MoveStanding.READY:
                return "the new key can accept", "the old key can still veto", guardian
            case MoveStanding.VETOED:
                return "the board can contest", "the guardian can clear the veto"
            case MoveStanding.CONTESTED:
                return guardian, "the new key must wait"
            case MoveStanding.CONTESTED_READY:
                return "the new key can accept", guardian


def move_status(coop: Cooperative, number: MemberNumber) -> MoveStatus | None:
    """Return how the move of a record stands, or None where none is pending."""
    return next(_statuses(coop, [number]), None)


def list_moves(coop: Cooperative) -> list[MoveStatus]:
    """Return the pending moves, by number."""
    events = events_of(coop.ledger.artifact)
    opening = [events[name] for name in ("MoveProposed", "MoveContested")]
    topics = [event.topic for event in opening]
    logs = coop.chain.logs([coop.ledger.address], [topics], coop.first_block, coop.chain.head())
    numbers = {MemberNumber(int.from_bytes(log.topics[1])) for log in logs}
    return list(_statuses(coop, sorted(numbers)))


def _statuses(coop: Cooperative, numbers: list[MemberNumber]) -> Iterator[MoveStatus]:
    moves = coop.ledger.moves_of(numbers)
    records = coop.ledger.records(list(moves))
    now = coop.chain.block("latest").timestamp
    for number, move in moves.items():
        standing = _standing(move, now)
        vetoed = standing is MoveStanding.VETOED
        yield MoveStatus(
            number,
            records[number].account,
            move.to,
            None if vetoed else move.ready_at,
            standing,
            move.state is MoveState.CONTESTED,
        )


def _standing(move: Move, now: Timestamp) -> MoveStanding:
    if move.state is MoveState.VETOED:
        return MoveStanding.VETOED
    ready = now >= move.ready_at
    if move.state is MoveState.CONTESTED:
        return MoveStanding.CONTESTED_READY if ready else MoveStanding.CONTESTED
    return MoveStanding.READY if ready else MoveStanding.WAITING
