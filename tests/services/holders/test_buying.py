"""A viewer buys with their own key: each way to pay, and each reason why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from coopledger.chain.wire.transactions import Creation
from coopledger.domain.money import Currency, NotAnAmount, parse_money, show_money
from coopledger.domain.register import Consent
from coopledger.domain.types import (
    Address,
    BylawsVersion,
    Rupiah,
    ScreeningId,
    SeatNumber,
    Timestamp,
)
from coopledger.services.counter.selling import NoSuchTier, NotSoldHere
from coopledger.services.founding.deploying import NATIVE_COIN
from coopledger.services.holders.buying import Payment, Wish, buy, check_purchase, quote
from coopledger.services.holders.purchase_failures import (
    ConsentForAnother,
    MemberAlready,
    NoNumberedSeats,
    NoPlaceLeft,
    NotEnoughMoney,
    OtherBylawsInForce,
    PriceTooHigh,
    SaleNotOpen,
    SaleOver,
    ScreeningIsCancelled,
    SeatNeeded,
    SeatNotFree,
)
from coopledger.services.programme.currency import NoPlayMoney, currency_of, make_play_money
from coopledger.services.register.bylaws import (
    BylawsFileDiffers,
    NoBylaws,
    bylaws_in_force,
    check_bylaws_file,
)
from tests.services import viewers
from tests.services.viewers import ANI, BUDI, CANCELLED, CICI, FREE, HALL, REGULAR, SMALL

if TYPE_CHECKING:
    from tests.services.conftest import Office

PRICE = 20_000
JOINING = Wish(bylaws=BylawsVersion(1))


def spent(office: Office, viewer: int = ANI, screening: ScreeningId = FREE) -> int:
    """Return what of a viewer's money the box office holds now."""
    held = office.coop.box_office.held(screening)
    return held.refundable + held.deposits + held.free


def allowance(office: Office, viewer: int = ANI) -> int:
    """Return what the box office may still take from a viewer."""
    spender = office.coop.box_office.address
    return viewers.currency_of(office).allowance(office.signer(viewer).address, spender)


def refused(office: Office, screening: ScreeningId, wish: Wish, viewer: int = ANI) -> None:
    """Try a purchase, which must send nothing."""
    before = office.nonce(viewer)
    try:
        viewers.purchase(office, viewer, screening, wish)
    finally:
        assert office.nonce(viewer) == before


def test_a_permit_pays_in_one_transaction(office: Office) -> None:
    """Where the currency has permits, a first purchase is one transaction for exactly the price."""
    viewers.fund(office, ANI, PRICE)
    before = office.nonce(ANI)
    bought = viewers.purchase(office)
    assert (bought.payment, bought.price, bought.member) == (Payment.PERMIT, PRICE, None)
    assert office.nonce(ANI) == before + 1
    assert office.coop.ledger.ticket(bought.ticket_id).owner == office.signer(ANI).address
    assert allowance(office) == 0
    assert spent(office) == PRICE


def test_an_allowance_that_suffices_is_used(office: Office) -> None:
    """Nothing is signed or allowed anew where the box office may take the price already."""
    viewers.fund(office, ANI)
    spender = office.coop.box_office.address
    office.sender(ANI).send(viewers.currency_of(office).approve_call(spender, Rupiah(50_000)))
    assert viewers.purchase(office).payment is Payment.ALLOWANCE
    assert allowance(office) == 30_000


def test_a_purchase_that_joins_is_the_buyers_own_consent(office: Office) -> None:
    """Joining is in the same transaction, its consent is PURCHASED and names the by-laws and the time."""
    viewers.fund(office, ANI)
    bought = viewers.purchase(office, wish=JOINING)
    assert bought.member == 1
    record = office.coop.ledger.member(bought.member)
    assert (record.account, record.consent) == (office.signer(ANI).address, Consent.PURCHASED)
    (joined,) = office.events("Joined")
    assert (joined["bylaws"], joined["consentedAt"]) == (1, record.joined_at)
    assert office.coop.ledger.ticket_of(record.account) == bought.ticket_id


