"""The rule by which a question about now, a block or a time is pinned to blocks of the chain."""

import time

from coopledger.chain.wire.client import Block, BlockUnknown, Chain
from coopledger.domain.moments import At, AtBlock, BlockMark, Moment
from coopledger.domain.types import Timestamp, to_datetime
from coopledger.errors import BadInput


class TimeToCome(BadInput):
    """The question is about a time that has not come."""

    moment: Timestamp

    advice = "Ask for a time that has passed, or leave it out for now."

    def __str__(self) -> str:
        return (
            f"nobody knows yet who will be a member at {to_datetime(self.moment):%Y-%m-%d %H:%M %Z}"
        )


def pin(chain: Chain, at: At | None, newest: BlockMark | None = None) -> Moment:
    """Return the moment that is asked for; without one, the newest block's.

    Args:
        chain: says which blocks there are.
        at: a block or a time.
        newest: the block to read at; without it the newest one.

    Raises:
        BlockUnknown: the chain has no such block, or began later.
        TimeToCome: that time is to come.
    """
    newest = newest or mark_of(chain.block("latest"))
    if at is None:
        return Moment(newest.time, newest, newest)
    if isinstance(at, AtBlock):
        if at.number > newest.number:
            raise BlockUnknown(str(at.number))
        block = chain.last_of_its_second(chain.block(at.number), newest.number)
        return Moment(block.timestamp, mark_of(block), newest)
    if at.time > max(newest.time, time.time()):
        # Where nothing happens no block is made, so the day's clock counts, too.
        raise TimeToCome(at.time)
    later = at.time >= newest.time
    return Moment(at.time, newest if later else mark_of(chain.block_at(at.time)), newest)


def mark_of(block: Block) -> BlockMark:
    """Return what names a block."""
    return BlockMark(block.number, block.hash, block.timestamp)
