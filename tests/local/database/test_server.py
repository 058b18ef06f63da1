"""The embedded PostgreSQL's life: one owner, a clean end, and what kills leave behind.

Kills are real. A process counts as gone when it no longer runs, so that a zombie that nobody has
collected yet is not mistaken for a server.
"""

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from coopledger.local.database.cluster import Cluster
from coopledger.local.database.postmaster import is_ours
from coopledger.local.database.server import (
    AlreadyOwned,
    EmbeddedServer,
    ServerDidNotStart,
    ServerNotRunning,
    dsn_of,
)
from coopledger.local.database.system_user import account_for_postgres

BUSY_QUERY = b"SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b"

OWNER = """
import json, sys, time
from pathlib import Path
from coopledger.local.database.server import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
server.start()
print(json.dumps({"postmaster": server.pid}), flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def stopped_server() -> Iterator[Path]:
    """A state folder whose server was made, started and stopped; only to be copied."""
    with new_folder() as folder:
        with EmbeddedServer(folder / "state", durable=False):
            pass
        yield folder / "state"


@pytest.fixture
def folder(stopped_server: Path) -> Iterator[Path]:
    """A state folder with a server that is stopped, and has to be stopped in the end."""
    with new_folder() as folder:
        # Not shutil: the data must keep its owner, who may be the system user.
        subprocess.run(["cp", "-a", str(stopped_server), str(folder)], check=True)
        yield folder / "state"
        assert running(folder / "state") == []


@contextmanager
def new_folder() -> Iterator[Path]:
    """Make an empty folder and remove it afterwards.

    Not below pytest's own folder: each pytest that starts closes that one to everybody else.
    """
    with tempfile.TemporaryDirectory(prefix="coopledger-test-") as made:
        yield Path(made)


def running(folder: Path) -> list[psutil.Process]:
    """Return the PostgreSQL processes of a state folder that are alive."""
    data = Cluster(folder.resolve()).data
    return [process for process in psutil.process_iter() if is_ours(process, data)]


def seen(processes: list[psutil.Process]) -> list[dict[str, Any]]:
    """Return what others may see of processes; PostgreSQL's helpers come and go meanwhile."""
    told = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            told.append(process.as_dict(["cmdline", "environ", "uids"]))
    return told


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Return once the condition holds."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@contextmanager
def owner_process(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """Run an owner in a process of its own; give it and the postmaster's process id."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, text=True
    ) as owner:
        try:
            assert owner.stdout is not None
            yield owner, json.loads(owner.stdout.readline())["postmaster"]
        finally:
            owner.kill()


def supervisor_of(owner: "subprocess.Popen[str]") -> psutil.Process:
    """Return the one child of an owner."""
    (supervisor,) = psutil.Process(owner.pid).children()
    return supervisor


def waits_for_lock(processes: list[psutil.Process], folder: Path) -> bool:
    """Tell whether one of the processes has come as far as the supervisor's lock."""
    lock = str(Cluster(folder.resolve()).supervisor_lock)
    return any(file.path == lock for process in processes for file in process.open_files())


def write_and_read(folder: Path, value: int) -> list[int]:
    """Add a value to the table of this test and return all that were ever added."""
    with psycopg.connect(dsn_of(folder).text) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [value])
        rows = connection.execute("SELECT value FROM kept ORDER BY value").fetchall()
    return [row[0] for row in rows]


def test_it_starts_stops_and_keeps_its_data() -> None:
    """Data is there after a restart, and after a stop nothing runs and nothing is handed out."""
    with new_folder() as folder:
        with pytest.raises(ServerNotRunning):
            dsn_of(folder)
        for value in (1, 2):
            with EmbeddedServer(folder) as server:
                assert server.start() == dsn_of(folder)
                assert write_and_read(folder, value) == list(range(1, value + 1))
            assert running(folder) == []
            with pytest.raises(ServerNotRunning):
                dsn_of(folder)
        server.stop()