def test_a_ticket_for_somebody_else_never_enrols(office: Office) -> None:
    """A ticket that is bought for another is theirs, and makes nobody a member."""
    viewers.fund(office, ANI)
    other = office.signer(BUDI).address
    bought = viewers.purchase(office, wish=Wish(holder=other))
    assert office.coop.ledger.ticket(bought.ticket_id).owner == other
    assert office.coop.ledger.member_count() == 0
    with pytest.raises(ConsentForAnother):
        refused(office, FREE, Wish(holder=other, bylaws=BylawsVersion(1)))


def test_the_native_coin_pays(office: Office, found_another: Callable[[Address], Office]) -> None:
    """Where a box office sells for the chain's coin, the price goes along, and the buyer joins."""
    native = found_another(NATIVE_COIN)
    bought = viewers.purchase(native, wish=JOINING)
    assert (bought.payment, bought.member) == (Payment.COIN, 1)
    assert spent(native) == PRICE
    assert bought.member is not None
    assert native.coop.ledger.member(bought.member).consent is Consent.PURCHASED
    assert currency_of(native.coop) == Currency(None, "coins", 18)
    native.dev.set_balance(native.signer(BUDI).address, 5)  # type: ignore[arg-type]  # wei
    with pytest.raises(NotEnoughMoney, match="0,000000000000019995 coins are missing"):
        refused(native, FREE, Wish(), BUDI)
    with pytest.raises(NoPlayMoney):
        make_play_money(native.coop, native.sender(ANI), native.signer(ANI).address, Rupiah(1))


@pytest.fixture
def stubborn(
    office: Office, found_another: Callable[[Address], Office], stubborn_code: bytes
) -> Office:
    """A box office that sells for a currency without permits, of which Ani has some."""
    token = office.sender().send(Creation(stubborn_code)).created
    assert token is not None
    other = found_another(token)
    viewers.fund(other, ANI)
    return other


def test_without_permits_exactly_the_price_is_allowed(stubborn: Office) -> None:
    """A currency without permits is allowed the price by a transaction before, and nothing is left."""
    before = stubborn.nonce(ANI)
    bought = viewers.purchase(stubborn, wish=JOINING)
    assert (bought.payment, bought.member) == (Payment.APPROVAL, 1)
    assert stubborn.nonce(ANI) == before + 2
    assert allowance(stubborn) == 0
    assert currency_of(stubborn.coop).shown(PRICE) == "0,02 STUB"


def test_an_allowance_that_cannot_be_changed_is_taken_back_first(stubborn: Office) -> None:
    """An old, smaller allowance is set to nothing where the currency refuses to change it."""
    spender = stubborn.coop.box_office.address
    stubborn.sender(ANI).send(viewers.currency_of(stubborn).approve_call(spender, Rupiah(7)))
    before = stubborn.nonce(ANI)
    assert viewers.purchase(stubborn).payment is Payment.APPROVAL
    assert stubborn.nonce(ANI) == before + 3
    assert allowance(stubborn) == 0
    with pytest.raises(NoPlayMoney, match="sells for STUB"):
        make_play_money(stubborn.coop, stubborn.sender(ANI), spender, Rupiah(1))


def test_a_smaller_allowance_that_can_be_changed_gives_way_to_a_permit(office: Office) -> None:
    """With permits, a small old allowance is no obstacle and costs no further transaction."""
    viewers.fund(office, ANI)
    spender = office.coop.box_office.address
    office.sender(ANI).send(viewers.currency_of(office).approve_call(spender, Rupiah(7)))
    assert viewers.purchase(office).payment is Payment.PERMIT


