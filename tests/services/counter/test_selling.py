"""The counter: a ticket sold, once a receipt, to whom the clerk names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.development import development_signer
from coopledger.domain.types import NO_SEAT, Email, ScreeningId, SeatNumber
from coopledger.services.counter.door import find_tickets
from coopledger.services.counter.selling import (
    CounterSale,
    HolderUnclear,
    NoReceiptNumber,
    NoSuchTier,
    NotSoldHere,
    ReceiptUsed,
    SoldOverCounter,
    sell,
)

if TYPE_CHECKING:
    from tests.services.conftest import Office

SALE = CounterSale(ScreeningId(1), "Tiket reguler", NO_SEAT, "R1", Email("ani@example.org"), "Ani")


def sell_one(office: Office, sale: CounterSale, clerk: int = 0) -> SoldOverCounter:
    """Sell over the counter."""
    return sell(office.coop, office.sender(clerk), office.operator, office.people, sale)


def test_a_ticket_is_sold_and_its_buyer_joins(office: Office) -> None:
    """With a signed form the buyer joins; a second ticket of theirs does not join again."""
    first = sell_one(office, replace(SALE, consent="form 12"))
    chain, ledger = office.chain.chain_id, office.coop.ledger.address
    account = office.people.account_of(Email("ani@example.org"), chain, ledger)
    assert first == SoldOverCounter(first.ticket_id, account, first.member)
    assert first.member == 1
    second = sell_one(office, replace(SALE, receipt="R2", consent="form 12"))
    assert (second.account, second.member) == (account, None)
    assert office.people.person_of(account, chain, ledger).names == ("Ani",)
    joined = office.events("Joined")[0]
    assert joined["attestation"] == office.people.attestation_of("form 12")
    assert find_tickets(office.coop, lambda: office.people, ["R1-1"]) == [first.ticket_id]


def test_a_receipt_is_rung_up_once(office: Office) -> None:
    """A receipt's number sells one ticket, whichever clerk comes with it."""
    first = sell_one(office, SALE)
    with pytest.raises(ReceiptUsed) as failure:
        sell_one(office, replace(SALE, tier="Tiket pelajar", receipt=" r1 "), clerk=1)
    assert failure.value.ticket_id == first.ticket_id
    assert office.coop.ledger.ticket_count() == 1


def test_a_receipt_has_a_number(office: Office) -> None:
    """Without a receipt's number nothing is sold, since nothing would keep it from counting twice."""
    with pytest.raises(NoReceiptNumber):
        sell_one(office, replace(SALE, receipt=" "))
    assert office.coop.ledger.ticket_count() == 0


def test_a_wallet_may_hold_the_ticket(office: Office) -> None:
    """A buyer with a wallet of their own gets the ticket there; nobody's goes to the office."""
    wallet = development_signer(office.chain, 5).address
    held = sell_one(office, replace(SALE, email=None, account=wallet, consent="form 1"))
    assert (held.account, held.member) == (wallet, 1)
    nobody = sell_one(office, replace(SALE, email=None, receipt="R2"))
    assert (nobody.account, nobody.member) == (office.operator, None)


def test_the_holder_must_be_clear(office: Office) -> None:
    """Two holders for one ticket, or a consent of nobody, is refused before anything is sent."""
    nonce = office.nonce()
    with pytest.raises(HolderUnclear):
        sell_one(office, replace(SALE, account=development_signer(office.chain, 5).address))
    with pytest.raises(HolderUnclear):
        sell_one(office, replace(SALE, email=None, consent="form 1"))
    assert office.nonce() == nonce
    assert office.coop.ledger.member_of(office.operator) is None


def test_what_is_not_sold_is_named(office: Office) -> None:
    """A screening or tier that there is not, a seat taken, and a full house are each named."""
    with pytest.raises(NotSoldHere):
        sell_one(office, replace(SALE, screening=ScreeningId(99)))
    with pytest.raises(NoSuchTier) as failure:
        sell_one(office, replace(SALE, tier="Emas"))
    assert failure.value.names == ("Tiket reguler", "Tiket pelajar")
    hall = replace(SALE, screening=ScreeningId(4), seat=SeatNumber(3))
    sell_one(office, hall)
    for sale, refusal in (
        (replace(hall, receipt="R2"), "SeatTaken"),
        (replace(hall, receipt="R3", seat=NO_SEAT), "BadSeat"),
        (replace(SALE, receipt="R4", screening=ScreeningId(5)), "ScreeningIsCancelled"),
    ):
        with pytest.raises(ContractRefusal) as refused:
            sell_one(office, sale)
        assert refused.value.name == refusal


def test_the_counter_and_an_import_share_the_places(office: Office) -> None:
    """A place sold at the counter is gone for an import, and the other way round."""
    small = replace(SALE, screening=ScreeningId(6))
    sell_one(office, small)
    office.sell_plain({"order": "A", "event": "small"})
    with pytest.raises(ContractRefusal) as full:
        sell_one(office, replace(small, receipt="R2"))
    assert full.value.name == "SoldOut"
