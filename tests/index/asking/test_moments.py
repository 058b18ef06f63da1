"""Moments as people name them: blocks, times, and the last that is final."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from coopledger.chain.wire.moments import pin
from coopledger.domain.moments import At, AtBlock, AtTime, Moment
from coopledger.domain.types import BlockNumber, SeatNumber, Timestamp
from coopledger.index.asking import pinning
from coopledger.index.asking.queries import Register
from coopledger.index.following.store import REMEMBERED
from coopledger.services.asking.moments import moment_of
from tests.index.conftest import Index
from tests.index.history import buy

if TYPE_CHECKING:
    from tests.services.conftest import Office


def told(index: Index, office: Office, at: At | None = None) -> Moment:
    """Return the moment that the index makes of a block, or of nothing."""
    with index.reading() as connection:
        return moment_of(connection, lambda: office.chain, at)


def test_as_of_a_block_names_the_last_of_its_second(
    busy: Office, new_index: Callable[..., Index]
) -> None:
    """Index and chain take a block's whole second in, and name the block that ends it."""
    first, last = three_blocks_of_a_second(busy)
    index = new_index()
    index.follow(busy)
    found = told(index, busy, AtBlock(first))
    assert (found.block.number, found.final) == (last, True)
    by_chain = pin(busy.chain, AtBlock(first))
    assert (by_chain.time, by_chain.block) == (found.time, found.block)


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
    assert (found.time, found.final) == (Timestamp(second - 1), True)
    own_block = new_index()
    own_block.follow(busy)
    found = told(own_block, busy)
    assert (found.time, found.block.number, found.final) == (second, last, True)


def test_what_the_index_pins_alone_is_what_the_chain_says(
    busy: Office, new_index: Callable[..., Index]
) -> None:
    """Of all blocks and the seconds around them: the chain's block, or the chain is to be asked."""
    busy.dev.increase_time(60)
    three_blocks_of_a_second(busy)
    for _ in range(REMEMBERED + 20):
        busy.dev.increase_time(2)
    index = new_index(index_confirmations=3)
    index.follow(busy)
    newest, own = busy.chain.head(), []
    with index.reading() as connection:
        reach = pinning.reach(connection)
        assert (reach.newest.number, reach.final) == (newest, newest - 2)
        for number in range(newest + 1):
            time = busy.chain.block(BlockNumber(number)).timestamp
            nearby = (Timestamp(time + more) for more in (-1, 0, 1))
            asked: list[At] = [AtBlock(BlockNumber(number)), *map(AtTime, nearby)]
            for at in asked:
                found = reach.own(at)
                if found is None:
                    continue
                own.append(at)
                by_chain = pin(busy.chain, at)
                assert (found.time, found.block) == (by_chain.time, by_chain.block), at
                assert found.block.number <= found.read.number <= reach.final
                assert (found.final, found.answered_by) == (True, "index")
    by_block = {at.number for at in own if isinstance(at, AtBlock)}
    remembered = set(range(newest - REMEMBERED + 1, newest - 1))
    assert remembered < by_block
    assert newest - 1 not in by_block
    assert min(by_block) < min(remembered)


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


def test_a_closed_record_s_history_ends_with_it(
    busy: Office, new_index: Callable[..., Index]
) -> None:
    """What the account does with tickets after it left belongs to nobody's membership."""
    buy(busy, 3, SeatNumber(3))
    ledger, account = busy.coop.ledger, busy.signer(3).address
    number = ledger.member_of(account)
    assert number is not None
    busy.dev.increase_time(60)
    busy.sender(3).send(ledger.leave_call())
    left = ledger.member(number).left_at
    busy.dev.increase_time(60)
    buy(busy, 3, SeatNumber(4), joins=False)
    index = new_index()
    index.follow(busy)
    with index.reading() as connection:
        moment = moment_of(connection, lambda: busy.chain, None)
        history = Register(connection, moment).history(number)
    times = [busy.chain.block(BlockNumber(each.order[0])).timestamp for each in history]
    assert len(history) > 2
    assert max(times) == left