def test_a_permit_is_signed_for_the_currency_itself_alone(stubborn: Office, office: Office) -> None:
    """A currency that does not say what its permits are signed for is asked for none."""
    assert viewers.currency_of(stubborn).permit_domain() is None
    domain = viewers.currency_of(office).permit_domain()
    assert domain is not None
    assert (domain.contract, domain.chain_id) == (office.coop.box_office.currency(), 31337)


def test_missing_money_is_named(office: Office) -> None:
    """Before anything is sent, the buyer hears how much is missing."""
    viewers.fund(office, ANI, 15_000)
    with pytest.raises(NotEnoughMoney) as failure:
        refused(office, FREE, Wish())
    assert (failure.value.has, failure.value.needed) == (15_000, PRICE)
    assert str(failure.value).endswith("has Rp 15.000: Rp 5.000 are missing")


def test_a_screening_or_tier_that_there_is_not(office: Office) -> None:
    """A quote names what there is."""
    with pytest.raises(NotSoldHere):
        quote(office.coop, ScreeningId(99), REGULAR)
    with pytest.raises(NoSuchTier, match="Tiket reguler, Tiket pelajar"):
        quote(office.coop, FREE, "Emas")


def test_a_quote_says_what_a_ticket_costs(office: Office) -> None:
    """A quote has price, deposit, places and currency."""
    offer = quote(office.coop, SMALL, REGULAR)
    assert (offer.price, offer.deposit, offer.showing.sale.left) == (PRICE, 10_000, 2)
    assert offer.currency == Currency(office.coop.box_office.currency(), "IDRL", 0)


def test_sold_out_is_named(office: Office) -> None:
    """When all places are sold, the next buyer hears it and pays nothing."""
    for viewer in (ANI, BUDI, CICI):
        viewers.fund(office, viewer)
    viewers.purchase(office, ANI, SMALL)
    viewers.purchase(office, BUDI, SMALL)
    with pytest.raises(NoPlaceLeft, match="all 2 places"):
        refused(office, SMALL, Wish(), CICI)


def test_the_sales_window_is_named(office: Office) -> None:
    """A sale that has ended, or not begun, is refused with its time; so is a cancelled screening."""
    viewers.fund(office, ANI)
    offer = quote(office.coop, FREE, REGULAR)
    sale = offer.showing.sale
    later = replace(sale, opens_at=Timestamp(sale.closes_at - 1))
    early = replace(offer, showing=replace(offer.showing, sale=later))
    with pytest.raises(SaleNotOpen, match="from 2026-12-05 18:59:59 WIB on"):
        check_purchase(office.coop, early, office.signer(ANI).address, Wish())
    with pytest.raises(ScreeningIsCancelled):
        refused(office, CANCELLED, Wish())
    office.dev.set_time(sale.closes_at)
    with pytest.raises(SaleOver, match="until 2026-12-05 19:00:00 WIB"):
        refused(office, FREE, Wish())


def test_seats(office: Office) -> None:
    """A seat is needed where seats are numbered, must exist and be free, and is no choice elsewhere."""
    viewers.fund(office, ANI)
    for seat in (0, 11):
        with pytest.raises(SeatNeeded, match="from 1 to 10"):
            refused(office, HALL, Wish(seat=SeatNumber(seat)))
    with pytest.raises(NoNumberedSeats):
        refused(office, FREE, Wish(seat=SeatNumber(1)))
    bought = viewers.purchase(office, ANI, HALL, Wish(seat=SeatNumber(3)))
    assert office.coop.ledger.ticket(bought.ticket_id).seat == 3
    with pytest.raises(SeatNotFree):
        refused(office, HALL, Wish(seat=SeatNumber(3)))


