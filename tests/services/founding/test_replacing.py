"""A new box office takes over; the old one's screenings run out at the old one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from coopledger.chain.contracts.access import ADMIN_DELAY_S
from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.chain.contracts.deployments import (
    NATIVE_COIN,
    ForeignCode,
    open_cooperative,
    read_journal,
    write_journal,
)
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.domain.purchases import Held
from coopledger.domain.roles import Role
from coopledger.domain.types import (
    Address,
    Attestation,
    Rupiah,
    ScreeningId,
    TicketId,
    Timestamp,
)
from coopledger.services.authority.appointing import Revoked
from coopledger.services.authority.delays import Scheduled
from coopledger.services.authority.powers import list_powers
from coopledger.services.counter.rescheduling import Cancelled, cancel_screening
from coopledger.services.counter.selling import void
from coopledger.services.founding.replacing import (
    NeedState,
    NotFormer,
    OtherReplacement,
    Preparing,
    Replaced,
    StillShowing,
    replace_box_office,
    retire_box_office,
    running_at,
)
from coopledger.services.holders import holding
from coopledger.services.holders.buying import Wish, quote
from coopledger.services.messages import signing, writing
from coopledger.services.messages.files import MessageFile
from coopledger.services.money.deposits import due_deposits, return_deposit
from coopledger.services.money.refunds import refund_all
from coopledger.services.money.treasury import BadPayee, PaidOut, statement, withdraw
from coopledger.services.programme.currency import currency_at, currency_of
from coopledger.services.programme.films_and_screenings import list_showings
from coopledger.services.programme.offices import NoSuchScreening, UnknownIssuer, office_of
from tests.services import viewers
from tests.services.public import announce

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.conftest import Office

OPERATOR, ADMIN, DEPLOYER = 0, 8, 9
ANI, BUDI, CICI = 2, 3, 4
DAY_S = 86_400
DOCUMENT = Attestation(b"a cancellation..")


def replace(
    office: Office, currency: Address | None = None, admin: int = ADMIN
) -> Replaced | Preparing:
    """Run the replacement once."""
    return replace_box_office(
        open_cooperative(office.chain, office.deployments, any_box_office=True),
        office.sender(DEPLOYER),
        office.sender(admin),
        office.signer(admin).address,
        office.deployments,
        currency,
        lambda _: None,
    )


@pytest.fixture
def own(office: Office, tmp_path: Path) -> Office:
    """The office with a deployments folder that a test may change."""
    folder = tmp_path / "deployments"
    shutil.copytree(office.deployments, folder, ignore=lambda *_: ["plain-map.toml"])
    own: Office = type(office)(**{**vars(office), "deployments": folder})
    return own


def replaced(own: Office, currency: Address | None = None) -> Office:
    """Replace the box office wholly; return the office with the new one."""
    assert isinstance(replace(own, currency), Preparing)
    own.dev.increase_time(ADMIN_DELAY_S)
    assert isinstance(replace(own, currency), Replaced)
    coop = open_cooperative(own.chain, own.deployments)
    office: Office = type(own)(**{**vars(own), "coop": coop})
    return office


def test_the_first_run_prepares_and_the_one_after_a_week_replaces(own: Office) -> None:
    """Created and scheduled; waiting changes nothing; then it has its roles, and the file names it."""
    old = own.coop.box_office
    first = replace(own)
    assert isinstance(first, Preparing)
    assert {need.state for need in first.needs} == {NeedState.WAITING}
    assert first.needs[-1].what.startswith("MINTER")
    ready_at = own.dev.now() + ADMIN_DELAY_S
    assert {need.ready_at for need in first.needs} == {ready_at}
    assert replace(own) == first
    assert open_cooperative(own.chain, own.deployments).box_office.address == old.address

    own.dev.set_time(Timestamp(ready_at))
    done = replace(own)
    assert isinstance(done, Replaced)
    assert (done.old, done.new) == (old.address, first.box_office)
    assert done.running == (2, 3, 4, 6)
    coop = open_cooperative(own.chain, own.deployments)
    assert coop.box_office.address == first.box_office
    assert coop.former_box_offices == (old.address,)
    assert read_journal(own.deployments, own.chain.chain_id).next_box_office is None
    assert list_powers(coop).unusual == ()
    assert coop.box_office.currency() == old.currency()


def test_it_goes_on_after_a_crash_and_after_the_week_to_execute(own: Office) -> None:
    """A lost file entry finds the created contract again; what expired is scheduled anew."""
    first = replace(own)
    assert isinstance(first, Preparing)
    journal = read_journal(own.deployments, own.chain.chain_id)
    write_journal(own.deployments, type(journal)(**{**vars(journal), "next_box_office": None}))
    again = replace(own)
    assert isinstance(again, Preparing)
    assert again.box_office == first.box_office
    own.dev.increase_time(ADMIN_DELAY_S + 7 * DAY_S)
    late = replace(own)
    assert isinstance(late, Preparing)
    assert {need.state for need in late.needs} == {NeedState.WAITING}
    own.dev.increase_time(ADMIN_DELAY_S)
    assert isinstance(replace(own), Replaced)


def test_who_is_no_admin_is_told_the_calls(own: Office) -> None:
    """Without ADMIN the contract is created, and the calls that an admin has to make are named."""
    told = replace(own, admin=OPERATOR)
    assert isinstance(told, Preparing)
    assert not told.can_go_on
    assert {need.state for need in told.needs} == {NeedState.TO_SCHEDULE}
    access, admin = own.coop.access, own.sender(ADMIN)
    admin.send(access.all_at_once([access.schedule(need.call) for need in told.needs]))
    own.dev.increase_time(ADMIN_DELAY_S)
    for need in told.needs:
        admin.send(access.execute_call(need.call))
    assert isinstance(replace(own, admin=OPERATOR), Replaced)


def test_another_currency_is_chosen_once(own: Office) -> None:
    """The new box office can take the chain's coin; a second choice is refused."""
    first = replace(own, NATIVE_COIN)
    assert isinstance(first, Preparing)
    with pytest.raises(OtherReplacement):
        replace(own, own.coop.box_office.currency())
    own.dev.increase_time(ADMIN_DELAY_S)
    done = replace(own)
    assert isinstance(done, Replaced)
    assert done.currency == NATIVE_COIN


