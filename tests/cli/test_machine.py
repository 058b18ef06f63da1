"""A machine of one's own: started, founded, stopped, and started again where it was.

The state is kept in a folder that the database's system user can reach, which pytest's own are not.
"""

from __future__ import annotations

import resource
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import psutil
import pytest

from coopledger.api import process
from coopledger.api.process import ServiceProcess
from coopledger.local.chain import detached
from coopledger.local.database.server import (
    EmbeddedServer,
    ServerNotRunning,
    dsn_of,
    wait_until_stopped,
)

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine


@pytest.fixture
def state(bare: CommandLine) -> Iterator[Path]:
    """The machine's state folder; whatever was started from it is stopped."""
    with tempfile.TemporaryDirectory(prefix="coopledger-test-") as folder:
        bare.set(state_folder=folder)
        before = family()
        yield Path(folder)
        bare("down")
        assert family() <= before


def family() -> set[int]:
    """Return the processes below this one."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


def service_of(state: Path) -> ServiceProcess:
    """Return the service that runs."""
    service = process.find(state)
    assert service is not None
    return service


def kill(pid: int) -> None:
    """Kill a process as a crash would, and wait until it is gone."""
    process = psutil.Process(pid)
    process.kill()
    process.wait()


def database_runs(state: Path) -> bool:
    """Say whether the database runs."""
    try:
        dsn_of(state / "postgresql")
    except ServerNotRunning:
        return False
    return True


def test_the_chain_outlives_a_night(bare: CommandLine, state: Path) -> None:
    """What was done before ``down`` is there after the next ``up``, and no process stays behind."""
    started = bare.done("up")
    assert started.out == ""
    assert "http://127.0.0.1:" in started.err
    first, service = detached.find(state), service_of(state)
    assert bare("up").code == 5
    ledger = bare.done("deploy", "-f", "json").facts["ledger"]
    bare.done("film", "add", "Turah", "--year", "2016", "--minutes", "83")
    bare.done("down")
    assert not psutil.pid_exists(first.pid)
    assert not psutil.pid_exists(service.pid)
    assert not database_runs(state)
    bare.done("up")
    assert bare.done("film", "list", "-f", "json").facts[0]["title"] == "Turah"
    assert bare("deploy").code == 5
    bare.done("film", "add", "Siti", "--year", "2014", "--minutes", "88")
    assert len(bare.done("film", "list", "-f", "json").facts) == 2
    assert ledger in (bare.folder / "deployments" / "31337.json").read_text()
    last = detached.find(state)
    bare.done("down")
    assert not psutil.pid_exists(last.pid)
    assert bare("down").code == 4


def test_the_api_comes_up_with_the_machine(bare: CommandLine, state: Path) -> None:
    """``up`` starts the API, which waits for a cooperative, answers for it, and ends with ``down``."""
    bare.set(master_secret=f"1:{'7e' * 32}", operator_key="0x" + "11" * 32)
    started = bare.done("up")
    service = service_of(state)
    assert f"{service.url}/docs" in started.err
    given = psutil.Process(service.pid).environ()
    assert given["COOPLEDGER_STATE_FOLDER"] == str(state)
    # The process that answers everybody is not given the keys that the commands use.
    assert not {"COOPLEDGER_MASTER_SECRET", "COOPLEDGER_OPERATOR_KEY"} & set(given)
    bare.set(operator_key="")
    with httpx2.Client(base_url=service.url) as client:
        health = client.get("/health").json()
        assert (health["status"], health["database"]) == ("ok", "running")
        waiting = client.get("/api/v1/films")
        assert (waiting.status_code, waiting.json()["title"]) == (503, "Not open yet")
        bare.done("deploy")
        bare.done("film", "add", "Turah", "--year", "2016", "--minutes", "83")
        films = client.get("/api/v1/films")
        assert films.json()["films"] == [{"id": 1, "title": "Turah", "year": 2016, "minutes": 83}]
        assert "server" not in films.headers
        bare.done("down")
        with pytest.raises(httpx2.ConnectError):
            client.get("/health")


def test_a_killed_service_is_started_again(bare: CommandLine, state: Path) -> None:
    """Where the service was killed its database ends too, and ``up`` starts both, the chain kept."""
    bare.done("up")
    node, service = detached.find(state), service_of(state)
    bare.done("deploy")
    kill(service.pid)
    wait_until_stopped(state / "postgresql")
    assert not database_runs(state)
    bare.done("up")
    assert detached.find(state) == node
    again = service_of(state)
    assert again.pid != service.pid
    assert httpx2.get(f"{again.url}/api/v1/cooperative").status_code == 200
    assert database_runs(state)
    kill(again.pid)
    assert "saved" in bare.done("down").err
    assert not database_runs(state)
    assert not psutil.pid_exists(node.pid)


def test_a_killed_chain_is_said(bare: CommandLine, state: Path) -> None:
    """Where the chain was killed the API says so, goes on with the next one, and ``down`` cleans up."""
    bare.done("up")
    node, service = detached.find(state), service_of(state)
    kill(node.pid)
    assert httpx2.get(f"{service.url}/health").status_code == 503
    assert "is lost" in bare.done("up").err
    assert service_of(state) == service
    assert httpx2.get(f"{service.url}/health").status_code == 200
    second = detached.find(state)
    kill(second.pid)
    said = bare.done("down")
    assert "unsaved" in said.err
    assert not psutil.pid_exists(service.pid)
    assert not database_runs(state)
    assert bare("down").code == 4


def test_what_comes_next_is_said_until_it_is_done(bare: CommandLine, state: Path) -> None:
    """``up`` names ``deploy`` where there is no cooperative yet, also after its chain was lost."""
    started = bare.done("up").err
    assert "Next: coopledger deploy" in started
    assert "lost" not in started
    bare.done("deploy")
    bare.done("down")
    again = bare.done("up").err
    assert not {"Next", "lost"} & set(again.split())
    bare.done("down")
    for saved in state.glob("chain.json*"):
        saved.unlink()
    assert "Next: coopledger deploy" in bare.done("up").err


def test_a_full_disk_loses_no_chain(bare: CommandLine, state: Path) -> None:
    """Where the state cannot be written ``down`` stops the rest and says so; the next one saves it."""
    bare.done("up")
    bare.done("deploy")
    service = service_of(state)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
    try:
        failed = bare("down")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (failed.code, "File too large" in failed.err) == (7, True)
    assert "make room" in failed.err
    assert not psutil.pid_exists(service.pid)
    assert not database_runs(state)
    assert not list(state.glob("chain.json*"))
    assert detached.find(state).pid
    assert "saved" in bare.done("down").err
    assert "Next" not in bare.done("up").err


def test_another_folder_is_told_where_to_go(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder where nothing was started, each command says where it looked and what to do."""
    (bare.folder / "elsewhere").mkdir()
    monkeypatch.chdir(bare.folder / "elsewhere")
    for name in ("STATE_FOLDER", "DEPLOYMENTS_FOLDER", "RPC_URL"):
        monkeypatch.delenv(f"COOPLEDGER_{name}", raising=False)
    for command, code in (("members",), 7), (("down",), 4):
        failed = bare(*command)
        assert failed.code == code
        assert str(bare.folder / "elsewhere" / ".coopledger") in failed.err
        assert "COOPLEDGER_STATE_FOLDER" in failed.err


