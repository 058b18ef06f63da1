"""What was sold outside the chain, found by its keyed reference: in the index, and on the chain after it.

The index is asked up to its newest block, and believed only while the node still has that very block
after it has given the logs that follow. Else, and without an index, the chain is read from the first
block on. References are looked up in the sales of every box office there ever was, so a position that
an earlier one sold is not sold again by its successor. Whoever gives too few sales is noticed by the
sale's own count of batches.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.exc import DBAPIError

from coopledger.chain.contracts.box_office import SoldTicket
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.wire.client import BlockUnknown, Log
from coopledger.domain.screenings import Showing
from coopledger.domain.types import BlockNumber, OrderReference, ScreeningId
from coopledger.errors import NotFound, Unavailable, Untrusted
from coopledger.index.asking.sold import SoldUntil, sold_until
from coopledger.index.look import Look
from coopledger.services.programme.offices import offices

Sold = Mapping[OrderReference, SoldTicket]


class LogsMissing(Untrusted):
    """The node gives fewer sales than the box office has made."""

    screening: ScreeningId
    batches: int
    found: int

    says = "screening {screening} was sold in {batches} batches, of which the node shows {found}"
    advice = "Nothing was sent. Use another node: this one lags behind, or has dropped old logs."


def sold_by_reference(
    coop: Cooperative,
    look: Look | None,
    references: Collection[OrderReference],
    showings: Sequence[Showing] = (),
    whole: Collection[ScreeningId] = (),
) -> Sold:
    """Return the tickets that were sold under some references so far, and perhaps others.

    Args:
        coop: the deployed contracts.
        look: gives a look at the index, where there is one.
        references: what is looked for.
        showings: screenings of which something may be sold next, as they were read before.
        whole: screenings of which every ticket is wanted that was sold outside the chain.

    Raises:
        LogsMissing: of one of the showings, the node does not give all that was sold.
        NodeRefused: the node gives no logs.
    """
    known = None if look is None else _in_the_index(coop, look, references, showings, whole)
    if known is not None:
        logs = _logs(coop, BlockNumber(known.block.number + 1))
        # Asked last: a chain that turns while the logs are read is noticed, too.
        if _is_of_the_chain(coop, known) and not _missing(showings, logs, known.batches):
            return {**known.tickets, **_tickets(coop, logs)}
    logs = _logs(coop, coop.first_block)
    if missing := _missing(showings, logs, {}):
        raise missing
    return _tickets(coop, logs)


def _in_the_index(
    coop: Cooperative,
    look: Look,
    references: Collection[OrderReference],
    showings: Sequence[Showing],
    whole: Collection[ScreeningId],
) -> SoldUntil | None:
    """Return what the index says, or None where none answers: nothing depends on it."""
    addresses = [office.address for office in offices(coop)]
    counted = [showing.screening.screening_id for showing in showings]
    try:
        with look() as connection:
            return sold_until(connection, addresses, references, whole, counted)
    except (NotFound, Unavailable, Untrusted, DBAPIError):
        return None


def _logs(coop: Cooperative, first: BlockNumber) -> list[Log]:
    head = coop.chain.head()
    if first > head:
        return []
    return list(coop.box_office.sales_outside(coop.former_box_offices, first, head))


def _is_of_the_chain(coop: Cooperative, known: SoldUntil) -> bool:
    try:
        return coop.chain.block(known.block.number).hash == known.block.hash
    except BlockUnknown:
        return False


def _missing(
    showings: Sequence[Showing], logs: Sequence[Log], before: Mapping[ScreeningId, int]
) -> LogsMissing | None:
    """Say of which showing fewer batches are known than its box office counts."""
    batches = {tuple(log.topics[1:3]) for log in logs}
    counts = Counter(ScreeningId(int.from_bytes(screening)) for screening, _ in batches)
    for showing in showings:
        screening, sequence = showing.screening.screening_id, showing.sale.sequence
        found = counts[screening] + before.get(screening, 0)
        if found < sequence:
            return LogsMissing(screening, sequence, found)
    return None


def _tickets(coop: Cooperative, logs: Sequence[Log]) -> Sold:
    return {each.reference: each for each in coop.box_office.sold_tickets(logs)}
