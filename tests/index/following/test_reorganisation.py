"""When the chain turns, the index ends as if it had only ever seen the chain as it is now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from eth_utils.address import to_checksum_address

from coopledger.chain.contracts.deployments import open_cooperative
from coopledger.chain.wire.client import Chain, connect
from coopledger.domain.screenings import Film
from coopledger.domain.types import Address, BlockNumber, MemberNumber, SeatNumber, Timestamp
from coopledger.index.following import sync
from coopledger.index.following.gathering import ChainTurned, Range, gather
from coopledger.index.following.ranges import RangeSize
from coopledger.index.following.reorganisation import FinalBlockReplaced
from coopledger.local.chain.node import LocalNode, NodeOptions
from coopledger.services.programme.films_and_screenings import add_film
from tests.index.history import buy, make_history
from tests.middleman import middleman_before
from tests.services.conftest import EXAMPLES, MONDAY, found
from tests.services.founding.test_replacing import own, replaced
from tests.services.public import announce

if TYPE_CHECKING:
    from tests.index.conftest import Index
    from tests.services.conftest import Office, OfficeOpener

__all__ = ["own"]

OFFICE, ANOTHER = (Address(to_checksum_address(bytes([each]) * 20)) for each in (1, 2))


def reorganise(chain: Chain, depth: int) -> None:
    """Let the chain replace its newest blocks by empty ones."""
    chain.rpc.request("anvil_reorg", depth, [], repeat=False)


def test_the_index_follows_a_chain_that_turns(
    open_office: OfficeOpener, new_index: Callable[[], Index]
) -> None:
    """After each of several reorganisations the dump is that of an index made afterwards.

    On a chain of its own: after ``anvil_reorg`` a chain cannot be relied on to be put back.
    """
    office = open_office("turning")
    office.dev.increase_time(60)
    office.dev.mine(40)
    office.sell(EXAMPLES / "siti-orders.json")
    make_history(office)
    index = new_index()
    index.follow(office)
    for depth in (1, 2, 5, 17, 33, 64):
        newest = office.chain.head()
        reorganise(office.chain, depth)
        # Deeper than the last time, so that the block there is another one now.
        steps = index.follow(office)
        assert (steps[0].block, steps[0].went_back_from) == (newest - depth, newest)
        fresh = new_index()
        fresh.follow(office)
        assert index.dump() == fresh.dump()


@pytest.mark.parametrize("depth", [45, 64])
def test_the_index_follows_a_chain_that_was_put_back(
    busy: Office, new_index: Callable[[], Index], depth: int
) -> None:
    """The same for a chain that goes on otherwise from far back, and is shorter for some blocks."""
    before = busy.dev.snapshot()
    common = busy.chain.head()
    make_history(busy)
    busy.dev.mine(common + depth - busy.chain.head())
    index = new_index()
    index.follow(busy)
    busy.dev.revert(before)
    assert index.follow(busy)[0].went_back_from is None, "a node that lags is waited for"
    buy(busy, 3, SeatNumber(3))
    steps = index.follow(busy)
    assert (steps[0].block, steps[0].went_back_from) == (common, common + depth)
    fresh = new_index()
    fresh.follow(busy)
    assert index.dump() == fresh.dump()


def test_what_was_read_ahead_of_a_turn_is_read_again(
    busy: Office, new_index: Callable[[], Index]
) -> None:
    """Blocks that were read ahead and are replaced before their turn never come into the index."""
    index = new_index()
    index.follow(busy)
    busy.dev.mine(5)
    before = busy.dev.snapshot()
    make_history(busy)
    busy.dev.mine(20)
    with index.sync(busy) as following:
        following.size = RangeSize(blocks=5, most=5)
        following.step()
        assert following.ahead.next is not None
        following.ahead.next[1].result()
        busy.dev.revert(before)
        buy(busy, 3, SeatNumber(3))
        busy.dev.mine(20)
        steps = [following.step()]
        while not steps[-1].caught_up:
            steps.append(following.step())
    assert all(step.went_back_from is None for step in steps)
    fresh = new_index()
    fresh.follow(busy)
    assert index.dump() == fresh.dump()


def test_what_was_read_ahead_serves_though_the_chain_has_grown(
    busy: Office, new_index: Callable[[], Index]
) -> None:
    """Blocks that were read ahead up to the newest are used as they are when newer ones came since."""
    index = new_index()
    index.follow(busy)
    make_history(busy)
    busy.dev.mine(12 - busy.chain.head() % 8)
    with index.sync(busy) as following:
        following.size = RangeSize(blocks=8, most=8)
        while following.ahead.next is None or not following.ahead.next[0].is_newest:
            following.step()
        begun, _ = following.ahead.next
        buy(busy, 3, SeatNumber(3))
        assert (following.step().block, busy.chain.head() > begun.last) == (begun.last, True)
        while not following.step().caught_up:
            pass
    fresh = new_index()
    fresh.follow(busy)
    assert index.dump() == fresh.dump()


@pytest.mark.parametrize(
    ("changes", "serves"),
    [
        ({}, True),
        ({"last": BlockNumber(19)}, True),
        ({"last": BlockNumber(21)}, False),
        ({"first": BlockNumber(11)}, False),
        ({"offices": frozenset({OFFICE, ANOTHER})}, False),
        ({"remember": [BlockNumber(18), BlockNumber(19), BlockNumber(20)]}, True),
        ({"remember": [BlockNumber(20)]}, False),
    ],
)
def test_a_range_begins_another(changes: dict[str, Any], serves: bool) -> None:
    """Only what leaves out nothing that is wanted of its blocks stands for the first of them."""
    wanted = Range(
        BlockNumber(10),
        BlockNumber(20),
        [BlockNumber(19), BlockNumber(20)],
        frozenset({OFFICE}),
        is_newest=False,
    )
    assert replace(wanted, **changes).begins(wanted) is serves


def test_a_chain_that_was_started_anew(
    busy: Office, new_index: Callable[[], Index], tmp_path: Path
) -> None:
    """A local chain with the same contracts and no block in common replaces all that was there."""
    index = new_index()
    index.follow(busy)
    with LocalNode(NodeOptions(timestamp=Timestamp(MONDAY + 1_000))) as node:
        chain = connect(node.url, node.chain_id)
        anew = replace(busy, chain=chain, coop=found(chain, tmp_path, busy.settings))
        assert anew.coop.ledger.address == busy.coop.ledger.address
        chain.rpc.request("anvil_mine", hex(20))
        assert index.follow(anew)[0].went_back_from == busy.chain.head()
        fresh = new_index()
        fresh.follow(anew)
        assert index.dump() == fresh.dump()
        chain.close()


def test_what_was_final_is_held_to(
    busy: Office, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a chain that is not local, a turn below the final block stops the worker."""
    monkeypatch.setattr(sync, "is_local", lambda _: False)
    before = busy.dev.snapshot()
    buy(busy, 3, SeatNumber(3))
    index = replace(index, settings=index.settings.model_copy(update={"index_confirmations": 1}))
    index.follow(busy)
    expected = index.dump()
    busy.dev.revert(before)
    buy(busy, 4, SeatNumber(4))
    with pytest.raises(FinalBlockReplaced):
        index.follow(busy)
    assert index.dump() == expected


