"""Whatever a node does wrong, the index is right or stops and says why."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.contract import events_of
from coopledger.index.following.projection import LogsIncomplete
from coopledger.index.following.ranges import RangeSize
from tests.index.history import make_history

if TYPE_CHECKING:
    from tests.index.bad_node import BadNode, RawLog
    from tests.index.conftest import Index
    from tests.services.conftest import Office

Seen = tuple["BadNode", "Office"]


def topic_of(event: str) -> str:
    """Return the topic of one of the ledger's events."""
    return "0x" + events_of("TicketLedger")[event].topic.hex()


def follow_to_the_end(index: Index, office: Office) -> list[str]:
    """Let a worker catch up; return what it said."""
    said: list[str] = []
    index.worker(office, Event(), said.append).run(until_caught_up=True)
    return said


@pytest.mark.parametrize("longest_range", [1, 6, None])
def test_a_slow_node_with_errors_and_short_ranges(
    busy: Office, bad_node: Seen, new_index: Callable[[], Index], longest_range: int | None
) -> None:
    """A node that is slow, often fails and gives few blocks at once makes the same index, later."""
    node, seen = bad_node
    make_history(busy)
    expected = new_index()
    expected.follow(busy)
    seed = random.randrange(2**32)
    node.chance, node.errors, node.delay_s = random.Random(seed), 0.1, 0.002
    node.longest_range = longest_range
    index = new_index()
    said = follow_to_the_end(index, seen)
    assert index.dump() == expected.dump(), f"seed {seed}"
    assert all("Trying again" in each for each in said)


def test_the_longest_range_of_a_node_is_learnt(
    busy: Office, bad_node: Seen, new_index: Callable[[], Index]
) -> None:
    """A node that gives six blocks at most is soon asked for nearly six, and for more no longer.

    Without errors by chance: each of those counts as a refusal of the size that it met.
    """
    node, seen = bad_node
    make_history(busy)
    node.longest_range = 6
    follow_to_the_end(new_index(), seen)
    assert max(node.ranges[-4:]) <= 6
    assert sum(4 <= size <= 6 for size in node.ranges) > 3


@pytest.mark.parametrize("of", ["state", "block times"])
def test_a_node_that_tells_less(
    busy: Office, bad_node: Seen, new_index: Callable[[], Index], of: str
) -> None:
    """A node without old state, or that tells no times with its logs, makes the same index."""
    node, seen = bad_node
    make_history(busy)
    expected = new_index()
    expected.follow(busy)
    if of == "state":
        node.forgets_state = True
    else:
        node.change = lambda log: {k: v for k, v in log.items() if k != "blockTimestamp"}
    index = new_index()
    assert follow_to_the_end(index, seen) == []
    assert index.dump() == expected.dump()


def without(event: str, position: int) -> Callable[[RawLog], RawLog | None]:
    """Leave out one of the events of a name, counted from the first that is asked for."""
    left = [position]

    def change(log: RawLog) -> RawLog | None:
        if log["topics"][0] == topic_of(event):
            left[0] -= 1
            if left[0] == -1:
                return None
        return log

    return change


@pytest.mark.parametrize(
    ("event", "position", "what"),
    [
        ("Joined", 0, "hash chain breaks after event 1"),
        ("Joined", 100, "hash chain breaks after event 101"),
        ("Joined", 250, "ledger counts 252 register events"),
        ("Transfer", 17, "ticket 19 was issued, not 18"),
        ("Transfer", 748, "ticket 749 was sold, and not issued"),
        ("ScreeningOpened", 2, "screening 4 was opened, not 3"),
    ],
)
def test_a_node_that_leaves_out_logs_is_found(
    busy: Office, bad_node: Seen, index: Index, event: str, position: int, what: str
) -> None:
    """A missing log, the last one too, stops the worker, which says what and from which block on."""
    node, seen = bad_node
    node.change = without(event, position)
    with pytest.raises(LogsIncomplete, match=what) as failure:
        follow_to_the_end(index, seen)
    assert 0 < failure.value.block <= busy.chain.head()
    assert failure.value.since <= failure.value.block
    later = "SELECT count(*) FROM index.register_event WHERE block > :since"
    assert index.rows(later, since=failure.value.since) == [(0,)]
    node.change = lambda log: log
    assert follow_to_the_end(index, seen) == []
    (newest,) = index.rows("SELECT head FROM index.register_event ORDER BY sequence DESC LIMIT 1")
    assert newest[0] == busy.coop.ledger.register_head()


