"""The index's commands, as they are typed: worker, status, rebuild, and holding the index against the chain."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO, TYPE_CHECKING

import pytest

from coopledger.database.dsn import Dsn
from tests.index.conftest import Index, index_maker

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine

FORK_SERVER = Path(__file__).parents[1] / "fork_server.py"
LONGEST_WAIT_S = 120
SALE = ("sell", "1", "--tier", "Tiket reguler", "--consent", "form")


@pytest.fixture
def index(cli: CommandLine, machine_variables: dict[str, str]) -> Index:
    """A database of the test's own, in which the commands find no index yet."""
    index = index_maker(Dsn(machine_variables["COOPLEDGER_DATABASE_DSN"]))()
    # What a worker says of its own audits has tests of its own.
    cli.set(database_dsn=index.dsn.text, audit_every_s="0")
    return index


class Command:
    """A command in a process of its own."""

    def __init__(self, server: subprocess.Popen[str], words: Sequence[str]) -> None:
        assert server.stdin is not None
        self._said, self._told = lines_of(server.stderr), lines_of(server.stdout)
        server.stdin.write(json.dumps(words) + "\n")
        server.stdin.close()
        self.pid = int(self._told.get(timeout=LONGEST_WAIT_S))
        self.ended = False

    def says(self) -> str:
        """Return the next line that it says."""
        return self._said.get(timeout=LONGEST_WAIT_S)

    def end(self, how: signal.Signals) -> int:
        """Send it a signal, and return its exit code."""
        os.kill(self.pid, how)
        code = int(self._told.get(timeout=LONGEST_WAIT_S))
        self.ended = True
        return code


def lines_of(stream: IO[str] | None) -> Queue[str]:
    """Return what gets the lines of a stream as they come."""
    assert stream is not None
    lines: Queue[str] = Queue()

    def read() -> None:
        for line in stream:
            lines.put(line.rstrip("\n"))

    Thread(target=read, daemon=True).start()
    return lines


