"""Refunds of a cancelled screening: pushed in batches, once each, past holders who take no money."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from coopledger.chain.sending.send_failures import NotMinedInTime
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.transactions import Creation, Receipt
from coopledger.domain.types import Address, Gas, ScreeningId
from coopledger.services.money.refunds import NotCancelled, Refunds, debts_of, refund_all
from coopledger.settings import Settings

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.public import Public

ANI, BUDI, CICI, STRANGER = 2, 3, 4, 5
FIRST = ScreeningId(1)

#: Contracts that answer a payment with a revert, or by using up all gas.
REVERTS, LOOPS = bytes.fromhex("5f5ffd"), bytes.fromhex("5b5f56")


def push(office: Office, settings: Settings | None = None, **seen: list[int]) -> Refunds:
    """Push the first screening's refunds, by somebody who has no role."""
    sender = Sender(office.chain, office.signer(STRANGER), settings or office.settings)
    moved = seen.get("progress", [])
    return refund_all(office.coop, sender, FIRST, lambda done, _: moved.append(done))


def test_all_refunds_are_pushed_once(office: Office, public: Public) -> None:
    """Each holder gets the price, a member the price without the deposit; again: nothing."""
    public.buy(ANI, joins=True)
    for _ in range(3):
        public.buy(BUDI)
    office.sell_plain({"order": "A"})
    with pytest.raises(NotCancelled):
        push(office)
    debts = public.cancel(1).debts
    assert (debts.on_chain.tickets, debts.on_chain.amount) == (4, 70_000)
    assert (debts.on_chain.withheld, debts.outside.tickets) == (10_000, 1)
    assert (debts.outside.amount, debts.outside.withheld) == (10_000, 10_000)

    done = push(office)
    assert (done.refunded, done.holders, done.transactions) == (debts.on_chain, 2, 1)
    assert (done.left_out, done.before) == ((), 0)
    assert public.has(public.account(ANI)) == 10_000
    assert public.has(public.account(BUDI)) == 60_000
    again = push(office)
    assert (again.refunded.tickets, again.before, again.transactions) == (0, 4, 0)
    assert public.has(public.account(BUDI)) == 60_000
    assert debts_of(office.coop, FIRST).on_chain.tickets == 0


def test_refunds_are_split_by_gas(office: Office, public: Public) -> None:
    """No transaction is planned above the cap, and all tickets are in one of them."""
    for _ in range(6):
        public.buy(BUDI)
    public.cancel(1)
    capped = Settings.model_construct(receipt_timeout_s=20.0, transaction_gas_cap=Gas(400_000))
    moved: list[int] = []
    done = push(office, capped, progress=moved)
    assert done.refunded.tickets == 6
    assert done.transactions > 1
    assert moved == sorted(moved)
    assert moved[-1] == 6
    assert public.has(public.account(BUDI)) == 120_000


def test_a_frozen_account_is_left_out(office: Office, public: Public) -> None:
    """Whoever a contested move has frozen is listed; the others are refunded."""
    public.buy(ANI, joins=True)
    public.buy(BUDI)
    ledger = office.coop.ledger
    number = ledger.member_of(public.account(ANI))
    assert number is not None
    office.sender().send(ledger.propose_move_call(number, public.account(CICI)))
    public.send(ANI, ledger.veto_move_call(number))
    office.sender().send(ledger.contest_move_call(number, public.account(CICI)))
    public.cancel(1)
    done = push(office)
    assert [(each.holder, each.amount) for each in done.left_out] == [(public.account(ANI), 10_000)]
    assert "frozen" in done.left_out[0].reason
    assert public.has(public.account(BUDI)) == 20_000
    office.sender(7).send(ledger.cancel_move_call(number))
    assert push(office).refunded.tickets == 1


@pytest.mark.parametrize("code", [REVERTS, LOOPS], ids=["reverts", "uses all gas"])
def test_a_holder_that_takes_no_money_blocks_nobody(native_public: Public, code: bytes) -> None:
    """A contract that refuses the coin is listed with its ticket; all others are paid."""
    public = native_public
    office = public.office
    holder = contract(public, code)
    for who in (ANI, BUDI):
        public.buy(who)
    bad = public.buy(ANI, holder=holder)
    for who in (CICI, CICI):
        public.buy(who)
    public.cancel(1)
    before = [office.chain.balance_of(public.account(who)) for who in (ANI, BUDI, CICI)]
    done = push(office)
    after = [office.chain.balance_of(public.account(who)) for who in (ANI, BUDI, CICI)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [20_000, 20_000, 40_000]
    assert done.refunded.tickets == 4
    assert [(each.ticket_id, each.holder) for each in done.left_out] == [(bad, holder)]
    assert "contract" in done.left_out[0].reason
    assert [each.ticket_id for each in push(office).left_out] == [bad]


def contract(public: Public, runtime: bytes) -> Address:
    """Put some code on the chain."""
    size = len(runtime).to_bytes(1)
    copy = b"\x60" + size + bytes.fromhex("600c600039") + b"\x60" + size + bytes.fromhex("6000f3")
    created = public.office.sender().send(Creation(copy + runtime)).created
    assert created is not None
    return created


class Overtaken(Sender):
    """Lets something happen before its first transaction goes out."""

    happens: Callable[[], None]

    def send(self, *given: Any, **options: Any) -> Receipt:
        """Send, after what happens has happened."""
        happens, self.happens = self.happens, lambda: None
        happens()
        return super().send(*given, **options)


def test_a_ticket_that_its_holder_hands_back_meanwhile_is_no_debt(
    office: Office, public: Public
) -> None:
    """A batch that somebody was faster for pays the rest, and lists nobody as not refunded."""
    first = public.buy(BUDI)
    public.buy(BUDI)
    public.buy(ANI)
    public.cancel(1)
    sender = Overtaken(office.chain, office.signer(STRANGER), office.settings)
    sender.happens = lambda: public.refund(BUDI, first)
    done = refund_all(office.coop, sender, FIRST, lambda *_: None)
    assert (done.refunded.tickets, done.left_out) == (2, ())
    assert public.has(public.account(BUDI)) == 40_000


def test_what_nobody_knows_yet_is_not_said_to_be_unpaid(office: Office, public: Public) -> None:
    """A refund that is in no block in time stops the pushing; it is neither halved nor listed."""
    public.buy(BUDI)
    public.buy(BUDI)
    public.cancel(1)
    hasty = Settings.model_construct(receipt_timeout_s=0.2, request_timeout_s=10.0)
    sender = Overtaken(office.chain, office.signer(STRANGER), hasty)
    sender.happens = lambda: office.dev.set_automine(False)
    with pytest.raises(NotMinedInTime):
        refund_all(office.coop, sender, FIRST, lambda *_: None)
    office.dev.set_automine(True)
    office.dev.mine()
    assert public.has(public.account(BUDI)) == 40_000