def test_a_node_in_the_middle_of_a_block_is_asked_again(
    busy: Office, bad_node: Seen, index: Index
) -> None:
    """A node that once says the next block's head of the register is no liar, and stops nobody."""
    node, seen = bad_node
    head = busy.coop.ledger.register_head()
    node.heads = [bytes(32)]
    assert follow_to_the_end(index, seen) == []
    assert node.heads == [], "it was asked, and answered with another block's head"
    (newest,) = index.rows("SELECT head FROM index.register_event ORDER BY sequence DESC LIMIT 1")
    assert newest[0] == head


def test_a_node_that_says_something_else_each_time_is_not_believed(
    busy: Office, bad_node: Seen, index: Index
) -> None:
    """Two answers that differ, and neither of them what the logs come to, stop the worker."""
    node, seen = bad_node
    node.heads = [bytes(32), bytes([1]) * 32]
    with pytest.raises(LogsIncomplete):
        follow_to_the_end(index, seen)
    assert node.heads == []


def test_a_node_that_alters_a_log_is_found(busy: Office, bad_node: Seen, index: Index) -> None:
    """A record that is said to be somebody else's stops the worker."""
    node, seen = bad_node
    stranger = "0x" + "00" * 12 + "ab" * 20

    def altered(log: RawLog) -> RawLog:
        topics: list[Any] = log["topics"]
        if topics[0] == topic_of("Joined") and int(topics[1], 16) == 77:
            return {**log, "topics": [*topics[:2], stranger, *topics[3:]]}
        return log

    node.change = altered
    with pytest.raises(LogsIncomplete, match="hash chain breaks after event 77"):
        follow_to_the_end(index, seen)


def test_what_another_contract_says_of_the_register_does_not_count(
    busy: Office, bad_node: Seen, new_index: Callable[[], Index]
) -> None:
    """An event of the ledger's kind counts only from the ledger, and the other way round."""
    node, seen = bad_node
    expected = new_index()
    expected.follow(busy)
    office, ledger = busy.coop.box_office.address.lower(), busy.coop.ledger.address.lower()
    index = new_index()
    asked = node._logs

    def forged(request: Any) -> Any:
        answer = asked(request)
        logs = answer["result"]
        swapped = {office: ledger, ledger: office}
        answer["result"] = [
            each for log in logs for each in (log, {**log, "address": swapped[log["address"]]})
        ]
        return answer

    node._logs = forged  # type: ignore[method-assign]
    assert follow_to_the_end(index, seen) == []
    assert index.dump() == expected.dump()


@pytest.mark.parametrize("blocks", [1, 500])
def test_a_box_office_that_nobody_named_is_found(
    busy: Office, new_index: Callable[[], Index], blocks: int
) -> None:
    """Whoever opened a screening is followed from its first one on, its earlier films included."""
    expected = new_index()
    expected.follow(busy)
    nobody = BoxOfficeContract(busy.chain, busy.signer(6).address)
    unaware = replace(busy, coop=replace(busy.coop, box_office=nobody))
    index = new_index()
    with index.sync(unaware) as sync:
        sync.size = RangeSize(blocks=blocks, most=blocks)
        while not sync.step().caught_up:
            pass
    found, known = index.dump(), expected.dump()
    for table in ("film", "screening", "screening_event", "tier", "ticket", "issuer"):
        assert found[table] == known[table]
