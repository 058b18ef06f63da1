"""Milliseconds for a page, a look-up, a count and the changes of a register as of random times.

The rows are made by the real projections, from generated events under a right hash chain; and nothing is
asked twice the same way, so no answer comes from a cache of answers.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, text

from bench.generated_register import ORIGIN, Generator
from coopledger.database.dsn import Dsn
from coopledger.database.engine import engine_of
from coopledger.domain.moments import BlockMark
from coopledger.domain.register import Consent, Standing
from coopledger.domain.types import BlockNumber, MemberNumber, Timestamp
from coopledger.index import tables
from coopledger.index.asking import pinning
from coopledger.index.asking.queries import Register
from coopledger.index.asking.wanted import State, Wanted
from coopledger.index.following import store
from coopledger.index.following.sync import apply
from coopledger.local.database.server import EmbeddedServer

PROMISED_MS = 50.0
_FILTERS = (
    *(Wanted(), Wanted(State.ALL), Wanted(State.CLOSED), Wanted(State.CLOSED, annulled=True)),
    *(Wanted(standing=standing) for standing in (Standing.ASSOCIATE, Standing.FULL)),
    *(Wanted(consent=each) for each in (Consent.SIGNED, Consent.PURCHASED, Consent.ATTESTED)),
    Wanted(State.CLOSED, Standing.FULL, Consent.SIGNED),
)


def main(arguments: list[str]) -> int:
    """Measure and show; return 1 where the slowest hundredth of a question takes 50 ms or more."""
    parser = argparse.ArgumentParser(prog="scripts/bench register", description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000, help="records to make")
    parser.add_argument("--times", type=int, default=2_000, help="how often each is asked")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="coopledger-bench-") as folder,
        EmbeddedServer(Path(folder) / "postgresql") as server,
    ):
        measured = measure(server.start(), options.members, options.times)
    show(measured)
    if options.json:
        print(json.dumps(measured))
    slowest = max(value for name, value in measured.items() if name.endswith("p99_ms"))
    return 0 if slowest < PROMISED_MS else 1


def measure(dsn: Dsn, members: int, times: int) -> dict[str, float]:
    """Make a register of that size, and ask it."""
    engine = engine_of(dsn)
    try:
        with engine.connect() as connection:
            built = fill(connection, members)
            looking = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            with looking.connect() as snapshot, snapshot.begin():
                figures = ask(snapshot, members, times)
    finally:
        engine.dispose()
    return {"members": members, "times": times, "build_s": built, **figures}


def fill(connection: Connection, members: int) -> float:
    """Project a generated register into the tables; return the seconds it took."""
    started = time.monotonic()
    with connection.begin():
        tables.prepare(connection)
        store.claim(connection, ORIGIN)
    for batch in Generator().batches(members, 100, 50):
        apply(connection, ORIGIN, batch, BlockNumber(batch.end.number))
    connection.commit()
    connection.connection.driver_connection.autocommit = True  # type: ignore[union-attr]
    connection.exec_driver_sql("VACUUM ANALYZE")
    connection.connection.driver_connection.autocommit = False  # type: ignore[union-attr]
    return round(time.monotonic() - started, 1)


def ask(connection: Connection, members: int, times: int) -> dict[str, float]:
    """Ask each question so often, each time about another moment."""
    chosen = random.Random(5)
    marks = [BlockMark(*row) for row in connection.execute(text(_MARKS))]
    accounts = [row[0] for row in connection.execute(text(_ACCOUNTS), {"every": members // 5000})]

    def moment() -> Register:
        index = chosen.randrange(len(marks) - 1)
        within = chosen.randrange(marks[index].time, marks[index + 1].time)
        return Register(connection, pinning.pin(connection, marks[index], Timestamp(within)))

    def page() -> int:
        then, wanted = moment(), chosen.choice(_FILTERS)
        after = MemberNumber(chosen.randrange(members))
        return len(then.page(wanted, 50, after))

    def lookup() -> int:
        then = moment()
        return len(then.records_of(chosen.choice(accounts)))

    def as_of() -> int:
        then = moment()
        return then.counts().open

    def changes() -> int:
        then = moment()
        since = Timestamp(chosen.randrange(marks[0].time, then.as_of.time + 1))
        found = then.changes(since)
        if not found.balanced:
            raise AssertionError(found)
        then.joins(since, 50)
        return len(then.exits(since, 50))

    figures: dict[str, float] = {}
    for name, question in (
        *(("page", page), ("lookup", lookup)),
        *(("as_of", as_of), ("changes", changes)),
    ):
        figures |= figures_of(name, times, question)
    return figures


_MARKS = "SELECT number, hash, time FROM index.block ORDER BY number"
_ACCOUNTS = "SELECT '0x' || encode(account, 'hex') FROM index.record WHERE number % :every = 0"


def figures_of(name: str, times: int, question: Callable[[], int]) -> dict[str, float]:
    """Return the median and the slowest hundredth of a question, in milliseconds."""
    for _ in range(20):
        question()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        question()
        taken.append(1000 * (time.perf_counter() - started))
    return {
        f"{name}_p50_ms": round(statistics.median(taken), 2),
        f"{name}_p99_ms": round(statistics.quantiles(taken, n=100)[98], 2),
    }


def show(measured: dict[str, float]) -> None:
    """Show the figures to people."""
    table = Table(title=f"A register of {measured['members']:,} records")
    for column in ("what", "figure"):
        table.add_column(column)
    for name, value in measured.items():
        table.add_row(name, f"{value:,}")
    Console().print(table)
