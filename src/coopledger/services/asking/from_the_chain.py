"""The open API's questions answered by the chain itself, without any copy.

A page looks at a bounded number of records. Where most of a long stretch is left out (closed or
annulled), the page is short and its ``next`` goes on from where it stopped.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.moments import Moment
from coopledger.domain.register import Record
from coopledger.domain.screenings import Film, Showing
from coopledger.domain.types import (
    Address,
    BlockNumber,
    FilmId,
    MemberNumber,
    ScreeningId,
    SeatNumber,
    TicketId,
)
from coopledger.pictures.language import House, Language
from coopledger.services.asking import metadata
from coopledger.services.asking.answers import (
    Addresses,
    CooperativeFacts,
    Counts,
    Page,
    TicketSeen,
)
from coopledger.services.authority.powers import role_holders
from coopledger.services.programme.films_and_screenings import showings_of
from coopledger.services.programme.offices import NoSuchScreening, office_at
from coopledger.services.register import finding
from coopledger.services.register.finding import MemberHistory, NeverAMember
from coopledger.services.register.history import Happened, history_of

MOST_LOOKED_AT = 5_000
"""Records that one page of members may look at."""
LAST_SEAT = 2**16 - 1
"""Seats are numbered in 16 bits."""


class ChainReader:
    """Reads a cooperative's contracts as of one moment, all of it at the same block."""

    def __init__(self, coop: Callable[[], Cooperative], house: House, moment: Moment) -> None:
        """Make a reader.

        Args:
            coop: gives the deployed contracts, once they are needed.
            house: what pictures call the cooperative.
            moment: what all answers are about.
        """
        self.moment = moment
        self._open = coop
        self._house = house

    @cached_property
    def coop(self) -> Cooperative:
        """The deployed contracts."""
        return self._open()

    @property
    def _at(self) -> BlockNumber:
        return self.moment.read.number

    def cooperative(self) -> CooperativeFacts:
        """Return what there is to say of the whole."""
        coop, at = self.coop, self._at
        ledger, office = coop.ledger, coop.box_office
        version = ledger.bylaws_version(at)
        return CooperativeFacts(
            coop.chain.chain_id,
            coop.first_block,
            Addresses(
                ledger.address,
                office.address,
                coop.former_box_offices,
                coop.lens,
                coop.access.address,
                office.currency(at),
            ),
            Counts(
                ledger.member_count(at),
                ledger.active_count(at),
                ledger.ticket_count(at),
                ledger.screening_count(at),
                office.film_count(at),
                ledger.event_count(at),
            ),
            version,
            ledger.bylaws_hash(version, at) if version else None,
            ledger.register_head(at),
            role_holders(coop, at),
        )

    def films(self, start: FilmId, count: int) -> Page[tuple[FilmId, Film]]:
        """Return films in the order in which they were added."""
        ids, following = _ids(start, count, self.coop.box_office.film_count(self._at))
        films = [FilmId(each) for each in ids]
        found = self.coop.box_office.films(films, self._at)
        return Page(tuple(zip(films, found, strict=True)), following)

    def film(self, film: FilmId) -> Film:
        """Return a film."""
        return self.coop.box_office.film(film, self._at)

    def showings(self, start: ScreeningId, count: int) -> Page[Showing]:
        """Return screenings of the present and former box offices in the order of their ids."""
        ids, following = _ids(start, count, self.coop.ledger.screening_count(self._at))
        found = showings_of(self.coop, [ScreeningId(each) for each in ids], self._at)
        return Page(tuple(found), following)

    def showing(self, screening: ScreeningId) -> Showing:
        """Return a screening."""
        found = showings_of(self.coop, [screening], self._at)
        if not found:
            raise NoSuchScreening(screening)
        return found[0]

    def seats(
        self, screening: ScreeningId, start: int, count: int
    ) -> Page[tuple[SeatNumber, bool]]:
        """Return a screening's numbered seats and whether each is taken; none with free seating."""
        sale = self.showing(screening).sale
        last = min(sale.capacity, LAST_SEAT) if sale.seated else 0
        end = min(start + count, last + 1)
        seats = [SeatNumber(each) for each in range(start, end)]
        taken = self._seats_taken(screening, seats)
        return Page(tuple(zip(seats, taken, strict=True)), end if end <= last else None)

    def tickets(self, start: TicketId, count: int) -> Page[TicketSeen]:
        """Return tickets in the order of their ids."""
        ids, following = _ids(start, count, self.coop.ledger.ticket_count(self._at))
        return Page(self._seen([TicketId(each) for each in ids]), following)

    def ticket(self, ticket: TicketId) -> TicketSeen:
        """Return a ticket."""
        return self._seen([ticket])[0]

    def members(
        self, start: MemberNumber, count: int, *, closed: bool, annulled: bool
    ) -> Page[Record]:
        """Return members as of a moment; a page may be short, but is the last without a next."""
        end = MemberNumber(start + max(count + 1, MOST_LOOKED_AT))
        listed = finding.list_members(
            self.coop,
            self.moment,
            start,
            closed=closed,
            annulled=annulled,
            page_size=count + 1,
            before=end,
        )
        found = tuple(islice(listed, count + 1))
        if len(found) > count:
            return Page(found[:count], found[count].number)
        more = end <= self.coop.ledger.member_count(self._at)
        return Page(found, end if more else None)

    def member(self, number: MemberNumber) -> tuple[MemberHistory, tuple[Happened, ...]]:
        """Return a record and its history."""
        found = finding.find_member(self.coop, number, self._at)
        return found, history_of(self.coop, number, self._at)

    def member_number_of(self, account: Address) -> MemberNumber:
        """Return the number of an account's newest record."""
        number = self.coop.ledger.latest_member_of(account, self._at)
        if number is None:
            raise NeverAMember(account)
        return number

    def contract_metadata(self, base_url: str, language: Language) -> dict[str, Any]:
        """Return the ledger's own metadata (ERC-7572)."""
        return metadata.contract_metadata(self.coop, base_url, language, self._house)

    def contract_picture(self) -> str:
        """Return the cooperative's own picture, as SVG."""
        return metadata.contract_picture(self._house)

    def ticket_metadata(
        self, ticket: TicketId, base_url: str, language: Language
    ) -> dict[str, Any]:
        """Return a ticket's metadata (ERC-721)."""
        return metadata.ticket_metadata(self.coop, ticket, base_url, language, self._house)

    def ticket_picture(self, ticket: TicketId, language: Language) -> str:
        """Return the picture of a ticket that anybody may see, as SVG."""
        return metadata.public_ticket_picture(self.coop, ticket, language, self._house)

    def card_picture(self, number: MemberNumber, language: Language) -> str:
        """Return a member's card, as SVG."""
        return metadata.card_picture(self.coop, number, language, self._house)

    def _seats_taken(self, screening: ScreeningId, seats: Sequence[SeatNumber]) -> list[bool]:
        (found,) = self.coop.ledger.screenings([screening], self._at)
        office = office_at(self.coop, screening, found.issuer)
        return office.seats_taken(screening, seats, self._at)

    def _seen(self, ids: Sequence[TicketId]) -> tuple[TicketSeen, ...]:
        tickets = self.coop.ledger.tickets(ids, self._at)
        screenings = sorted({ticket.screening for ticket in tickets})
        found = self.coop.ledger.screenings(screenings, self._at)
        ends = {each.screening_id: each.ends_at for each in found}
        return tuple(TicketSeen(ticket, ends[ticket.screening]) for ticket in tickets)


def _ids(start: int, count: int, last: int) -> tuple[range, int | None]:
    """Return the ids of a page of a list that has no gaps, and where the next page starts."""
    end = min(start + count, last + 1)
    return range(start, end), end if end <= last else None