def test_only_its_user_can_reach_it(folder: Path) -> None:
    """No network, a private socket and password file, and no password in any process list."""
    with EmbeddedServer(folder) as server:
        dsn = server.start()
        with psycopg.connect(dsn.text) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            superuser = connection.execute("SELECT usesuper FROM pg_user WHERE usename = user")
            assert superuser.fetchone() == (False,)
        cluster = Cluster(folder.resolve())
        password_file = cluster.password_file(cluster.data)
        assert stat.S_IMODE(password_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700
        assert stat.S_IMODE((cluster.data / ".s.PGSQL.5432").stat().st_mode) == 0o700
        assert dsn.url.password == cluster.password()
        assert len(cluster.password()) >= 32
        told = [*seen(running(folder)), *seen(psutil.Process().children())]
        assert "postgres" in str(told)
        assert "coopledger.local.database.supervisor" in str(told)
        assert cluster.password() not in str(told)
        assert cluster.password() not in cluster.log.read_text()


def test_postgresql_never_runs_as_root(folder: Path) -> None:
    """Whoever owns it, its processes have no rights of root's."""
    with EmbeddedServer(folder):
        users = {told["uids"].effective for told in seen(running(folder))}
        assert users
        assert 0 not in users


def test_a_second_owner_is_refused(folder: Path) -> None:
    """While one owner lives, another process and another object are told who it is."""
    with owner_process(folder) as (owner, postmaster):
        with pytest.raises(AlreadyOwned) as caught:
            EmbeddedServer(folder).start()
        assert caught.value.owner == owner.pid
        assert [process.pid for process in running(folder)].count(postmaster) == 1
        owner.kill()
        owner.wait()
        with EmbeddedServer(folder), pytest.raises(AlreadyOwned) as again:
            EmbeddedServer(folder).start()
        assert again.value.owner == os.getpid()


def test_a_killed_owner_leaves_nothing_behind(folder: Path) -> None:
    """After kill -9 of the owner PostgreSQL ends by itself; the next start has the data."""
    with owner_process(folder) as (owner, _):
        assert write_and_read(folder, 1) == [1]
        assert running(folder)
        supervisor = supervisor_of(owner)
        owner.kill()
        wait_for(lambda: not running(folder), "PostgreSQL outlived its owner")
        wait_for(lambda: not is_alive(supervisor), "the supervisor outlived its owner")
    with EmbeddedServer(folder):
        assert write_and_read(folder, 2) == [1, 2]


def test_the_next_owner_need_not_wait_for_the_killed_one(folder: Path) -> None:
    """A start right after the kill, while the old server still shuts down, has the data."""
    for value in range(1, 4):
        with owner_process(folder) as (owner, _):
            assert write_and_read(folder, value) == list(range(1, value + 1))
            owner.kill()
            owner.wait()
    with EmbeddedServer(folder):
        assert write_and_read(folder, 4) == [1, 2, 3, 4]


def test_a_start_does_not_mistake_the_old_server_for_its_own(folder: Path) -> None:
    """While a killed owner's server is still up, a start waits for its end and brings a new one."""
    with owner_process(folder) as (owner, old), ThreadPoolExecutor(1) as pool:
        supervisor = supervisor_of(owner)
        supervisor.suspend()
        owner.kill()
        owner.wait()
        server = EmbeddedServer(folder)
        starting = pool.submit(lambda: (server.start(), server.pid))
        wait_for(lambda: waits_for_lock(psutil.Process().children(), folder), "no new supervisor")
        supervisor.resume()
        assert starting.result(60)[1] != old
        server.stop()


def test_owner_and_supervisor_killed_together(folder: Path) -> None:
    """Even when both are killed at once PostgreSQL ends, and the next start has the data."""
    with owner_process(folder) as (owner, _):
        assert write_and_read(folder, 1) == [1]
        supervisor = supervisor_of(owner)
        owner.send_signal(signal.SIGSTOP)  # so that it cannot see its supervisor go
        supervisor.kill()
        owner.kill()
        if sys.platform == "linux":
            wait_for(lambda: not running(folder), "PostgreSQL outlived its supervisor")
    with EmbeddedServer(folder):
        assert write_and_read(folder, 2) == [1, 2]


def test_a_killed_postmaster_can_be_started_again(folder: Path) -> None:
    """After kill -9 of PostgreSQL itself the same owner starts it again with the data."""
    with EmbeddedServer(folder) as server:
        assert write_and_read(folder, 1) == [1]
        psutil.Process(server.pid).kill()
        wait_for(lambda: not running(folder), "children outlived the postmaster")
        with pytest.raises(ServerNotRunning):
            dsn_of(folder)
        server.start()
        assert write_and_read(folder, 2) == [1, 2]


def test_a_busy_child_of_a_killed_postmaster_is_stopped(folder: Path) -> None:
    """A query that never looks up would keep the memory in use and block the next start."""
    with EmbeddedServer(folder) as server:
        client = psycopg.connect(server.start().text)
        client.pgconn.send_query(BUSY_QUERY)
        backend = psutil.Process(client.info.backend_pid)
        wait_for(lambda: backend.cpu_times().user > 0.05, "the query did not run")
        psutil.Process(server.pid).kill()
        server.start()
        client.close()
        assert not is_alive(backend)
        assert write_and_read(folder, 1) == [1]


def test_everything_killed_at_once(folder: Path) -> None:
    """After a kill of owner, supervisor and every PostgreSQL process the next start recovers."""
    with owner_process(folder) as (owner, _):
        assert write_and_read(folder, 1) == [1]
        victims = [*running(folder), supervisor_of(owner)]
        owner.kill()
        for victim in victims:
            victim.kill()
        wait_for(lambda: not running(folder), "a killed process is still there")
    with EmbeddedServer(folder):
        assert write_and_read(folder, 2) == [1, 2]


def test_a_pid_file_that_names_somebody_else_harms_nobody(folder: Path) -> None:
    """A number that was given to another program meanwhile stops neither it nor the start."""
    with EmbeddedServer(folder) as server:
        content = server._cluster.postmaster_file.read_text()
    # Of the same user, as PostgreSQL itself sees through the processes of others.
    account = account_for_postgres()
    switch = account.uid if account.uid != os.geteuid() else None
    with subprocess.Popen(["sleep", "600"], user=switch) as bystander:
        try:
            lines = [str(bystander.pid), *content.splitlines()[1:]]
            server._cluster.postmaster_file.write_text("\n".join(lines) + "\n")
            with pytest.raises(ServerNotRunning):
                dsn_of(folder)
            with server:
                assert write_and_read(folder, 1) == [1]
            assert bystander.poll() is None
        finally:
            bystander.kill()


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    """The end of PostgreSQL's own log is in the failure, and the next owner is not locked out."""
    with EmbeddedServer(folder) as server:
        settings = server._cluster.data / "postgresql.conf"
    good = settings.read_text()
    settings.write_text(good + "\nno_such_setting = 1\n")
    with pytest.raises(ServerDidNotStart) as caught:
        EmbeddedServer(folder).start()
    assert "no_such_setting" in caught.value.log
    assert "no_such_setting" in str(caught.value)
    settings.write_text(good)
    with EmbeddedServer(folder):
        assert write_and_read(folder, 1) == [1]


def test_an_unfinished_first_start_is_done_again() -> None:
    """What a crash left of making the data directory is removed, not taken for the whole."""
    with new_folder() as folder:
        unfinished = folder / "unfinished-x"
        (unfinished / "base").mkdir(parents=True)
        (unfinished / "PG_VERSION").write_text("18\n")
        with EmbeddedServer(folder):
            assert write_and_read(folder, 1) == [1]
        assert not unfinished.exists()


def test_a_long_folder_has_its_socket_elsewhere(folder: Path) -> None:
    """Where the folder's path is too long for a socket, a private one serves and is removed."""
    folder = folder.rename(folder.with_name("long" * 30))
    with EmbeddedServer(folder) as server:
        assert write_and_read(folder, 1) == [1]
        socket_folder = Path(str(server.start().url.query["host"]))
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
        assert not socket_folder.is_relative_to(folder)
    assert not socket_folder.exists()
    with owner_process(folder) as (owner, _):
        killed_socket = Path(str(dsn_of(folder).url.query["host"]))
        supervisor_of(owner).kill()
        owner.kill()
    wait_for(lambda: not running(folder), "PostgreSQL outlived its supervisor")
    with EmbeddedServer(folder):
        assert not killed_socket.exists()


def test_a_forked_child_does_not_stop_its_parents_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of the owner's object in a child leaves the server alone."""
    with EmbeddedServer(folder) as server:
        child = os.fork()
        if child == 0:
            monkeypatch.setattr(subprocess.Popen, "terminate", lambda _: os._exit(1))
            server.stop()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert write_and_read(folder, 1) == [1]


def is_alive(process: psutil.Process) -> bool:
    """Tell whether a process runs, zombies aside."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
