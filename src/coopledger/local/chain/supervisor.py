"""Runs a node for as long as the process that asked for it lives. Started as a script, not imported.

The owner holds the write end of this process's standard input and never writes. When the owner ends,
however it ends, the pipe closes and the node is stopped. Should this process be killed itself, Linux
kills the node with it.

Only the standard library, so that it starts in isolated mode within milliseconds.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_GRACE_S = 3.0


def main(folder: str, command: list[str]) -> int:
    """Run ``command``, print its pid, and return its exit code; then remove ``folder``, its own."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def die_with_supervisor() -> None:
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    # This process has one thread here, so code between fork and exec is safe, and the death
    # signal is tied to the process and not to a passing thread.
    node = subprocess.Popen(  # noqa: S603  the owner's own command
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        stderr=sys.stderr,
        start_new_session=True,
        preexec_fn=die_with_supervisor,
    )
    print(node.pid, flush=True)
    threading.Thread(target=_stop_when_owner_ends, args=(node,), daemon=True).start()
    code = node.wait()
    _signal_group(node.pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)
    return code


def _stop_when_owner_ends(node: "subprocess.Popen[bytes]") -> None:
    os.read(0, 1)
    _signal_group(node.pid, signal.SIGTERM)
    time.sleep(_GRACE_S)
    _signal_group(node.pid, signal.SIGKILL)


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a terminal's signals are for the owner to act on
    sys.exit(main(sys.argv[1], sys.argv[2:]))
