"""What was issued for which sold position, so that a ticket is found by what the guest shows.

A guest comes with the seller's own ticket: its QR secret, or ORDER-POSITION in print. The one
subtlety: neither is stored, only keyed hashes; the reference they lead to is the one on the chain.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from coopledger.database.copying import Row, copy_new, insert_copied
from coopledger.domain.types import OrderReference
from coopledger.errors import NotFound, Refused
from coopledger.people.adding import take_turn_adding
from coopledger.people.schema import position
from coopledger.people.vault import Vault

_NOTED = "SELECT reference FROM people.position WHERE reference = ANY(%b)"

_POSITION = (position.c.reference, position.c.secret_index, position.c.label_index)


@dataclass(frozen=True)
class IssuedPosition:
    """A sold position that a ticket was issued for."""

    reference: OrderReference
    label: str
    """ORDER-POSITION, as ``str(PositionKey)`` gives it."""
    secret: str = field(default="", repr=False)
    """What the seller's own ticket shows in its QR code; empty where it has none."""


class TicketSecretUnknown(NotFound):
    """No ticket was issued for the scanned code (which admits its bearer, so is not shown)."""

    place: int | None = None
    """Which of several codes it is, from 1."""

    advice = (
        "Scan again, or type ORDER-POSITION from the ticket. If it was sold since the last import,"
        " import the orders first."
    )

    def __str__(self) -> str:
        which = "the code that was scanned" if self.place is None else f"code number {self.place}"
        return f"No ticket was issued for {which}."


class TicketSecretAmbiguous(Refused):
    """Several tickets have the scanned code."""

    count: int

    says = "{count} tickets have the code that was scanned."
    advice = "Type ORDER-POSITION from the ticket, or use the ticket's own number."


class PositionUnknown(NotFound):
    """No ticket was issued for this ORDER-POSITION."""

    label: str

    says = "No ticket was issued for {label}."
    advice = (
        "Check the spelling; it reads like ABCDE-1. If it was sold since the last import, import"
        " the orders first."
    )


class PositionAmbiguous(Refused):
    """Two sellers use the same ORDER-POSITION."""

    label: str
    count: int

    says = "{count} tickets from different sellers are called {label}."
    advice = "Scan the ticket's code instead, or use the ticket's own number."


def remember_positions(
    connection: Connection, vault: Vault, rows: Iterable[IssuedPosition]
) -> None:
    """Note what was issued; a position that is noted already takes the newer secret and label."""
    latest = {row.reference: row for row in rows}
    if not latest:
        return
    take_turn_adding(connection)
    noted = connection.exec_driver_sql(_NOTED, (list(latest),)).scalars()
    again = [latest.pop(OrderReference(reference)) for reference in noted]
    copy_new(connection, _POSITION, _lines(vault, latest.values()))
    if again:
        with insert_copied(connection, _POSITION, _lines(vault, again)) as new:
            # An export without secrets must not take away what another one brought.
            secret = func.coalesce(new.excluded.secret_index, position.c.secret_index)
            changed = {"secret_index": secret, "label_index": new.excluded.label_index}
            key = [position.c.reference]
            connection.execute(new.on_conflict_do_update(index_elements=key, set_=changed))


def _lines(vault: Vault, rows: Iterable[IssuedPosition]) -> Iterator[Row]:
    return (
        (
            row.reference,
            vault.ticket_secret_index(row.secret) if row.secret else None,
            vault.label_index(_spelled(row.label)),
        )
        for row in rows
    )


def reference_of_secret(connection: Connection, vault: Vault, secret: str) -> OrderReference:
    """Return the reference of the ticket behind a seller's QR code.

    Raises:
        TicketSecretUnknown: none was issued for it.
        TicketSecretAmbiguous: sellers have given it to several.
    """
    found = connection.execute(
        select(position.c.reference).where(
            position.c.secret_index == vault.ticket_secret_index(secret.strip())
        )
    ).all()
    if not found:
        raise TicketSecretUnknown
    if len(found) > 1:
        raise TicketSecretAmbiguous(len(found))
    return OrderReference(found[0].reference)


def reference_of_label(connection: Connection, vault: Vault, label: str) -> OrderReference:
    """Return the reference of the ticket behind ORDER-POSITION, in capitals or not.

    Raises:
        PositionUnknown: none was issued for it.
        PositionAmbiguous: two sellers use the same.
    """
    found = connection.execute(
        select(position.c.reference).where(
            position.c.label_index == vault.label_index(_spelled(label))
        )
    ).all()
    if not found:
        raise PositionUnknown(label)
    if len(found) > 1:
        raise PositionAmbiguous(label, len(found))
    return OrderReference(found[0].reference)


def _spelled(label: str) -> str:
    return label.strip().upper()
