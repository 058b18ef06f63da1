"""Moments of the register to ask the index about, as people name them: a block, a time, or nothing.

What is final the index pins by itself where it remembers the block. For all else the chain is asked, so an
answer never calls "now" what was only the last thing that the index had heard of.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from coopledger.chain.wire.client import Chain
from coopledger.chain.wire.moments import pin
from coopledger.domain.moments import At, AtTime, Moment
from coopledger.domain.types import BlockNumber, Timestamp
from coopledger.index.asking import pinning


def moment_of(connection: Connection, chain: Callable[[], Chain], at: At | None) -> Moment:
    """Return the moment to ask about; without ``at`` the last whole second that is final.

    Args:
        connection: a consistent look at the index.
        chain: gives the chain, where the index needs to ask.
        at: a block or a time.

    Raises:
        BlockUnknown: the chain has no such block, or began later.
        TimeToCome: that time is to come.
        NotIndexedYet, BlockReplaced: the index is behind the chain, or the chain has turned.
        CoopledgerError: the chain is needed and does not answer.
    """
    reach = pinning.reach(connection)
    own = reach.own(at)
    if own is not None:
        return own
    asked = chain()
    found = pin(asked, at or AtTime(last_whole_second(asked, reach.final)))
    return reach.pin(found.block, found.time)


def last_whole_second(chain: Chain, block: BlockNumber) -> Timestamp:
    """Return the last second that is over by a block: one that follows may share the block's own.

    Raises:
        BlockUnknown: the chain has no such block.
    """
    last = chain.block(block)
    shared = chain.last_of_its_second(last, chain.head()).number != block
    return Timestamp(last.timestamp - 1) if shared else last.timestamp
