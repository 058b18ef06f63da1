"""Accounts derived ahead in another process: the same as those derived here, and given out once."""

from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from coopledger.domain.types import Email
from coopledger.people.accounts import account_address
from coopledger.people.ahead import PairsAhead, pairs_ahead, pairs_in
from coopledger.people.derivation import binding_of, checksummed
from coopledger.people.desk import People
from coopledger.people.master import MasterSecret
from coopledger.people.store import Ledger, packed


def taken(pairs: PairsAhead) -> list[tuple[bytes, str]]:
    """Return all that were made until now."""
    return list(iter(pairs.next, None))


def test_each_account_derives_from_its_salt(secret: MasterSecret, ledger: Ledger) -> None:
    """What the other process gives is what would be derived here, and no salt comes twice."""
    binding = binding_of(ledger.chain, packed(ledger.address))
    with pairs_ahead(secret.material, binding) as pairs:
        made = taken(pairs)
        assert pairs.next() is None
    assert made
    for salt, address in made:
        assert account_address(secret, salt, ledger.chain, ledger.address) == address
    assert len({salt for salt, _ in made}) == len(made)


def test_a_process_that_was_killed_gives_nothing_half() -> None:
    """Of what it leaves, a piece of a pair at the end is no pair."""
    whole = b"".join(bytes([number]) * 32 + b"0x" + b"0" * 40 for number in range(2))
    assert len(list(pairs_in(whole))) == 2
    for length in range(74, 148):
        assert list(pairs_in(whole[:length])) == [(bytes(32), "0x" + "0" * 40)]


def test_the_process_ends_with_its_block_and_is_told_no_secret_openly(
    secret: MasterSecret, ledger: Ledger
) -> None:
    """Nothing of it runs on, and its command line, which all can read, does not hold the secret."""
    with pairs_ahead(secret.material, binding_of(ledger.chain, packed(ledger.address))) as pairs:
        assert secret.material.hex() not in str(pairs._process.args)
    assert pairs._process.returncode is not None
    assert pairs.next() is None


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
