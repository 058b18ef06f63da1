"""What the settings are wired to where something is missing: a trial's own on a local chain alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from coopledger.bootstrap import Application
from coopledger.domain.types import ChainId
from coopledger.local.chain.node import LocalNode, NodeOptions
from coopledger.people.master import ENVIRONMENT_NAME, MasterSecretMissing
from coopledger.people.store import WrongMasterSecret
from coopledger.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from coopledger.database.dsn import Dsn


@pytest.fixture(scope="module")
def public_node() -> Iterator[LocalNode]:
    """A node of a chain that does not count as local: its id is none of a development chain."""
    with LocalNode(NodeOptions(chain_id=ChainId(4242))) as running:
        yield running


def settings_of(node: LocalNode, dsn: Dsn, folder: Path) -> Settings:
    """Return settings for a node and a database, with nothing in the state folder."""
    return Settings(
        rpc_url=node.url,
        chain_id=node.chain_id,
        database_dsn=SecretStr(dsn.text),
        state_folder=folder,
    )


def test_a_public_chain_gets_no_trial_secret(
    public_node: LocalNode, dsn: Dsn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a master secret nobody's account is derived there, and none is made up."""
    monkeypatch.delenv(ENVIRONMENT_NAME, raising=False)
    settings = settings_of(public_node, dsn, tmp_path)
    with Application(settings) as work, pytest.raises(MasterSecretMissing):
        _ = work.people
    assert list(tmp_path.iterdir()) == []


def test_a_file_s_secret_is_the_one_that_is_used(
    node: LocalNode, public_node: LocalNode, dsn: Dsn, tmp_path: Path
) -> None:
    """The file counts on any chain, and another secret does not open what was written with it."""
    file = tmp_path / "secret"
    file.touch(0o600)
    for running in (node, public_node):
        file.write_text(f"1:{'2a' * 32}")
        settings = settings_of(running, dsn, tmp_path / "state")
        settings = settings.model_copy(update={"master_secret_file": file})
        with Application(settings) as work:
            assert work.people is work.people
        file.write_text(f"1:{'2b' * 32}")
        with Application(settings) as work, pytest.raises(WrongMasterSecret):
            _ = work.people
    assert not (tmp_path / "state").exists()
