"""The rule by which a moment is pinned to what the index holds, and called final or not.

Of what is final the index knows by itself which block a moment belongs to, if it remembers that block.
Of all else the chain says so (``chain.wire.moments``), and the index whether it knows that block: where
the two disagree the chain has turned, and nothing is answered until the index has followed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from sqlalchemy import Connection

from coopledger.domain.moments import At, AtBlock, AtTime, BlockMark, Moment
from coopledger.domain.types import BlockNumber, Timestamp
from coopledger.errors import Unavailable
from coopledger.index.asking import block_store

_ANY = BlockNumber(0)
_BLOCKS_OF_A_SECOND = 100
"""Where more share one, the chain is asked."""


class NotIndexedYet(Unavailable):
    """The index has not come to the block that was asked for."""

    block: BlockNumber
    reached: BlockNumber | None

    advice = "See that 'coopledger worker' runs, and ask again in a moment."

    def __str__(self) -> str:
        reached = "has not begun" if self.reached is None else f"is at block {self.reached}"
        return f"the index {reached} and does not know block {self.block} yet"


class BlockReplaced(Unavailable):
    """The chain and the index hold different blocks of one number: the chain has turned."""

    block: BlockNumber

    says = "the index holds another block {block} than the chain"
    advice = "Ask again in a moment: 'coopledger worker' follows the chain's turn."


@dataclass(frozen=True)
class Reach:
    """How far the index is, as one look at it says."""

    connection: Connection
    newest: BlockMark
    final: BlockNumber
    """What is above may still be taken back."""
    last_final: BlockMark | None
    """The last block that it remembers of those that are final."""
    _forgotten: list[range] = field(default_factory=list)
    """Blocks of which was seen that they are not remembered."""

    def own(self, at: At | None) -> Moment | None:
        """Return a moment that is final, and that the index can pin without the chain; else None.

        It is read at the last final block: so nothing of an answer can be taken back.

        Args:
            at: without it the last whole second that is final.
        """
        match at:
            case AtBlock(number):
                block = self._end_of_second(number)
                return None if block is None else self._final(block, block.time)
            case AtTime(time):
                block = self._last_until(time)
                return None if block is None else self._final(block, time)
        last = self.last_final
        if last is None or last.number != self.final:
            return None
        following = block_store.first_from(self.connection, BlockNumber(last.number + 1), 1)
        if following and following[0].time == last.time:
            return self.own(AtTime(Timestamp(last.time - 1)))
        return self._final(last, last.time)

    def pin(
        self, block: BlockMark, time: Timestamp | None = None, read: BlockMark | None = None
    ) -> Moment:
        """Return a moment that the chain has named.

        Args:
            block: the chain's last block that is not later than the moment.
            time: the moment; without it, the block's own.
            read: the chain's block to answer at, which must be known, too.

        Raises:
            NotIndexedYet: the index is behind one of the blocks.
            BlockReplaced: it holds another block of that number.
        """
        self._check([block] if read is None else [block, read])
        return self._moment(block, block.time if time is None else time, read)

    def _final(self, block: BlockMark, time: Timestamp) -> Moment:
        return self._moment(block, time, self.last_final)

    def _moment(self, block: BlockMark, time: Timestamp, read: BlockMark | None = None) -> Moment:
        until = Timestamp(-1) if self.last_final is None else self.last_final.time
        final = block.number <= self.final and (time == block.time or time <= until)
        read = self.newest if read is None else read
        return Moment(time, block, read, "index", final=final, settled=time < until)

    def _check(self, blocks: Sequence[BlockMark]) -> None:
        numbers = {block.number for block in blocks}
        if self.newest.number < max(numbers):
            raise NotIndexedYet(max(numbers), self.newest.number)
        known = {self.newest.number: self.newest}
        forgotten = {n for n in numbers if any(n in each for each in self._forgotten)}
        if others := numbers - known.keys() - forgotten:
            known |= {mark.number: mark for mark in block_store.among(self.connection, others)}
        for block in blocks:
            if known.get(block.number, block).hash != block.hash:
                raise BlockReplaced(block.number)

    def _end_of_second(self, number: BlockNumber) -> BlockMark | None:
        """Return the last block of a block's second, if that is known and final."""
        if number > self.final:
            return None
        known = block_store.first_from(self.connection, number, _BLOCKS_OF_A_SECOND)
        if not known or known[0].number != number:
            self._forgotten.extend(range(number, each.number) for each in known[:1])
            return None
        *_, last = takewhile(lambda block: block.time == known[0].time, known)
        all_share = last is known[-1] and len(known) == _BLOCKS_OF_A_SECOND
        return None if all_share or last.number > self.final else last

    def _last_until(self, time: Timestamp) -> BlockMark | None:
        """Return the last block that is not later than a second, if that is known and final."""
        if self.last_final is None or time > self.last_final.time:
            return None
        known = block_store.around(self.connection, time)
        if not known or known[0].number > self.final:
            return None
        last, *following = known
        if last.time == time:
            return last
        between = [range(last.number + 1, each.number) for each in following]
        self._forgotten.extend(between)
        return last if between == [range(0)] else None


def reach(connection: Connection) -> Reach:
    """Return how far the index is.

    Args:
        connection: a consistent look at the index.

    Raises:
        NotIndexedYet: it has not begun.
    """
    found = block_store.reach(connection)
    if found is None:
        raise NotIndexedYet(_ANY, None)
    return Reach(connection, *found)


def newest(connection: Connection) -> Moment:
    """Return the moment of the index's newest block.

    Raises:
        NotIndexedYet: the index has not begun.
    """
    found = reach(connection)
    return found.pin(found.newest)


def pin(connection: Connection, block: BlockMark, time: Timestamp | None = None) -> Moment:
    """Return a moment that the chain has named; see :meth:`Reach.pin`."""
    return reach(connection).pin(block, time)
