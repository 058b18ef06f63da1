"""What is signed through the Python library is what the index and the fast reader then see."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from fastapi.testclient import TestClient
from hexbytes import HexBytes
from web3 import Web3

from coopledger.api.app import create_app
from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.chain.contracts.deployments import NATIVE_COIN
from coopledger.chain.wire.transactions import Creation
from coopledger.client import (
    AllowanceMissing,
    CallRefused,
    Cooperative,
    NodeSaysNo,
    NoSuchNumber,
    SentAndFailed,
    SentAndUnknown,
    Transaction,
)
from coopledger.database.dsn import Dsn
from coopledger.domain.register import Cause, Consent
from coopledger.domain.types import Address, MemberNumber, Rupiah
from tests.api.indexed import Indexed, settings_with
from tests.client.second_opinion import as_record, as_ticket, as_told, common, opened
from tests.index.conftest import index_maker
from tests.middleman import Refuse, middleman_before
from tests.services.conftest import key_of

if TYPE_CHECKING:
    from tests.services.conftest import Office

FREE, HALL = 1, 4
ANI, BUDI, SHOP = 2, 3, 4
PRICE = 20_000


@pytest.fixture
def indexed(office: Office, database: Dsn) -> Iterator[Indexed]:
    """A cooperative that has sold nothing yet, and an index of it."""
    index = index_maker(database)()
    index.follow(office)
    with TestClient(create_app(settings_with(office, index))) as client:
        yield Indexed(client, office, index)


@pytest.fixture
def coop(office: Office) -> Cooperative:
    """The same cooperative through the library."""
    return opened(office)


def key(index: int) -> LocalAccount:
    """Return a development key as web3.py's users hold one."""
    account: LocalAccount = Account.from_key(key_of(index))
    return account


def fund(office: Office, buyer: int, amount: int = PRICE, *, allowed: int = 0) -> None:
    """Give a buyer play money, and let the box office take some."""
    box_office, account = office.coop.box_office, office.signer(buyer).address
    currency = CurrencyContract(office.chain, box_office.currency())
    office.sender(buyer).send(currency.mint_call(account, Rupiah(amount)))
    if allowed:
        office.sender(buyer).send(currency.approve_call(box_office.address, Rupiah(allowed)))


def bought(coop: Cooperative, buyer: LocalAccount, **wish: Any) -> int:
    """Buy a ticket of the free screening and return its id."""
    receipt = coop.buy(buyer, FREE, 0, **wish).send()
    (transfer,) = coop.ledger.events.Transfer().get_logs(
        from_block=receipt["blockNumber"], to_block=receipt["blockNumber"]
    )
    ticket: int = transfer["args"]["id"]
    return ticket


def seen_by_all(indexed: Indexed, coop: Cooperative) -> None:
    """Compare what the library reads now with the index and the fast reader."""
    indexed.follow()
    ledger, records = indexed.office.coop.ledger, coop.records()
    assert [as_record(each) for each in records] == ledger.members(MemberNumber(1), 500)
    path = f"?at={coop.block().number}&state=all&annulled=true"
    told = common(indexed.everything(path, "members"))
    assert [as_told(each) for each in records] == told
    for ticket in indexed.office.tickets():
        assert as_ticket(coop.ticket(ticket.ticket_id)) == ticket
        assert ticket.ticket_id in [each.ticket_id for each in coop.tickets_of(ticket.owner)]


def test_a_purchase_by_permit_joins(indexed: Indexed, coop: Cooperative) -> None:
    """A buyer without any allowance pays by a signed permit and joins, in one transaction."""
    fund(indexed.office, ANI)
    before = indexed.office.nonce(ANI)
    ticket = coop.ticket(bought(coop, key(ANI), bylaws=1))
    assert (ticket.owner, ticket.member, ticket.paid_on_chain) == (key(ANI).address, 1, True)
    assert coop.member(1).consent is Consent.PURCHASED
    assert indexed.office.nonce(ANI) == before + 1
    seen_by_all(indexed, coop)


