"""What people may ask for: to see what is stored, another address, and no consent in their name."""

import pytest

from coopledger.domain.signed_messages import (
    MessageKind,
    SigningDomain,
    join_message,
    permit_message,
)
from coopledger.domain.types import BylawsVersion, ChainId, Email, TicketId, Timestamp
from coopledger.people.desk import SIGNED_FOR_PEOPLE, OwnWordOnly, People
from coopledger.people.requests import EmailTaken
from coopledger.people.store import EmailUnknown, Ledger

SITI, ALI = Email("siti@example.org"), Email("ali@example.org")


def test_a_person_sees_everything_that_is_stored(people: People, ledger: Ledger) -> None:
    """The address, every name with its day, and the account on each ledger are all there."""
    here = people.persons_for({SITI: ["Siti", "Siti Aminah"]}, ledger.chain, ledger.address)[SITI]
    there = people.persons_for({SITI: []}, ChainId(1), ledger.address)[SITI]
    stored = people.stored_about(SITI)
    assert stored.email == SITI
    assert sorted(each.name for each in stored.names) == ["Siti", "Siti Aminah"]
    assert {each.account for each in stored.accounts} == {here, there}
    assert all(each.seen_at >= stored.known_since for each in stored.names)
    with pytest.raises(EmailUnknown):
        people.stored_about(ALI)


def test_another_address_leads_to_the_same_account(people: People, ledger: Ledger) -> None:
    """After the change the new address has the account and the names, the old one nothing."""
    where = (ledger.chain, ledger.address)
    account = people.persons_for({SITI: ["Siti"]}, *where)[SITI]
    new = Email("siti.aminah@example.org")
    people.change_email(SITI, new)
    assert people.account_of(new, *where) == account
    assert people.person_of(account, *where).email == new
    assert [each.name for each in people.stored_about(new).names] == ["Siti"]
    with pytest.raises(EmailUnknown):
        people.account_of(SITI, *where)


def test_nobody_takes_the_address_of_somebody_else(people: People, ledger: Ledger) -> None:
    """A change to an address that is known is refused and changes nothing."""
    where = (ledger.chain, ledger.address)
    accounts = people.persons_for({SITI: [], ALI: []}, *where)
    with pytest.raises(EmailTaken):
        people.change_email(SITI, ALI)
    assert people.persons_for({SITI: [], ALI: []}, *where) == accounts
    with pytest.raises(EmailUnknown):
        people.change_email(Email("nobody@example.org"), SITI)


def test_the_service_signs_no_consent_and_no_money(people: People, ledger: Ledger) -> None:
    """To join and to let somebody take money are refused, whoever asks (rule 2)."""
    where = (ledger.chain, ledger.address)
    account = people.persons_for({SITI: []}, *where)[SITI]
    domain, now = SigningDomain(*where), Timestamp(1)
    consent = join_message(domain, account, TicketId(1), BylawsVersion(1), None, now, now)
    with pytest.raises(OwnWordOnly):
        people.sign_for(account, *where, consent)
    with pytest.raises(OwnWordOnly):
        people.sign_for(account, *where, permit_message(domain, account, account, 1, 0, now))
    assert set(MessageKind) - SIGNED_FOR_PEOPLE == {MessageKind.JOIN, MessageKind.PERMIT}
