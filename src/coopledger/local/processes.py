"""Processes that stay when the command that started them ends.

A pid is reused by the system. A process is told by its pid and the moment when it was started; only one
with both is taken for it, and stopped.
"""

from contextlib import suppress
from dataclasses import dataclass

import psutil

_SAME_MOMENT_S = 0.01
_KILL_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class ProcessMark:
    """What tells a process from all others. ``started``: seconds since 1970."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "ProcessMark":
        """Return the mark of a process that runs."""
        return cls(pid, psutil.Process(pid).create_time())

    def runs(self) -> bool:
        """Say whether this very process still runs."""
        try:
            return self._process().status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def stop(self, patience_s: float) -> None:
        """Ask the process to end, kill it where it does not, and wait for its end.

        Harmless where it has ended; a child of ours is then no longer kept in mind by the system.
        """
        with suppress(psutil.NoSuchProcess):
            process = self._process()
            process.terminate()
            try:
                process.wait(patience_s)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(_KILL_TIMEOUT_S)

    def _process(self) -> psutil.Process:
        process = psutil.Process(self.pid)
        if abs(process.create_time() - self.started) >= _SAME_MOMENT_S:
            raise psutil.NoSuchProcess(self.pid)
        return process
