"""The treasurer's statement and withdrawals: whose money it is, at every step of a ticket's life."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from eth_utils.crypto import keccak

from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.chain.contracts.deployments import open_cooperative
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.wire.client import connect
from coopledger.domain.purchases import Held
from coopledger.domain.types import Rupiah, ScreeningId
from coopledger.services.money.deposits import return_deposit
from coopledger.services.money.treasury import (
    BadPayee,
    MoneyMissing,
    NothingToWithdraw,
    PaidOut,
    statement,
    statement_of,
    withdraw,
)
from coopledger.services.programme.offices import NoSuchScreening
from tests.middleman import middleman_before

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.public import Public

ANI, BUDI, CICI = 2, 3, 4
FIRST = ScreeningId(1)


def held(office: Office) -> Held:
    """Return what is held of the first screening; all screenings must add up to the account."""
    found = statement(office.coop)
    found.check()
    (present,) = found.offices
    assert present.not_accounted_for == 0
    money = CurrencyContract(office.chain, present.currency)
    assert present.held.total == present.in_account == money.balance_of(present.address)
    till = office.coop.box_office.ask("till", FIRST)
    assert statement_of(office.coop, FIRST).held.total == sum(till)
    return present.screenings[0].held


def parts(refundable: int, deposits: int, free: int) -> Held:
    """Return a statement's three parts."""
    return Held(Rupiah(refundable), Rupiah(deposits), Rupiah(free))


def withdrawn(office: Office, to: int = CICI) -> object:
    """Withdraw the first screening's takings."""
    account = office.signer(to).address
    return withdraw(office.coop, office.sender(), office.operator, FIRST, account)


def test_the_parts_add_up_through_a_ticket_s_life(office: Office, public: Public) -> None:
    """Bought, refunded, settled, withdrawn, left, deposit returned: the parts are what is held."""
    assert held(office) == parts(0, 0, 0)
    card = public.buy(ANI, joins=True)
    other = public.buy(BUDI)
    assert held(office) == parts(20_000, 20_000, 0)
    public.refund(BUDI, other)
    assert held(office) == parts(10_000, 10_000, 0)
    public.until_settled(1)
    assert held(office) == parts(0, 10_000, 10_000)
    assert withdrawn(office) == PaidOut(FIRST, public.account(CICI), Rupiah(10_000))
    assert public.has(public.account(CICI)) == 10_000
    assert held(office) == parts(0, 10_000, 0)
    public.leave(ANI)
    assert held(office) == parts(0, 10_000, 0)
    returned = return_deposit(office.coop, office.sender(CICI), card)
    assert (returned.to, returned.amount, returned.on_chain) == (public.account(ANI), 10_000, True)
    assert public.has(public.account(ANI)) == 10_000
    assert held(office) == parts(0, 0, 0)


def test_the_parts_add_up_after_a_cancellation(office: Office, public: Public) -> None:
    """Of a cancelled screening nothing ever becomes free; a card's deposit outlasts its refund."""
    card = public.buy(ANI, joins=True)
    public.buy(BUDI)
    public.cancel(1)
    public.until_settled(1)
    assert held(office) == parts(20_000, 20_000, 0)
    with pytest.raises(ContractRefusal) as refused:
        withdrawn(office)
    assert refused.value.name == "ScreeningIsCancelled"
    public.refund(ANI, card)
    assert held(office) == parts(10_000, 20_000, 0)
    public.leave(ANI)
    return_deposit(office.coop, office.sender(), card)
    assert held(office) == parts(10_000, 10_000, 0)


def test_money_sent_by_mistake_and_money_that_is_missing(office: Office, public: Public) -> None:
    """What is in the account beside what is held is named; less than that is a failure."""
    public.buy(ANI)
    (present,) = statement(office.coop).offices
    money = CurrencyContract(office.chain, present.currency)
    public.send(BUDI, money.mint_call(present.address, Rupiah(5_000)))
    found = statement(office.coop)
    found.check()
    assert found.offices[0].not_accounted_for == 5_000

    slot = balance_slot(office, present.address)
    for left, lacking in ((12_000, 8_000), (19_999, 1)):
        word = "0x" + left.to_bytes(32).hex()
        office.chain.rpc.request("anvil_setStorageAt", money.address, slot, word)
        with pytest.raises(MoneyMissing) as missing:
            statement(office.coop).check()
        assert (missing.value.box_office, missing.value.missing) == (present.address, lacking)


def balance_slot(office: Office, account: str) -> str:
    """Return where the play money keeps an account's balance (OpenZeppelin's first mapping)."""
    word = keccak(bytes(12) + bytes.fromhex(account[2:]) + bytes(32))
    return "0x" + word.hex()


def test_takings_are_free_48_hours_after_the_end(office: Office, public: Public) -> None:
    """A second before, the withdrawal is refused; the statement names that second."""
    public.buy(ANI)
    free_from = statement_of(office.coop, FIRST).free_from
    assert free_from is not None
    with pytest.raises(ContractRefusal) as refused:
        withdrawn(office)
    assert refused.value.arguments["from_"] == free_from
    office.dev.set_time(free_from)
    assert withdrawn(office) == PaidOut(FIRST, public.account(CICI), Rupiah(10_000))
    with pytest.raises(NothingToWithdraw):
        withdrawn(office)


def test_takings_do_not_go_where_they_are_lost(office: Office, public: Public) -> None:
    """Nobody, the cooperative's own contracts and the currency's are no payees."""
    public.buy(ANI)
    public.until_settled(1)
    coop = office.coop
    lost = (coop.ledger, coop.box_office, coop.access)
    accounts = [each.address for each in lost] + [coop.lens, coop.box_office.currency()]
    for account in [*accounts, "0x" + "00" * 20]:
        with pytest.raises(BadPayee):
            withdraw(coop, office.sender(), office.operator, FIRST, account)  # type: ignore[arg-type]
    assert held(office) == parts(0, 10_000, 10_000)


def test_only_the_treasurer_withdraws(office: Office, public: Public) -> None:
    """Who has no role is told so, and nothing is paid."""
    public.buy(ANI)
    public.until_settled(1)
    with pytest.raises(ContractRefusal) as refused:
        withdraw(
            office.coop, office.sender(BUDI), public.account(BUDI), FIRST, public.account(BUDI)
        )
    assert refused.value.name == "AccessManagedUnauthorized"
    with pytest.raises(NoSuchScreening):
        withdraw(
            office.coop, office.sender(), office.operator, ScreeningId(99), public.account(BUDI)
        )


def test_a_statement_is_of_one_block(native_public: Public) -> None:
    """A purchase while the statement is read is in all of its figures or in none."""
    public = native_public
    office = public.office
    public.buy(ANI)

    def buy_before_the_balance(request: Any, pass_on: Callable[[], bytes]) -> bytes:
        asked = request if isinstance(request, list) else [request]
        if any(each["method"] == "eth_getBalance" for each in asked):
            public.buy(BUDI)
        return pass_on()

    with middleman_before(office.url) as between:
        chain = connect(between.url, office.chain.chain_id)
        coop = open_cooperative(chain, office.deployments)
        between.intercept = buy_before_the_balance
        (present,) = statement(coop).offices
        chain.close()
    assert present.held.total == present.in_account == 20_000
    assert statement(office.coop).offices[0].in_account == 40_000