def test_a_service_that_cannot_start_leaves_nothing(bare: CommandLine, state: Path) -> None:
    """Where the API's port is taken ``up`` says so, and has started nothing."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        failed = bare("up", "--port", str(taken.getsockname()[1]))
    assert (failed.code, "cannot listen" in failed.err) == (7, True)
    assert bare("down").code == 4


def test_a_service_that_ends_early_leaves_nothing(bare: CommandLine, state: Path) -> None:
    """Where the database belongs to somebody else ``up`` tells why, and stops the chain again."""
    with EmbeddedServer(state / "postgresql"):
        failed = bare("up")
    assert (failed.code, "already run by process" in failed.err) == (7, True)
    assert bare("down").code == 4


def test_a_database_is_there_when_it_is_needed(cli: CommandLine) -> None:
    """Without any DSN a command starts the embedded database, and leaves no process behind."""
    before = family()
    for name in ("DATABASE_DSN", "MASTER_SECRET"):
        cli.patch.delenv(f"COOPLEDGER_{name}")
    with tempfile.TemporaryDirectory(prefix="coopledger-test-") as state:
        cli.set(state_folder=state)
        assert cli("member", "ani@example.org").code == 4
        secret = Path(state) / "master-secret"
        assert secret.stat().st_mode & 0o777 == 0o600
        written = secret.read_text()
        assert cli("member", "ani@example.org").code == 4
        assert secret.read_text() == written
    assert family() <= before
