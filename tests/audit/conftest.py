"""Chains to audit: one that has sold, one on which everything happened, and a node that lies about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from coopledger.audit.run import Verdict, audit
from coopledger.chain.contracts.ledger import LedgerContract
from coopledger.chain.wire.client import connect
from coopledger.domain.signed_messages import move_now_message
from coopledger.domain.types import MemberNumber, ScreeningId, Timestamp
from tests.middleman import Told, middleman_before
from tests.services.conftest import (
    EXAMPLES,
    Office,
    OfficeOpener,
    brought_back,
    busy,
    database,
    founded,
    founded_and_sold,
    office,
    open_office,
    shared_people,
    state_folder,
)
from tests.services.register.test_register_chain import DAY_S, DOCUMENT, make_history

__all__ = [
    "busy",
    "database",
    "founded",
    "founded_and_sold",
    "office",
    "open_office",
    "shared_people",
    "state_folder",
]

GUARDIAN = 7


@dataclass
class Liar:
    """An office's chain through a node that a test can make lie."""

    ledger: LedgerContract
    told: list[Told]

    def audit(self) -> Verdict:
        """Audit the ledger through the node."""
        return audit(self.ledger)

    def tell(self, told: Told) -> None:
        """Make the node tell something else from now on; later lies see the earlier ones' results."""
        self.told.append(told)

    def found(self) -> list[str]:
        """Audit, and return the findings as sentences."""
        return [str(each) for each in self.audit().findings]


@pytest.fixture(scope="package")
def lived(open_office: OfficeOpener) -> Office:
    """A chain of its own on which everything happened that can."""
    office = open_office("lived")
    office.dev.increase_time(60)
    office.sell(EXAMPLES / "kinarya-positions.csv")
    make_history(office)
    _move(office)
    _trade(office)
    return office


@pytest.fixture
def eventful(lived: Office, tmp_path: Path) -> Iterator[Office]:
    """The chain on which everything happened, brought back after each test."""
    with brought_back(lived, tmp_path) as office:
        yield office


@pytest.fixture
def liar(eventful: Office) -> Iterator[Liar]:
    """A node before the eventful chain, honest until a test says otherwise."""
    told: list[Told] = []
    with middleman_before(eventful.url) as middleman:

        def tell(method: str, params: list[object], result: object) -> object:
            for each in told:
                result = each(method, params, result)
            return result

        middleman.tell(tell)
        chain = connect(middleman.url, eventful.chain.chain_id)
        yield Liar(LedgerContract(chain, eventful.coop.ledger.address), told)
        chain.close()


def _trade(office: Office) -> None:
    """Sell on the chain, give, refund, void, redeem, cancel, return deposits, withdraw."""
    public, coop, ledger = office.viewers(), office.coop, office.coop.ledger
    third = 3
    public.buy(2, third, joins=True)
    given, kept = public.buy(6, third), public.buy(6, third, joins=True)
    public.send(6, ledger.give_call(given, public.account(3)))
    refunded = public.buy(3, third)
    public.refund(3, refunded)
    public.leave(6)
    public.send(6, coop.box_office.return_deposit_call(kept))
    bought = [public.buy(viewer, 6) for viewer in (2, 3)]
    public.cancel(6)
    public.send(4, coop.box_office.refund_call(bought[:1]))
    paper = [t.ticket_id for t in office.tickets() if t.screening == third and not t.paid_on_chain]
    office.sender().send(coop.box_office.void_call(ScreeningId(third), paper[:2], DOCUMENT))
    (found,) = ledger.screenings([ScreeningId(third)])
    office.dev.set_time(Timestamp(found.starts_at - 3600))
    used = [*paper[2:6], given]
    office.sender().send(ledger.redeem_call(ScreeningId(third), [*used, paper[0]]))
    office.sender().send(ledger.unredeem_call(ScreeningId(third), paper[2]))
    public.until_settled(third)
    office.sender().send(coop.box_office.withdraw_call(ScreeningId(third), public.account(5)))


def _move(office: Office) -> None:
    """Move a membership by a contested move, and another one by an agreed one; leave one pending."""
    ledger, clerk = office.coop.ledger, office.sender()
    public = office.viewers()
    public.buy(2, 3, joins=True)
    number = ledger.member_count()
    clerk.send(ledger.propose_move_call(MemberNumber(number), public.account(3)))
    office.sender(2).send(ledger.veto_move_call(MemberNumber(number)))
    clerk.send(ledger.contest_move_call(MemberNumber(number), public.account(3)))
    office.sender(GUARDIAN).send(ledger.cancel_move_call(MemberNumber(number)))
    clerk.send(ledger.propose_move_call(MemberNumber(number), public.account(3)))
    deadline = Timestamp(office.dev.now() + DAY_S)
    message = move_now_message(
        ledger.signing_domain(), MemberNumber(number), public.account(4), [], deadline
    )
    signatures = [office.signer(key).sign_typed_data(message.typed_data()) for key in (2, 4)]
    clerk.send(
        ledger.move_now_call(MemberNumber(number), public.account(4), [], deadline, *signatures)
    )
    clerk.send(ledger.propose_move_call(MemberNumber(number + 1), public.account(3)))
