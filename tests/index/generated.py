"""Generated registers in databases of a test's own, and what is needed to ask them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from bench.generated_register import ORIGIN, Generator, Shares
from coopledger.database.dsn import Dsn
from coopledger.database.engine import engine_of
from coopledger.domain.events import ChainEvent
from coopledger.domain.moments import BlockMark
from coopledger.domain.types import BlockNumber, Timestamp
from coopledger.index import tables
from coopledger.index.asking import pinning
from coopledger.index.asking.queries import Register
from coopledger.index.following import store
from coopledger.index.following.sync import apply
from tests.databases import new_database

SHARES = Shares(leaves=0.4, standings=0.6, moves=0.15, rejoins=0.2)


@dataclass
class Made:
    """A generated register in an index, and the events that it was made of."""

    connection: Connection
    events: list[ChainEvent]
    marks: list[BlockMark]

    def at(self, moment: Timestamp) -> Register:
        """Return the register as of a moment."""
        block = max((m for m in self.marks if m.time <= moment), key=lambda m: m.number)
        return Register(self.connection, pinning.pin(self.connection, block, moment))

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last second of it."""
        return self.marks[0].time, self.marks[-1].time


@contextmanager
def made(server: Dsn, seed: int, members: int, per_block: int = 3) -> Iterator[Made]:
    """Fill an index in a database of its own with a generated register."""
    engine = engine_of(new_database(server))
    generator = Generator(seed, SHARES, events=[])
    try:
        with engine.connect() as connection:
            with connection.begin():
                tables.prepare(connection)
                store.claim(connection, ORIGIN)
            for batch in generator.batches(members, per_block, 4):
                assert apply(connection, ORIGIN, batch, BlockNumber(batch.end.number - 2))
            with connection.begin():
                marks = store.remembered(connection, BlockNumber(0))
            with connection.begin():
                yield Made(connection, generator.events or [], marks)
    finally:
        engine.dispose()
