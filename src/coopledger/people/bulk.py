"""Accounts for many addresses at once, making persons where there are none. Its SQL only.

Works within the caller's transaction. Two processes may meet the same new
address at once. So they take turns: whoever comes second finds what the first has made, and derives
the same account from the same salt. Persons who were there are share-locked while they are worked on,
so that nobody is given an account in the moment they are erased.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Connection

from coopledger.database.copying import Row, copy_new, copy_unless_there
from coopledger.domain.types import Address, Email
from coopledger.people.accounts import MakeAccount
from coopledger.people.adding import take_turn_adding
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

#: The addresses go in binary (%b): as text they would take ten times as long.
_KNOWN = """
    SELECT id, secret_version, salt, email_index FROM people.person
    WHERE email_index = ANY(%b) ORDER BY email_index FOR SHARE
"""

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
    take_turn_adding(connection)
    missing = {vault.email_index(email): email for email in emails}
    known = _known_persons(connection, vault, missing, ledger)
    new = _new_persons(connection, vault, missing, make_account)
    for owners, copy in ((known, copy_unless_there), (new, copy_new)):
        if owners:
            # Only a way back: an account is always derived, never read.
            copy(connection, _ACCOUNT, _accounts(owners.values(), ledger))
            names = {owner.id: emails[email] for email, owner in owners.items()}
            copy(connection, _NAME, _names(vault, names))
    return {email: (known.get(email) or new[email]).account for email in emails}


def _known_persons(
    connection: Connection, vault: Vault, missing: dict[bytes, Email], ledger: Ledger
) -> dict[Email, Owner]:
    """Return those who are there, and take them out of the missing."""
    rows = connection.exec_driver_sql(_KNOWN, (list(missing),))
    known: dict[Email, Owner] = {}
    for identity, version, sealed_salt, index in rows:
        derived_from = opened(vault, identity, version, sealed_salt)
        known[missing.pop(index)] = Owner(identity, address_of(vault, derived_from, ledger))
    return known


def _new_persons(
    connection: Connection,
    vault: Vault,
    emails: Mapping[bytes, Email],
    make_account: MakeAccount,
) -> dict[Email, Owner]:
    """Make a person for each address, of whom none is there."""
    version = vault.newest.version
    new: dict[Email, Owner] = {}
    rows: list[Row] = []
    for index, email in emails.items():
        identity, fresh = uuid4(), make_account()
        new[email] = Owner(identity, fresh.address)
        salt = vault.seal(salt_field(identity, version), fresh.salt)
        sealed_email = vault.seal(email_field(identity), email.encode())
        rows.append((index, identity, version, salt, sealed_email))
    copy_new(connection, _PERSON, rows)
    return new


def _accounts(owners: Iterable[Owner], ledger: Ledger) -> Iterator[Row]:
    where = packed(ledger.address)
    return ((ledger.chain, where, each.id, packed(each.account)) for each in owners)


def _names(vault: Vault, names_by_person: Mapping[UUID, Iterable[str]]) -> Iterator[Row]:
    names = {
        (identity, vault.name_index(identity.bytes, clean)): clean
        for identity, names in names_by_person.items()
        for name in names
        if (clean := " ".join(unicodedata.normalize("NFC", name).split()))
    }
    return (
        (identity, index, vault.seal(name_field(identity, index), name.encode()))
        for (identity, index), name in names.items()
    )
