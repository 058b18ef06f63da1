"""The servers as processes: their connections, and their workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import psutil
import pytest

from coopledger.api.process import LOOPBACK, listen, url_of
from tests.api.telling_server import TOLD

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


@contextmanager
def started(
    folder: Path, *words: str, handle: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run the telling server; it and all below it are gone at the end."""
    variables = {
        "PYTHONPATH": str(ROOT),
        "COOPLEDGER_STATE_FOLDER": str(folder),
        "COOPLEDGER_DATABASE_DSN": "postgresql://nobody@127.0.0.1:9/nothing",
    }
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "tests.api.telling_server", *words],
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, **variables},
        pass_fds=() if handle is None else (handle,),
        start_new_session=True,
    )
    family = psutil.Process(process.pid)
    try:
        yield process
    finally:
        for each in (*family.children(recursive=True), family) if family.is_running() else ():
            each.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], end: Callable[[], None]) -> str:
    """End a server, see that nothing below it stays, and return what it said."""
    below = psutil.Process(process.pid).children(recursive=True)
    end()
    _, said = process.communicate(timeout=PATIENCE_S)
    _, alive = psutil.wait_procs(below, PATIENCE_S)
    assert not alive
    return said


@contextmanager
def command(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run ``coopledger api``; give it and its address."""
    with started(folder, "coopledger.cli.main", "api", "--port", "0", *options) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        yield process, said.split()[4].removesuffix("/docs;")


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def workers_of(process: subprocess.Popen[str]) -> dict[int, psutil.Process]:
    """Return the workers of a server by pid."""
    found = {}
    for each in psutil.Process(process.pid).children():
        with suppress(psutil.NoSuchProcess):  # one that has just ended is none
            if "spawn_main" in " ".join(each.cmdline()):
                found[each.pid] = each
    return found


def test_the_commands_connections_wait_for_nobody(tmp_path: Path) -> None:
    """A connection that ``coopledger api`` accepted sends each piece at once (TCP_NODELAY)."""
    with command(tmp_path) as (_, url):
        assert httpx2.get(f"{url}{TOLD}", timeout=PATIENCE_S).json()["nodelay"]


def test_the_machines_connections_wait_for_nobody(tmp_path: Path) -> None:
    """A connection that the service of ``coopledger up`` accepted sends each piece at once, too."""
    with (
        listen(LOOPBACK, 0) as listening,
        started(
            tmp_path,
            *("coopledger.api.service", "--socket", str(listening.fileno())),
            handle=listening.fileno(),
        ),
    ):
        told = httpx2.get(f"{url_of(listening)}{TOLD}", timeout=PATIENCE_S).json()
        assert told["nodelay"]


def test_a_worker_that_died_is_named_and_started_anew(tmp_path: Path) -> None:
    """Where one of two workers is killed the other answers, and there are two again; all end together."""
    with command(tmp_path, "--workers", "2") as (process, url):
        told = httpx2.get(f"{url}{TOLD}", timeout=PATIENCE_S).json()
        assert told["nodelay"]
        before = workers_of(process)
        assert len(before) == 2
        victim = told["pid"]
        before[victim].kill()
        other = httpx2.get(f"{url}{TOLD}", timeout=PATIENCE_S).json()["pid"]
        assert other in set(before) - {victim}
        until(lambda: len(set(workers_of(process)) - {victim}) == 2)
        said = ended(process, lambda: process.terminate())
        assert f"[{victim}] died" in said
        assert process.returncode == 0


@pytest.mark.parametrize(
    ("end", "sent"),
    [(os.killpg, signal.SIGINT), (os.kill, signal.SIGHUP)],
    ids=["Ctrl-C", "terminal lost"],
)
def test_no_worker_stays_behind(
    tmp_path: Path, end: Callable[[int, int], None], sent: signal.Signals
) -> None:
    """However the command is ended, its workers end too, without a word of failure."""
    with command(tmp_path, "--workers", "2") as (process, url):
        httpx2.get(f"{url}{TOLD}", timeout=PATIENCE_S).raise_for_status()
        assert len(workers_of(process)) == 2
        assert "Traceback" not in ended(process, lambda: end(process.pid, sent))
