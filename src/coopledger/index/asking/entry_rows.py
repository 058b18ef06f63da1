"""The index's rows as the plain values of :mod:`coopledger.index.asking.entries`.

An enumeration's members are looked up in a table of our own. Its own call costs more than everything else
of a row, and an export makes three million of them.
"""

from collections.abc import Sequence
from typing import Any

from eth_utils.address import to_checksum_address
from sqlalchemy import Row

from coopledger.domain.register import Cause, Consent, Standing
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import Attestation, OrderReference, Rupiah
from coopledger.index.asking.entries import Entry, Exit, RegisterCounts, TicketEntry
from coopledger.index.following.known import Totals

_STANDINGS = {int(each): each for each in Standing}
_CONSENTS = {int(each): each for each in Consent}
_CAUSES = {int(each): each for each in Cause}


def counts_of(totals: Totals) -> RegisterCounts:
    """Return the counts that running totals say."""
    return RegisterCounts(
        records=totals.opened,
        open=totals.opened - totals.closed,
        associate=totals.associate,
        full=totals.full,
        signed=totals.signed,
        purchased=totals.purchased,
        attested=totals.attested,
        closed=totals.closed,
        moved=totals.moved,
        annulled=totals.annulled,
    )


def entry_of(row: Sequence[Any]) -> Entry:
    """Return a record, of a row in the order of an entry's fields."""
    number, account, joined, left, standing, consent, cause, *rest = row
    few = _STANDINGS[standing], _CONSENTS[consent], _CAUSES[cause]
    return Entry(number, account, joined, left, *few, *rest)


def exit_of(row: Sequence[Any]) -> Exit:
    """Return a closed record, of a row with ordinal and document in front."""
    ordinal, document, *record = row
    return Exit(ordinal, entry_of(record), None if document is None else Attestation(document))


def ticket_of(row: Row[Any]) -> TicketEntry:
    """Return a ticket."""
    ticket = Ticket(
        ticket_id=row.id,
        owner=to_checksum_address(row.owner),
        screening=row.screening,
        seat=row.seat,
        tier=row.tier,
        member=row.member,
        redeemed=row.redeemed,
        void=row.void,
        non_transferable=row.non_transferable,
        paid_on_chain=row.paid_on_chain,
    )
    return TicketEntry(
        ticket=ticket,
        ends_at=row.ends_at,
        issued_to=to_checksum_address(row.issued_to),
        issued_at=row.issued_at,
        reference=None if row.reference is None else OrderReference(row.reference),
        price=None if row.price is None else Rupiah(int(row.price)),
        block=row.block,
        transaction=row.transaction,
    )
