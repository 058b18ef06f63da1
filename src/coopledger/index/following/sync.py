"""One step of following the chain: go back if it has turned, else read on; rows and cursor together.

A step is one transaction of the database, and begins where the cursor is. So a step that was cut off has
not happened, and one that is done again finds the cursor moved on.
"""

from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.development import is_local
from coopledger.chain.wire.client import Block, BlockUnknown, Chain
from coopledger.chain.wire.moments import mark_of
from coopledger.chain.wire.rpc import AnswerLost, NodeRefused
from coopledger.domain.events import ScreeningOpened
from coopledger.domain.types import Address, BlockNumber
from coopledger.index.following import store
from coopledger.index.following.ahead import Ahead
from coopledger.index.following.batch import BlockBatch
from coopledger.index.following.gathering import Range, checkpoint_at
from coopledger.index.following.projection import LogsIncomplete
from coopledger.index.following.projections import project
from coopledger.index.following.ranges import RangeSize
from coopledger.index.following.reorganisation import FinalBlockReplaced, find_ancestor, is_common
from coopledger.index.following.store import Cursor
from coopledger.index.origin import Origin
from coopledger.settings import Settings


@dataclass(frozen=True)
class Progress:
    """What a step did."""

    block: BlockNumber
    """Everything up to there is in the index now."""
    head: BlockNumber
    """The chain's newest block when the step began."""
    events: int = 0
    went_back_from: BlockNumber | None = None
    """Set where the chain had turned: what was above ``block``, up to this one, is gone."""

    @property
    def caught_up(self) -> bool:
        """Whether there is nothing more to read now."""
        return self.block >= self.head and self.went_back_from is None


