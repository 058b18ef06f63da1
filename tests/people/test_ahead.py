"""Accounts derived ahead in another process: the same as those derived here, and given out once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from coopledger.domain.checksum import checksummed
from coopledger.domain.types import Email
from coopledger.people.accounts import account_address
from coopledger.people.ahead import AccountsAhead, accounts_ahead
from coopledger.people.derivation import binding_of
from coopledger.people.desk import People
from coopledger.people.master import MasterSecret
from coopledger.people.store import Ledger, packed


@contextmanager
def ahead_for(secret: MasterSecret, ledger: Ledger) -> Iterator[AccountsAhead]:
    """Make accounts ahead for a ledger."""
    binding = binding_of(ledger.chain, packed(ledger.address))
    with accounts_ahead(secret.material, binding) as ahead:
        yield ahead


def test_each_account_derives_from_its_salt(secret: MasterSecret, ledger: Ledger) -> None:
    """What the other process gives is what would be derived here, and no salt comes twice."""
    with ahead_for(secret, ledger) as ahead:
        made = [ahead.next() for _ in range(100)]
    salts = set()
    for each in made:
        assert each is not None
        assert account_address(secret, each.salt, ledger.chain, ledger.address) == each.address
        salts.add(each.salt)
    assert len(salts) == len(made)


def test_a_process_that_was_killed_gives_nothing_half(secret: MasterSecret, ledger: Ledger) -> None:
    """Every account that it still gives is whole, and after them there are none."""
    with ahead_for(secret, ledger) as ahead:
        assert ahead.next() is not None
        ahead._process.kill()
        left = list(iter(ahead.next, None))
        assert ahead.next() is None
    for each in left:
        assert account_address(secret, each.salt, ledger.chain, ledger.address) == each.address


def test_it_waits_once_nobody_takes_what_it_makes(secret: MasterSecret, ledger: Ledger) -> None:
    """The pipe bounds what is made ahead: the process sleeps when it is full."""
    with ahead_for(secret, ledger) as ahead:
        process = psutil.Process(ahead._process.pid)
        deadline = time.monotonic() + 60
        spent = -1.0
        while process.cpu_times().user != spent and time.monotonic() < deadline:
            spent = process.cpu_times().user
            time.sleep(1)
        assert process.status() == psutil.STATUS_SLEEPING
        assert ahead.next() is not None


def test_the_process_ends_with_its_block_and_is_told_no_secret_openly(
    secret: MasterSecret, ledger: Ledger
) -> None:
    """Nothing of it runs on, and its command line, which all can read, does not hold the secret."""
    with ahead_for(secret, ledger) as ahead:
        assert secret.material.hex() not in str(ahead._process.args)
    assert ahead._process.returncode is not None
    assert ahead.next() is None


def test_persons_get_accounts_that_their_stored_salts_derive(
    people: People, ledger: Ledger
) -> None:
    """An account that was made ahead is found again by the person's own salt, and is theirs alone."""
    where = (ledger.chain, ledger.address)
    emails = {Email(f"penonton.{number}@example.org"): ["Penonton"] for number in range(100)}
    with people.accounts_ahead(*where):
        accounts = people.persons_for(emails, *where)
    assert len(set(accounts.values())) == len(emails)
    for email, account in accounts.items():
        assert people.account_of(email, *where) == account


@given(st.binary(min_size=20, max_size=20))
def test_addresses_are_spelled_as_the_library_spells_them(address: bytes) -> None:
    """The faster spelling of an address is EIP-55's, for any address."""
    assert checksummed(address) == to_checksum_address(address)
