"""What was sold outside the chain up to the index's newest block, found by its keyed reference."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from coopledger.chain.contracts.box_office import SoldTicket
from coopledger.domain.moments import BlockMark
from coopledger.domain.types import Address, OrderReference, ScreeningId, TicketId
from coopledger.index.asking import register_store
from coopledger.index.following.projection import packed


@dataclass(frozen=True)
class SoldUntil:
    """What was sold up to a block. True only while that block is still the chain's."""

    block: BlockMark
    tickets: Mapping[OrderReference, SoldTicket]
    batches: Mapping[ScreeningId, int]
    """In how many transactions something of a screening was sold; no more than its batches."""


def sold_until(
    connection: Connection,
    offices: Collection[Address],
    references: Collection[OrderReference],
    whole: Collection[ScreeningId],
    counted: Collection[ScreeningId],
) -> SoldUntil | None:
    """Return what the index knows of some sales, or None where it has not begun.

    Args:
        connection: a consistent look at the index.
        offices: the box offices whose word counts, each for the screenings that it opened.
        references: whose tickets are wanted.
        whole: screenings of which all is wanted.
        counted: screenings whose batches are wanted.
    """
    cursor = register_store.cursor(connection)
    if cursor is None:
        return None
    ours = {"offices": list(map(packed, offices))}
    wanted = {"references": list(references), "screenings": list(whole)}
    tickets = {
        OrderReference(row.reference): SoldTicket(
            OrderReference(row.reference), TicketId(row.id), ScreeningId(row.screening)
        )
        for row in connection.execute(text(_TICKETS), ours | wanted)
    }
    batches = connection.execute(text(_BATCHES), ours | {"screenings": list(counted)})
    return SoldUntil(cursor[0], tickets, {row.screening: row.batches for row in batches})


_OURS = """
JOIN index.screening AS s ON s.id = t.screening AND s.issuer = ANY (CAST(:offices AS bytea[]))
"""

_TICKETS = f"""
SELECT t.reference, t.id, t.screening
FROM unnest(CAST(:references AS bytea[])) AS asked (reference)
JOIN index.ticket AS t ON t.reference = asked.reference {_OURS}
UNION
SELECT t.reference, t.id, t.screening
FROM index.ticket AS t {_OURS}
WHERE t.screening = ANY (CAST(:screenings AS bigint[])) AND t.reference IS NOT NULL
ORDER BY id
"""  # noqa: S608  # every part of it stands in this module

_BATCHES = f"""
SELECT t.screening, count(DISTINCT t.transaction) AS batches
FROM index.ticket AS t {_OURS}
WHERE t.screening = ANY (CAST(:screenings AS bigint[])) AND t.reference IS NOT NULL
GROUP BY t.screening
"""  # noqa: S608  # every part of it stands in this module