@dataclass
class Sync:
    """Follows one cooperative's chain into one database.

    ``connection`` must be the one that holds the writer's lock: when it is lost, so is the lock, and
    nothing more is written.
    """

    coop: Cooperative
    connection: Connection
    settings: Settings
    size: RangeSize = field(default_factory=RangeSize)
    until: BlockNumber | None = None
    """The block to stop at; without it the index follows the chain."""
    ahead: Ahead = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.ahead = Ahead(self.coop)

    @property
    def chain(self) -> Chain:
        """The chain that is followed."""
        return self.coop.chain

    @property
    def origin(self) -> Origin:
        """What the index is of."""
        return Origin(self.chain.chain_id, self.coop.ledger.address, self.coop.first_block)

    def begin(self) -> None:
        """Take the tables for this ledger.

        Raises:
            OtherOrigin: they were made for another.
        """
        with self.connection.begin():
            store.claim(self.connection, self.origin)

    def step(self) -> Progress:
        """Read the next range of blocks, or go back if the chain has turned.

        Raises:
            LogsIncomplete: the node's logs do not follow on each other.
            FinalBlockReplaced: the chain turned below what was final.
            ChainTurned, BlockUnknown, NodeRefused, ...: the node did not answer; the step can be tried again.
        """
        (head,) = self.chain.blocks([self._newest()])
        with self.connection.begin():
            cursor = store.read_cursor(self.connection)
        if cursor is None:
            return self._read_on(BlockNumber(self.coop.first_block - 1), head)
        if head.number < cursor.block.number and self._lags(head):
            return Progress(cursor.block.number, head.number)
        if not is_common(self.chain, cursor.block):
            return self._go_back(cursor, head)
        if head.number == cursor.block.number:
            return self._settle(cursor, head)
        return self._read_on(cursor.block.number, head)

    def _newest(self) -> BlockNumber:
        head = self.chain.head()
        return head if self.until is None else min(head, self.until)

    def _read_on(self, after: BlockNumber, head: Block) -> Progress:
        wanted = self._range(after, head.number)
        blocks = wanted.last - wanted.first + 1
        try:
            gathered = self.ahead.take(wanted)
        except (NodeRefused, AnswerLost) as failure:
            if failure.method != "eth_getLogs" or blocks == 1:
                raise
            self.size.was_refused(blocks)
            return Progress(after, head.number)
        read, batch = gathered.range, gathered.batch
        self.size.went_well(read.last - read.first + 1, len(batch.events), gathered.seconds)
        self._read_ahead(read, batch, head.number)
        self._write(batch, self.final(head))
        return Progress(batch.end.number, head.number, len(batch.events))

    def _write(self, batch: BlockBatch, final: BlockNumber) -> None:
        """Write a batch. Where the ledger's own word and the logs differ, it is asked once more."""
        try:
            apply(self.connection, self.origin, batch, final)
        except LogsIncomplete:
            again = checkpoint_at(self.coop, batch.end.number)
            if batch.checkpoint is None or again == batch.checkpoint:
                raise
            apply(self.connection, self.origin, replace(batch, checkpoint=again), final)

    def _read_ahead(self, now: Range, batch: BlockBatch, head: BlockNumber) -> None:
        """Begin to read the range after this one, if there is one by now."""
        if now.last < head:
            opened = {e.issuer for e in batch.events if isinstance(e, ScreeningOpened)}
            first = BlockNumber(now.last + 1)
            last = BlockNumber(min(head, now.last + self.size.blocks))
            recent = range(max(first, self._oldest(head)), last + 1)
            remember = list(map(BlockNumber, recent))
            offices = now.offices | opened
            self.ahead.begin(Range(first, last, remember, offices, is_newest=last == head))

    def _oldest(self, head: BlockNumber) -> BlockNumber:
        """Return the oldest block that is remembered also without events."""
        return BlockNumber(max(self.coop.first_block, head - store.REMEMBERED + 1))

    def _range(self, after: BlockNumber, head: BlockNumber) -> Range:
        first = BlockNumber(after + 1)
        last = BlockNumber(min(head, after + self.size.blocks))
        oldest = self._oldest(head)
        with self.connection.begin():
            there = {mark.number for mark in store.remembered(self.connection, oldest)}
            offices = self._offices()
        recent = map(BlockNumber, range(oldest, last + 1))
        missing = [number for number in recent if number not in there]
        return Range(first, last, missing, offices, is_newest=last == head)

    def _offices(self) -> frozenset[Address]:
        found = store.issuers(self.connection)
        return frozenset((self.coop.box_office.address, *self.coop.former_box_offices, *found))

    def _lags(self, head: Block) -> bool:
        """Say whether the node is only behind: its newest block is one that the index has."""
        with self.connection.begin():
            there = store.remembered(self.connection, head.number)
        return bool(there) and there[0] == mark_of(head)

    def _go_back(self, cursor: Cursor, head: Block) -> Progress:
        recent = BlockNumber(cursor.block.number - store.REMEMBERED)
        with self.connection.begin():
            marks = store.remembered(self.connection, recent)
        ancestor = find_ancestor(self.chain, marks)
        if ancestor is None:
            with self.connection.begin():
                marks = store.remembered(self.connection, BlockNumber(0))
            ancestor = find_ancestor(self.chain, marks)
        # A local chain can be started anew; every other one is held to what it called final.
        if not is_local(self.chain) and (not ancestor or ancestor.number < cursor.final_block):
            raise FinalBlockReplaced(cursor.final_block)
        with self.connection.begin():
            if ancestor is None:
                store.empty(self.connection)
            else:
                store.rewind(self.connection, ancestor, self.final(head))
        left = BlockNumber(self.coop.first_block - 1) if ancestor is None else ancestor.number
        return Progress(left, head.number, went_back_from=cursor.block.number)

    def _settle(self, cursor: Cursor, head: Block) -> Progress:
        """Nothing is new, but more of it may be final now."""
        final = self.final(head)
        if final != cursor.final_block:
            with self.connection.begin():
                store.move_cursor(self.connection, cursor.block, final)
        return Progress(cursor.block.number, head.number)

    def final(self, head: Block) -> BlockNumber:
        """Return the newest block that will not be taken back, where the chain is at a block."""
        confirmations = self.settings.index_confirmations
        if confirmations is None and not is_local(self.chain):
            try:
                return self.chain.block("finalized").number
            except BlockUnknown:
                confirmations = None
        blocks = confirmations or self.settings.confirmations
        return BlockNumber(max(0, head.number - blocks + 1))


def apply(connection: Connection, origin: Origin, batch: BlockBatch, final: BlockNumber) -> bool:
    """Write a batch and move the cursor, in one transaction; nothing where it was written before.

    Returns:
        Whether the batch was written.

    Raises:
        LogsIncomplete: its events do not follow on what is there.
    """
    with connection.begin():
        cursor = store.read_cursor(connection)
        after = origin.first_block - 1 if cursor is None else cursor.block.number
        if batch.first != after + 1:
            return False
        known = store.load_known(connection, batch.events)
        store.add(connection, project(batch, known))
        store.move_cursor(connection, batch.end, final)
    return True
