"""Moments to ask about: made here alone, and checked against what the index holds.

The chain says which block a moment belongs to, the index whether it knows that block. Where the two
disagree the chain has turned, and nothing is answered until the index has followed.
"""

from sqlalchemy import Connection

from coopledger.domain.moments import BlockMark
from coopledger.domain.types import BlockNumber, Timestamp
from coopledger.errors import Unavailable
from coopledger.index.as_of import AsOf
from coopledger.index.asking import register_store

_ANY = BlockNumber(0)


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


def newest(connection: Connection) -> AsOf:
    """Return the moment of the index's newest block.

    Raises:
        NotIndexedYet: the index has not begun.
    """
    mark, final = _cursor(connection, _ANY)
    return _as_of(mark, mark.time, mark, final, mark.time if mark.number <= final else None)


def final_block(connection: Connection) -> BlockNumber:
    """Return the index's last final block.

    Raises:
        NotIndexedYet: the index has not begun.
    """
    return _cursor(connection, _ANY)[1]


def is_settled(connection: Connection, as_of: AsOf) -> bool:
    """Say whether all answers of a moment stay as they are: a final block of a later second is known.

    Where several blocks share a second, a final one may still be followed by others of its second.
    """
    last = register_store.last_block_until(connection, final_block(connection))
    return last is not None and last.time > as_of.moment


def pin(connection: Connection, block: BlockMark, moment: Timestamp | None = None) -> AsOf:
    """Return a moment to ask about.

    Args:
        connection: a consistent look at the index.
        block: the chain's last block that is not later than the moment.
        moment: without it, the block's own.

    Raises:
        NotIndexedYet: the index is behind that block.
        BlockReplaced: it holds another block of that number.
    """
    mark, final = _cursor(connection, block.number)
    if mark.number < block.number:
        raise NotIndexedYet(block.number, mark.number)
    known = register_store.known_block(connection, block.number)
    if known is not None and known.hash != block.hash:
        raise BlockReplaced(block.number)
    last_final = register_store.last_block_until(connection, final)
    final_time = None if last_final is None else last_final.time
    return _as_of(block, block.time if moment is None else moment, mark, final, final_time)


def _cursor(connection: Connection, asked: BlockNumber) -> tuple[BlockMark, BlockNumber]:
    found = register_store.cursor(connection)
    if found is None:
        raise NotIndexedYet(asked, None)
    return found


def _as_of(
    block: BlockMark,
    moment: Timestamp,
    mark: BlockMark,
    final_block: BlockNumber,
    final_time: Timestamp | None,
) -> AsOf:
    final = block.number <= final_block and (
        moment == block.time or (final_time is not None and moment <= final_time)
    )
    return AsOf(moment, block.number, block.hash, final, mark.number, mark.hash)
