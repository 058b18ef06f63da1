"""Moments of the cooperative's history: as people ask for one, and as an answer names it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from coopledger.domain.types import BlockNumber, Timestamp


@dataclass(frozen=True, slots=True)
class BlockMark:
    """A block by number, hash and time: enough to notice that the chain has turned."""

    number: BlockNumber
    hash: bytes
    time: Timestamp


@dataclass(frozen=True, slots=True)
class AtBlock:
    """As of a block is as of its whole second: the register knows times, not blocks."""

    number: BlockNumber


@dataclass(frozen=True, slots=True)
class AtTime:
    """As of a second, in seconds since 1970 UTC."""

    time: Timestamp


At: TypeAlias = AtBlock | AtTime
"""What is asked for. Where nothing is, it is now, or the last that is final: as who answers says."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment that an answer is about, and where it was read."""

    time: Timestamp
    block: BlockMark
    """The chain's last block that is not later."""
    read: BlockMark
    """The block at which it was read: the newest one that was known to who answers."""
    answered_by: Literal["chain", "index"] = "chain"
    """Who answers: the chain itself, or the index, its copy."""
    final: bool | None = None
    """Whether nothing of it can be taken back any more; None where only the index would know."""
    settled: bool = False
    """Whether nothing can be added to it either: a final block of a later second is known."""

    @property
    def past(self) -> bool:
        """Whether it lies before the block that it was read at, so that much may have changed since."""
        return self.time < self.read.time
