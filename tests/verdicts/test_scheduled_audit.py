"""The audit that the worker does beside its following: when, what it finds, and how it ends."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection

from coopledger.chain.wire.rpc import Interrupted
from coopledger.domain.types import SeatNumber
from coopledger.index.following.sync import Progress
from coopledger.services.auditing import once
from coopledger.services.auditing.on_schedule import RETRY_S, AuditSchedule, due_at
from coopledger.services.auditing.once import (
    AuditNotDone,
    IndexDiffers,
    IndexInMotion,
    audit_index,
    refuse,
)
from coopledger.verdicts.store import Attempt, Outcome
from tests.index.history import buy, make_history

if TYPE_CHECKING:
    from tests.index.bad_node import BadNode, RawLog
    from tests.services.conftest import Office
    from tests.verdicts.conftest import Watch, Watched

DAY_S = 86_400.0


class Impatient(Event):
    """An event that nobody waits for."""

    def wait(self, timeout: float | None = None) -> bool:
        """Let no time pass."""
        return self.is_set() and timeout is not None


def test_a_worker_audits_once_it_has_caught_up(busy: Office, watch: Watch) -> None:
    """It records that all agrees, with the block; a worker that is started anew waits for its time."""
    make_history(busy)
    watched = watch(busy)
    assert run_until_audited(watched) == [Outcome.AGREES]
    (attempt,) = watched.work.audits(9)
    assert attempt.audited is not None
    ((final, block_hash),) = watched.index.rows("SELECT final_block, hash FROM index.cursor")
    assert (attempt.audited.block, attempt.audited.block_hash) == (final, block_hash)
    assert attempt.audited.records == busy.coop.ledger.member_count()
    assert abs(datetime.now(UTC) - attempt.began_at) < timedelta(minutes=10)
    said: list[str] = []
    schedule = AuditSchedule(
        DAY_S, lambda: watched.work.audits(1)[0], watched.work.audit_index, said.append
    )
    schedule.caught_up()
    schedule.end()
    assert (len(watched.work.audits(9)), said) == (1, [])


def test_no_audit_is_made_where_none_is_wanted(busy: Office, watch: Watch) -> None:
    """With an interval of nothing the worker audits nothing."""
    watched = watch(busy, audit_every_s=0.0)
    assert watched.work.worker(Event(), lambda _: None).beside is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("consent = 1", "member 3, consent: signed, where attested was expected"),
        ("joined_at = joined_at - 1", "member 3, joined: "),
        (r"account = decode(repeat('11', 20), 'hex')", "member 3, account: 0x1111"),
    ],
)
def test_a_changed_value_is_found_until_it_is_mended(
    watched: Watched, change: str, named: str
) -> None:
    """One changed value of the index is a difference that names member and field; rebuilt, all agrees."""
    assert watched.audit().outcome is Outcome.AGREES
    watched.alter(f"UPDATE index.record SET {change} WHERE number = 3")  # noqa: S608  our own
    attempt = watched.audit()
    assert attempt.audited is not None
    assert any(named in each for each in attempt.audited.first_findings)
    with pytest.raises(IndexDiffers):
        refuse(attempt)
    watched.work.worker(Event(), lambda _: None).rebuild()
    refuse(watched.audit())
    outcomes = [each.outcome for each in watched.work.audits(9)]
    assert outcomes == [Outcome.AGREES, Outcome.DIFFERS, Outcome.AGREES]


def test_an_audit_that_cannot_be_done_is_no_difference(
    bad_node: tuple[BadNode, Office], watch: Watch
) -> None:
    """Where the node is away that is recorded with the reason, and the worker tries again soon."""
    node, office = bad_node
    watched = watch(office)
    watched.index.follow(office)
    assert watched.audit().outcome is Outcome.AGREES
    node.errors = 1.0
    attempt = watched.audit()
    node.errors = 0.0
    assert (attempt.outcome, attempt.audited) == (Outcome.NOT_DONE, None)
    assert "busy" in (attempt.reason or "")
    with pytest.raises(AuditNotDone):
        refuse(attempt)
    assert [each.outcome for each in watched.work.audits(9)] == [Outcome.NOT_DONE, Outcome.AGREES]
    assert due_at(attempt, DAY_S) == attempt.began_at + timedelta(seconds=RETRY_S)
    assert due_at(attempt, 5.0) == attempt.began_at + timedelta(seconds=5)


def test_an_audit_without_an_index_is_not_done(busy: Office, watch: Watch) -> None:
    """Where there is nothing to compare it is said so, and no verdict is made up."""
    attempt = watch(busy).audit()
    assert attempt.outcome is Outcome.NOT_DONE
    assert "no index" in (attempt.reason or "")


def test_a_fault_of_the_audit_does_not_go_unseen(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug in the audit is recorded as an audit that could not be done, and is in the log."""

    def broken(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(once, "compare_register", broken)
    attempt = watched.audit()
    assert (attempt.outcome, "ZeroDivisionError" in (attempt.reason or "")) == ("not done", True)
    assert "ZeroDivisionError" in caplog.text


def test_an_index_that_has_yet_to_follow_a_turn_is_no_difference(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the chain turned and the index has not, the audit waits for it; for good, it is one."""
    office, rounds = watched.office, []

    class Follows(Event):
        """Lets the index follow while the audit waits."""

        def wait(self, timeout: float | None = None) -> bool:
            """Follow instead of waiting."""
            rounds.append(timeout)
            return bool(watched.index.follow(office))

    snapshot = office.dev.snapshot()
    buy(office, 2, SeatNumber(9))
    watched.index.follow(office)
    office.dev.revert(snapshot)
    buy(office, 2, SeatNumber(8))
    office.dev.mine(3)
    follows = watched.work.audit_index(Follows())
    assert (follows.outcome, len(rounds)) == (Outcome.AGREES, 1)
    watched.alter("UPDATE index.cursor SET hash = sha256(hash)")
    differs = watched.work.audit_index(Impatient())
    assert differs.audited is not None
    assert "hash" in differs.audited.first_findings[0]


def test_a_block_of_the_audited_second_that_comes_late_is_no_difference(watched: Watched) -> None:
    """Where a block shares the audited second and the audit has not seen it, all is done again."""
    office, looks = watched.office, []

    def look() -> AbstractContextManager[Connection]:
        looks.append(office.chain.head())
        if len(looks) == 2:
            office.chain.rpc.request("anvil_setBlockTimestampInterval", 0)
            buy(office, 2, SeatNumber(9))
            office.chain.rpc.request("anvil_removeBlockTimestampInterval")
            watched.index.follow(office)
        return watched.work.index()

    members = office.coop.ledger.member_count()
    verdict = audit_index(office.coop, look, Impatient())
    assert (verdict.agrees, len(looks), verdict.register.records) == (True, 4, members + 1)


def test_a_chain_that_never_rests_is_not_judged(watched: Watched) -> None:
    """Where such a block comes each time the audit gives up, and says so."""
    office = watched.office

    def look() -> AbstractContextManager[Connection]:
        office.chain.rpc.request("anvil_setBlockTimestampInterval", 0)
        office.dev.mine()
        office.chain.rpc.request("anvil_removeBlockTimestampInterval")
        watched.index.follow(office)
        return watched.work.index()

    with pytest.raises(IndexInMotion):
        audit_index(office.coop, look, Impatient())


def test_a_worker_stops_in_order_while_it_audits(
    bad_node: tuple[BadNode, Office], watch: Watch
) -> None:
    """Told to stop, it ends the audit before its next question to the node; nothing is recorded."""
    node, office = bad_node
    watched = watch(office)
    asked, go_on, stop = Event(), Event(), Event()
    said: list[str] = []

    def hold(log: RawLog) -> RawLog:
        asked.set()
        assert go_on.wait(20)
        return log

    def watch_it(progress: Progress) -> None:
        if progress.caught_up:
            # From now on the audit alone asks for events.
            node.change = hold

    worker = watched.work.worker(stop, said.append)
    worker.watch = watch_it
    thread = Thread(target=worker.run)
    thread.start()
    try:
        assert asked.wait(20), "an audit is under way"
        buy(office, 2, SeatNumber(9))
        stop.set()
    finally:
        stop.set()
        go_on.set()
        thread.join(30)
    assert not thread.is_alive()
    assert said == ["The audit that was under way has stopped; nothing of it is recorded."]
    assert watched.work.audits(9) == []


def test_a_comparison_ends_when_it_is_told_to(watched: Watched) -> None:
    """Told to stop when it has come to the index, an audit asks the database nothing more."""
    stop, looks = Event(), []

    def look() -> AbstractContextManager[Connection]:
        looks.append(stop.is_set())
        if len(looks) == 2:
            stop.set()
        return watched.work.index()

    with pytest.raises(Interrupted):
        audit_index(watched.office.coop, look, stop)
    assert looks == [False, False]


def test_the_chain_is_followed_while_an_audit_is_under_way(
    bad_node: tuple[BadNode, Office], watch: Watch
) -> None:
    """New blocks come into the index though an audit takes its time; that one agrees all the same."""
    node, office = bad_node
    watched = watch(office)
    asked, go_on, came, stop, done = (Event() for _ in range(5))
    wanted = office.chain.head() + 2

    def hold(log: RawLog) -> RawLog:
        if not asked.is_set():
            asked.set()
            assert go_on.wait(20)
        return log

    def watch_it(progress: Progress) -> None:
        if progress.caught_up and node.ranges and not asked.is_set():
            node.change = hold
        if progress.block >= wanted:
            came.set()

    worker = watched.work.worker(stop, lambda _: done.set())
    worker.watch = watch_it
    thread = Thread(target=worker.run)
    thread.start()
    try:
        assert asked.wait(20), "an audit is under way"
        office.dev.mine(2)
        assert came.wait(20), "the blocks came while the audit was held"
        go_on.set()
        assert done.wait(30)
    finally:
        stop.set()
        go_on.set()
        thread.join(30)
    assert [each.outcome for each in watched.work.audits(9)] == [Outcome.AGREES]


def test_one_audit_at_a_time_and_none_after_the_end() -> None:
    """However often the worker has caught up, one audit is under way; what was told to end starts none."""
    began, go_on = Event(), Event()
    audits: list[Event] = []
    failed = Attempt(datetime.now(UTC), 0.0, None, "held")

    def audit(stop: Event) -> Attempt:
        audits.append(stop)
        began.set()
        assert go_on.wait(20)
        if stop.is_set():
            raise Interrupted("eth_call")
        return replace(failed, began_at=datetime.now(UTC))

    said: list[str] = []
    schedule = AuditSchedule(0.0, lambda: None, audit, said.append)
    schedule.caught_up()
    assert began.wait(20)
    for _ in range(3):
        schedule.caught_up()
    ending = Thread(target=schedule.end)
    ending.start()
    assert audits[0].wait(20)
    go_on.set()
    ending.join(20)
    schedule.caught_up()
    assert (len(audits), len(said)) == (1, 1)


def run_until_audited(watched: Watched) -> list[Outcome]:
    """Run a worker until it has said what its audit came to; return what is recorded then."""
    stop, said = Event(), Event()
    worker = watched.work.worker(stop, lambda _: said.set())
    thread = Thread(target=worker.run)
    thread.start()
    try:
        assert said.wait(60)
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
    return [each.outcome for each in watched.work.audits(9)]
