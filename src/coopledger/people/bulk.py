"""Accounts for many addresses at once, making persons where there are none. Its SQL only.

Works within the caller's transaction. The one subtlety is that two processes may meet the same new
address at once. Rows are inserted in the order of their index and a row that is there already wins;
so nobody waits in a circle, and both read back the same salt and therefore derive the same account.
Persons are share-locked while they are worked on, so that nobody is given an account in the moment
they are erased.
"""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID, uuid4

from sqlalchemy import Connection, LargeBinary, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from coopledger.domain.types import Address, Email
from coopledger.people.accounts import new_salt
from coopledger.people.copying import insert_copied
from coopledger.people.schema import account, person, person_name
from coopledger.people.store import (
    Known,
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


def persons_for(
    connection: Connection, vault: Vault, emails: Mapping[Email, Iterable[str]], ledger: Ledger
) -> dict[Email, Address]:
    """Return the account of each address, making persons and accounts where there are none.

    The names are added to those seen before.

    Raises:
        SealBroken: a stored salt was altered.
        SecretVersionMissing: a person's version of the master secret is not at hand.
    """
    known = _ensure_persons(connection, vault, emails.keys())
    derived = {email: address_of(vault, known[email], ledger) for email in emails}
    _note_accounts(connection, {known[email].id: derived[email] for email in emails}, ledger)
    _add_names(connection, vault, {known[email].id: names for email, names in emails.items()})
    return derived


def _ensure_persons(
    connection: Connection, vault: Vault, emails: Collection[Email]
) -> dict[Email, Known]:
    missing = {vault.email_index(email): email for email in emails}
    found: dict[Email, Known] = {}
    while missing:
        rows = connection.execute(
            select(person)
            .where(person.c.email_index == any_(literal(sorted(missing), ARRAY(LargeBinary))))
            .order_by(person.c.email_index)
            .with_for_update(read=True)
        )
        for row in rows:
            email = missing.pop(row.email_index)
            found[email] = opened(vault, row.id, row.secret_version, row.salt)
        # Whoever is missing after this is read in the next round: somebody else's row has won.
        for index, known in _insert_persons(connection, vault, missing).items():
            found[missing.pop(index)] = known
    return found


def _insert_persons(
    connection: Connection, vault: Vault, emails: Mapping[bytes, Email]
) -> dict[bytes, Known]:
    """Make a person for each address; return those that nobody else has made, by index."""
    if not emails:
        return {}
    version = vault.newest.version
    fresh = {index: Known(uuid4(), version, new_salt()) for index in emails}
    rows = (
        (
            index,
            known.id,
            version,
            vault.seal(salt_field(known.id, version), known.salt),
            vault.seal(email_field(known.id), emails[index].encode()),
        )
        for index, known in fresh.items()
    )
    with insert_copied(connection, _PERSON, rows) as new:
        unless_there = new.on_conflict_do_nothing()
        made = connection.scalars(unless_there.returning(person.c.email_index)).all()
    return {index: fresh[index] for index in made}


def _note_accounts(
    connection: Connection, addresses: Mapping[UUID, Address], ledger: Ledger
) -> None:
    """Note whose the accounts are. Only a way back: an account is always derived, never read."""
    where = packed(ledger.address)
    rows = ((ledger.chain, where, owner, packed(each)) for owner, each in addresses.items())
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