def test_a_purchase_by_allowance_for_somebody_else(indexed: Indexed, coop: Cooperative) -> None:
    """An allowance that suffices is used, no permit; a gift enrols nobody, and seats are named."""
    fund(indexed.office, ANI, allowed=PRICE)
    purchase = coop.buy(key(ANI), HALL, 1, seat=7, holder=key(BUDI).address)
    assert purchase.function.fn_name == "buy"
    purchase.send()
    (ticket,) = coop.tickets_of(key(BUDI).address)
    assert (ticket.seat, ticket.tier, ticket.member) == (7, 1, None)
    assert coop.records() == []
    seen_by_all(indexed, coop)


def test_a_purchase_with_the_chain_s_coin(
    found_another: Callable[[Address], Office],
) -> None:
    """Where the box office takes the chain's own coin, the price goes along."""
    native = found_another(NATIVE_COIN)
    coop = opened(native)
    assert bought(coop, key(ANI), bylaws=1) == 1
    assert coop.web3.eth.get_balance(coop.box_office(FREE).address) == PRICE
    assert native.coop.ledger.member_of(native.signer(ANI).address) == 1


def test_a_currency_without_permits_wants_an_allowance(
    office: Office, found_another: Callable[[Address], Office], stubborn_code: bytes
) -> None:
    """A currency that knows no permits is named, with what would have to be allowed to whom."""
    token = office.sender().send(Creation(stubborn_code)).created
    assert token is not None
    stubborn = found_another(token)
    coop, office_address = opened(stubborn), stubborn.coop.box_office.address
    with pytest.raises(AllowanceMissing) as failure:
        coop.buy(key(ANI), FREE, 0)
    facts = (failure.value.currency, failure.value.box_office, failure.value.price)
    assert facts == (token, office_address, PRICE)
    fund(stubborn, ANI, allowed=PRICE)
    assert bought(coop, key(ANI)) == 1


def test_join_give_and_leave_with_one_s_own_key(indexed: Indexed, coop: Cooperative) -> None:
    """A gift, a membership that its holder founds, and its end are seen by all three."""
    fund(indexed.office, ANI, 2 * PRICE)
    given, kept = bought(coop, key(ANI)), bought(coop, key(ANI))
    coop.give(key(ANI), given, key(BUDI).address).send()
    coop.join(key(BUDI), given, bylaws=1).send()
    coop.join(key(ANI), kept, bylaws=1).send()
    assert [each.account for each in coop.members()] == [key(BUDI).address, key(ANI).address]
    seen_by_all(indexed, coop)
    indexed.office.dev.increase_time(60)
    coop.leave(key(BUDI)).send()
    left = coop.member(1)
    assert (left.cause, left.left_at, left.consent) == (
        Cause.LEFT,
        coop.block().time,
        Consent.SIGNED,
    )
    seen_by_all(indexed, coop)


def test_join_give_and_leave_by_signature(indexed: Indexed, coop: Cooperative) -> None:
    """People without gas sign, a shop sends; a signature counts once, and no other is taken."""
    fund(indexed.office, SHOP, 2 * PRICE)
    viewer, friend, shop = Account.create(), Account.create(), key(SHOP)
    first, second = (bought(coop, shop, holder=viewer.address) for _ in range(2))
    consent = coop.join_message(viewer.address, first, bylaws=1)
    with pytest.raises(CallRefused) as refusal:
        consent.relayed(shop, consent.sign(friend)).send()
    assert refusal.value.error == "BadSignature"
    assert refusal.value.arguments == {"account": viewer.address}
    consent.relayed(shop, consent.sign(viewer)).send()
    gift = coop.give_message(second, friend.address)
    gift.relayed(shop, gift.sign(viewer)).send()
    assert [each.ticket_id for each in coop.tickets_of(friend.address)] == [second]
    assert coop.member(1).consent is Consent.SIGNED
    goodbye = coop.leave_message(1)
    goodbye.relayed(shop, goodbye.sign(viewer)).send()
    assert coop.members() == []
    with pytest.raises(CallRefused) as refusal:
        goodbye.relayed(shop, goodbye.sign(viewer)).build()
    assert refusal.value.error == "MembershipClosed"
    again = coop.join_message(viewer.address, first, bylaws=1)
    assert again.typed_data["message"]["previous"] == 1
    seen_by_all(indexed, coop)


