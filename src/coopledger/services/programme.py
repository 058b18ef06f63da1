"""The programme: films, screenings, and how their sales stand."""

from collections.abc import Sequence

from coopledger.chain.deployments import Cooperative
from coopledger.chain.sender import Sender
from coopledger.domain.screenings import Announcement, Film, Showing
from coopledger.domain.types import FilmId, ScreeningId
from coopledger.services.offices import offices


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


def showings_of(coop: Cooperative, ids: Sequence[ScreeningId]) -> list[Showing]:
    """Return those of some screenings that the present or a former box office sells."""
    by_address = {office.address: office for office in offices(coop)}
    showings = []
    for screening in coop.ledger.screenings(ids):
        office = by_address.get(screening.issuer)
        if office is not None:
            sale = office.sale(screening.screening_id)
            film = office.film(sale.film)
            venue = office.venue(screening.screening_id)
            tiers = office.tiers(screening.screening_id)
            showings.append(Showing(screening, film, sale, venue, tiers))
    return showings
