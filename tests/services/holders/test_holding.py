"""A holder joins, gives, leaves and hands back by their own transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.domain.register import Cause, Consent
from coopledger.domain.types import (
    NO_SEAT,
    BylawsVersion,
    MemberNumber,
    Rupiah,
    ScreeningId,
    TicketId,
    Wei,
)
from coopledger.services.counter.rescheduling import cancel_screening
from coopledger.services.counter.selling import CounterSale, sell
from coopledger.services.holders import holding
from coopledger.services.holders.purchase_failures import MemberAlready, OtherBylawsInForce
from tests.services import viewers
from tests.services.viewers import ANI, BUDI, FIRST_BYLAWS, FREE, REGULAR

if TYPE_CHECKING:
    from tests.services.conftest import Office


def money(office: Office, viewer: int = ANI) -> int:
    """Return a viewer's play money."""
    return viewers.currency_of(office).balance_of(office.signer(viewer).address)


def test_joining_with_a_ticket(office: Office) -> None:
    """Who joins by their own transaction has signed, and the ticket is their card."""
    ticket = viewers.ticket(office)
    me = office.signer(ANI).address
    number = holding.join(office.coop, office.sender(ANI), me, ticket, FIRST_BYLAWS)
    assert office.coop.ledger.member(number).consent is Consent.SIGNED
    assert office.coop.ledger.ticket_of(me) == ticket
    assert holding.membership_of(office.coop, me) == holding.Membership(
        number, ticket, Rupiah(10_000)
    )


def test_joining_is_refused(office: Office) -> None:
    """Nobody joins twice, under other by-laws, or with somebody else's ticket."""
    mine, me = viewers.ticket(office), office.signer(ANI).address
    theirs = viewers.ticket(office, BUDI)
    with pytest.raises(OtherBylawsInForce):
        holding.join(office.coop, office.sender(ANI), me, mine, BylawsVersion(2))
    with pytest.raises(ContractRefusal, match=f"ticket {theirs} belongs to"):
        holding.join(office.coop, office.sender(ANI), me, theirs, FIRST_BYLAWS)
    holding.join(office.coop, office.sender(ANI), me, mine, FIRST_BYLAWS)
    with pytest.raises(MemberAlready):
        holding.join(office.coop, office.sender(ANI), me, mine, FIRST_BYLAWS)


def test_giving_never_enrols(office: Office) -> None:
    """A ticket that was given belongs to the other person, who is no member by it."""
    ticket, to = viewers.ticket(office), office.signer(BUDI).address
    holding.give(office.coop, office.sender(ANI), ticket, to)
    assert office.coop.ledger.ticket(ticket).owner == to
    assert office.coop.ledger.member_count() == 0
    with pytest.raises(ContractRefusal, match="belongs to"):
        holding.give(office.coop, office.sender(ANI), ticket, to)


def test_a_card_stays(office: Office) -> None:
    """A member's card cannot be given away, and no ticket goes to the cooperative's contracts."""
    card = viewers.member(office).ticket_id
    with pytest.raises(ContractRefusal, match="cannot change hands"):
        holding.give(office.coop, office.sender(ANI), card, office.signer(BUDI).address)
    ticket = viewers.ticket(office)
    for contract in (office.coop.ledger.address, office.coop.box_office.currency()):
        with pytest.raises(holding.NotAPerson):
            holding.give(office.coop, office.sender(ANI), ticket, contract)


def test_leaving_gives_the_deposit_back(office: Office) -> None:
    """Who leaves gets the deposit that was paid on the chain back at once, and keeps the seat."""
    bought, me = viewers.member(office), office.signer(ANI).address
    before = money(office)
    left = holding.leave(office.coop, office.sender(ANI), me)
    assert left == holding.MembershipEnded(MemberNumber(1), bought.ticket_id, Rupiah(10_000))
    assert money(office) == before + 10_000
    assert bought.member is not None
    assert office.coop.ledger.member(bought.member).cause is Cause.LEFT
    assert office.coop.ledger.ticket(bought.ticket_id).state == "valid"
    with pytest.raises(holding.NotAMember):
        holding.leave(office.coop, office.sender(ANI), me)


