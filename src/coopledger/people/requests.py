"""What a person may ask of those who keep their data: to see it, and to have their address changed.

Erasing is beside the look-ups (``store.erase``). Works within the caller's transaction. The one
subtlety: an account derives from the salt, not from the address, so a new address changes nothing on
the chain.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from coopledger.domain.types import Address, ChainId, Email
from coopledger.errors import Refused
from coopledger.people.adding import take_turn_adding
from coopledger.people.schema import account, person, person_name
from coopledger.people.store import (
    EmailUnknown,
    Ledger,
    address_of,
    email_field,
    name_field,
    opened,
)
from coopledger.people.vault import Vault


class EmailTaken(Refused):
    """Somebody is known by the new address already."""

    email: Email

    says = "Somebody is known by {email} already."
    advice = "Two addresses are two persons here. Give the tickets of the one to the other instead."


@dataclass(frozen=True, order=True)
class StoredName:
    """A name that was seen on a person's address, and when first. The oldest sorts first."""

    seen_at: datetime
    name: str


@dataclass(frozen=True)
class StoredAccount:
    """An account that the service keeps for a person, and on which ledger."""

    chain_id: ChainId
    ledger: bytes
    account: Address
    created_at: datetime


@dataclass(frozen=True)
class StoredData:
    """Everything that is stored of a person, but for the salt, which opens nothing by itself."""

    email: Email
    known_since: datetime
    names: tuple[StoredName, ...]
    accounts: tuple[StoredAccount, ...]


def stored_about(connection: Connection, vault: Vault, email: Email) -> StoredData:
    """Return everything that is stored of the person behind an address.

    Raises:
        EmailUnknown: nobody is known by it.
        SealBroken: a stored field was altered.
    """
    row = connection.execute(
        select(person).where(person.c.email_index == vault.email_index(email))
    ).one_or_none()
    if row is None:
        raise EmailUnknown(email)
    known = opened(vault, row.id, row.secret_version, row.salt)
    names = connection.execute(select(person_name).where(person_name.c.person_id == row.id))
    accounts = connection.execute(
        select(account).where(account.c.person_id == row.id).order_by(account.c.created_at)
    )
    return StoredData(
        Email(vault.open(email_field(row.id), row.email).decode()),
        row.created_at,
        tuple(
            sorted(
                StoredName(n.seen_at, vault.open(name_field(row.id, n.name_index), n.name).decode())
                for n in names
            )
        ),
        tuple(
            StoredAccount(
                ChainId(each.chain_id),
                each.ledger,
                # Derived, not read: the row is only a way back.
                address_of(vault, known, Ledger.of(each.chain_id, each.ledger)),
                each.created_at,
            )
            for each in accounts
        ),
    )


def change_email(connection: Connection, vault: Vault, old: Email, new: Email) -> None:
    """Make a person known by another address. Their account stays what it is.

    Raises:
        EmailUnknown: nobody is known by the old one.
        EmailTaken: somebody is known by the new one.
    """
    take_turn_adding(connection)
    index = vault.email_index(old)
    identity = connection.execute(
        select(person.c.id).where(person.c.email_index == index).with_for_update()
    ).scalar_one_or_none()
    if identity is None:
        raise EmailUnknown(old)
    try:
        connection.execute(
            update(person)
            .where(person.c.id == identity)
            .values(
                email_index=vault.email_index(new),
                email=vault.seal(email_field(identity), new.encode()),
            )
        )
    except IntegrityError:
        raise EmailTaken(new) from None
