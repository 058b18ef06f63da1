"""Claiming: what the service kept for a person moves to a key of their own, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from coopledger.chain.contracts.deployments import open_cooperative
from coopledger.chain.wire.client import connect
from coopledger.domain.register import Cause, Standing
from coopledger.domain.signed_messages import Message, leave_message
from coopledger.domain.types import (
    NO_SEAT,
    Address,
    Attestation,
    ChainId,
    Email,
    MemberNumber,
    ScreeningId,
    TicketId,
    Timestamp,
)
from coopledger.services.counter.selling import CounterSale, SoldOverCounter, sell
from coopledger.services.messages.with_a_kept_key import give_for
from coopledger.services.moves.claiming import (
    Claimed,
    ClaimNotSigned,
    ClaimOvertaken,
    NotAClaim,
    NothingToClaim,
    claim,
    write_claim,
)
from coopledger.services.register.finding import account_kept_for, find_member_by_email
from coopledger.services.register.successors import MoveNotShown, successors
from tests.middleman import middleman_before

if TYPE_CHECKING:
    from tests.services.conftest import Office

WAYAN = Email("wayan@example.org")
WALLET, OTHER = 3, 4


def sold(office: Office, receipt: str, *, joins: bool = False) -> SoldOverCounter:
    """Sell a ticket over the counter to Wayan."""
    consent = "form" if joins else ""
    sale = CounterSale(
        ScreeningId(1), "Tiket reguler", NO_SEAT, receipt, WAYAN, "Wayan", consent=consent
    )
    return sell(office.coop, office.sender(), office.operator, office.people, sale)


def written(office: Office) -> Message:
    """Write Wayan's claim to a wallet."""
    wallet = office.signer(WALLET).address
    return write_claim(office.coop, office.people, WAYAN, wallet)


def signatures(office: Office, message: Message, index: int = WALLET) -> dict[Address, bytes]:
    """Sign as the owner of a development key, in the name of the wallet."""
    signature = office.signer(index).sign_typed_data(message.typed_data())
    return {office.signer(WALLET).address: signature}


def claimed(office: Office, message: Message, signed: dict[Address, bytes]) -> Claimed:
    """Claim as the registrar does for Wayan."""
    return claim(office.coop, office.sender(), office.people, WAYAN, message, signed)


def test_a_claim_moves_the_membership_and_the_tickets(office: Office) -> None:
    """The new record has the standing and the tickets of the old one, which is closed as moved."""
    card, other = sold(office, "1", joins=True).ticket_id, sold(office, "2").ticket_id
    document = Attestation(b"a decision of 7.")
    office.sender().send(
        office.coop.ledger.set_standing_call(MemberNumber(1), Standing.FULL, document)
    )
    message = written(office)
    done = claimed(office, message, signatures(office, message))
    wallet = office.signer(WALLET).address
    assert done == Claimed(wallet, MemberNumber(2), (other,), ())
    ledger = office.coop.ledger
    assert ledger.member(MemberNumber(1)).cause is Cause.MOVED
    assert ledger.member(MemberNumber(2)).standing is Standing.FULL
    assert ledger.ticket_of(wallet) == card
    assert {ticket.owner for ticket in office.tickets()} == {wallet}


def test_a_ticket_that_was_used_meanwhile_is_told_as_left_behind(office: Office) -> None:
    """What the claim names and the ledger leaves where it is is not said to have moved."""
    sold(office, "1", joins=True)
    other, used = sold(office, "2").ticket_id, sold(office, "3").ticket_id
    message = written(office)
    coop = office.coop
    office.dev.set_time(Timestamp(coop.ledger.screenings([ScreeningId(1)])[0].starts_at - 60))
    office.sender().send(coop.ledger.redeem_call(ScreeningId(1), [used]))
    done = claimed(office, message, signatures(office, message))
    assert (done.tickets, done.left_behind) == ((other,), (used,))
    assert coop.ledger.ticket(used).owner == account_kept_for(coop, office.people, WAYAN)


def test_after_a_claim_the_address_leads_to_the_new_key(office: Office) -> None:
    """The member is found by e-mail, later tickets arrive there, and nobody joins twice."""
    sold(office, "1", joins=True)
    message = written(office)
    claimed(office, message, signatures(office, message))
    wallet = office.signer(WALLET).address
    assert find_member_by_email(office.coop, office.people, WAYAN).record.account == wallet
    later = sold(office, "2", joins=True)
    assert (later.account, later.member) == (wallet, None)
    office.dev.increase_time(60)
    office.sell_plain({"order": "ORDER", "email": WAYAN})
    assert office.coop.ledger.member_count() == 2
    assert {ticket.owner for ticket in office.tickets()} == {wallet}


