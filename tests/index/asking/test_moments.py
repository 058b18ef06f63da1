"""Moments as people name them: blocks, times, and the last that is final."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from coopledger.domain.types import BlockNumber, Timestamp
from coopledger.index.as_of import AsOf
from coopledger.services.asking.moments import moment_of
from coopledger.services.register import finding
from tests.index.conftest import Index

if TYPE_CHECKING:
    from tests.services.conftest import Office


def told(index: Index, office: Office, at: BlockNumber | None = None) -> AsOf:
    """Return the moment that the index makes of a block, or of nothing."""
    with index.reading() as connection:
        return moment_of(connection, office.coop, at, is_block=at is not None)


def test_as_of_a_block_names_the_last_of_its_second(
    busy: Office, new_index: Callable[..., Index]
) -> None:
    """Index and chain take a block's whole second in, and name the block that ends it."""
    first, last = three_blocks_of_a_second(busy)
    index = new_index()
    index.follow(busy)
    found = told(index, busy, first)
    assert (found.block, found.final) == (last, True)
    by_chain = finding.as_of(busy.coop, first, is_block=True)
    assert (by_chain.block, by_chain.block_hash) == (found.block, found.block_hash)


def test_the_last_final_moment_is_final_whole(
    busy: Office, new_index: Callable[..., Index]
) -> None:
    """Where the last final block shares its second with one that is not, the second before is told."""
    first, last = three_blocks_of_a_second(busy)
    second = busy.chain.block(first).timestamp
    index = new_index(index_confirmations=2)
    index.follow(busy)
    assert index.rows("SELECT final_block FROM index.cursor") == [(last - 1,)]
    found = told(index, busy)
    assert (found.moment, found.final) == (Timestamp(second - 1), True)
    own_block = new_index()
    own_block.follow(busy)
    found = told(own_block, busy)
    assert (found.moment, found.block, found.final) == (second, last, True)


def three_blocks_of_a_second(office: Office) -> tuple[BlockNumber, BlockNumber]:
    """Make three blocks of one second; return the first and the last."""
    office.dev.increase_time(60)
    first = office.chain.head()
    office.chain.rpc.request("anvil_setBlockTimestampInterval", 0)
    office.dev.mine(2)
    office.chain.rpc.request("anvil_removeBlockTimestampInterval")
    times = {office.chain.block(BlockNumber(first + more)).timestamp for more in range(3)}
    assert len(times) == 1
    return BlockNumber(first), BlockNumber(first + 2)
