"""Nothing is sold twice, and the index that says so is believed only where the chain bears it out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, text

from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.sending.sender import Sender
from coopledger.database.engine import engine_of
from coopledger.domain.types import NO_SEAT, ScreeningId
from coopledger.index import tables
from coopledger.index.asking.reading import reading
from coopledger.index.following.ranges import RangeSize
from coopledger.index.look import Look
from coopledger.services.counter.door import NotIssued, find_tickets
from coopledger.services.counter.receipts import Sold, sold_by_reference
from coopledger.services.counter.selling import CounterSale, ReceiptUsed, SoldOverCounter, sell
from coopledger.services.programme.films_and_screenings import showings_of

if TYPE_CHECKING:
    from tests.index.bad_node import BadNode, RawLog
    from tests.index.conftest import Index
    from tests.services.conftest import Office

SALE = CounterSale(ScreeningId(1), "Tiket reguler", NO_SEAT, "R1")


def look_at(index: Index, office: Office) -> Look:
    """Return what gives a look at an index of an office's chain."""

    @contextmanager
    def look() -> Iterator[Connection]:
        engine = engine_of(index.dsn)
        try:
            ledger = office.coop.ledger.address
            with reading(engine, index.dsn, office.chain.chain_id, ledger) as connection:
                yield connection
        finally:
            engine.dispose()

    return look


@contextmanager
def changing(index: Index) -> Iterator[Connection]:
    """Give a transaction that changes an index's tables."""
    engine = engine_of(index.dsn)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def ring_up(office: Office, look: Look | None, receipt: str, clerk: int = 0) -> SoldOverCounter:
    """Sell a ticket over the counter."""
    sale = replace(SALE, receipt=receipt)
    sender = office.sender(clerk)
    return sell(office.coop, sender, office.operator, office.people, sale, look)


def refused(office: Office, look: Look, receipt: str) -> bool:
    """Say whether a receipt counts as used, and its code leads to the very ticket."""
    with pytest.raises(ReceiptUsed) as failure:
        ring_up(office, look, receipt)
    found = find_tickets(office.coop, lambda: office.people, [f"{receipt}-1"], look)
    return found == [failure.value.ticket_id]


def seen_through(office: Office, index: Index, **options: Any) -> Sold:
    """Return what is known of all references that the chain shows."""
    references = [each.reference for each in office.sold()]
    return sold_by_reference(office.coop, look_at(index, office), references, **options)


def test_the_chain_is_asked_only_for_what_follows_the_index(
    busy: Office, bad_node: tuple[BadNode, Office], index: Index
) -> None:
    """What was sold is told as the chain tells it, from the logs after the index's newest block."""
    node, seen = bad_node
    index.follow(busy)
    cursor = busy.chain.head()
    ring_up(busy, None, "R1")
    expected = {each.reference: each for each in busy.sold()}
    node.ranges.clear()
    showings = showings_of(seen.coop, [ScreeningId(1), ScreeningId(2)])
    assert seen_through(seen, index, showings=showings) == expected
    assert node.ranges[1:] == [busy.chain.head() - cursor]  # the first one is this test's own
    for screening in (1, 2):
        whole = sold_by_reference(
            seen.coop, look_at(index, seen), (), whole=[ScreeningId(screening)]
        )
        assert {each for each in whole.values() if each.screening == screening} == {
            each for each in expected.values() if each.screening == screening
        }


def test_an_index_that_lies_behind_sells_nothing_twice(office: Office, index: Index) -> None:
    """What was sold after the index's newest block counts, and what lies before it, too."""
    look = look_at(index, office)
    ring_up(office, look, "R1")
    index.follow(office)
    ring_up(office, look, "R2")
    office.dev.mine(3)
    assert refused(office, look, "R1")
    assert refused(office, look, "R2")
    assert office.coop.ledger.ticket_count() == 2


def test_an_import_goes_on_after_the_index(office: Office, index: Index) -> None:
    """Positions issued before and after the index's block are skipped, those no longer there named."""
    look = look_at(index, office)
    first = {"order": "A", "position": "1"}
    office.sell_plain(first, {"order": "A", "position": "2"}, look=look)
    index.follow(office)
    office.sell_plain(first, {"order": "B"}, look=look)
    for given in (look, None):
        report = office.sell_plain(first, {"order": "B"}, look=given)
        assert (report.tickets, report.skipped) == (0, {"issued before": 2})
        assert [str(each.key) for each in report.withdrawn] == ["A-2"]
    assert office.coop.ledger.ticket_count() == 3


def test_an_index_of_a_chain_that_has_turned_is_not_believed(office: Office, index: Index) -> None:
    """What a replaced block sold may be sold, and what the new one sold may not, though as high."""
    look = look_at(index, office)
    before = office.dev.snapshot()
    ring_up(office, look, "OLD")
    index.follow(office)
    indexed = office.chain.head()
    office.dev.revert(before)
    ring_up(office, None, "NEW")
    assert office.chain.head() == indexed
    assert refused(office, look, "NEW")
    with pytest.raises(NotIssued):
        find_tickets(office.coop, lambda: office.people, ["OLD-1"], look)
    ring_up(office, look, "OLD")
    assert office.coop.ledger.ticket_count() == 2


