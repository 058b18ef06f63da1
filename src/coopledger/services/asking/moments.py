"""Moments of the register to ask the index about, as people name them: a block, a time, or nothing.

The chain says which block a time belongs to; the index answers only where it has come as far. So an
answer never calls "now" what was only the last thing that the index had heard of.
"""

from sqlalchemy import Connection

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.wire.client import Chain
from coopledger.domain.moments import BlockMark
from coopledger.domain.types import BlockNumber, Timestamp
from coopledger.index.as_of import AsOf
from coopledger.index.asking import pinning
from coopledger.services.register import finding


def moment_of(
    connection: Connection, coop: Cooperative, at: BlockNumber | Timestamp | None, *, is_block: bool
) -> AsOf:
    """Return the moment to ask about; without ``at`` the last one that is final.

    Args:
        connection: a consistent look at the index.
        coop: the deployed contracts.
        at: a block's number or seconds since 1970 UTC.
        is_block: which of the two ``at`` is.

    Raises:
        BlockUnknown: the chain has no such block, or began later.
        TimeToCome: that time is to come.
        NotIndexedYet, BlockReplaced: the index is behind the chain, or the chain has turned.
    """
    if at is None:
        at, is_block = last_whole_second(coop.chain, pinning.final_block(connection)), False
    found = finding.as_of(coop, at, is_block=is_block)
    return pinned(connection, coop.chain, found)


def pinned(connection: Connection, chain: Chain, found: finding.AsOf) -> AsOf:
    """Return a moment that the chain has named as one of the index."""
    block = chain.block(found.block)
    mark = BlockMark(block.number, block.hash, block.timestamp)
    return pinning.pin(connection, mark, found.moment)


def last_whole_second(chain: Chain, block: BlockNumber) -> Timestamp:
    """Return the last second that is over by a block: one that follows may share the block's own.

    Raises:
        BlockUnknown: the chain has no such block.
    """
    last, newest = chain.block(block), chain.block("latest")
    shared = chain.last_of_its_second(last, newest).number != block
    return Timestamp(last.timestamp - 1) if shared else last.timestamp
