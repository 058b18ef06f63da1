"""What the service does for a person without a wallet: what they ask for, and never their word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.domain.moves import MoveState
from coopledger.domain.purchases import Purchase
from coopledger.domain.register import Cause
from coopledger.domain.types import (
    NO_SEAT,
    Address,
    BylawsVersion,
    Email,
    MemberNumber,
    Rupiah,
    ScreeningId,
    TicketId,
    TierIndex,
    Wei,
)
from coopledger.people.store import AccountUnknown, EmailUnknown
from coopledger.services.counter.selling import CounterSale, sell
from coopledger.services.messages import with_a_kept_key
from coopledger.services.messages.with_a_kept_key import NoOpenMembership
from coopledger.services.moves.failures import NoMovePending
from coopledger.services.register.finding import account_kept_for, find_member_by_email
from coopledger.services.register.personal_data import personal_file, what_erasing_means

if TYPE_CHECKING:
    from tests.services.conftest import Office

WAYAN = Email("wayan@example.org")
WALLET = 3
DAY_S = 86_400


def sold(office: Office, email: Email, receipt: str, *, joins: bool = False) -> TicketId:
    """Sell a ticket over the counter to somebody with an e-mail."""
    consent = "form" if joins else ""
    sale = CounterSale(
        ScreeningId(1), "Tiket reguler", NO_SEAT, receipt, email, "Wayan", consent=consent
    )
    return sell(office.coop, office.sender(), office.operator, office.people, sale).ticket_id


def kept(office: Office, email: Email = WAYAN) -> Address:
    """Return the account that the service keeps for somebody."""
    return account_kept_for(office.coop, office.people, email)


def test_a_gift_for_a_person_enrols_nobody(office: Office) -> None:
    """The ticket changes hands as they asked, and nobody has joined by it."""
    ticket = sold(office, WAYAN, "1")
    friend = office.signer(WALLET).address
    with_a_kept_key.give_for(office.coop, office.sender(), office.people, WAYAN, ticket, friend)
    assert office.coop.ledger.ticket(ticket).owner == friend
    assert office.coop.ledger.member_count() == 0


def test_a_card_is_not_given_away_for_anybody(office: Office) -> None:
    """The lock holds for the service as for everybody."""
    card = sold(office, WAYAN, "1", joins=True)
    friend = office.signer(WALLET).address
    with pytest.raises(ContractRefusal) as refusal:
        with_a_kept_key.give_for(office.coop, office.sender(), office.people, WAYAN, card, friend)
    assert refusal.value.name == "TicketLocked"


def test_a_person_leaves_by_asking(office: Office) -> None:
    """The record is closed as left by them; asking again finds nothing to close."""
    sold(office, WAYAN, "1", joins=True)
    number = with_a_kept_key.leave_for(office.coop, office.sender(), office.people, WAYAN)
    assert office.coop.ledger.member(number).cause is Cause.LEFT
    with pytest.raises(NoOpenMembership):
        with_a_kept_key.leave_for(office.coop, office.sender(), office.people, WAYAN)


def test_a_refund_reaches_the_person(office: Office) -> None:
    """A ticket that a friend paid on the chain is handed back; the account gets the price."""
    office.people.persons_for({WAYAN: []}, office.chain.chain_id, office.coop.ledger.address)
    price, shop = Rupiah(20_000), office.coop.box_office
    currency = CurrencyContract(office.chain, shop.currency())
    friend = office.sender(WALLET)
    friend.send(currency.mint_call(office.signer(WALLET).address, price))
    friend.send(currency.approve_call(shop.address, price))
    wanted = Purchase(ScreeningId(1), NO_SEAT, TierIndex(0), kept(office), price, BylawsVersion(0))
    friend.send(shop.buy_call(wanted, Wei(0)))
    ticket = TicketId(office.coop.ledger.ticket_count())
    with_a_kept_key.refund_for(office.coop, office.sender(), office.people, WAYAN, [ticket])
    assert office.coop.ledger.ticket(ticket).void
    assert currency.balance_of(kept(office)) == price


def test_a_person_vetoes_a_move_by_asking(office: Office) -> None:
    """A no in time stops the move; without a move there is nothing to say no to."""
    sold(office, WAYAN, "1", joins=True)
    number = MemberNumber(1)
    with pytest.raises(NoMovePending):
        with_a_kept_key.veto_for(office.coop, office.sender(), office.people, WAYAN)
    office.sender().send(
        office.coop.ledger.propose_move_call(number, office.signer(WALLET).address)
    )
    assert with_a_kept_key.veto_for(office.coop, office.sender(), office.people, WAYAN) == number
    move = office.coop.ledger.move_of(number)
    assert move is not None
    assert move.state is MoveState.VETOED


def test_a_move_can_lead_to_an_account_that_is_kept(office: Office) -> None:
    """Whoever lost a wallet can have the membership kept; other tickets come along."""
    wallet = office.signer(WALLET).address
    for receipt, consent in (("1", "form"), ("2", "")):
        sale = CounterSale(
            *(ScreeningId(1), "Tiket reguler", NO_SEAT, receipt), account=wallet, consent=consent
        )
        sell(office.coop, office.sender(), office.operator, office.people, sale)
    office.people.persons_for({WAYAN: []}, office.chain.chain_id, office.coop.ledger.address)
    office.sender().send(office.coop.ledger.propose_move_call(MemberNumber(1), kept(office)))
    office.dev.increase_time(7 * DAY_S)
    new = with_a_kept_key.accept_for(
        office.coop, office.sender(), office.people, WAYAN, MemberNumber(1)
    )
    assert office.coop.ledger.member(new).account == kept(office)
    owners = {ticket.owner for ticket in office.tickets()}
    assert owners == {kept(office)}


def test_nobody_is_not_served(office: Office) -> None:
    """For an address that nobody is known by, nothing is done."""
    nobody = Email("nobody@example.org")
    with pytest.raises(EmailUnknown):
        with_a_kept_key.leave_for(office.coop, office.sender(), office.people, nobody)


def test_a_person_sees_what_the_chain_says_of_their_account(office: Office) -> None:
    """The file has the stored data, the records and the tickets of the account."""
    card, other = sold(office, WAYAN, "1", joins=True), sold(office, WAYAN, "2")
    file = personal_file(office.coop, office.people, WAYAN)
    assert [each.name for each in file.stored.names] == ["Wayan"]
    assert file.open_record is not None
    assert file.open_record.account == file.account == kept(office)
    assert [ticket.ticket_id for ticket in file.tickets] == [card, other]


def test_what_erasing_means_is_said_and_true(office: Office) -> None:
    """It names the open membership and the valid tickets; afterwards nobody can sign for them."""
    card, account = sold(office, WAYAN, "1", joins=True), kept(office)
    said = " ".join(what_erasing_means(personal_file(office.coop, office.people, WAYAN)))
    assert "Membership 1 stays open" in said
    assert f"given away: {card}" in said
    office.people.erase(WAYAN)
    assert office.coop.ledger.member_of(account) == 1
    with pytest.raises(AccountUnknown):
        office.people.person_of(account, office.chain.chain_id, office.coop.ledger.address)
    with pytest.raises(EmailUnknown):
        find_member_by_email(office.coop, office.people, WAYAN)
