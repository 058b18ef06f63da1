"""The small process between an owner and its PostgreSQL: neither outlives the other.

It starts PostgreSQL, waits, and stops it when the owner asks (SIGTERM) or is gone, however it went.
Should this process itself be killed, Linux tells PostgreSQL to shut down. That last signal is bound to
the thread that started PostgreSQL, which is why a process with one single thread does it and not the
owner.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO

from coopledger.local.database.cluster import Cluster, binary, environment
from coopledger.local.database.postmaster import (
    SOCKET_FOLDER_PREFIX,
    SOCKET_NAME,
    clear_leftovers,
    remove_socket,
)
from coopledger.local.database.system_user import Account, account_for_postgres

_WATCH_SECONDS = 0.1
_FAST_SECONDS = 20
_QUIT_SECONDS = 5
#: A Unix socket's path may have 107 bytes on Linux and 103 on macOS.
_LONGEST_SOCKET_PATH = 103
_PR_SET_PDEATHSIG = 1


def main(folder: Path, owner: int, fsync: str) -> int:
    """Run PostgreSQL below ``folder`` until ``owner`` asks for its end or is gone."""
    cluster = Cluster(folder)
    with cluster.supervisor_lock.open("a+") as lock:
        # An earlier supervisor may still be shutting its PostgreSQL down.
        fcntl.lockf(lock, fcntl.LOCK_EX)
        asked = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: asked.set())
        clear_leftovers(cluster)
        _remove_noted_sockets(lock)
        if asked.is_set() or os.getppid() != owner:
            return 0
        account = account_for_postgres()
        sockets = _socket_folder(cluster, account)
        print(sockets, file=lock, flush=True)
        postgres = _start(cluster, account, sockets, fsync)
        while postgres.poll() is None:
            if asked.wait(_WATCH_SECONDS) or os.getppid() != owner:
                _stop(postgres)
        # After a kill of the postmaster its children may still be there.
        clear_leftovers(cluster)
        _remove_noted_sockets(lock)
        return postgres.returncode


def _remove_noted_sockets(lock: IO[str]) -> None:
    """Remove the socket folder noted in the lock's file, by us or by one that was killed."""
    lock.seek(0)
    for line in lock.read().splitlines():
        remove_socket(Path(line))
    lock.truncate(0)


def _start(
    cluster: Cluster, account: Account, sockets: Path, fsync: str
) -> "subprocess.Popen[bytes]":
    switch = account.uid != os.geteuid()
    settings = {
        "fsync": fsync,
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def die_with_supervisor() -> None:
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)

    return subprocess.Popen(  # noqa: S603 - our own words and paths
        [str(binary("postgres")), "-D", str(cluster.data), *options],
        stdin=subprocess.DEVNULL,
        env=environment(),
        user=account.uid if switch else None,
        group=account.gid if switch else None,
        extra_groups=[] if switch else None,
        # Runs after the change of user, which would undo it, and with no other thread about.
        preexec_fn=die_with_supervisor,
    )


def _stop(postgres: "subprocess.Popen[bytes]") -> None:
    """Ask for a fast shutdown, then an immediate one, then kill."""
    for number, patience in ((signal.SIGINT, _FAST_SECONDS), (signal.SIGQUIT, _QUIT_SECONDS)):
        postgres.send_signal(number)
        try:
            postgres.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        return
    postgres.kill()
    postgres.wait()


def _socket_folder(cluster: Cluster, account: Account) -> Path:
    """Return a private folder for the socket: the data directory, or a short temporary one."""
    if len(os.fsencode(cluster.data / SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
        return cluster.data
    for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - the name below is random
        if len(os.fsencode(parent)) + 40 <= _LONGEST_SOCKET_PATH:
            break
    folder = Path(tempfile.mkdtemp(prefix=SOCKET_FOLDER_PREFIX, dir=parent))
    os.chown(folder, account.uid, account.gid)
    return folder


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