def test_a_chain_that_turned_back_is_read_itself(office: Office, index: Index) -> None:
    """Where the node's newest block lies before the index's, the node's word counts."""
    look = look_at(index, office)
    ring_up(office, look, "R1")
    before = office.dev.snapshot()
    ring_up(office, look, "R2")
    index.follow(office)
    office.dev.revert(before)
    assert refused(office, look, "R1")
    ring_up(office, look, "R2")


def test_a_rebuild_under_way_sells_nothing_twice(office: Office, index: Index) -> None:
    """Without tables, with empty ones, and with an index that is only half made again."""
    look = look_at(index, office)
    for number in range(4):
        ring_up(office, None, f"R{number}")
    for make in (lambda _: None, tables.prepare, tables.drop):
        with changing(index) as connection:
            make(connection)
        assert refused(office, look, "R0")
    with index.sync(office) as sync:
        sync.size = RangeSize(blocks=office.chain.head() - office.coop.first_block - 1)
        assert not sync.step().caught_up
        assert refused(office, look, "R0")
        assert refused(office, look, "R3")


def test_sales_while_the_index_is_made_anew_again_and_again(office: Office, index: Index) -> None:
    """Whatever the worker is just doing, each receipt sells one ticket and is found."""
    look, stop = look_at(index, office), Event()

    def rebuild() -> None:
        while not stop.is_set():
            index.worker(office, Event()).rebuild()

    worker = Thread(target=rebuild)
    worker.start()
    try:
        for number in range(12):
            ring_up(office, look, f"R{number}")
            assert all(refused(office, look, f"R{number}") for _ in range(5))
    finally:
        stop.set()
        worker.join()
    assert office.coop.ledger.ticket_count() == 12


def test_an_index_of_another_ledger_is_left_alone(
    office: Office, unfounded: Office, index: Index
) -> None:
    """An index of another cooperative on the same chain says nothing about this one's sales."""
    index.follow(unfounded)
    look = look_at(index, office)
    ring_up(office, look, "R1")
    assert refused(office, look, "R1")


def test_an_index_that_lacks_a_sale_is_noticed(office: Office, index: Index) -> None:
    """Where the index knows fewer batches than the box office counts, the chain is read."""
    look = look_at(index, office)
    ring_up(office, look, "R1")
    ring_up(office, look, "R2")
    index.follow(office)
    with changing(index) as connection:
        connection.execute(text("UPDATE index.ticket SET reference = NULL WHERE id = 1"))
    with pytest.raises(ReceiptUsed):
        ring_up(office, look, "R1")
    assert office.coop.ledger.ticket_count() == 2


def test_of_two_clerks_who_saw_the_same_index_one_sells(office: Office, index: Index) -> None:
    """Whoever comes second after both were told that nothing was sold is refused by the sequence."""
    index.follow(office)
    look = look_at(index, office)

    class Slow(Sender):
        """Sends after another clerk has sold under the same receipt."""

        def send(self, *given: Any) -> Any:
            ring_up(office, look, "R1", clerk=1)
            return super().send(*given)

    slow = Slow(office.chain, office.signer(), office.settings)
    with pytest.raises(ContractRefusal) as second:
        sell(office.coop, slow, office.operator, office.people, SALE, look)
    assert second.value.name == "WrongSequence"
    assert office.coop.ledger.ticket_count() == 1


def test_a_chain_that_turns_while_it_is_read_is_noticed(
    office: Office, bad_node: tuple[BadNode, Office], index: Index
) -> None:
    """A block that is replaced between the index's answer and the node's logs makes the index void."""
    node, seen = bad_node
    look = look_at(index, seen)
    before = seen.dev.snapshot()
    ring_up(seen, None, "OLD")
    index.follow(seen)
    ring_up(seen, None, "LATER")
    turned: list[bool] = []

    def turn(log: RawLog) -> RawLog:
        if not turned and log["topics"][0] == "0x" + events_of("BoxOffice")["Sold"].topic.hex():
            turned.append(True)
            seen.dev.revert(before)
            ring_up(seen, None, "NEW")
        return log

    node.change = turn
    reference = seen.people.order_reference("counter", "NEW", "1")
    assert reference in sold_by_reference(seen.coop, look, [reference])
    assert turned


def test_whose_sale_counts_is_the_box_offices(busy: Office, index: Index) -> None:
    """What an unknown contract sold under a reference is no sale of a box office of ours."""
    index.follow(busy)
    stranger = replace(
        busy.coop, box_office=replace(busy.coop.box_office, address=busy.signer(5).address)
    )
    reference = busy.sold()[0].reference
    assert reference in sold_by_reference(busy.coop, look_at(index, busy), [reference])
    assert not sold_by_reference(stranger, look_at(index, busy), [reference])