def test_who_joined_again_with_the_old_account_is_meant_by_it(office: Office) -> None:
    """A claim is followed only while the account that is kept has no newer record of its own."""
    sold(office, "1", joins=True)
    spare = sold(office, "2").ticket_id
    message = replace(written(office), fields={**written(office).fields, "ticketIds": []})
    claimed(office, message, signatures(office, message))
    version = office.coop.ledger.bylaws_version()
    now = office.coop.chain.block("latest").timestamp
    office.sender().send(
        office.coop.ledger.enrol_call(spare, version, now, Attestation(b"a paper of today"))
    )
    old = account_kept_for(office.coop, office.people, WAYAN)
    assert find_member_by_email(office.coop, office.people, WAYAN).record.account == old
    assert sold(office, "3").account == old


def test_without_a_membership_the_tickets_are_given(office: Office) -> None:
    """Tickets go to the account that signed; claiming again finds nothing."""
    ticket = sold(office, "1").ticket_id
    message = written(office)
    assert message.fields["number"] == 0
    done = claimed(office, message, signatures(office, message))
    assert done == Claimed(office.signer(WALLET).address, None, (ticket,), ())
    assert office.coop.ledger.ticket(ticket).owner == office.signer(WALLET).address
    with pytest.raises(NothingToClaim):
        written(office)


def test_only_the_moves_of_whom_it_is_about_are_asked_for(office: Office) -> None:
    """Somebody is followed from account to account, and what others moved is not read."""
    sold(office, "1", joins=True)
    message = written(office)
    claimed(office, message, signatures(office, message))
    old, wallet = account_kept_for(office.coop, office.people, WAYAN), office.signer(WALLET).address
    with middleman_before(office.url) as between:
        asked: list[str] = []

        def note(method: str, _: object, result: object) -> object:
            asked.append(method)
            return result

        between.tell(note)
        coop = open_cooperative(connect(between.url, office.chain.chain_id), office.deployments)
        asked.clear()
        assert successors(coop, [office.signer(OTHER).address, wallet]) == {}
        assert "eth_getLogs" not in asked
        assert successors(coop, [old, wallet]) == {old: wallet}
        assert asked.count("eth_getLogs") == 1
        between.tell(lambda method, _, result: [] if method == "eth_getLogs" else result)
        with pytest.raises(MoveNotShown, match="member 1 has moved"):
            successors(coop, [old])
        coop.chain.close()


@pytest.mark.parametrize("joins", [True, False])
def test_the_new_account_must_have_signed(office: Office, joins: bool) -> None:
    """Without its signature, or with somebody else's, nothing moves."""
    ticket = sold(office, "1", joins=joins).ticket_id
    message = written(office)
    for signed in ({}, signatures(office, message, OTHER)):
        with pytest.raises(ClaimNotSigned):
            claimed(office, message, signed)
    old = account_kept_for(office.coop, office.people, WAYAN)
    assert office.coop.ledger.ticket(ticket).owner == old


def test_a_claim_that_was_overtaken_says_so(office: Office) -> None:
    """Whoever joined, or gave a ticket away, after the message was written writes a new one."""
    sold(office, "1")
    message = written(office)
    sold(office, "2", joins=True)
    with pytest.raises(ClaimOvertaken):
        claimed(office, message, signatures(office, message))
    again = written(office)
    spare = again.fields["ticketIds"][0]
    friend = office.signer(OTHER).address
    give_for(office.coop, office.sender(), office.people, WAYAN, spare, friend)
    with pytest.raises(ClaimOvertaken):
        claimed(office, again, signatures(office, again))


def test_tickets_go_to_no_contract_that_did_not_sign(office: Office) -> None:
    """Gifts ask nobody, so an account with code must have signed a claim of tickets like any other."""
    ticket = sold(office, "1").ticket_id
    contract = office.coop.box_office.address
    message = write_claim(office.coop, office.people, WAYAN, contract)
    signature = office.signer(OTHER).sign_typed_data(message.typed_data())
    with pytest.raises(ClaimNotSigned):
        claimed(office, message, {contract: signature})
    old = account_kept_for(office.coop, office.people, WAYAN)
    assert office.coop.ledger.ticket(ticket).owner == old


def test_a_message_of_another_kind_or_ledger_claims_nothing(office: Office) -> None:
    """Only the message that moves a membership of this ledger is taken."""
    sold(office, "1", joins=True)
    domain = office.coop.ledger.signing_domain()
    leaving = leave_message(domain, MemberNumber(1), Timestamp(2**39))
    elsewhere = replace(written(office), domain=replace(domain, chain_id=ChainId(1)))
    for message in (leaving, elsewhere):
        with pytest.raises(NotAClaim):
            claimed(office, message, signatures(office, message))


def test_tickets_that_cannot_be_given_are_named(office: Office) -> None:
    """Of tickets without a membership, those that are locked stay and are listed."""
    free, used = sold(office, "1").ticket_id, sold(office, "2").ticket_id
    message = written(office)
    assert message.fields["ticketIds"] == [free, used]
    starts = office.coop.ledger.screenings([ScreeningId(1)])[0].starts_at
    office.dev.set_time(starts)
    office.sender().send(office.coop.ledger.redeem_call(ScreeningId(1), [TicketId(used)]))
    done = claimed(office, message, signatures(office, message))
    assert (done.tickets, done.left_behind) == ((free,), (used,))
