"""Finding and stopping PostgreSQL processes of one data directory, and of no other.

A number in a pid file proves nothing, as numbers are used again. A process is ours when it is called
``postgres`` *and* works in our data directory; psutil then also compares the start time before it
signals.
"""

import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from coopledger.local.database.cluster import Cluster

SOCKET_FOLDER_PREFIX = "coopledger-db-"
SOCKET_NAME = ".s.PGSQL.5432"

_FAST_SECONDS = 20
_QUIT_SECONDS = 5


@dataclass(frozen=True)
class Postmaster:
    """What PostgreSQL's main process wrote about itself in ``postmaster.pid``."""

    pid: int
    socket_folder: Path
    ready: bool


def read_postmaster(cluster: Cluster) -> Postmaster | None:
    """Return what ``postmaster.pid`` says, or None where there is no complete one."""
    try:
        lines = cluster.postmaster_file.read_text().splitlines()
    except FileNotFoundError:
        return None
    # Line 1 is the pid, 5 the socket folder, 8 the state; the file is written bit by bit.
    if len(lines) < 8 or not lines[0].strip().isdigit():
        return None
    return Postmaster(int(lines[0]), Path(lines[4].strip()), lines[7].strip() == "ready")


def is_ours(process: psutil.Process, data: Path) -> bool:
    """Tell whether a process is a PostgreSQL process of this data directory."""
    try:
        return process.name() == "postgres" and process.cwd() == str(data)
    except psutil.Error:
        return False


def running_postmaster(cluster: Cluster) -> Postmaster | None:
    """Return the postmaster that is alive and takes connections, or None."""
    postmaster = read_postmaster(cluster)
    if postmaster is None or not postmaster.ready:
        return None
    try:
        process = psutil.Process(postmaster.pid)
    except psutil.NoSuchProcess:
        return None
    return postmaster if is_ours(process, cluster.data) else None


def clear_leftovers(cluster: Cluster) -> None:
    """Stop whatever an earlier, killed owner left running, and remove its stale files.

    The caller holds the supervisor's lock, so nobody else is starting this server.
    """
    if not cluster.postmaster_file.exists():
        return
    left = [process for process in psutil.process_iter() if is_ours(process, cluster.data)]
    with suppress(FileNotFoundError, ValueError, IndexError):
        main = int(cluster.postmaster_file.read_text().splitlines()[0])
        _signal([process for process in left if process.pid == main], signal.SIGINT)
        if any(process.pid == main for process in left):
            _, left = psutil.wait_procs(left, _FAST_SECONDS)
    # Without a postmaster its children only wait for it: PostgreSQL recovers from their kill.
    _signal(left, signal.SIGQUIT)
    _, left = psutil.wait_procs(left, _QUIT_SECONDS)
    _signal(left, signal.SIGKILL)
    psutil.wait_procs(left, _QUIT_SECONDS)
    # PostgreSQL refuses a stale file whose number belongs to any living process by now.
    cluster.postmaster_file.unlink(missing_ok=True)


def remove_socket(folder: Path) -> None:
    """Remove a dead server's socket and its lock; the folder too where it was a temporary one."""
    for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
        with suppress(OSError):
            (folder / name).unlink()
    if folder.name.startswith(SOCKET_FOLDER_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
