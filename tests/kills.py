"""Kills importer, counter and worker at random moments: ``scripts/soak kills [--times N] [--seed N]``.

A round begins with nothing sold and an empty index. A screening's orders are imported and tickets are sold
at the counter while a worker follows; each is killed with ``kill -9`` and started again. At the end of a
round all is done to its end: each paid position and each receipt must have one ticket, and the index must
be what an index made in one go is.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coopledger.domain.orders import PositionStatus
from coopledger.errors import FAMILIES, Refused
from coopledger.imports.orders.files import read_positions
from coopledger.local.database.server import EmbeddedServer
from coopledger.people.desk import People
from tests.index.conftest import index_maker
from tests.killing import Commands, commands, kill_at_a_random_moment
from tests.services.conftest import (
    EXAMPLES,
    MASTER_SECRET,
    Office,
    brought_back,
    environment_of,
    office_in,
)

ORDERS = EXAMPLES / "turah-orders.json"
IMPORT = ["import-orders", str(ORDERS), "--map", str(EXAMPLES / "kinarya-map.toml")]
JOINING = ["--consent", "buyers"]
WORKER = ["worker"]
KILLED = -signal.SIGKILL
KILLS_A_ROUND = 25


@dataclass
class Tally:
    """What was killed, and what was then found wrong."""

    kills: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    indexes_that_differ: int = 0

    @property
    def is_good(self) -> bool:
        """Whether nothing was wrong."""
        return not (self.lost or self.doubled or self.indexes_that_differ)


class Round:
    """One round: everybody at work, and killed."""

    def __init__(self, office: Office, clerk: Commands, follower: Commands) -> None:
        self._office, self._clerk, self._follower = office, clerk, follower
        self._receipts: list[list[str]] = []
        self._worker = follower.start(WORKER)

    def kill(self, chance: random.Random) -> str | None:
        """Let somebody work, kill them, and return whom; None where they ended first."""
        victim = chance.choice(("import", "counter", "worker"))
        if victim == "worker":
            time.sleep(chance.uniform(0, 0.5))
            os.kill(self._worker, signal.SIGKILL)
            assert self._follower.end() == KILLED
            self._worker = self._follower.start(WORKER)
            return victim
        if victim == "counter":
            self._receipts.append(sale(len(self._receipts)))
        words, most = (IMPORT + JOINING, 4) if victim == "import" else (self._receipts[-1], 1)
        kill_at_a_random_moment(self._office, self._clerk.start(words), chance, most=most)
        code = self._clerk.end()
        assert code in (0, KILLED), code
        return victim if code == KILLED else None

    def finish(self) -> None:
        """Do to its end what was begun; a receipt that has its ticket is refused another."""
        assert self._clerk.run(IMPORT + JOINING) == 0
        for words in self._receipts:
            assert self._clerk.run(words) in (0, FAMILIES[Refused].exit_code)

    def stop(self) -> None:
        """Let the worker end in order."""
        os.kill(self._worker, signal.SIGTERM)
        assert self._follower.end() == 0

    def expected(self) -> set[bytes]:
        """Return the references of everything that was to be sold."""
        keys = [p.key for p in read_positions(ORDERS).positions if p.status is PositionStatus.PAID]
        named = [(key.source, key.order, key.position) for key in keys]
        named += [("counter", words[words.index("--receipt") + 1], "1") for words in self._receipts]
        return {self._office.people.order_reference(*each) for each in named}


def sale(number: int) -> list[str]:
    """Return the words that sell a ticket by which somebody joins."""
    return [
        *("sell", "1", "--tier", "Tiket reguler", "--receipt", f"R{number}"),
        *("--email", f"buyer-{number}@example.org", "--consent", f"form {number}"),
    ]


def play(office: Office, chance: random.Random, tally: Tally, most: int) -> None:
    """Play a round of up to so many kills."""
    new_index = index_maker(office.dsn)
    index, afresh = new_index(), new_index()
    small: dict[str, Any] = {"transaction_gas_cap": 1_000_000, "transactions_in_flight": 4}
    following: dict[str, Any] = {
        "database_dsn": index.dsn.text,
        "index_poll_s": 0.01,
        "audit_every_s": 0,
    }
    said = subprocess.DEVNULL
    with (
        commands(environment_of(office, **small), said) as clerk,
        commands(environment_of(office, **following), said) as follower,
    ):
        playing = Round(office, clerk, follower)
        kills = 0
        while kills < most:
            if (victim := playing.kill(chance)) is not None:
                tally.kills[victim] += 1
                kills += 1
        playing.finish()
        index.wait_for(office.chain.head())
        playing.stop()
    references = [each.reference for each in office.sold()]
    tally.lost += len(playing.expected() - set(references))
    tally.doubled += len(references) - len(set(references))
    afresh.follow(office)
    tally.indexes_that_differ += index.dump() != afresh.dump()


def main() -> int:
    """Kill as often as wanted; return 1 where a ticket was lost or doubled, or an index differs."""
    parser = argparse.ArgumentParser(prog="scripts/soak kills", description=__doc__)
    parser.add_argument("--times", type=int, default=200, help="kills in all")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    wanted = parser.parse_args()
    chance, tally, started = random.Random(wanted.seed), Tally(), time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="coopledger-soak-") as name,
        EmbeddedServer(Path(name) / "postgresql", durable=False) as server,
        People.open(server.start(), [MASTER_SECRET]) as people,
        office_in(Path(name) / "office", server.start(), people) as founded,
    ):
        while (left := wanted.times - tally.kills.total()) > 0 and tally.is_good:
            with brought_back(founded, Path(name)) as office:
                play(office, chance, tally, min(left, KILLS_A_ROUND))
            seconds = time.monotonic() - started
            print(f"{tally.kills.total()} kills in {seconds:.0f} s", file=sys.stderr, flush=True)
    summary = {
        "kills": tally.kills.total(),
        "of": dict(tally.kills),
        "lost": tally.lost,
        "doubled": tally.doubled,
        "indexes_that_differ": tally.indexes_that_differ,
        "seconds": round(time.monotonic() - started, 1),
        "seed": wanted.seed,
    }
    print(json.dumps(summary))
    return int(not tally.is_good)


if __name__ == "__main__":
    sys.exit(main())
