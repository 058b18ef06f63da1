"""A real embedded PostgreSQL for the session, and a database of its own for each test."""

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from eth_utils.address import to_checksum_address

from coopledger.domain.types import ChainId
from coopledger.people.desk import People
from coopledger.people.dsn import Dsn
from coopledger.people.master import MasterSecret, SecretVersion
from coopledger.people.server import EmbeddedServer
from coopledger.people.store import Ledger


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
    """The DSN of an empty database; it goes with the session's server (dropping is slow)."""
    name = f"test_{secrets.token_hex(8)}"
    with psycopg.connect(server.text, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    url = server.url.set(drivername="postgresql", database=name)
    return Dsn(url.render_as_string(hide_password=False))


@pytest.fixture
def secret() -> MasterSecret:
    """A master secret that is the same each time, so that known answers can be written down."""
    return MasterSecret(SecretVersion(1), bytes(range(32)))


@pytest.fixture
def people(dsn: Dsn, secret: MasterSecret) -> Iterator[People]:
    """The desk, on an empty database."""
    with People.open(dsn, [secret]) as opened:
        yield opened


@pytest.fixture
def ledger() -> Ledger:
    """Some ledger on some chain."""
    return Ledger(ChainId(31337), to_checksum_address("0x5fbdb2315678afecb367f032d93f642f64180aa3"))
