"""The worker: killed at any moment nothing is lost or doubled, and there is one writer at a time."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from coopledger.domain.types import BlockNumber, SeatNumber
from coopledger.index.following import store
from coopledger.index.following.gathering import Range, gather
from coopledger.index.following.sync import Progress, apply
from coopledger.index.following.worker import AnotherWriter
from tests.index.history import buy, make_history
from tests.killing import commands

if TYPE_CHECKING:
    from tests.index.bad_node import BadNode
    from tests.index.conftest import Index
    from tests.services.conftest import Office


def test_a_worker_that_is_killed_ends_with_the_same_index(
    busy: Office,
    bad_node: tuple[BadNode, Office],
    new_index: Callable[[], Index],
    environment: Callable[..., dict[str, str]],
) -> None:
    """A fresh worker, killed again and again at random, makes the dump of one that never was."""
    node, _ = bad_node
    make_history(busy)
    expected = new_index()
    expected.follow(busy)
    node.longest_range = 1
    node.delay_s = 0.005
    index = new_index()
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    settings = environment(rpc_url=node.url, database_dsn=index.dsn.text, index_poll_s=0.01)
    settings["COOPLEDGER_DEPLOYMENTS_FOLDER"] = str(busy.deployments)
    head = busy.chain.head()
    with commands(settings) as started:
        kills = 0
        while index.block() < head:
            process = started.start(["worker"])
            index.wait_for(min(head, index.block() + chance.randrange(6)))
            time.sleep(chance.uniform(0, 0.05))
            os.kill(process, signal.SIGKILL)
            assert started.end() == -signal.SIGKILL
            kills += 1
        assert kills > 5
        process = started.start(["worker"])
        buy(busy, 2, SeatNumber(9))
        index.wait_for(busy.chain.head())
        os.kill(process, signal.SIGTERM)
        assert started.end() == 0, "a worker that is asked to end ends well"
    expected.follow(busy)
    assert index.dump() == expected.dump()


def test_the_next_worker_in_line_takes_over(busy: Office, index: Index) -> None:
    """A second worker writes nothing while the first one does, and goes on when that one ends."""
    stops, told, said = (Event(), Event()), (Event(), Event()), Event()
    blocks: list[int] = []

    def watch(which: int) -> Callable[[Progress], None]:
        def tell(progress: Progress) -> None:
            blocks.append(which)
            if progress.caught_up:
                told[which].set()

        return tell

    first = index.worker(busy, stops[0], watch=watch(0))
    second = index.worker(busy, stops[1], lambda _: said.set(), watch(1))
    threads = [Thread(target=first.run), Thread(target=second.run)]
    threads[0].start()
    assert told[0].wait(20)
    threads[1].start()
    assert said.wait(20), "it says that it waits"
    assert set(blocks) == {0}
    with pytest.raises(AnotherWriter):
        second.rebuild()
    stops[0].set()
    buy(busy, 2, SeatNumber(9))
    assert told[1].wait(20)
    index.wait_for(busy.chain.head())
    stops[1].set()
    for thread in threads:
        thread.join(20)
    assert blocks.index(1) > 0


def test_a_batch_that_comes_again_changes_nothing(busy: Office, index: Index) -> None:
    """Writing a batch a second time, or one that does not follow on, does nothing."""
    with index.sync(busy) as sync:
        head = busy.chain.head()
        middle = BlockNumber(head - 2)
        offices = frozenset({busy.coop.box_office.address})
        batches = [
            gather(busy.coop, Range(first, last, [], offices, is_newest=last == head))
            for first, last in ((busy.coop.first_block, middle), (BlockNumber(middle + 1), head))
        ]
        write = [
            lambda each=each: apply(sync.connection, sync.origin, each, head) for each in batches
        ]
        assert not write[1]()
        assert write[0]()
        assert write[1]()
        before = index.dump()
        assert not write[0]()
        assert not write[1]()
        assert index.dump() == before


def test_a_failing_write_leaves_the_cursor(
    busy: Office, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows and cursor come together or not at all."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(store, "move_cursor", broken)
        with pytest.raises(ZeroDivisionError):
            index.follow(busy)
    assert all(not rows for table, rows in index.dump().items() if table != "origin")


def test_final_is_what_has_enough_confirmations(
    busy: Office, new_index: Callable[..., Index]
) -> None:
    """The final block is so many below the newest, and moves on though no event comes."""
    index = new_index(index_confirmations=5)
    index.follow(busy)
    head = busy.chain.head()
    assert index.rows("SELECT block, final_block FROM index.cursor") == [(head, head - 4)]
    busy.dev.mine(2)
    index.follow(busy)
    assert index.rows("SELECT block, final_block FROM index.cursor") == [(head + 2, head - 2)]
    own_block = new_index()
    own_block.follow(busy)
    assert own_block.rows("SELECT final_block FROM index.cursor") == [(head + 2,)]