@contextmanager
def started(*words: str) -> Iterator[Command]:
    """Start a command in a process of its own, with this one's settings."""
    with subprocess.Popen(
        [sys.executable, str(FORK_SERVER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        command = Command(server, words)
        try:
            yield command
        finally:
            if not command.ended:
                os.kill(command.pid, signal.SIGKILL)


def caught_up(cli: CommandLine) -> str:
    """Return what a worker says when it has caught up with the chain as it is now."""
    return f"The index has caught up with the chain at block {cli.chain.head()}."


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_follows_and_stops_in_order(
    cli: CommandLine, index: Index, how: signal.Signals
) -> None:
    """It says what it follows and when it has caught up, and ends well when it is asked to."""
    with started("worker") as worker:
        assert worker.says().startswith("Following ledger 0x")
        assert worker.says() == caught_up(cli)
        assert worker.end(how) == 0
        assert worker.says() == "The worker has stopped."
    assert index.rows("SELECT block FROM index.cursor") == [(cli.chain.head(),)]


def test_a_second_worker_takes_over_from_a_killed_one(cli: CommandLine, index: Index) -> None:
    """It waits and says so; nothing else may write meanwhile; it goes on when the first one is gone."""
    with started("worker") as first, started("worker") as second:
        first.says()
        assert first.says() == caught_up(cli)
        second.says()
        assert second.says() == "Another worker is writing the index. Waiting to take over."
        refused = cli("index", "rebuild")
        assert refused.code == 5
        assert "another process is writing the index" in refused.err
        assert cli.done("index", "status", "--format", "json").facts["blocks_behind"] == 0
        assert first.end(signal.SIGKILL) == -signal.SIGKILL
        assert second.says() == caught_up(cli)
        cli.done(*SALE, "--email", "ayu@example.org", "--receipt", "w1")
        assert second.end(signal.SIGTERM) == 0
        assert second.says() == "The worker has stopped."


def test_the_status_says_how_far_the_index_is(cli: CommandLine, index: Index) -> None:
    """No index, one that has caught up, and one that is behind are told apart."""
    missing = cli("index", "status")
    assert missing.code == 4
    assert "there is no index" in missing.err
    assert "coopledger worker" in missing.err
    cli.done("index", "rebuild")
    block = cli.chain.block("latest")
    facts = cli.done("index", "status", "--format", "json").facts
    assert (facts["block"], facts["blocks_behind"]) == (block.number, 0)
    assert facts["block_hash"] == "0x" + block.hash.hex()
    cli.done(*SALE, "--email", "ayu@example.org", "--receipt", "s1")
    cli.dev.mine(2)
    behind = cli.done("index", "status", "--format", "json").facts
    assert behind == {**facts, "blocks_behind": cli.chain.head() - block.number}
    assert behind["blocks_behind"] >= 3
    shown = dict(line.split("  ", 1) for line in cli.done("index", "status").out.splitlines())
    assert shown["blocks behind"].strip() == str(behind["blocks_behind"])


def test_a_rebuilt_index_is_the_same(cli: CommandLine, index: Index) -> None:
    """It is dropped and made anew, with all that the chain says, and with nothing else."""
    cli.done("index", "rebuild")
    cli.done(*SALE, "--email", "ayu@example.org", "--receipt", "r1")
    said = cli.done("index", "rebuild").err
    assert f"The index is at block {cli.chain.head()}: 1 records, 1 tickets." in said
    before = index.dump()
    with index.reading() as connection:
        connection.exec_driver_sql("UPDATE index.record SET standing = 2")
        connection.commit()
    assert index.dump() != before
    cli.done("index", "rebuild")
    assert index.dump() == before


def test_the_database_is_compared_with_the_chain(cli: CommandLine, index: Index) -> None:
    """Without a file the index is held against the chain; a difference is named, with exit code 1."""
    assert cli("audit", "compare").code == 4
    cli.done(*SALE, "--email", "ayu@example.org", "--receipt", "c1")
    cli.done("index", "rebuild")
    facts = cli.done("audit", "compare", "--rpc", cli.url, "--format", "json").facts
    assert (facts["verdict"], facts["findings"]) == ("agrees", [])
    rows = sum(map(len, index.dump().values()))
    assert facts["index"] == {
        "block": cli.chain.head(),
        "records": 1,
        "rows_of_all_tables": rows,
    }
    with index.reading() as connection:
        connection.exec_driver_sql("UPDATE index.record SET consent = 1, bylaws = 3")
        connection.commit()
    quick = cli("audit", "compare", "--register-only", "--format", "csv")
    assert (quick.code, quick.out.splitlines()[1:]) == (
        1,
        ['the index and the chain,"member 1, consent",attested,signed,,'],
    )
    differs = cli("audit", "compare")
    assert differs.code == 1
    assert "record number 1 (member 1), bylaws" in differs.out
    assert "the audit found 3 differences" in differs.err
    with index.reading() as connection:
        connection.exec_driver_sql("UPDATE index.origin SET chain_id = 5")
        connection.commit()
    assert cli("audit", "compare").code == 8


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_comparison_that_is_ended_leaves_nothing(
    cli: CommandLine, index: Index, how: signal.Signals
) -> None:
    """The database that it started for itself goes with it, however it is asked to end."""
    cli.done("index", "rebuild")
    with TemporaryDirectory(prefix="coopledger-test-") as folder:
        cli.patch.setenv("TMPDIR", folder)
        with started("audit", "compare") as comparison:
            deadline = time.monotonic() + LONGEST_WAIT_S
            while not list(Path(folder).glob("coopledger-audit-*/postgresql")):
                assert time.monotonic() < deadline
                time.sleep(0.005)
            assert comparison.end(how) > 0
        assert not list(Path(folder).iterdir())


def test_options_of_a_list_are_not_for_the_database(cli: CommandLine) -> None:
    """What has no meaning without a file, or with one, is refused."""
    for words in (("--at", "3"), ("--closed",), ("--annulled",), ("--first-block", "0")):
        assert cli("audit", "compare", *words).code == 2
    assert cli("audit", "compare", "a.csv", "--register-only").code == 2
