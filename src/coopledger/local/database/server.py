"""The embedded PostgreSQL: a real server of our own below a state folder, with one owner.

One process owns the server and is the only one that starts and stops it; everybody else asks
:func:`dsn_of` and connects. Who owns it is decided by a lock that the system drops when the process ends,
never by a file that a crash could leave behind.
"""

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psutil
import psycopg

from coopledger.database.dsn import Dsn
from coopledger.errors import Refused, Unavailable
from coopledger.local.database.cluster import ROLE, Cluster, make
from coopledger.local.database.postmaster import Postmaster, read_postmaster, running_postmaster
from coopledger.local.database.system_user import account_for_postgres

#: Long enough for PostgreSQL to recover from a crash under load.
_START_SECONDS = 90
_STOP_SECONDS = 40
_POLL_SECONDS = 0.02

#: Folders whose server this process owns; a second lock by the same process would succeed.
_owned: set[Path] = set()


class AlreadyOwned(Refused):
    """Another process owns this embedded PostgreSQL and is alive."""

    folder: Path
    owner: int

    says = "The database in {folder} is already run by process {owner}."
    advice = "Use the server that is running already, or stop the other coopledger first."


class ServerDidNotStart(Unavailable):
    """The embedded PostgreSQL ended, or kept everybody waiting, while it was starting."""

    folder: Path
    log: str
    """The end of what it said."""

    says = "The database in {folder} did not start. It said:\n{log}"
    advice = (
        "The lines above are the database's own and name the cause: a full disk, or a folder that"
        " may not be written to, are the usual ones."
    )


class ServerDidNotStop(Unavailable):
    """The embedded PostgreSQL was asked to stop and has not."""

    folder: Path
    supervisor: int

    says = "The database in {folder} is still stopping (process {supervisor})."
    advice = "Wait a minute and look again; the next start stops what is left."


class ServerNotRunning(Unavailable):
    """No embedded PostgreSQL runs in this folder."""

    folder: Path

    says = "No database is running in {folder}."
    advice = "Start everything with: coopledger up"


def dsn_of(folder: Path) -> Dsn:
    """Return the DSN of the embedded server that some process runs in ``folder``.

    Raises:
        ServerNotRunning: none runs there.
    """
    cluster = Cluster(folder.resolve())
    postmaster = running_postmaster(cluster)
    if postmaster is None:
        raise ServerNotRunning(folder)
    return _dsn(cluster, postmaster)


def wait_until_stopped(folder: Path) -> None:
    """Wait for the end of a server whose owner has ended; its supervisor is stopping it.

    Raises:
        ServerDidNotStop: it did not end in time.
    """
    lock_file = Cluster(folder.resolve()).supervisor_lock
    if not lock_file.exists():
        return
    deadline = time.monotonic() + _STOP_SECONDS
    with lock_file.open("a+") as lock:
        while True:
            try:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if time.monotonic() > deadline:
                    raise ServerDidNotStop(folder, 0) from error
                time.sleep(_POLL_SECONDS)
            else:
                return


class EmbeddedServer:
    """An embedded PostgreSQL, owned by this process. A context manager.

    The first start makes the data directory (about a second); later ones take about half of that.
    It ends with :meth:`stop`, at the end of the ``with`` block, or with the owner's death.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """Prepare to run a server below ``folder``, which is made where it is missing.

        Args:
            folder: the state folder.
            durable: whether a commit is on the disk before it returns. Without, data survives every
                kill but not the machine's power cut: for tests only, which it makes much faster.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder.resolve()
        self._cluster = Cluster(self.folder)
        self._lock: IO[str] | None = None
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._durable = durable
        self._owner = os.getpid()

    def start(self) -> Dsn:
        """Start the server, or find it running already for this object, and return its DSN.

        Raises:
            AlreadyOwned: another process, or another object of this one, runs it.
            ServerDidNotStart: PostgreSQL ended while starting; carries the end of its log.
            ClusterNotMade: the first start could not make the data directory.
            NoSystemUser: we are root and there is no user to run PostgreSQL under.
            FolderOutOfReach: we are root and that user cannot get to the folder.
        """
        if self._supervisor is not None:
            postmaster = running_postmaster(self._cluster)
            # A postmaster killed a moment ago still has its process id, but answers nobody.
            if postmaster is not None and _answers(dsn := _dsn(self._cluster, postmaster)):
                return dsn
            self.stop()
        self._take_ownership()
        try:
            make(self._cluster, account_for_postgres(), durable=self._durable)
            self._supervisor = self._start_supervisor()
            return self._await_ready(self._supervisor)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and give up its ownership. Harmless where it has stopped already.

        Raises:
            ServerDidNotStop: it did not end in time; it is still being stopped.
        """
        if os.getpid() != self._owner:
            return  # A forked child carries a copy of this object, not the server.
        try:
            if self._supervisor is not None:
                self._supervisor.terminate()
                self._supervisor.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ServerDidNotStop(self.folder, self._supervisor_pid()) from error
        finally:
            self._supervisor = None
            if self._lock is not None:
                self._lock.close()
                self._lock = None
                _owned.discard(self.folder)

    @property
    def pid(self) -> int:
        """The process id of PostgreSQL's main process.

        Raises:
            ServerNotRunning: it does not run.
        """
        postmaster = running_postmaster(self._cluster)
        if postmaster is None:
            raise ServerNotRunning(self.folder)
        return postmaster.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _take_ownership(self) -> None:
        if self.folder in _owned:
            raise AlreadyOwned(self.folder, os.getpid())
        lock = self._cluster.owner_lock.open("a+")
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            with lock:
                lock.seek(0)
                owner = lock.read().strip()
            raise AlreadyOwned(self.folder, int(owner) if owner.isdigit() else 0) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        _owned.add(self.folder)

    def _start_supervisor(self) -> "subprocess.Popen[bytes]":
        with contextlib.suppress(FileNotFoundError):
            self._cluster.log.rename(self._cluster.log.with_suffix(".log.1"))
        module = "coopledger.local.database.supervisor"
        fsync = "on" if self._durable else "off"
        with self._cluster.log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603 - our own words and paths
                [sys.executable, "-m", module, str(self.folder), str(os.getpid()), fsync],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A Ctrl-C in the terminal is for the owner, who then stops the server in order.
                start_new_session=True,
            )

    def _await_ready(self, supervisor: "subprocess.Popen[bytes]") -> Dsn:
        deadline = time.monotonic() + _START_SECONDS
        while supervisor.poll() is None and time.monotonic() < deadline:
            postmaster = read_postmaster(self._cluster)
            # A stale file may say "ready" too: only our supervisor's own child counts.
            if postmaster is not None and postmaster.ready:
                with contextlib.suppress(psutil.Error):
                    if psutil.Process(postmaster.pid).ppid() == supervisor.pid:
                        dsn = _dsn(self._cluster, postmaster)
                        if _answers(dsn):
                            return dsn
            time.sleep(_POLL_SECONDS)
        raise ServerDidNotStart(self.folder, self._cluster.log_tail())

    def _supervisor_pid(self) -> int:
        return self._supervisor.pid if self._supervisor is not None else 0


def _answers(dsn: Dsn) -> bool:
    """Tell whether the server lets its own role in."""
    try:
        psycopg.connect(dsn.text, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _dsn(cluster: Cluster, postmaster: Postmaster) -> Dsn:
    folder = quote(str(postmaster.socket_folder), safe="")
    return Dsn(f"postgresql://{ROLE}:{cluster.password()}@/{ROLE}?host={folder}")