def test_a_deadline_and_the_day_of_the_consent_are_the_signer_s(
    office: Office, coop: Cooperative
) -> None:
    """The day of the consent is what the holder says; after the deadline nothing is taken."""
    fund(office, ANI)
    ticket, now = bought(coop, key(ANI)), coop.block().time
    days = [now - timedelta(days=3), now + timedelta(seconds=30)]
    wish = coop.join_message(
        key(ANI).address, ticket, bylaws=1, consented_at=days[0], deadline=days[1]
    )
    signature = wish.sign(key(ANI))
    snapshot = office.dev.snapshot()
    office.dev.increase_time(60)
    with pytest.raises(CallRefused) as refusal:
        wish.relayed(key(BUDI), signature).send()
    assert refusal.value.error == "SignatureExpired"
    office.dev.revert(snapshot)
    wish.relayed(key(BUDI), signature).send()
    (joined,) = office.events("Joined")
    assert joined["consentedAt"] == int(days[0].timestamp())


def test_nothing_is_sent_before_it_is_asked_for(office: Office, coop: Cooperative) -> None:
    """An act that was built and signed only can be sent by any way, and only then counts."""
    fund(office, ANI)
    signed = coop.buy(key(ANI), FREE, 0).sign()
    assert office.coop.ledger.ticket_count() == 0
    coop.web3.eth.send_raw_transaction(signed.raw_transaction)
    assert office.coop.ledger.tickets_of(key(ANI).address, office.coop.first_block)


REFUSALS: dict[str, tuple[Callable[[Cooperative], Transaction], str]] = {
    "no member": (lambda coop: coop.leave(key(BUDI)), "NotAMember"),
    "not one's own": (lambda coop: coop.give(key(BUDI), 1, key(ANI).address), "NotTheHolder"),
    "other by-laws": (lambda coop: coop.join(key(ANI), 1, bylaws=2), "WrongBylaws"),
    "no money": (lambda coop: coop.buy(key(BUDI), FREE, 0), "ERC20InsufficientBalance"),
    "no such seat": (lambda coop: coop.buy(key(ANI), HALL, 0, seat=11), "BadSeat"),
    "too dear": (lambda coop: coop.buy(key(ANI), FREE, 0, max_price=PRICE - 1), "PriceAbove"),
}


@pytest.mark.parametrize("refused", REFUSALS)
def test_a_refusal_names_the_contract_s_error(
    office: Office, coop: Cooperative, refused: str
) -> None:
    """What the contracts refuse is not sent, and is named by their own error with its arguments."""
    fund(office, ANI, 2 * PRICE)
    bought(coop, key(ANI))
    act, error = REFUSALS[refused]
    before = coop.block().number
    with pytest.raises(CallRefused, match=error) as refusal:
        act(coop).send()
    assert refusal.value.error == error
    assert refusal.value.arguments
    assert coop.block().number == before


def test_what_there_is_not_is_not_sold(coop: Cooperative) -> None:
    """A screening or a tier that there is not is named before anything is signed."""
    for screening, tier in ((99, 0), (FREE, 2), (FREE, -1)):
        with pytest.raises(NoSuchNumber):
            coop.buy(key(ANI), screening, tier)


def test_a_transaction_that_fails_in_its_block_is_named(office: Office, coop: Cooperative) -> None:
    """Somebody who leaves twice at once has left; the second transaction is said to have failed."""
    fund(office, ANI)
    bought(coop, key(ANI), bylaws=1)
    office.dev.set_automine(False)
    first = coop.leave(key(ANI)).sign()
    coop.web3.eth.send_raw_transaction(first.raw_transaction)
    failures: list[SentAndFailed] = []

    def leave_again() -> None:
        with pytest.raises(SentAndFailed) as failure:
            coop.leave(key(ANI)).send()
        failures.append(failure.value)

    second = Thread(target=leave_again)
    second.start()
    mined = coop.web3.eth.get_transaction_count(key(ANI).address)
    while second.is_alive() and office.nonce(ANI) < mined + 2:
        time.sleep(0.01)
    office.dev.mine()
    second.join()
    assert len(failures) == 1
    assert failures[0].hash != first.hash.to_0x_hex()