@pytest.mark.parametrize("left", [0, 1], ids=["the final block is gone", "the final block stays"])
def test_the_final_block_is_the_border(
    busy: Office, index: Index, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    """A turn that leaves the final block is followed; one that takes it and no other is not."""
    monkeypatch.setattr(sync, "is_local", lambda _: False)
    index = replace(index, settings=index.settings.model_copy(update={"index_confirmations": 3}))
    busy.dev.mine(left)
    before = busy.dev.snapshot()
    busy.dev.mine(3 - left)
    index.follow(busy)
    final = busy.chain.head() - 2
    assert index.rows("SELECT final_block FROM index.cursor") == [(final,)]
    busy.dev.revert(before)
    busy.dev.increase_time(3_600)
    busy.dev.mine(4)
    if left:
        assert index.follow(busy)[0].block == final
    else:
        with pytest.raises(FinalBlockReplaced):
            index.follow(busy)


def test_a_chain_that_turns_while_it_is_read_is_read_again(busy: Office) -> None:
    """A last block that is another one at the end, or logs of another branch, make no batch."""
    last = busy.chain.head()
    known = frozenset({busy.coop.box_office.address})
    asked: list[str] = []
    elsewhere = "0x" + "ab" * 32

    def turn_at_the_end(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == hex(last):
            asked.append(method)
            return result if len(asked) == 1 else {**result, "hash": elsewhere}
        return result

    def mix_branches(method: str, _: list[Any], result: Any) -> Any:
        if method != "eth_getLogs":
            return result
        return [
            {**log, "blockHash": elsewhere} if log["blockNumber"] == hex(last - 1) else log
            for log in result
        ]

    for told, remember in ((turn_at_the_end, []), (mix_branches, [BlockNumber(last - 1)])):
        with middleman_before(busy.url) as between:
            chain = connect(between.url, busy.chain.chain_id)
            coop = open_cooperative(chain, busy.deployments)
            between.tell(told)
            first = BlockNumber(last - 5)
            with pytest.raises(ChainTurned):
                gather(coop, Range(first, last, remember, known, is_newest=False))
            chain.close()


def test_a_box_office_that_is_dropped_takes_its_programme_along(
    own: Office, new_index: Callable[[], Index]
) -> None:
    """Of a contract that has opened no screening any more, no film is known, an older one neither."""
    after = replaced(own)
    add_film(after.coop, after.sender(), Film("Ziarah", 2016, 87))
    before = own.dev.snapshot()
    announce(after)
    index = new_index()
    index.follow(own)
    assert index.rows("SELECT count(DISTINCT office) FROM index.film") == [(2,)]
    head = own.chain.head()
    own.dev.revert(before)
    own.dev.mine(head + 1 - own.chain.head())
    index.follow(own)
    fresh = new_index()
    fresh.follow(own)
    assert index.dump() == fresh.dump()
    assert index.rows("SELECT count(DISTINCT office) FROM index.film") == [(1,)]


def test_a_join_that_is_dropped_is_gone(busy: Office, new_index: Callable[[], Index]) -> None:
    """A chain that turns before somebody joined has that number free, and gives it to another."""
    index = new_index()
    before = busy.dev.snapshot()
    buy(busy, 3, SeatNumber(3))
    index.follow(busy)
    (lost,) = index.rows("SELECT max(number) FROM index.record")
    assert lost[0] == busy.coop.ledger.member_count()
    busy.dev.revert(before)
    buy(busy, 4, SeatNumber(4))
    busy.dev.mine()
    index.follow(busy)
    account = index.rows("SELECT account FROM index.record WHERE number = :n", n=lost[0])
    assert account == [(bytes.fromhex(busy.signer(4).address[2:]),)]
    fresh = new_index()
    fresh.follow(busy)
    assert index.dump() == fresh.dump()


def test_two_joins_that_change_places(busy: Office, new_index: Callable[[], Index]) -> None:
    """When two joins come in the other order, each account has the number that it has now."""
    index = new_index()
    before = busy.dev.snapshot()
    buy(busy, 3, SeatNumber(3))
    buy(busy, 4, SeatNumber(4))
    index.follow(busy)
    busy.dev.revert(before)
    buy(busy, 4, SeatNumber(4))
    buy(busy, 3, SeatNumber(3))
    index.follow(busy)
    newest = busy.coop.ledger.member_count()
    for number in (newest - 1, newest):
        record = busy.coop.ledger.member(MemberNumber(number))
        found = index.rows("SELECT account FROM index.record WHERE number = :n", n=number)
        assert found == [(bytes.fromhex(record.account[2:]),)]
    fresh = new_index()
    fresh.follow(busy)
    assert index.dump() == fresh.dump()
