"""An index to be doubted: of a chain on which everything happened, with the chain's own verdict on it.

The chain, its index and the verdict are made once for a module; a test alters rows within a transaction
that is rolled back, and gets the verdict with findings of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, Executable, text

from coopledger.audit.findings import Finding, Findings
from coopledger.audit.run import Verdict, audit
from coopledger.domain.moments import AtTime
from coopledger.domain.types import MemberNumber, ScreeningId, Timestamp
from coopledger.services.auditing.comparing import compare_register, moment_to_compare
from tests.index.conftest import Index, index_maker
from tests.index.history import DAY_S, make_history
from tests.services.conftest import Office, brought_back

if TYPE_CHECKING:
    from coopledger.database.dsn import Dsn

Alter = Callable[..., Connection]


@dataclass
class Told:
    """An office, its index, and the chain's own verdict on the register as of the index's cursor."""

    office: Office
    index: Index
    verdict: Verdict

    def compare(self, connection: Connection, at: Timestamp | None = None) -> list[Finding]:
        """Hold the index as it is in a transaction against the verdict, or against one of a time."""
        verdict = replace(self.verdict, findings=Findings())
        if at is not None:
            verdict = audit(self.office.coop.ledger, AtTime(at))
        compare_register(verdict, connection)
        return list(verdict.findings)


def _move_to_a_former_member(office: Office) -> None:
    """Let a membership move to an account that had one of its own, and end; takings become free meanwhile."""
    ledger, number = office.coop.ledger, MemberNumber(9)
    office.sender().send(ledger.propose_move_call(number, office.signer(3).address))
    office.dev.increase_time(7 * DAY_S)
    office.sender(3).send(ledger.accept_move_call(number, []))
    office.sender(3).send(ledger.leave_call())
    office.viewers().until_settled(4)


@pytest.fixture(scope="module")
def told(
    founded_and_sold: tuple[Office, object],
    database: Dsn,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Told]:
    """An index of a chain on which everything happened."""
    folder = tmp_path_factory.mktemp("told")
    with brought_back(founded_and_sold[0], folder) as office:
        make_history(office)
        _move_to_a_former_member(office)
        public = office.viewers()
        office.sender().send(
            office.coop.box_office.withdraw_call(ScreeningId(4), public.account(5))
        )
        index = index_maker(database)(index_confirmations=5)
        index.follow(office)
        office.dev.mine(130)
        index.follow(office)
        with index.reading() as connection:
            moment = moment_to_compare(connection, office.chain)
        yield Told(office, index, audit(office.coop.ledger, moment, admissions=True))


@pytest.fixture(scope="module")
def doubted(told: Told) -> Iterator[Connection]:
    """A look at the index that is told of."""
    with told.index.reading() as connection:
        yield connection


@pytest.fixture
def altered(doubted: Connection) -> Iterator[Alter]:
    """What alters the index by a statement, for this test alone, and gives the connection that sees it."""

    def alter(statement: str | Executable, **values: Any) -> Connection:
        chosen = text(statement) if isinstance(statement, str) else statement
        assert doubted.execute(chosen, values).rowcount != 0
        return doubted

    yield alter
    doubted.rollback()