def test_the_price_is_never_more_than_agreed(office: Office) -> None:
    """A price above the most that the buyer will pay is refused, before and on the chain."""
    viewers.fund(office, ANI)
    with pytest.raises(PriceTooHigh, match=r"Rp 20\.000, more than Rp 19\.999"):
        refused(office, FREE, Wish(max_price=Rupiah(19_999)))
    # The price goes up after the quote: what was quoted is the most that is paid.
    offer = quote(office.coop, FREE, REGULAR)
    tier = offer.showing.tiers[0]
    dearer = type(tier)(tier.name, Rupiah(25_000), tier.deposit)
    office.sender().send(office.coop.box_office.set_tier_call(FREE, offer.tier, dearer))
    before = office.nonce(ANI)
    with pytest.raises(Exception, match="more than the 20,000 agreed to"):
        buy(office.coop, office.sender(ANI), office.signer(ANI), offer, Wish())
    assert office.nonce(ANI) == before


def test_a_member_cannot_join_again(office: Office) -> None:
    """Who is a member already hears their number, and can buy without joining."""
    viewers.member(office)
    with pytest.raises(MemberAlready, match="already member 1"):
        refused(office, FREE, JOINING)
    assert viewers.purchase(office).member is None


def test_the_by_laws_are_those_in_force(office: Office, unfounded: Office) -> None:
    """A consent is to the version in force; without by-laws nobody joins."""
    viewers.fund(office, ANI)
    office.sender().send(office.coop.ledger.set_bylaws_call(bytes(31) + b"\2"))
    with pytest.raises(OtherBylawsInForce, match="version 2 of the by-laws is in force"):
        refused(office, FREE, JOINING)
    viewers.fund(unfounded, ANI)
    with pytest.raises(NoBylaws):
        refused(unfounded, FREE, JOINING)


def test_the_text_of_the_by_laws_is_checked(office: Office) -> None:
    """Only the file whose hash is recorded passes for the by-laws."""
    bylaws = bylaws_in_force(office.coop)
    assert (bylaws.version, bylaws.file_hash) == (1, bytes(31) + b"\1")
    with pytest.raises(BylawsFileDiffers, match="is not version 1"):
        check_bylaws_file(bylaws, b"Pasal 1: semua gratis\n")


@pytest.mark.parametrize(
    ("amount", "decimals", "shown"),
    [
        (0, 0, "0 X"),
        (35_000, 0, "35.000 X"),
        (1_234_500_000, 6, "1.234,5 X"),
        (1, 18, "0,000000000000000001 X"),
        (10**24, 18, "1.000.000 X"),
    ],
)
def test_amounts_are_shown_and_read(amount: int, decimals: int, shown: str) -> None:
    """An amount is shown with its decimals and name, and is read back without its points."""
    assert show_money(amount, "X", decimals) == shown
    assert show_money(35_000, "IDRL", 0) == "Rp 35.000"
    typed = shown.removesuffix(" X").replace(".", "")
    assert parse_money(typed, Currency(None, "X", decimals)) == amount


@pytest.mark.parametrize("text", ["", "-1", "1e3", "35.000", "1,5", "Rp 7", "٣", "1_000"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    """An amount that could be meant two ways, or has decimals that there are not, is refused."""
    with pytest.raises(NotAnAmount):
        parse_money(text, Currency(None, "IDRL", 0))


def test_there_is_no_play_money_on_a_chain_that_others_use(office: Office) -> None:
    """Play money is refused, by the reason, where the node is not a local chain's."""
    shared = replace(office.chain, client_version="Geth/v1.17.0")
    coop = replace(office.coop, chain=shared)
    with pytest.raises(NoPlayMoney, match="its node is Geth"):
        make_play_money(coop, office.sender(ANI), office.signer(ANI).address, Rupiah(1))


def test_times_are_by_the_chains_clock(office: Office) -> None:
    """A permit is good for an hour by the chain's clock, however far that is from the machine's."""
    viewers.fund(office, ANI)
    office.dev.set_time(Timestamp(office.dev.now() + 3 * 86_400))
    before = office.chain.block("latest").timestamp
    assert viewers.purchase(office).payment is Payment.PERMIT
    (sent,) = office.chain.rpc.request("eth_getBlockByNumber", "latest", True)["transactions"]
    assert f"{before + 3600:064x}" in sent["input"]
