"""The people's desk on an empty database, and a master secret that is always the same."""

from collections.abc import Iterator

import pytest
from eth_utils.address import to_checksum_address

from coopledger.database.dsn import Dsn
from coopledger.domain.types import ChainId
from coopledger.people.desk import People
from coopledger.people.master import MasterSecret, SecretVersion
from coopledger.people.store import Ledger


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
