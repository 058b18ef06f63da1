"""A process is told by its pid and its start, so another one of the same pid is left alone."""

import subprocess
import sys

from coopledger.local.processes import ProcessMark


def test_a_process_of_the_same_pid_is_left_alone() -> None:
    """A mark of an earlier process neither counts as running nor stops the one that has its pid."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        mark = ProcessMark.of(process.pid)
        earlier = ProcessMark(process.pid, mark.started - 60)
        assert not earlier.runs()
        earlier.stop(1)
        assert mark.runs()
        mark.stop(10)
        assert not mark.runs()
        process.wait()
    mark.stop(10)
