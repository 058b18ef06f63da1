"""Who is behind an account: looking people up, and erasing them. All SQL about single persons.

Every function works within the caller's transaction. An account that is noted as somebody's is believed
only after it has been derived again from the person's sealed salt, so that nobody who can write to the
database can put another account in its place.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from eth_utils.address import to_checksum_address
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from coopledger.domain.types import Address, ChainId, Email
from coopledger.errors import NotFound, Untrusted
from coopledger.people import accounts
from coopledger.people.master import SecretVersion
from coopledger.people.schema import account, master_secret, person, person_name
from coopledger.people.vault import SealedField, Vault

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount


class EmailUnknown(NotFound):
    """Nobody is known by this e-mail address."""

    email: Email

    says = "Nobody is known by {email}."
    advice = "Check the spelling. The person may have bought with another address, or been erased."


class AccountUnknown(NotFound):
    """It is not known who is behind this account."""

    account: Address

    says = "It is not known who is behind account {account}."
    advice = "The account may be the holder's own wallet, or its owner may have been erased."


class AccountAltered(Untrusted):
    """An account is noted as somebody's whose key does not derive it."""

    account: Address

    says = "The database says whose account {account} is, and it cannot be theirs."
    advice = "Restore the people's data from a backup, and find out who can write to the database."


class WrongMasterSecret(Untrusted):
    """This database was written with another master secret than the one at hand."""

    version: SecretVersion

    says = "Version {version} of the master secret is not the one of this database."
    advice = (
        "Give the master secret that belongs to this database, all its versions from the first."
        " With another one everybody would get a second account."
    )


@dataclass(frozen=True)
class Ledger:
    """Where accounts live: one ledger contract on one chain."""

    chain: ChainId
    address: Address

    @classmethod
    def of(cls, chain: int, packed_address: bytes) -> "Ledger":
        """Return the ledger that a row names."""
        return cls(ChainId(chain), to_checksum_address(packed_address))


@dataclass(frozen=True)
class Person:
    """Who is behind an account."""

    email: Email
    names: tuple[str, ...]
    """Every distinct name that was seen on the address, the oldest first."""
    account: Address


@dataclass(frozen=True)
class Known:
    """What a person's accounts derive from."""

    id: UUID
    version: SecretVersion
    salt: bytes = field(repr=False)


def check_master_secret(connection: Connection, vault: Vault) -> None:
    """Note the master secrets' fingerprints the first time, and compare them ever after.

    Raises:
        WrongMasterSecret: a version is not the one that this database was written with, or the
            first version, which keys every look-up, is missing.
    """
    given = vault.fingerprints()
    known = {row.version: row.fingerprint for row in connection.execute(select(master_secret))}
    for version in sorted(given.keys() & known.keys()):
        if given[version] != known[version]:
            raise WrongMasterSecret(version)
    if known and min(known) != min(given):
        raise WrongMasterSecret(min(known))
    if given.keys() <= known.keys():
        return
    rows = [{"version": version, "fingerprint": given[version]} for version in sorted(given)]
    connection.execute(insert(master_secret).on_conflict_do_nothing(), rows)
    # Another process may have noted another secret in between: then ours is the wrong one.
    check_master_secret(connection, vault)


def account_of(connection: Connection, vault: Vault, email: Email, ledger: Ledger) -> Address:
    """Return the account of an address.

    Raises:
        EmailUnknown: nobody is known by it.
    """
    row = connection.execute(
        select(person).where(person.c.email_index == vault.email_index(email))
    ).one_or_none()
    if row is None:
        raise EmailUnknown(email)
    return address_of(vault, opened(vault, row.id, row.secret_version, row.salt), ledger)


def person_of(connection: Connection, vault: Vault, address: Address, ledger: Ledger) -> Person:
    """Return who is behind an account.

    Raises:
        AccountUnknown: it is not derived here, or its owner was erased.
        AccountAltered: the account is noted as somebody's who cannot have it.
        SealBroken: a stored field was altered.
    """
    known, sealed_email = _behind(connection, vault, address, ledger)
    rows = connection.execute(select(person_name).where(person_name.c.person_id == known.id))
    seen = sorted(
        (row.seen_at, vault.open(name_field(known.id, row.name_index), row.name).decode())
        for row in rows
    )
    email = vault.open(email_field(known.id), sealed_email).decode()
    return Person(Email(email), tuple(name for _, name in seen), address)


def signer_of(
    connection: Connection, vault: Vault, address: Address, ledger: Ledger
) -> "LocalAccount":
    """Return what signs for an account whose key derives here.

    Raises:
        AccountUnknown: it is not derived here, or its owner was erased.
        AccountAltered: the account is noted as somebody's who cannot have it.
        SealBroken: the stored salt was altered.
    """
    known, _ = _behind(connection, vault, address, ledger)
    secret = vault.secret(known.version)
    return accounts.signer_of(secret, known.salt, ledger.chain, ledger.address)


def erase(connection: Connection, vault: Vault, email: Email) -> None:
    """Erase a person: e-mail, names, salt, and which account was theirs. Cannot be undone.

    Raises:
        EmailUnknown: nobody is known by the address.
    """
    erased = connection.execute(
        update(person)
        .where(person.c.email_index == vault.email_index(email))
        .values(salt=None, email=None, email_index=None, erased_at=func.now())
        .returning(person.c.id)
    ).scalar_one_or_none()
    if erased is None:
        raise EmailUnknown(email)
    for table in (person_name, account):
        connection.execute(delete(table).where(table.c.person_id == erased))


def _behind(
    connection: Connection, vault: Vault, address: Address, ledger: Ledger
) -> tuple[Known, bytes]:
    """Return what an account derives from and its owner's sealed e-mail, both checked."""
    row = connection.execute(
        select(person)
        .join(account, account.c.person_id == person.c.id)
        .where(on_ledger(ledger), account.c.address == packed(address))
    ).one_or_none()
    if row is None:
        raise AccountUnknown(address)
    known = opened(vault, row.id, row.secret_version, row.salt)
    if address_of(vault, known, ledger) != address:
        raise AccountAltered(address)
    return known, row.email


def opened(vault: Vault, identity: UUID, version: int, sealed_salt: bytes) -> Known:
    """Return what a person's accounts derive from, its salt unsealed."""
    salt = vault.open(salt_field(identity, version), sealed_salt)
    return Known(identity, SecretVersion(version), salt)


def address_of(vault: Vault, known: Known, ledger: Ledger) -> Address:
    """Return the account of a person on a ledger."""
    secret = vault.secret(known.version)
    return accounts.account_address(secret, known.salt, ledger.chain, ledger.address)


def email_field(identity: UUID) -> SealedField:
    """Return the place of a person's e-mail."""
    return SealedField("person", "email", identity.bytes)


def salt_field(identity: UUID, version: int) -> SealedField:
    """Return the place of a person's salt; it holds for one version of the master secret."""
    return SealedField("person", "salt", identity.bytes + version.to_bytes(4, "big"))


def name_field(identity: UUID, index: bytes) -> SealedField:
    """Return the place of one of a person's names."""
    return SealedField("person_name", "name", identity.bytes + index)


def packed(address: Address) -> bytes:
    """Return an address as its 20 bytes."""
    return bytes.fromhex(address[2:])


def on_ledger(ledger: Ledger) -> ColumnElement[bool]:
    """Return the condition that an account is one of this ledger."""
    return and_(
        account.c.chain_id == ledger.chain,
        account.c.ledger == packed(ledger.address),
    )
