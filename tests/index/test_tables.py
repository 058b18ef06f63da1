"""The index's tables, and what becomes of a copy that another version made."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData

from coopledger.database.engine import engine_of
from coopledger.domain.types import SeatNumber
from coopledger.index import schema, tables
from coopledger.index.asking.reading import IndexOfAnotherVersion, reading
from coopledger.index.following.sync import Progress
from tests.index.history import buy, make_history

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.index.conftest import Index as Copy
    from tests.services.conftest import Office


@pytest.fixture
def former(index: Copy, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """An index whose tables are made already, by a version that had other ones."""
    with monkeypatch.context() as patched:
        patched.setattr(tables, "fingerprint", lambda: "another")
        engine = engine_of(index.dsn)
        with engine.begin() as connection:
            tables.prepare(connection)
        engine.dispose()
    return index


def look(index: Copy, office: Office) -> None:
    """Look at an index as every reader does."""
    engine = engine_of(index.dsn)
    try:
        coop = office.coop
        with reading(engine, index.dsn, coop.chain.chain_id, coop.ledger.address):
            pass
    finally:
        engine.dispose()


def schemas(index: Copy) -> list[str]:
    """Return which copies there are."""
    names = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'index%' ORDER BY nspname"
    return [row[0] for row in index.rows(names)]


def described(change: Callable[[MetaData], object] = lambda _: None) -> str:
    """Return the fingerprint of the index's tables after a change."""
    copy = MetaData(schema=schema.SCHEMA)
    for table in schema.metadata.sorted_tables:
        table.to_metadata(copy)
    change(copy)
    return tables.fingerprint_of(copy)


def test_every_column_and_index_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fingerprint is another where something else is made, or the same tables get other rows."""
    same = described()
    film, exits = (f"{schema.SCHEMA}.{name}" for name in ("film", "exit"))
    changes: list[Callable[[MetaData], object]] = [
        lambda copy: copy.tables[film].append_column(Column("shown", Integer)),
        lambda copy: setattr(copy.tables[film].c.year, "type", BigInteger()),
        lambda copy: Index("film_year_idx", copy.tables[film].c.year),
        lambda copy: copy.tables[exits].indexes.pop(),
        lambda copy: copy.remove(copy.tables[film]),
    ]
    assert len({same, *map(described, changes)}) == 1 + len(changes)
    assert described(lambda copy: setattr(copy.tables[film], "comment", "else")) == same
    monkeypatch.setattr(tables, "EDITION", 0)
    assert described() != same


def test_a_copy_of_another_version_is_read_by_nobody(busy: Office, former: Copy) -> None:
    """Whoever looks at it is told that it is another version's, and what makes it anew."""
    with pytest.raises(IndexOfAnotherVersion) as told:
        look(former, busy)
    assert "coopledger worker" in told.value.advice


def test_it_stays_until_the_new_one_has_caught_up(
    busy: Office, former: Copy, new_index: Callable[[], Copy]
) -> None:
    """A worker makes it anew beside it, goes on where it was stopped, and then puts it in its place."""
    make_history(busy)
    expected = new_index()
    expected.follow(busy)
    stop, said = Event(), list[str]()
    former.worker(busy, stop, said.append, lambda _: stop.set()).run()
    assert schemas(former) == ["index", "index_beside"]
    assert former.rows("SELECT count(*) FROM index.block") == [(0,)], "the old one is as it was"
    begun = former.rows("SELECT block FROM index_beside.cursor")
    assert 0 < begun[0][0] < busy.chain.head()
    seen = list[Progress]()
    former.worker(busy, Event(), said.append, seen.append).run(until_caught_up=True)
    assert len(said) == 2
    assert seen[0].block > begun[0][0]
    assert schemas(former) == ["index"]
    look(former, busy)
    assert former.dump() == expected.dump()
    buy(busy, 2, SeatNumber(9))
    former.follow(busy)
    expected.follow(busy)
    assert former.dump() == expected.dump(), "it is followed in its own place"


def test_a_worker_goes_on_in_the_place_that_it_took(busy: Office, former: Copy) -> None:
    """The one that put the new copy in its place writes there itself, without a new start."""
    stop, caught_up = Event(), list[Progress]()

    def watch(progress: Progress) -> None:
        if not progress.caught_up:
            return
        if caught_up:
            stop.set()
        else:
            buy(busy, 2, SeatNumber(9))
        caught_up.append(progress)

    former.worker(busy, stop, watch=watch).run()
    assert schemas(former) == ["index"]
    assert former.rows("SELECT block FROM index.cursor") == [(busy.chain.head(),)]


def test_a_rebuild_leaves_nothing_of_another_version(busy: Office, former: Copy) -> None:
    """Made anew on purpose, it is there at once, and what was begun beside it is gone."""
    stop = Event()
    former.worker(busy, stop, watch=lambda _: stop.set()).run()
    former.worker(busy, Event()).rebuild()
    assert schemas(former) == ["index"]
    look(former, busy)


def test_an_undone_change_of_version_leaves_nothing_beside(
    busy: Office, index: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the version that made the copy comes back, it goes on with it and drops the other's."""
    index.follow(busy)
    with monkeypatch.context() as patched:
        patched.setattr(tables, "fingerprint", lambda: "another")
        index.follow(busy, steps=1)
        assert schemas(index) == ["index", "index_beside"]
    before = index.dump()
    index.follow(busy)
    assert schemas(index) == ["index"]
    assert index.dump() == before
