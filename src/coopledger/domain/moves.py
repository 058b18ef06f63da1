"""A membership on its way to another account: where the move stands."""

from dataclasses import dataclass
from enum import IntEnum

from coopledger.domain.types import Address, Timestamp


class MoveState(IntEnum):
    """Where a move stands."""

    NONE = 0
    PROPOSED = 1
    VETOED = 2
    CONTESTED = 3


class MoveKind(IntEnum):
    """How a membership came to its new account."""

    NONE = 0
    DELAYED = 1
    CONTESTED = 2
    AGREED = 3


@dataclass(frozen=True)
class Move:
    """A pending move. It can be accepted by ``to`` from ``ready_at`` on, unless it was vetoed."""

    to: Address
    ready_at: Timestamp
    state: MoveState