def test_a_box_office_of_another_version_can_be_replaced(own: Office) -> None:
    """An upgraded package refuses the old contract for everything but replacing it."""
    old = own.coop.box_office.address
    code = own.chain.code_at(old)
    own.chain.rpc.request("anvil_setCode", old, "0x" + (code + b"\0").hex())
    with pytest.raises(ForeignCode):
        open_cooperative(own.chain, own.deployments)
    after = replaced(own)
    assert after.coop.former_box_offices == (old,)
    assert office_of(after.coop, ScreeningId(1)).address == old


def test_a_foreign_contract_is_not_taken_for_the_new_one(own: Office, unfounded: Office) -> None:
    """A recorded successor of another cooperative, or one without code, is refused."""
    journal = read_journal(own.deployments, own.chain.chain_id)
    for address in (unfounded.coop.box_office.address, own.operator):
        changed = type(journal)(**{**vars(journal), "next_box_office": address})
        write_journal(own.deployments, changed)
        with pytest.raises(ForeignCode):
            replace(own)


def test_the_old_screenings_run_out_at_the_old_one(own: Office) -> None:
    """Bought, sold, imported, voided, cancelled, refunded, settled: all at the one that opened it."""
    public = own.viewers()
    card = public.buy(ANI, joins=True)
    after = replaced(own)
    coop, public = after.coop, after.viewers()
    old = BoxOfficeContract(after.chain, coop.former_box_offices[0])

    public.buy(BUDI, 3)
    report = after.sell_plain({"order": "A", "event": "hall", "seat": "7"}, {"order": "B"})
    assert (report.tickets, report.problems) == (2, ())
    assert after.sell_plain({"order": "B"}).tickets == 0
    assert old.seats_taken(ScreeningId(4), [7]) == [True]  # type: ignore[list-item]
    assert void(coop, after.sender(), [TicketId(3)], DOCUMENT) == 1

    new = announce(after)
    assert new == 7
    assert office_of(coop, new).address == coop.box_office.address
    public.buy(CICI, new)
    assert [showing.screening.screening_id for showing in list_showings(coop)] == list(range(1, 8))

    done = cancel_screening(coop, after.sender(), after.operator, ScreeningId(3))
    assert isinstance(done, Cancelled)
    assert done.debts.on_chain.amount == 20_000
    refunds = refund_all(coop, after.sender(), ScreeningId(3), lambda *_: None)
    assert refunds.refunded.amount == 20_000
    public.until_settled(1)
    who = public.account(CICI)
    paid = withdraw(coop, after.sender(), after.operator, ScreeningId(1), who)
    assert paid == PaidOut(ScreeningId(1), who, Rupiah(10_000))
    public.leave(ANI)
    assert [each.ticket_id for each in due_deposits(coop)] == [card]
    present, former = statement(coop).offices
    assert (present.former, former.former) == (False, True)
    assert present.held == Held(Rupiah(20_000), Rupiah(10_000), Rupiah(0))
    assert former.held == Held(Rupiah(0), Rupiah(10_000), Rupiah(0))
    return_deposit(coop, after.sender(), card)
    assert [each.address for each in statement(coop).offices] == [coop.box_office.address]


