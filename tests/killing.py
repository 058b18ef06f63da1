"""Commands in processes of their own, to be killed at random moments."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from tests.services.conftest import Office

FORK_SERVER = Path(__file__).with_name("fork_server.py")


class Commands:
    """Starts commands in processes of their own, one after the other."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    def start(self, words: Sequence[str]) -> int:
        """Start a command and return its process id."""
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(words) + "\n")
        self._server.stdin.flush()
        return int(self._read())

    def end(self) -> int:
        """Wait for the command's end and return its exit code."""
        return int(self._read())

    def run(self, words: Sequence[str]) -> int:
        """Run a command to its end and return its exit code."""
        self.start(words)
        return self.end()

    def _read(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline()


@contextmanager
def commands(environment: dict[str, str], said_to: int | None = None) -> Iterator[Commands]:
    """Give what starts commands with these settings; what they say goes to our own standard error."""
    with subprocess.Popen(
        [sys.executable, str(FORK_SERVER)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said_to,
        text=True,
    ) as server:
        yield Commands(server)
        assert server.stdin is not None
        server.stdin.close()


def kill_at_a_random_moment(
    office: Office, started: int, chance: random.Random, least: int = 0, most: int = 4
) -> None:
    """Kill a process after some of its transactions, ``least`` to ``most``, or before its first."""
    nonce, more = office.nonce(), chance.randint(least, most)
    deadline = time.monotonic() + 60
    while office.nonce() < nonce + more and time.monotonic() < deadline:
        if not psutil.pid_exists(started):
            return  # it came to its end first
        time.sleep(0.002)
    time.sleep(chance.uniform(0, 0.25 if more == 0 else 0.02))
    with suppress(ProcessLookupError):
        os.kill(started, signal.SIGKILL)
