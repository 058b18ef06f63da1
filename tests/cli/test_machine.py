"""A machine of one's own: started, founded, stopped, and started again where it was."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from coopledger.chain import detached

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine


def test_the_chain_outlives_a_night(bare: CommandLine) -> None:
    """What was done before ``down`` is there after the next ``up``, and no process stays behind."""
    state = bare.folder / ".coopledger"
    started = bare.done("up")
    assert started.out == ""
    assert "http://127.0.0.1:" in started.err
    first = detached.find(state)
    try:
        assert bare("up").code == 5
        ledger = bare.done("deploy", "-f", "json").facts["ledger"]
        bare.done("film", "add", "Turah", "--year", "2016", "--minutes", "83")
        bare.done("down")
        assert not psutil.pid_exists(first.pid)
        bare.done("up")
        assert bare.done("film", "list", "-f", "json").facts[0]["title"] == "Turah"
        assert bare("deploy").code == 5
        bare.done("film", "add", "Siti", "--year", "2014", "--minutes", "88")
        assert len(bare.done("film", "list", "-f", "json").facts) == 2
        assert ledger in (bare.folder / "deployments" / "31337.json").read_text()
    finally:
        last = detached.find(state)
        bare.done("down")
    assert not psutil.pid_exists(last.pid)
    assert bare("down").code == 4


def test_a_database_is_there_when_it_is_needed(bare: CommandLine) -> None:
    """Without any DSN a command starts the embedded database, and leaves no process behind."""
    with tempfile.TemporaryDirectory(prefix="coopledger-test-") as state:
        before = {child.pid for child in psutil.Process().children(recursive=True)}
        bare.set(state_folder=state)
        bare.done("up")
        try:
            bare.done("deploy")
            assert bare("member", "ani@example.org").code == 4
            secret = Path(state) / "master-secret"
            assert secret.stat().st_mode & 0o777 == 0o600
            written = secret.read_text()
            assert bare("member", "ani@example.org").code == 4
            assert secret.read_text() == written
        finally:
            bare.done("down")
        after = {child.pid for child in psutil.Process().children(recursive=True)}
        assert after <= before