def test_leaving_without_a_deposit_on_the_chain(office: Office) -> None:
    """Where the deposit was paid elsewhere, leaving is one transaction and pays nothing."""
    me = office.signer(ANI).address
    sale = CounterSale(FREE, REGULAR, NO_SEAT, "receipt 7", account=me, consent="form 7")
    sold = sell(office.coop, office.sender(), office.operator, office.people, sale)
    before = office.nonce(ANI)
    left = holding.leave(office.coop, office.sender(ANI), me)
    assert (left.number, left.card, left.deposit) == (sold.member, sold.ticket_id, 0)
    assert office.nonce(ANI) == before + 1


def test_a_deposit_that_cannot_be_paid_now_stays_due(office: Office) -> None:
    """If the second transaction fails, the membership has ended and the failure says what is due."""
    bought, me = viewers.member(office), office.signer(ANI).address
    sender = office.sender(ANI)
    # Enough of the chain's coin for the first transaction alone.
    needed = sender.estimate(office.coop.ledger.leave_call()) * sender.fees().max_fee
    office.dev.set_balance(me, Wei(needed))
    with pytest.raises(holding.DepositStillDue, match=f"ticket {bought.ticket_id} is not paid"):
        holding.leave(office.coop, sender, me)
    assert office.coop.ledger.member_of(me) is None
    assert holding.deposit_due(office.coop, bought.ticket_id)


def test_a_refund_pays_the_price(office: Office) -> None:
    """A ticket is handed back for its price until the deadline; named twice it is one ticket."""
    ticket, before = viewers.ticket(office), money(office)
    (refund,) = holding.refund(office.coop, office.sender(ANI), [ticket, ticket])
    assert (refund.ticket_id, refund.amount) == (ticket, 20_000)
    assert money(office) == before + 20_000
    with pytest.raises(ContractRefusal, match="is void"):
        holding.refund(office.coop, office.sender(ANI), [ticket])


def test_a_refund_of_a_card_keeps_the_deposit(office: Office) -> None:
    """A card is paid back without its deposit, which comes back on leaving."""
    bought, me = viewers.member(office), office.signer(ANI).address
    (refund,) = holding.refund(office.coop, office.sender(ANI), [bought.ticket_id])
    assert refund.amount == 10_000
    assert holding.membership_of(office.coop, me).number == bought.member
    assert holding.leave(office.coop, office.sender(ANI), me).deposit == 10_000


def test_a_refund_is_refused(office: Office) -> None:
    """Nobody hands back somebody else's ticket, one that was paid elsewhere, or too late."""
    ticket = viewers.ticket(office)
    with pytest.raises(ContractRefusal, match="belongs to"):
        holding.refund(office.coop, office.sender(BUDI), [ticket])
    office.sell_plain({"order": "A"})
    with pytest.raises(ContractRefusal, match="was not paid on the chain"):
        holding.refund(office.coop, office.sender(ANI), [TicketId(ticket + 1)])
    office.dev.set_time(office.coop.box_office.sale(FREE).refundable_until)
    office.dev.increase_time(1)
    with pytest.raises(ContractRefusal, match="was possible until 2026-12-04 19:00:00 WIB"):
        holding.refund(office.coop, office.sender(ANI), [ticket])


def test_a_cancelled_screening_is_refunded_by_anybody(office: Office) -> None:
    """Of a cancelled screening anybody hands tickets back, and the holder is paid."""
    ticket, before = viewers.ticket(office), money(office)
    cancel_screening(office.coop, office.sender(), office.operator, ScreeningId(1))
    holding.refund(office.coop, office.sender(BUDI), [ticket])
    assert money(office) == before + 20_000
