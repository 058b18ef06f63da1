"""A generated register to export; the database is the services' tests' own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.generated_register import CHAIN, FIRST_BLOCK, LEDGER
from coopledger.database.dsn import Dsn
from coopledger.domain.types import Timestamp
from coopledger.exports.data import About
from coopledger.index.asking.queries import Register
from coopledger.index.asking.wanted import Wanted
from tests.index.generated import Made, made
from tests.services.conftest import database, state_folder

__all__ = ["database", "state_folder"]


@pytest.fixture(scope="package")
def register(database: Dsn) -> Iterator[Made]:
    """A register of 120 records, most things having happened to them."""
    with made(database, 11, 120) as found:
        yield found


@pytest.fixture
def now(register: Made) -> Register:
    """That register as of its last block."""
    return register.at(Timestamp(register.span[1]))


def about(register: Register, wanted: Wanted) -> About:
    """Return what an export says of itself."""
    as_of = register.as_of
    head = register.head()
    assert head is not None
    counts = register.counts()
    house = "Koperasi Film Kinarya"
    return About(house, CHAIN, LEDGER, as_of, FIRST_BLOCK, wanted, counts, *head)
