"""Encryption at rest, keyed hashes, derived accounts: round trips, refusals, known answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopledger.domain.types import NO_ATTESTATION, Email
from coopledger.people.accounts import account_address, signer_of
from coopledger.people.derivation import new_salt
from coopledger.people.master import MasterSecret, SecretVersion
from coopledger.people.store import Ledger
from coopledger.people.vault import (
    SealBroken,
    SealedField,
    SecretVersionMissing,
    Vault,
    encode_parts,
)

SECOND = MasterSecret(SecretVersion(2), bytes(range(100, 132)))
EMAIL_FIELD = SealedField("person", "email", bytes(16))


@pytest.fixture
def vault(secret: MasterSecret) -> Vault:
    """A vault with one version of the secret."""
    return Vault([secret])


def test_a_sealed_value_opens_in_its_place(vault: Vault) -> None:
    """What is sealed comes back, and sealing it twice never gives the same bytes."""
    sealed, again = (vault.seal(EMAIL_FIELD, b"siti@example.org") for _ in range(2))
    assert vault.open(EMAIL_FIELD, sealed) == b"siti@example.org"
    assert sealed != again
    assert b"siti" not in sealed


@pytest.mark.parametrize(
    "elsewhere",
    [
        SealedField("person", "email", bytes(15) + b"\1"),
        SealedField("person", "salt", bytes(16)),
        SealedField("person_name", "email", bytes(16)),
        SealedField("persone", "mail", bytes(16)),
    ],
)
def test_a_sealed_value_opens_nowhere_else(vault: Vault, elsewhere: SealedField) -> None:
    """A ciphertext that was put into another row, column or table is refused."""
    sealed = vault.seal(EMAIL_FIELD, b"siti@example.org")
    with pytest.raises(SealBroken) as caught:
        vault.open(elsewhere, sealed)
    assert caught.value.field == f"{elsewhere.table}.{elsewhere.column}"


def test_any_changed_byte_is_refused(vault: Vault) -> None:
    """No byte of a sealed value can be changed: not the version, the nonce, the text or the tag."""
    sealed = vault.seal(EMAIL_FIELD, b"siti@example.org")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises((SealBroken, SecretVersionMissing)):
            vault.open(EMAIL_FIELD, bytes(changed))
    for length in range(len(sealed)):
        with pytest.raises((SealBroken, SecretVersionMissing)):
            vault.open(EMAIL_FIELD, sealed[:length])


def test_a_newer_secret_reads_the_old_and_keeps_every_answer(
    vault: Vault, secret: MasterSecret
) -> None:
    """After a rotation old fields open, new ones need the new version, references stay."""
    both = Vault([SECOND, secret])
    assert both.open(EMAIL_FIELD, vault.seal(EMAIL_FIELD, b"old")) == b"old"
    with pytest.raises(SecretVersionMissing) as caught:
        vault.open(EMAIL_FIELD, both.seal(EMAIL_FIELD, b"new"))
    assert caught.value.version == 2
    assert both.order_reference("s", "o", "1") == vault.order_reference("s", "o", "1")
    assert both.attestation_of("form") == vault.attestation_of("form")
    assert both.email_index(Email("a@b.org")) == vault.email_index(Email("a@b.org"))


@given(st.lists(st.binary(max_size=4), max_size=4), st.lists(st.binary(max_size=4), max_size=4))
def test_different_parts_are_never_encoded_alike(left: list[bytes], right: list[bytes]) -> None:
    """No two lists of parts give the same bytes."""
    assert (encode_parts(*left) == encode_parts(*right)) == (left == right)


def test_references_tell_positions_apart(vault: Vault) -> None:
    """Source, order and position cannot run into one another, and another key gives another."""
    given = [("pretix", "AB", "C1"), ("pretix", "ABC", "1"), ("pretixA", "B", "C1")]
    references = {vault.order_reference(*position) for position in given}
    references.add(Vault([SECOND]).order_reference(*given[0]))
    assert len(references) == 4
    assert {len(reference) for reference in references} == {32}


def test_an_attestation_ignores_spaces_around_it_and_is_never_none(vault: Vault) -> None:
    """The same paper gives the same 16 bytes, another paper others."""
    assert vault.attestation_of(" form 12 ") == vault.attestation_of("form 12")
    assert vault.attestation_of("form 12") != vault.attestation_of("form 13")
    assert vault.attestation_of("") != NO_ATTESTATION


def test_known_answers(vault: Vault, secret: MasterSecret) -> None:
    """These values stand on chains and in databases; they must never change.

    They were computed apart from this package, with RFC 5869 and RFC 2104 written out.
    """
    assert vault.order_reference("pretix", "ABCDE", "1").hex() == (
        "3faa42b43f2c1bd32891516b5ba20a20e5d44decaf8459336aef9d0ad4b2a841"
    )
    assert vault.attestation_of("Form 12/2026").hex() == "4e31043b803e88ef215e463c98cf178c"
    assert vault.email_index(Email("siti@example.org")).hex() == (
        "ce7b4e812d4b6c840ba4fa2500f872cf7030f255db8fad63d8ec58db2f3c4d57"
    )
    assert vault.fingerprints()[secret.version].hex() == (
        "bbf21c63d964a5e17338a7fbc333074c089cc2f73e8867e97cf63db5c712ea4e"
    )
    sealed = bytes.fromhex(
        "0000000100000000000000000000000024607415eb95520d4ddfa422718920e31c1d1184a48f68d3515215a6"
        "7cf8b2db"
    )
    assert vault.open(EMAIL_FIELD, sealed) == b"siti@example.org"


def test_the_known_account(secret: MasterSecret, ledger: Ledger) -> None:
    """This account follows from its secret and salt for ever, or its member loses it.

    It was computed apart from this package, with RFC 5869 written out and pure Python curve
    arithmetic.
    """
    salt = bytes(range(32, 64))
    address = account_address(secret, salt, ledger.chain, ledger.address)
    assert address == "0xD8b40cF27361862f7A625C25Bb764Ad7Bb2ef83c"
    assert signer_of(secret, salt, ledger.chain, ledger.address).address == address


def test_an_account_is_of_one_salt_chain_ledger_and_secret(
    secret: MasterSecret, ledger: Ledger
) -> None:
    """Changing any one of the four gives another account."""
    salt = bytes(range(32, 64))
    other = account_address(SECOND, salt, ledger.chain, ledger.address)
    given = [
        (secret, salt, ledger.chain, ledger.address),
        (SECOND, salt, ledger.chain, ledger.address),
        (secret, new_salt(), ledger.chain, ledger.address),
        (secret, salt, type(ledger.chain)(1), ledger.address),
        (secret, salt, ledger.chain, other),
    ]
    assert len({account_address(*each) for each in given}) == len(given)


@pytest.mark.parametrize("salt", [b"", bytes(31), bytes(33)])
def test_no_key_comes_from_a_salt_of_another_length(
    secret: MasterSecret, ledger: Ledger, salt: bytes
) -> None:
    """An erased person's missing salt gives no key at all, not a guessable one."""
    with pytest.raises(ValueError, match="32 bytes"):
        account_address(secret, salt, ledger.chain, ledger.address)


def test_no_secret_shows(vault: Vault, secret: MasterSecret, ledger: Ledger) -> None:
    """Neither a secret nor a key stands in a text that ends up in a log."""
    salt = bytes(range(32, 64))
    signer = signer_of(secret, salt, ledger.chain, ledger.address)
    shown = " ".join(f"{thing} {thing!r}" for thing in (secret, vault, signer))
    assert bytes(signer.key).hex() not in shown
    assert secret.material.hex() not in shown
    assert repr(secret.material) not in shown
