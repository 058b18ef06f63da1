"""Moments of a chain: which block is meant."""

from dataclasses import dataclass

from coopledger.domain.types import BlockNumber, Timestamp


@dataclass(frozen=True, slots=True)
class BlockMark:
    """A block by number, hash and time: enough to notice that the chain has turned."""

    number: BlockNumber
    hash: bytes
    time: Timestamp
