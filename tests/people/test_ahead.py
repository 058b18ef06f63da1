"""Accounts derived ahead in another process: the same as those derived here, and given out once."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from select import select

import psutil
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from coopledger.domain.checksum import checksummed
from coopledger.domain.types import Email
from coopledger.people.accounts import account_address
from coopledger.people.ahead import AccountsAhead, accounts_ahead
from coopledger.people.derivation import FreshAccount, binding_of
from coopledger.people.desk import People
from coopledger.people.master import MasterSecret
from coopledger.people.store import Ledger, packed


@contextmanager
def ahead_for(secret: MasterSecret, ledger: Ledger) -> Iterator[AccountsAhead]:
    """Make accounts ahead for a ledger."""
    binding = binding_of(ledger.chain, packed(ledger.address))
    with accounts_ahead(secret.material, binding) as ahead:
        yield ahead


def taken(ahead: AccountsAhead) -> list[FreshAccount]:
    """Take all that it makes until it ends."""
    return list(iter(ahead.next, None))


def wait_until_asleep(process: psutil.Process) -> None:
    """Return once a process was found asleep many times in a row."""
    deadline = time.monotonic() + 60
    asleep = 0
    while asleep < 50:
        asleep = asleep + 1 if process.status() == psutil.STATUS_SLEEPING else 0
        assert time.monotonic() < deadline, "it never waits"
        time.sleep(0.01)


def wait_until_empty(ahead: AccountsAhead) -> None:
    """Return once a thread has read the pipe empty, and holds the lock for more."""
    deadline = time.monotonic() + 60
    while select([ahead._made], [], [], 0)[0] or not ahead._lock.locked():
        assert time.monotonic() < deadline, "the pipe is never empty"
        time.sleep(0.01)


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
    """The pipe bounds what is made ahead: the process sleeps when it is full, and goes on."""
    with ahead_for(secret, ledger) as ahead:
        for _ in range(2):
            assert ahead.next() is not None
            wait_until_asleep(psutil.Process(ahead._process.pid))


def test_it_ends_though_somebody_waits_for_it(secret: MasterSecret, ledger: Ledger) -> None:
    """Whoever waits for a process that stands still gets nothing more once it is closed."""
    with ThreadPoolExecutor(1) as pool, ahead_for(secret, ledger) as ahead:
        psutil.Process(ahead._process.pid).suspend()
        waiting = pool.submit(taken, ahead)
        wait_until_empty(ahead)
        ahead.close()
        assert waiting.result(30) is not None


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
