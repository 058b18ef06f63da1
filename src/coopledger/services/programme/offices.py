"""Which box office a screening is sold by: the present one, or one that it has replaced.

The ledger says who opened a screening, and only that box office can sell, refund and pay out of it. So
whatever names a screening is led to its issuer, not to the newest box office.
"""

from collections.abc import Sequence

from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.types import NOBODY, Address, ScreeningId, TicketId
from coopledger.errors import NotFound, Untrusted


class NoSuchScreening(NotFound):
    """The ledger has no screening of that number."""

    screening: ScreeningId

    says = "there is no screening {screening}"
    advice = "List the screenings: coopledger screening list"


class UnknownIssuer(Untrusted):
    """A screening was opened by a contract that is not known here as a box office."""

    screening: ScreeningId
    issuer: Address

    says = "screening {screening} was opened by {issuer}, which is no box office known here"
    advice = (
        "If it was a box office once, its address is missing among former_box_offices in the "
        "deployment's file: restore that file. If not, somebody has held MINTER who should not have."
    )


def offices(coop: Cooperative) -> tuple[BoxOfficeContract, ...]:
    """Return the present box office, then the former ones."""
    former = (BoxOfficeContract(coop.chain, address) for address in coop.former_box_offices)
    return (coop.box_office, *former)


def office_at(coop: Cooperative, screening: ScreeningId, issuer: Address) -> BoxOfficeContract:
    """Return the box office that opened a screening, where its issuer is known already.

    Raises:
        NoSuchScreening: the issuer is nobody.
        UnknownIssuer: it is not known here as a box office.
    """
    if issuer == NOBODY:
        raise NoSuchScreening(screening)
    for office in offices(coop):
        if office.address == issuer:
            return office
    raise UnknownIssuer(screening, issuer)


def office_of(coop: Cooperative, screening: ScreeningId) -> BoxOfficeContract:
    """Return the box office that sells a screening, which alone can refund and pay out of it.

    Raises:
        NoSuchScreening: the ledger has none of that number.
        UnknownIssuer: what opened it is not known here as a box office.
    """
    (found,) = coop.ledger.screenings([screening])
    return office_at(coop, screening, found.issuer)


def office_of_tickets(coop: Cooperative, ticket_ids: Sequence[TicketId]) -> BoxOfficeContract:
    """Return the box office that the first of some tickets was issued by; without one the present.

    Raises:
        TokenDoesNotExist: there is no such ticket.
        UnknownIssuer: see :func:`office_of`.
    """
    if not ticket_ids:
        return coop.box_office
    return office_of(coop, coop.ledger.ticket(ticket_ids[0]).screening)
