"""What the index says of the register at any moment is what a plain list of the events says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone, tzinfo
from itertools import accumulate
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.generated_register import LEDGER
from coopledger.database.dsn import Dsn
from coopledger.database.engine import engine_of
from coopledger.domain.events import ChainEvent, Joined, Left, Moved, StandingSet
from coopledger.domain.moments import BlockMark
from coopledger.domain.register import Cause, Consent, Record, Standing
from coopledger.domain.types import WIB, BlockNumber, MemberNumber, Timestamp
from coopledger.index import tables
from coopledger.index.asking import pinning, register_store
from coopledger.index.asking.pinning import BlockReplaced, NotIndexedYet
from coopledger.index.asking.queries import NotYetInTheRegister, WrongOrder
from coopledger.index.asking.wanted import ALL, State, Wanted
from tests.index.generated import Made, made

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.index.conftest import Index

DAY_S = 86_400
SETTINGS = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@pytest.fixture(scope="module")
def register(database: Dsn) -> Iterator[Made]:
    """One register for the questions of this module."""
    with made(database, 7, 300) as found:
        yield found


def told(events: list[ChainEvent], moment: int) -> list[Record]:
    """Return the register at a moment, by going through the events one by one."""
    records: dict[int, Record] = {}
    for event in events:
        if cast(Joined, event).timestamp > moment:
            break
        if isinstance(event, Joined):
            records[event.number] = Record(
                *(event.number, event.account, event.timestamp, None),
                *(Standing.ASSOCIATE, event.consent, Cause.NONE),
            )
        elif isinstance(event, StandingSet):
            records[event.number] = replace(records[event.number], standing=event.standing)
        elif isinstance(event, Left):
            old = records[event.number]
            records[event.number] = replace(old, left_at=event.timestamp, cause=event.cause)
        elif isinstance(event, Moved):
            old = records[event.old_number]
            records[event.old_number] = replace(old, left_at=event.timestamp, cause=Cause.MOVED)
            new = replace(old, number=event.number, account=event.account)
            records[event.number] = replace(new, joined_at=event.timestamp)
    return [records[number] for number in sorted(records)]


def is_wanted(record: Record, wanted: Wanted) -> bool:
    """Say the same as the query does, in the plainest words."""
    closed = record.left_at is not None
    return (
        (wanted.state is State.ALL or closed == (wanted.state is State.CLOSED))
        and (wanted.annulled or record.cause is not Cause.ANNULLED)
        and (wanted.standing is None or record.standing is wanted.standing)
        and (wanted.consent is None or record.consent is wanted.consent)
        and (wanted.joined_from is None or record.joined_at >= wanted.joined_from)
        and (wanted.joined_to is None or record.joined_at < wanted.joined_to)
    )


def same(found: list[Record], expected: list[Record]) -> bool:
    """Compare; the generator's accounts carry no checksum."""

    def plain(records: list[Record]) -> list[tuple[object, ...]]:
        return [(each.account.lower(), replace(each, account=LEDGER)) for each in records]

    return plain(found) == plain(expected)


moments = st.floats(0, 1.02)


def moment_in(register: Made, where: float) -> Timestamp:
    """Return the moment at a share of the whole time, mostly on the second of a block."""
    first, last = register.span
    return Timestamp(max(first, int(first + (last - first) * where)))


