"""Runs a function in a process of its own, and says how long it took and how much memory it had.

The peak is the kernel's for this process's memory (VmHWM), which begins anew with the program;
``getrusage`` in a child starts from what its parent had.
"""

import importlib
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Measured:
    """What a function returned, its seconds, and its process's peak memory with all imports."""

    result: Any
    seconds: float
    peak_mb: float


def measured(function: str, *arguments: str, folder: Path | None = None) -> Measured:
    """Call ``module:function`` with texts in a fresh process; it returns something that is JSON.

    Args:
        function: such as ``bench.audit:replay_file``.
        arguments: what it is called with.
        folder: where the process works; this project's folder without it.

    Raises:
        CalledProcessError: it failed; its standard error was shown.
    """
    done = subprocess.run(  # noqa: S603  our own interpreter and module
        [sys.executable, "-c", _CHILD, str(Path(__file__).parents[1]), function, *arguments],
        stdout=subprocess.PIPE,
        cwd=folder,
        check=True,
    )
    result, seconds, peak_mb = json.loads(done.stdout.splitlines()[-1])
    return Measured(result, seconds, peak_mb)


_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from bench import _fresh; _fresh.call()"


def call() -> None:
    """Be the fresh process: call what the command line names, and print what was measured."""
    module, name = sys.argv[2].split(":")
    started = time.perf_counter()
    result = getattr(importlib.import_module(module), name)(*sys.argv[3:])
    seconds = time.perf_counter() - started
    print(json.dumps((result, seconds, peak_mb())))


def peak_mb() -> float:
    """Return the most memory that this process has had, in MB (10^6 bytes)."""
    for line in _STATUS.read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError("the kernel does not tell VmHWM")
