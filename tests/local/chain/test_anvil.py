"""anvil's program: fetched once, whole or not at all, and nothing but what was pinned."""

import base64
import hashlib
import io
import json
import os
import platform
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import psutil
import pytest

from coopledger.local.chain import anvil
from coopledger.local.chain.anvil import (
    NoProgramForPlatform,
    ProgramAltered,
    ProgramNotFetched,
)

FETCHING = """
from pathlib import Path
from coopledger.local.chain import anvil
anvil.fetch_unless_there(Path("/nowhere"), lambda said: print(said, flush=True))
"""
NOWHERE = Path("/nowhere")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in an empty cache that the program goes into."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "coopledger"


class Registry(BaseHTTPRequestHandler):
    """A registry that has one package under the name that is asked for: not the pinned one."""

    tarball: ClassVar[bytes]
    silent: ClassVar[threading.Event]

    def do_GET(self) -> None:
        """Answer with the package, or with what describes it; or not at all."""
        self.silent.wait()
        if self.path.endswith(".tgz"):
            body = self.tarball
        else:
            name = self.path[1:].replace("%2f", "/")
            address = f"http://{self.headers['Host']}/{name}/-/it.tgz"
            digest = base64.b64encode(hashlib.sha512(self.tarball).digest()).decode()
            version = {"name": name, "version": "1.7.1"}
            version["dist"] = {"tarball": address, "integrity": f"sha512-{digest}"}  # type: ignore[assignment]
            body = json.dumps({"name": name, "versions": {"1.7.1": version}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def other_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Registry]]:
    """The settings of npm name another registry, and nothing was fetched before."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name in ("package/package.json", "package/bin/anvil"):
            entry = tarfile.TarInfo(name)
            entry.size = 2
            archive.addfile(entry, io.BytesIO(b"{}"))
    Registry.tarball, Registry.silent = file.getvalue(), threading.Event()
    Registry.silent.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    try:
        yield Registry
    finally:
        Registry.silent.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def fetching() -> Iterator[subprocess.Popen[str]]:
    """A process of its own that fetches, and has said so."""
    command = [sys.executable, "-c", FETCHING]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "once" in process.stdout.readline()
        yield process


def test_two_at_once_fetch_what_is_pinned(home: Path) -> None:
    """Two who need the program at once both have it, whole; it runs, and is not fetched again."""
    with fetching() as one, fetching() as other:
        assert (one.wait(), other.wait()) == (0, 0)
    assert sorted(file.name for file in home.iterdir()) == ["anvil-1.7.1", "lock"]
    version = subprocess.check_output([anvil.program(NOWHERE), "--version"], text=True)
    assert version.startswith("anvil Version: 1.7.1")
    said: list[str] = []
    anvil.fetch_unless_there(NOWHERE, said.append)
    assert said == []


def test_the_pins_are_the_checkouts_own(project_root: Path) -> None:
    """What is fetched elsewhere has the version and the hash that a checkout installs."""
    pins = json.loads(Path(anvil.__file__).with_name("anvil.json").read_text("utf-8"))
    lock = json.loads((project_root / "package-lock.json").read_text("utf-8"))["packages"]
    for machine, integrity in pins["integrity"].items():
        package = lock[f"node_modules/@foundry-rs/anvil-{machine}"]
        assert (package["version"], package["integrity"]) == (pins["version"], integrity)
    assert anvil.program(project_root).is_relative_to(project_root / "node_modules")


@pytest.mark.usefixtures("other_registry")
def test_another_program_of_the_same_name_is_refused(home: Path) -> None:
    """A registry that gives something else is found out, and nothing of it stays."""
    with pytest.raises(ProgramAltered, match=r"anvil-1\.7\.1"):
        anvil.fetch_unless_there(NOWHERE, print)
    assert [file.name for file in home.iterdir()] == ["lock"]


def test_a_registry_that_is_not_reached_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the network it is said what was asked for, what to do, and nothing stays."""
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    with pytest.raises(ProgramNotFetched, match="ECONNREFUSED") as failure:
        anvil.fetch_unless_there(NOWHERE, print)
    assert failure.value.folder == home
    assert "registry" in failure.value.advice
    assert len(str(failure.value)) < 300
    assert [file.name for file in home.iterdir()] == ["lock"]


def test_a_cache_that_cannot_be_written_to_is_named(home: Path) -> None:
    """Where something else lies in the folder's place, it is said."""
    home.parent.mkdir()
    home.write_text("no folder")
    with pytest.raises(ProgramNotFetched, match="File exists"):
        anvil.fetch_unless_there(NOWHERE, print)


def test_a_killed_fetch_leaves_no_program(
    home: Path, other_registry: type[Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After ``kill -9`` in the midst of it nothing passes for the program; the next fetch has it."""
    other_registry.silent.clear()
    with fetching() as process:
        while not psutil.Process(process.pid).children():
            pass
        process.kill()
    assert not anvil.program(NOWHERE).exists()
    monkeypatch.delenv("npm_config_registry")
    monkeypatch.delenv("npm_config_cache")
    with fetching() as process:
        # npm still works in the folder, and the next one leaves it alone until it ends.
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        other_registry.silent.set()
        assert process.wait() == 0
    assert os.access(anvil.program(NOWHERE), os.X_OK)


def test_a_machine_without_a_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where anvil is not published for a machine, the machine is named."""
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(NoProgramForPlatform, match="linux-riscv64"):
        anvil.program(NOWHERE)
