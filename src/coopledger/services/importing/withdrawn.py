"""Tickets and what the shop says of their positions now: no longer sold, or paid though void.

The chain has keyed references alone, so it is asked whether it has a position's, and never which
positions an order has.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from coopledger.chain.contracts.box_office import SoldTicket
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.orders import Position, PositionKey, PositionStatus
from coopledger.domain.types import OrderReference, ScreeningId, TicketId
from coopledger.imports.orders.files import ImportedFile
from coopledger.people.desk import People

#: pretix numbers the positions of an order from 1; later ones may have been removed.
_PROBED_POSITIONS = 100


@dataclass(frozen=True)
class WithdrawnPosition:
    """A ticket that was issued for a position which is no longer sold."""

    key: PositionKey
    ticket: SoldTicket
    reason: str
    is_used: bool = False
    """Its bearer was let in, so it cannot be voided."""


def cancelled(
    positions: Mapping[PositionKey, Position],
    references: Mapping[PositionKey, OrderReference],
    sold: Mapping[OrderReference, SoldTicket],
) -> Iterator[WithdrawnPosition]:
    """Yield positions that were sold and are not paid any more."""
    for key, position in positions.items():
        ticket = sold.get(references[key])
        if ticket is not None and position.status is not PositionStatus.PAID:
            yield WithdrawnPosition(key, ticket, position.status.value)


def gone(
    people: People,
    files: Iterable[ImportedFile],
    sold: Mapping[OrderReference, SoldTicket],
    screenings: Collection[ScreeningId],
) -> Iterator[WithdrawnPosition]:
    """Yield positions that were sold of orders that are there, but are not in the files.

    The chain has keyed references alone, so the positions that an order may have had are tried. Of a
    screening that the files sell nothing of, nothing can be said: it may be in another export.
    """
    if not sold:
        return
    keys = {key for file in files for key in file.keys}
    for source, order in sorted({whole for file in files for whole in file.whole_orders}):
        for number in range(1, _PROBED_POSITIONS + 1):
            key = PositionKey(source, order, str(number))
            if key not in keys:
                ticket = sold.get(people.order_reference(source, order, key.position))
                if ticket is not None and ticket.screening in screenings:
                    yield WithdrawnPosition(key, ticket, "gone")


def still_valid(
    coop: Cooperative, withdrawn: Iterable[WithdrawnPosition]
) -> list[WithdrawnPosition]:
    """Return those whose tickets are not void yet; a used one is marked so in its reason."""
    listed = list(withdrawn)
    tickets = coop.ledger.tickets([TicketId(each.ticket.ticket_id) for each in listed])
    return [
        replace(each, reason=f"{each.reason}, but used", is_used=True) if ticket.redeemed else each
        for each, ticket in zip(listed, tickets, strict=True)
        if not ticket.void
    ]


def void_among(
    coop: Cooperative, issued: Mapping[PositionKey, SoldTicket]
) -> list[tuple[PositionKey, TicketId]]:
    """Return the positions whose tickets are void, and the tickets."""
    ids = {key: TicketId(ticket.ticket_id) for key, ticket in issued.items()}
    tickets = coop.ledger.tickets(list(ids.values()))
    return [(key, of) for (key, of), each in zip(ids.items(), tickets, strict=True) if each.void]
