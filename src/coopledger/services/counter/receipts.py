"""What was sold outside the chain, found on the chain by its keyed reference.

References are looked up in the events of every box office there ever was, so a position that an earlier
one sold is not sold again by its successor. A node that gives too few logs is noticed by the sale's own
count of batches.
"""

from collections.abc import Iterable, Mapping

from coopledger.chain.contracts.box_office import SoldTicket
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.screenings import Showing
from coopledger.domain.types import OrderReference, ScreeningId
from coopledger.errors import Untrusted


class LogsMissing(Untrusted):
    """The node gives fewer sales than the box office has made."""

    screening: ScreeningId
    batches: int
    found: int

    says = "screening {screening} was sold in {batches} batches, of which the node shows {found}"
    advice = "Nothing was sent. Use another node: this one lags behind, or has dropped old logs."


def sold_by_reference(
    coop: Cooperative, showings: Iterable[Showing] = ()
) -> Mapping[OrderReference, SoldTicket]:
    """Return every ticket that was sold outside the chain so far, by its reference.

    Args:
        coop: the deployed contracts.
        showings: screenings of which something may be sold next, as they were read before.

    Raises:
        LogsMissing: of one of the showings, the node does not give all that was sold.
        NodeRefused: the node gives no logs.
    """
    sold = {
        each.reference: each
        for each in coop.box_office.all_sold(
            coop.former_box_offices, coop.first_block, coop.chain.head()
        )
    }
    batches = {(ticket.screening, ticket.sequence) for ticket in sold.values()}
    for showing in showings:
        screening, sequence = showing.screening.screening_id, showing.sale.sequence
        found = sum((screening, number) in batches for number in range(sequence))
        if found < sequence:
            raise LogsMissing(screening, sequence, found)
    return sold
