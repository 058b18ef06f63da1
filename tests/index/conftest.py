"""Box offices whose chain is followed, and databases of a test's own to follow it into.

The chains are those of ``tests/services``. An index is compared with another as a dump, every row of
every table, so a difference cannot hide in what nobody asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, text

from coopledger.chain.contracts.deployments import open_cooperative
from coopledger.chain.wire.client import connect
from coopledger.database.dsn import Dsn
from coopledger.database.engine import engine_of
from coopledger.index import schema
from coopledger.index.following.sync import Progress, Sync
from coopledger.index.following.worker import Worker, writing
from coopledger.settings import Settings
from tests.databases import new_database
from tests.index.bad_node import BadNode, in_front_of
from tests.services.conftest import (
    brought_back,
    busy,
    database,
    environment,
    founded,
    founded_and_sold,
    office,
    open_office,
    shared_people,
    state_folder,
    unfounded,
)

if TYPE_CHECKING:
    from tests.services.conftest import Office

__all__ = [
    "brought_back",
    "busy",
    "database",
    "environment",
    "founded",
    "founded_and_sold",
    "office",
    "open_office",
    "shared_people",
    "state_folder",
    "unfounded",
]

Dump = dict[str, list[tuple[Any, ...]]]


@dataclass
class Index:
    """An index in a database of its own."""

    dsn: Dsn
    settings: Settings

    def follow(self, office: Office, steps: int | None = None) -> list[Progress]:
        """Follow an office's chain until caught up, or for some steps."""
        done: list[Progress] = []
        with self.sync(office) as sync:
            while not (done and done[-1].caught_up) and len(done) != steps:
                done.append(sync.step())
        return done

    @contextmanager
    def sync(self, office: Office) -> Iterator[Sync]:
        """Give what follows an office's chain, step by step."""
        with writing(self.dsn, Event(), lambda _: None) as connection:
            sync = Sync(office.coop, connection, self.settings)
            sync.begin()
            yield sync

    def worker(
        self,
        office: Office,
        stop: Event,
        say: Callable[[str], None] = lambda _: None,
        watch: Callable[[Progress], None] = lambda _: None,
    ) -> Worker:
        """Return a worker for an office's chain."""
        return Worker(office.coop, self.dsn, self.settings, stop, say, watch)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to look at the tables."""
        engine = engine_of(self.dsn)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with self.reading() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def block(self) -> int:
        """Return how far it is; -1 where it has not begun."""
        begun = self.rows("SELECT to_regclass('index.cursor') IS NOT NULL")
        found = self.rows("SELECT block FROM index.cursor") if begun == [(True,)] else []
        return int(found[0][0]) if found else -1

    def wait_for(self, block: int) -> None:
        """Wait until it has got so far."""
        deadline = time.monotonic() + 60
        while self.block() < block:
            assert time.monotonic() < deadline, f"the index stays at block {self.block()}"
            time.sleep(0.005)

    def dump(self) -> Dump:
        """Return every row of every table."""
        with self.reading() as connection:
            return {
                table.name: sorted(map(tuple, connection.execute(table.select())), key=repr)
                for table in schema.metadata.sorted_tables
            }


@pytest.fixture
def new_index(database: Dsn) -> Callable[..., Index]:
    """Make empty indexes, each in a database of its own."""
    return index_maker(database)


def index_maker(server: Dsn) -> Callable[..., Index]:
    """Return what makes empty indexes, each in a new database of a server."""

    def made(**settings: Any) -> Index:
        chosen = Settings.model_construct(index_poll_s=0.01, **settings)
        return Index(new_database(server), chosen)

    return made


@pytest.fixture
def bad_node(busy: Office) -> Iterator[tuple[BadNode, Office]]:
    """A node that can be made to misbehave, and the busy box office as one sees it through it."""
    with in_front_of(busy.url) as node:
        chain = connect(node.url, busy.chain.chain_id)
        coop = open_cooperative(chain, busy.deployments)
        yield node, replace(busy, url=node.url, chain=chain, coop=coop)
        chain.close()


@pytest.fixture
def index(new_index: Callable[[], Index]) -> Index:
    """An index with nothing in it."""
    return new_index()
