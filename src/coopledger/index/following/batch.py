"""What one step of the sync hands on: the events of a range of blocks, and what the events leave out.

A batch is complete in itself. Where it comes from, a node or a generator, the projections cannot tell,
and the same batch always makes the same rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from coopledger.domain.events import ChainEvent
from coopledger.domain.moments import BlockMark
from coopledger.domain.tickets import TicketTerms
from coopledger.domain.types import (
    Address,
    BlockNumber,
    ScreeningId,
    TicketId,
    Timestamp,
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the ledger itself says of the batch's last block."""

    register_head: bytes
    register_events: int
    tickets: TicketId
    screenings: ScreeningId


@dataclass(frozen=True)
class BlockBatch:
    """Everything of blocks ``first`` to ``end``, both included."""

    first: BlockNumber
    end: BlockMark
    events: Sequence[ChainEvent]
    """In the chain's order. Films of a box office that was not known before may be older."""
    times: Mapping[BlockNumber, Timestamp]
    """The times of the blocks that hold events."""
    marks: Sequence[BlockMark] = ()
    """Recent blocks to remember by their hash, also older ones that were forgotten."""
    tickets: Mapping[TicketId, TicketTerms] = field(default_factory=dict)
    """For each ticket that was issued in the range."""
    senders: Mapping[bytes, Address] = field(default_factory=dict)
    """Who sent the transactions, by their hash."""
    checkpoint: Checkpoint | None = None
    """Where the node has the state of the last block."""
