"""The programme: films, screenings, and how their sales stand."""

from collections.abc import Iterator, Sequence

from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.client import BlockId
from coopledger.domain.screenings import Announcement, Film, Screening, Showing
from coopledger.domain.types import FilmId, ScreeningId
from coopledger.services.programme.offices import offices


def add_film(coop: Cooperative, sender: Sender, film: Film) -> FilmId:
    """Add a film and return its id.

    Raises:
        ContractRefusal: the box office refuses it, or the operator lacks the role BOX_OFFICE.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    receipt = sender.send(coop.box_office.add_film_call(film))
    return FilmId(coop.box_office.events("FilmAdded", receipt.logs)[0]["film"])


def add_screening(coop: Cooperative, sender: Sender, announced: Announcement) -> ScreeningId:
    """Announce a screening and return its id.

    Raises:
        ContractRefusal: its film is unknown, its times or amounts do not fit together, or the
            operator lacks the role BOX_OFFICE.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    receipt = sender.send(coop.box_office.add_screening_call(announced))
    return ScreeningId(coop.box_office.events("ScreeningAdded", receipt.logs)[0]["screening"])


def list_films(coop: Cooperative) -> list[tuple[FilmId, Film]]:
    """Return all films in the order in which they were added."""
    ids = [FilmId(number) for number in range(1, coop.box_office.film_count() + 1)]
    return [(film, coop.box_office.film(film)) for film in ids]


def list_showings(coop: Cooperative) -> list[Showing]:
    """Return all screenings, former box offices' too, in the order in which they were opened."""
    count = coop.ledger.screening_count()
    return showings_of(coop, [ScreeningId(number) for number in range(1, count + 1)])


def showings_of(
    coop: Cooperative, ids: Sequence[ScreeningId], at: BlockId = "latest"
) -> list[Showing]:
    """Return those of some screenings that the present or a former box office sells, in their order."""
    screenings = coop.ledger.screenings(ids, at)
    found: dict[ScreeningId, Showing] = {}
    for office in offices(coop):
        ours = [each for each in screenings if each.issuer == office.address]
        if ours:
            found |= {each.screening.screening_id: each for each in _showings_at(office, ours, at)}
    return [found[each.screening_id] for each in screenings if each.screening_id in found]


def _showings_at(
    office: BoxOfficeContract, ours: Sequence[Screening], at: BlockId
) -> Iterator[Showing]:
    """Yield what one box office says of its screenings, in few requests."""
    sold = [screening.screening_id for screening in ours]
    sales = office.sales(sold, at)
    films = office.films([sale.film for sale in sales], at)
    venues, tiers = office.venues(sold, at), office.tiers_of(sold, at)
    for showing in zip(ours, films, sales, venues, tiers, strict=True):
        yield Showing(*showing)
