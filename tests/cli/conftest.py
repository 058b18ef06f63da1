"""The command line over a local chain and a database of the session's own.

The cooperative is founded once, by the commands themselves; each test gets the chain as the one before it
got it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from coopledger.chain.development import DevChain
from coopledger.chain.wire.client import Chain, connect
from coopledger.cli.main import run
from coopledger.database.dsn import Dsn
from coopledger.domain.types import WIB, to_timestamp
from coopledger.local.chain.node import LocalNode, NodeOptions
from coopledger.local.database.server import EmbeddedServer

ROOT = Path(__file__).parents[2]
MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=WIB)
MASTER_SECRET = "7e" * 32

FOUNDING = (
    ("deploy",),
    ("bylaws", str(ROOT / "examples" / "AD-ART.md")),
    ("film", "add", "Turah", "--year", "2016", "--minutes", "83"),
    (
        *("screening", "add", "--film", "1", "--starts", "2026-12-05 19:00", "--capacity", "400"),
        *("--tier", "Tiket reguler=35000/10000", "--tier", "Tiket pelajar=20000/10000"),
        *("--venue", "Gedung Kesenian Tegal"),
    ),
)


@dataclass(frozen=True)
class Said:
    """What a command ended with and said."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> Any:
        """The answer, which must be JSON."""
        return json.loads(self.out)


@dataclass
class CommandLine:
    """The command line, and the machine that it works on."""

    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch
    url: str
    chain: Chain
    dev: DevChain
    folder: Path

    def __call__(self, *words: str) -> Said:
        """Run a command in this process."""
        self.capture.readouterr()
        code = run(list(words))
        out, err = self.capture.readouterr()
        return Said(code, out, err)

    def set(self, **settings: str) -> None:
        """Set some ``COOPLEDGER_…`` variables."""
        for name, value in settings.items():
            self.patch.setenv(f"COOPLEDGER_{name.upper()}", value)

    def done(self, *words: str) -> Said:
        """Run a command that must succeed."""
        said = self(*words)
        assert said.code == 0, said.err
        return said

    def file(self, name: str, text: str) -> str:
        """Write a file and return its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


@dataclass(frozen=True)
class Machine:
    """The session's chain and database, founded."""

    url: str
    chain: Chain
    dev: DevChain
    variables: dict[str, str]


@pytest.fixture(scope="package")
def machine() -> Iterator[Machine]:
    """Start a chain and a database, and found a cooperative by the commands."""
    with (
        tempfile.TemporaryDirectory(prefix="coopledger-test-") as folder,
        LocalNode(NodeOptions(timestamp=to_timestamp(MONDAY))) as node,
        EmbeddedServer(Path(folder) / "postgresql", durable=False) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        variables = {
            "COOPLEDGER_RPC_URL": node.url,
            "COOPLEDGER_STATE_FOLDER": str(Path(folder) / "state"),
            "COOPLEDGER_DEPLOYMENTS_FOLDER": str(Path(folder) / "deployments"),
            "COOPLEDGER_DATABASE_DSN": server.start().text,
            "COOPLEDGER_MASTER_SECRET": f"1:{MASTER_SECRET}",
        }
        for name, value in variables.items():
            patch.setenv(name, value)
        for words in FOUNDING:
            assert run(list(words)) == 0
        chain = connect(node.url, node.chain_id)
        dev = DevChain(chain)
        dev.increase_time(60)
        yield Machine(node.url, chain, dev, variables)
        chain.close()


@pytest.fixture
def cli(
    machine: Machine,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[CommandLine]:
    """The command line on the founded cooperative, in a folder of the test's own."""
    for name, value in machine.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    snapshot = machine.dev.snapshot()
    yield CommandLine(capsys, monkeypatch, machine.url, machine.chain, machine.dev, tmp_path)
    machine.dev.revert(snapshot)


@pytest.fixture
def bare(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    machine: Machine,
    tmp_path: Path,
) -> CommandLine:
    """The command line of a machine on which nothing is set up."""
    monkeypatch.chdir(tmp_path)
    for name in machine.variables:
        monkeypatch.delenv(name, raising=False)
    return CommandLine(capsys, monkeypatch, machine.url, machine.chain, machine.dev, tmp_path)


@pytest.fixture(scope="session")
def public_key_of() -> Any:
    """What gives the private key that every local chain funds under an index."""

    def key(index: int) -> str:
        Account.enable_unaudited_hdwallet_features()
        phrase = " ".join(["test"] * 11 + ["junk"])
        account = Account.from_mnemonic(phrase, account_path=f"m/44'/60'/0'/0/{index}")
        return str(account.key.hex())

    return key


@pytest.fixture
def machine_variables(machine: Machine) -> dict[str, str]:
    """The variables that a command on the session's machine gets."""
    return machine.variables


@pytest.fixture
def machine_secrets(machine: Machine) -> tuple[str, ...]:
    """What no command may ever say: the master secret and the database's password."""
    return MASTER_SECRET, Dsn(machine.variables["COOPLEDGER_DATABASE_DSN"]).url.password or "?"
