"""Fixtures for every test: real local chains, one of each kind a session, and a real PostgreSQL.

A test gets the chain as the one before it got it, by a snapshot that is taken before and reverted after
it; so a test may deploy, move the clock and stop the mining.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as how_often

from coopledger.chain.development import DevChain, development_signer
from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.client import Chain, connect
from coopledger.database.dsn import Dsn
from coopledger.local.chain.node import LocalNode, NodeOptions, NodeProgram
from coopledger.local.database.server import EmbeddedServer
from coopledger.settings import Settings, find_project_root
from tests.databases import new_database

# A busy machine is no failure; and what was found at random can be tried again.
how_often.register_profile(
    "tests", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
how_often.load_profile("tests")


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The checkout that is tested."""
    return find_project_root()


@pytest.fixture(scope="session")
def node() -> Iterator[LocalNode]:
    """One anvil for the whole session."""
    with LocalNode() as running:
        yield running


@pytest.fixture(scope="session")
def hardhat_node() -> Iterator[LocalNode]:
    """One Hardhat node for the whole session."""
    with LocalNode(NodeOptions(program=NodeProgram.HARDHAT)) as running:
        yield running


@pytest.fixture
def chain(node: LocalNode) -> Iterator[Chain]:
    """The session's anvil, brought back afterwards to what it was."""
    with _brought_back(node) as connected:
        yield connected


@pytest.fixture(params=["node", "hardhat_node"])
def either_chain(request: pytest.FixtureRequest) -> Iterator[Chain]:
    """Anvil's chain, then Hardhat's, brought back afterwards: the test runs on both."""
    with _brought_back(request.getfixturevalue(request.param)) as connected:
        yield connected


@pytest.fixture
def dev(chain: Chain) -> DevChain:
    """The clock, the blocks and the balances of ``chain``."""
    return DevChain(chain)


@pytest.fixture
def signer(chain: Chain) -> Signer:
    """A funded key of ``chain``."""
    return development_signer(chain)


@pytest.fixture
def settings() -> Settings:
    """The defaults, whatever the environment says, with waits that a busy machine keeps."""
    return Settings.model_construct(receipt_timeout_s=20.0, request_timeout_s=10.0)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """The state folder of the session's server.

    Not below pytest's own folder: each pytest that starts closes that one to everybody else, the
    system user that PostgreSQL runs under included.
    """
    with tempfile.TemporaryDirectory(prefix="coopledger-test-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def server(server_folder: Path) -> Iterator[Dsn]:
    """The DSN of the session's server."""
    with EmbeddedServer(server_folder, durable=False) as running:
        yield running.start()


@pytest.fixture
def dsn(server: Dsn) -> Dsn:
    """The DSN of an empty database."""
    return new_database(server)


@contextmanager
def _brought_back(node: LocalNode) -> Iterator[Chain]:
    connected = connect(node.url, node.chain_id)
    steered = DevChain(connected)
    snapshot = steered.snapshot()
    try:
        yield connected
    finally:
        steered.set_automine(True)
        steered.revert(snapshot)
        connected.close()