def test_a_transaction_that_is_not_mined_in_time_is_named_by_its_hash(
    office: Office, coop: Cooperative
) -> None:
    """Whoever waits no longer hears the hash, by which the receipt is found later."""
    fund(office, ANI)
    bought(coop, key(ANI), bylaws=1)
    office.dev.set_automine(False)
    with pytest.raises(SentAndUnknown) as slow:
        coop.leave(key(ANI)).send(timeout_s=0.2)
    office.dev.mine()
    assert receipt_of(coop, slow.value)["status"] == 1


def test_a_transaction_that_a_node_is_silent_about_is_named_by_its_hash(
    office: Office, coop: Cooperative
) -> None:
    """The node took it and hangs up, or says no to whoever asks for the receipt: it was sent."""
    fund(office, ANI, 2 * PRICE)
    with middleman_before(office.url) as between:
        web3 = Web3(Web3.HTTPProvider(between.url, exception_retry_configuration=None))
        far = Cooperative.at(web3, coop.ledger.address)
        act = far.buy(key(ANI), FREE, 0)

        def hang_up(request: Any, pass_on: Callable[[], bytes]) -> bytes | None:
            answer = pass_on()
            return None if request["method"] == "eth_sendRawTransaction" else answer

        between.intercept = hang_up
        with pytest.raises(SentAndUnknown) as lost:
            act.send()
        between.tell(no_to("eth_getTransactionReceipt"))
        with pytest.raises(SentAndUnknown, match="not today") as silent:
            far.give(key(ANI), 1, key(BUDI).address).send()
    assert receipt_of(coop, lost.value)["status"] == receipt_of(coop, silent.value)["status"] == 1
    assert coop.ticket(1).owner == key(BUDI).address


def test_a_node_that_says_no_to_what_it_has_was_sent_it(office: Office, coop: Cooperative) -> None:
    """A transaction that web3.py sent twice, since an answer was lost, is waited for like any."""
    fund(office, ANI)
    with middleman_before(office.url) as between:
        far = opened(office, between.url)
        act = far.buy(key(ANI), FREE, 0)
        between.tell(no_to("eth_sendRawTransaction"))
        assert act.send()["status"] == 1
    assert coop.ticket(1).owner == key(ANI).address


def test_a_node_that_does_not_take_a_transaction_is_named(office: Office) -> None:
    """Where the node says no and has nothing, nothing was sent: the act can be done again."""
    fund(office, ANI)
    with middleman_before(office.url) as between:
        coop = opened(office, between.url)
        bought(coop, key(ANI))
        gift = coop.give(key(ANI), 1, key(BUDI).address)

        def not_passed_on(request: Any, pass_on: Callable[[], bytes]) -> bytes:
            if request["method"] != "eth_sendRawTransaction":
                return pass_on()
            error = '{"code":-32000,"message":"the pool is full"}'
            return f'{{"jsonrpc":"2.0","id":{request["id"]},"error":{error}}}'.encode()

        between.intercept = not_passed_on
        with pytest.raises(NodeSaysNo, match="the pool is full"):
            gift.send()
    assert office.coop.ledger.tickets_of(key(ANI).address, office.coop.first_block)


def no_to(refused: str) -> Callable[[str, list[Any], Any], Any]:
    """Return what passes everything on and says no to one question all the same."""

    def told(method: str, parameters: list[Any], result: Any) -> Any:
        if method == refused:
            raise Refuse("not today")
        return result

    return told


def receipt_of(coop: Cooperative, unknown: SentAndUnknown) -> Any:
    """Return the receipt that the failure's hash leads to."""
    return coop.web3.eth.get_transaction_receipt(HexBytes(unknown.hash))