@SETTINGS
@given(
    where=moments,
    state=st.sampled_from(State),
    standing=st.sampled_from([None, Standing.ASSOCIATE, Standing.FULL]),
    consent=st.sampled_from([None, Consent.SIGNED, Consent.PURCHASED, Consent.ATTESTED]),
    annulled=st.booleans(),
    joined=st.tuples(st.none() | moments, st.none() | moments),
    page=st.integers(1, 40),
)
def test_the_list_as_of_any_moment_is_the_events(
    register: Made,
    where: float,
    state: State,
    standing: Standing | None,
    consent: Consent | None,
    annulled: bool,
    joined: tuple[float | None, float | None],
    page: int,
) -> None:
    """Page by page, with any filter, at any moment: what a walk over the events gives."""
    moment = moment_in(register, where)
    bounds = [None if each is None else moment_in(register, each) for each in joined]
    wanted = Wanted(state, standing, consent, bounds[0], bounds[1], annulled)
    then = register.at(moment)
    expected = [each for each in told(register.events, moment) if is_wanted(each, wanted)]
    whole = [each.record for each in then.whole(wanted, page)]
    assert same(whole, expected)
    after, listed = MemberNumber(0), []
    while found := then.page(wanted, page, after):
        listed += [each.record for each in found]
        after = found[-1].number
    assert listed == whole


@SETTINGS
@given(where=moments, earlier=st.floats(0, 1))
def test_counts_and_changes_are_the_events(register: Made, where: float, earlier: float) -> None:
    """Counts at any moment, and opening + joins - exits = closing between any two."""
    moment = moment_in(register, where)
    since = Timestamp(int(register.span[0] - 5 + (moment - register.span[0] + 5) * earlier))
    then = register.at(moment)
    records = told(register.events, moment)
    open_ones = [each for each in records if each.left_at is None]
    counts = then.counts()
    assert (counts.records, counts.open, counts.closed) == (
        *(len(records), len(open_ones), len(records) - len(open_ones)),
    )
    assert counts.full == sum(each.standing is Standing.FULL for each in open_ones)
    assert counts.associate == counts.open - counts.full
    assert counts.attested == sum(each.consent is Consent.ATTESTED for each in open_ones)
    assert counts.signed + counts.purchased + counts.attested == counts.open
    assert counts.annulled == sum(each.cause is Cause.ANNULLED for each in records)

    changes = then.changes(since)
    assert changes.balanced
    assert changes.opening == sum(each.left_at is None for each in told(register.events, since))
    assert changes.closing == counts.open
    joins = [each for each in records if each.joined_at > since]
    exits = [each for each in records if each.left_at is not None and each.left_at > since]
    assert (changes.joins, changes.exits) == (len(joins), len(exits))
    assert changes.annulled == sum(each.cause is Cause.ANNULLED for each in exits)
    found = then.joins(since, 1000, annulled=True)
    assert same([each.record for each in found], joins)
    gone = then.exits(since, 1000, annulled=True)
    assert {each.entry.number for each in gone} == {each.number for each in exits}
    assert [each.ordinal for each in gone] == sorted(each.ordinal for each in gone)
    if gone:
        following = then.exits(since, 1000, gone[0].ordinal, annulled=True)
        assert following == gone[1:]


@SETTINGS
@given(where=moments, chosen=st.integers(0, 299))
def test_growth_is_day_by_day(register: Made, where: float, chosen: int) -> None:
    """Each day has the joins and exits of its own hours, also in a zone where midnight is a join's second."""
    moment = moment_in(register, where)
    then, records = register.at(moment), told(register.events, moment)
    second = records[chosen % len(records)].joined_at
    for zone in (WIB, timezone(timedelta(seconds=-second % DAY_S))):

        def day_of(moment: Timestamp, zone: tzinfo = zone) -> date:
            return datetime.fromtimestamp(moment, zone).date()

        joins = Counter(day_of(record.joined_at) for record in records)
        exits = Counter(day_of(record.left_at) for record in records if record.left_at is not None)
        days = then.growth(cast(ZoneInfo, zone), None, 10_000)
        first = min(joins)
        assert [day.day for day in days] == [first + timedelta(n) for n in range(len(days))]
        assert days[-1].day == day_of(moment)
        assert {day.day: day.joins for day in days if day.joins} == joins
        assert {day.day: day.exits for day in days if day.exits} == exits
        is_open = accumulate(joins[day.day] - exits[day.day] for day in days)
        assert [day.open for day in days] == list(is_open)
        again = then.growth(cast(ZoneInfo, zone), days[-1].day, 3)
        assert again == days[-1:]