def test_viewers_are_led_to_the_box_office_that_sells(own: Office) -> None:
    """With another currency at the new one, both sell in their own, and take tickets back."""
    after = replaced(own, NATIVE_COIN)
    coop, old = after.coop, BoxOfficeContract(own.chain, own.coop.box_office.address)
    money = CurrencyContract(own.chain, old.currency())
    ani, account = after.sender(ANI), after.signer(ANI).address
    ani.send(money.mint_call(account, Rupiah(40_000)))
    new = announce(after)

    first = viewers.purchase(after, ANI, ScreeningId(2), Wish(bylaws=viewers.FIRST_BYLAWS))
    second = viewers.purchase(after, ANI, ScreeningId(6))
    third = viewers.purchase(after, ANI, new)
    assert money.balance_of(account) == 0
    assert own.chain.balance_of(coop.box_office.address) == 30_000
    assert quote(coop, ScreeningId(6), viewers.REGULAR).currency == currency_at(
        own.chain, old.currency()
    )
    assert quote(coop, new, viewers.REGULAR).currency == currency_of(coop)

    refunds = holding.refund(coop, ani, [second.ticket_id, third.ticket_id])
    assert [(each.screening, each.amount) for each in refunds] == [(6, 20_000), (new, 30_000)]
    assert money.balance_of(account) == 20_000
    written = writing.refund(coop, account, [first.ticket_id], Timestamp(2**32))
    assert written.domain == old.signing_domain()
    signed = signing.sign(coop, MessageFile(written, {}), after.signer(ANI)).file
    relayed = signing.relay(coop, after.sender(BUDI), signed)
    assert [each.amount for each in relayed.refunds] == [10_000]
    assert holding.leave(coop, ani, account).deposit == 10_000
    assert money.balance_of(account) == 40_000


def test_a_former_box_office_is_retired_when_its_screenings_are_over(own: Office) -> None:
    """Until then it is refused; afterwards it sells nothing, and its money is still paid out."""
    public = own.viewers()
    public.buy(ANI)
    after = replaced(own)
    coop, old = after.coop, after.coop.former_box_offices[0]
    admin = (after.coop, after.sender(ADMIN), after.signer(ADMIN).address)
    with pytest.raises(NotFormer):
        retire_box_office(*admin, coop.box_office.address)
    with pytest.raises(StillShowing) as still:
        retire_box_office(*admin, old)
    assert still.value.screenings == (2, 3, 4, 6)
    after.viewers().until_settled(6)
    assert running_at(coop, BoxOfficeContract(after.chain, old)) == ()
    assert isinstance(retire_box_office(*admin, old), Scheduled)
    after.dev.increase_time(ADMIN_DELAY_S)
    assert retire_box_office(*admin, old) == Revoked(Role.MINTER, old)
    assert not coop.access.holding(Role.MINTER, old).held
    with pytest.raises(ContractRefusal) as refused:
        after.sell_plain({"order": "A"})
    assert refused.value.name == "AccessManagedUnauthorized"
    who = public.account(CICI)
    paid = withdraw(coop, after.sender(), after.operator, ScreeningId(1), who)
    assert isinstance(paid, PaidOut)
    assert paid.amount == 10_000


def test_an_issuer_that_is_not_known_is_named(own: Office) -> None:
    """A screening of a contract that the deployment's file does not name leads nowhere."""
    after = replaced(own)
    journal = read_journal(own.deployments, own.chain.chain_id)
    forgotten = type(journal)(**{**vars(journal), "former_box_offices": ()})
    write_journal(own.deployments, forgotten)
    coop = open_cooperative(own.chain, own.deployments)
    with pytest.raises(UnknownIssuer) as unknown:
        office_of(coop, ScreeningId(1))
    assert unknown.value.issuer == after.coop.former_box_offices[0]
    assert len(statement(coop).unknown) == 6
    with pytest.raises(NoSuchScreening):
        office_of(coop, ScreeningId(99))


def test_a_second_replacement_keeps_every_former_box_office(own: Office) -> None:
    """What the first box office holds is still paid out, and nothing goes to a contract that is over."""
    public = own.viewers()
    public.buy(ANI)
    second = replaced(own)
    kept = second.coop.ledger.tickets_of(public.account(ANI), second.coop.first_block)[0].ticket_id
    third = replaced(second)
    coop = third.coop
    former = (own.coop.box_office.address, second.coop.box_office.address)
    assert coop.former_box_offices == former
    assert office_of(coop, ScreeningId(1)).address == former[0]
    for gone in former:
        with pytest.raises(BadPayee):
            withdraw(coop, third.sender(), third.operator, ScreeningId(1), gone)
        with pytest.raises(holding.NotAPerson):
            holding.give(coop, third.sender(ANI), kept, gone)
    who = public.account(CICI)
    paid = withdraw(coop, third.sender(), third.operator, ScreeningId(1), who)
    assert paid == PaidOut(ScreeningId(1), who, Rupiah(10_000))
