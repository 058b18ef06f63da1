"""Accounts for many addresses at once, making persons where there are none. Its SQL only.

Works within the caller's transaction. The one subtlety is that two processes may meet the same new
address at once. Rows are inserted in the order of their index and a row that is there already wins;
so nobody waits in a circle, and both read back the same salt and therefore derive the same account.
Persons are share-locked while they are worked on, so that nobody is given an account in the moment
they are erased.
"""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Connection, LargeBinary, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from coopledger.domain.types import Address, Email
from coopledger.people.accounts import MakeAccount
from coopledger.people.copying import insert_copied
from coopledger.people.schema import account, person, person_name
from coopledger.people.store import (
    Ledger,
    address_of,
    email_field,
    name_field,
    opened,
    packed,
    salt_field,
)
from coopledger.people.vault import Vault

_PERSON = (
    *(person.c.email_index, person.c.id),
    *(person.c.secret_version, person.c.salt, person.c.email),
)
_ACCOUNT = (account.c.chain_id, account.c.ledger, account.c.person_id, account.c.address)
_NAME = (person_name.c.person_id, person_name.c.name_index, person_name.c.name)


class Owner(NamedTuple):
    """A person, and their account on the ledger in question."""

    id: UUID
    account: Address


def persons_for(
    connection: Connection,
    vault: Vault,
    emails: Mapping[Email, Iterable[str]],
    ledger: Ledger,
    make_account: MakeAccount,
) -> dict[Email, Address]:
    """Return the account of each address, making persons and accounts where there are none.

    The names are added to those seen before. ``make_account`` makes accounts for this ledger, by
    the newest master secret.

    Raises:
        SealBroken: a stored salt was altered.
        SecretVersionMissing: a person's version of the master secret is not at hand.
    """
    owners = _ensure_persons(connection, vault, emails.keys(), ledger, make_account)
    _note_accounts(connection, owners.values(), ledger)
    _add_names(connection, vault, {owners[email].id: names for email, names in emails.items()})
    return {email: owners[email].account for email in emails}


def _ensure_persons(
    connection: Connection,
    vault: Vault,
    emails: Collection[Email],
    ledger: Ledger,
    make_account: MakeAccount,
) -> dict[Email, Owner]:
    missing = {vault.email_index(email): email for email in emails}
    found: dict[Email, Owner] = {}
    while missing:
        rows = connection.execute(
            select(person)
            .where(person.c.email_index == any_(literal(sorted(missing), ARRAY(LargeBinary))))
            .order_by(person.c.email_index)
            .with_for_update(read=True)
        )
        for row in rows:
            known = opened(vault, row.id, row.secret_version, row.salt)
            found[missing.pop(row.email_index)] = Owner(row.id, address_of(vault, known, ledger))
        # Whoever is missing after this is read in the next round: somebody else's row has won.
        for index, owner in _insert_persons(connection, vault, missing, make_account).items():
            found[missing.pop(index)] = owner
    return found


def _insert_persons(
    connection: Connection,
    vault: Vault,
    emails: Mapping[bytes, Email],
    make_account: MakeAccount,
) -> dict[bytes, Owner]:
    """Make a person for each address; return those that nobody else has made, by index."""
    if not emails:
        return {}
    version = vault.newest.version
    owners: dict[bytes, Owner] = {}
    rows = []
    for index, email in emails.items():
        identity, fresh = uuid4(), make_account()
        owners[index] = Owner(identity, fresh.address)
        salt = vault.seal(salt_field(identity, version), fresh.salt)
        sealed_email = vault.seal(email_field(identity), email.encode())
        rows.append((index, identity, version, salt, sealed_email))
    with insert_copied(connection, _PERSON, rows) as new:
        unless_there = new.on_conflict_do_nothing()
        made = connection.scalars(unless_there.returning(person.c.email_index)).all()
    return {index: owners[index] for index in made}


def _note_accounts(connection: Connection, owners: Iterable[Owner], ledger: Ledger) -> None:
    """Note whose the accounts are. Only a way back: an account is always derived, never read."""
    where = packed(ledger.address)
    rows = ((ledger.chain, where, each.id, packed(each.account)) for each in owners)
    with insert_copied(connection, _ACCOUNT, rows) as new:
        connection.execute(new.on_conflict_do_nothing())


def _add_names(
    connection: Connection, vault: Vault, names_by_person: Mapping[UUID, Iterable[str]]
) -> None:
    names = {
        (identity, vault.name_index(identity.bytes, clean)): clean
        for identity, names in names_by_person.items()
        for name in names
        if (clean := " ".join(unicodedata.normalize("NFC", name).split()))
    }
    rows = (
        (identity, index, vault.seal(name_field(identity, index), name.encode()))
        for (identity, index), name in names.items()
    )
    with insert_copied(connection, _NAME, rows) as new:
        connection.execute(new.on_conflict_do_nothing())