@SETTINGS
@given(where=moments, number=st.integers(1, 300))
def test_one_member_s_history_is_the_events(register: Made, where: float, number: int) -> None:
    """A record's events up to a moment are those that were generated, to the bit."""
    moment, member = moment_in(register, where), MemberNumber(number)
    then = register.at(moment)

    def names(event: ChainEvent) -> bool:
        return number in {
            cast(Joined, event).number,
            getattr(event, "old_number", None),
        }

    expected = [
        event
        for event in register.events
        if names(event) and cast(Joined, event).timestamp <= moment
    ]
    if not expected:
        with pytest.raises(NotYetInTheRegister):
            then.history(member)
        return
    found = [cast(Joined, each.event) for each in then.history(member)]
    assert [each.register_event().argument for each in found] == [
        cast(Joined, each).register_event().argument for each in expected
    ]
    assert [(type(e), e.place, e.number, e.timestamp, e.head) for e in found] == [
        (type(e), e.place, e.number, e.timestamp, e.head) for e in map(_joined, expected)
    ]


def _joined(event: ChainEvent) -> Joined:
    return cast(Joined, event)


def test_accounts_and_ties(register: Made) -> None:
    """An account's records, newest first, and each tied to the one before it and to where it came from."""
    now = register.at(Timestamp(register.span[1]))
    entries = list(now.whole(ALL))
    moved = [each for each in register.events if isinstance(each, Moved)]
    assert {(e.number, e.moved_from) for e in entries if e.moved_from} == {
        (each.number, each.old_number) for each in moved
    }
    again = [each for each in entries if each.previous]
    assert again
    for entry in again:
        records = now.records_of(entry.account)
        numbers = [each.number for each in records]
        assert numbers == sorted(numbers, reverse=True)
        assert entry.previous == numbers[numbers.index(entry.number) + 1]


def test_a_moment_is_checked_against_the_index(register: Made) -> None:
    """A block that the index has not come to, or holds otherwise, is not answered about."""
    last = register.marks[-1]
    ahead = BlockMark(BlockNumber(last.number + 1), bytes(32), Timestamp(last.time + 1))
    with pytest.raises(NotIndexedYet):
        pinning.pin(register.connection, ahead)
    with pytest.raises(BlockReplaced):
        pinning.pin(register.connection, replace(last, hash=bytes(32)))
    with pytest.raises(WrongOrder):
        register.at(Timestamp(register.span[0])).changes(Timestamp(register.span[1]))


def test_only_what_cannot_be_taken_back_is_final(register: Made) -> None:
    """The last final block is, the one after it is not."""
    final = pinning.reach(register.connection).final
    last = max((m for m in register.marks if m.number <= final), key=lambda mark: mark.number)
    after = min((m for m in register.marks if m.number > final), key=lambda mark: mark.number)
    assert pinning.pin(register.connection, last).final
    assert not pinning.pin(register.connection, after).final
    assert not pinning.pin(register.connection, last, after.time).final
    assert not pinning.newest(register.connection).final


def test_the_head_is_that_of_the_moment(register: Made) -> None:
    """The register's head as of a moment is that of its last event until then."""
    for where in (0.0, 0.3, 1.0):
        then = register.at(moment_in(register, where))
        until = [e for e in register.events if _joined(e).timestamp <= then.as_of.time]
        assert then.head() == (len(until), _joined(until[-1]).head)


def test_an_index_that_has_not_begun_says_so(new_index: Callable[[], Index]) -> None:
    """There is no moment to ask about before the index has begun."""
    empty = new_index()
    engine = engine_of(empty.dsn)
    with engine.begin() as connection:
        tables.prepare(connection)
        assert register_store.cursor(connection) is None
        with pytest.raises(NotIndexedYet, match="has not begun"):
            pinning.newest(connection)
    engine.dispose()
