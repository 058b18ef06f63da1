"""The shapes of films, screenings and seats.

Amounts are decimal digits in a text, because the smallest unit of a coin makes numbers that JavaScript
would round.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import Field

from coopledger.api.models.common import ADDRESS, Answer, ReadMomentShape, Shape, utc
from coopledger.domain.moments import Moment
from coopledger.domain.screenings import Film, Showing, Tier
from coopledger.domain.types import FilmId, ScreeningId, SeatNumber, Timestamp
from coopledger.services.asking.answers import Page

AMOUNT = r"^[0-9]+$"


class FilmShape(Shape):
    """A film of the programme."""

    id: int
    title: str
    year: int
    """When it was made."""
    minutes: int
    """How long it is."""

    @classmethod
    def of(cls, number: FilmId, film: Film) -> "FilmShape":
        """Return the shape of a film."""
        return cls(id=number, title=film.title, year=film.year, minutes=film.minutes_long)


class FilmAnswer(Answer):
    """One film."""

    film: FilmShape

    @classmethod
    def of(cls, number: FilmId, film: Film, when: Moment, zone: ZoneInfo) -> "FilmAnswer":
        """Return the shape of a film's answer."""
        return cls(as_of=ReadMomentShape.of(when, zone), film=FilmShape.of(number, film))


class FilmsAnswer(Answer):
    """A page of films, in the order in which they were added."""

    films: list[FilmShape]
    next: str | None
    """Where the next page is; null on the last one."""

    @classmethod
    def of(
        cls, page: Page[tuple[FilmId, Film]], following: str | None, when: Moment, zone: ZoneInfo
    ) -> "FilmsAnswer":
        """Return the shape of a page."""
        films = [FilmShape.of(number, film) for number, film in page.items]
        return cls(as_of=ReadMomentShape.of(when, zone), films=films, next=following)


class TierShape(Shape):
    """A price class. Amounts are in the currency's smallest unit: for rupiah, the rupiah."""

    tier: int
    """Its index within the screening."""
    name: str
    price: str = Field(pattern=AMOUNT)
    deposit: str = Field(pattern=AMOUNT)
    """The part of the price that is a member's principal deposit."""

    @classmethod
    def of(cls, index: int, tier: Tier) -> "TierShape":
        """Return the shape of a tier."""
        return cls(tier=index, name=tier.name, price=str(tier.price), deposit=str(tier.deposit))


class ScreeningShape(Shape):
    """A screening, and what is left of its places."""

    id: int
    box_office: str = Field(pattern=ADDRESS)
    """The contract that sells it: the present box office or a former one."""
    film: FilmShape
    """The film, by its id at that box office."""
    venue: str
    starts: datetime
    ends: datetime
    sale_opens: datetime
    sale_closes: datetime
    refundable_until: datetime
    """Until when a holder may hand a ticket back that was paid on the chain."""
    state: str = Field(pattern="^(announced|on sale|sale closed|over|cancelled)$")
    """How it stands at the moment of the answer."""
    capacity: int
    sold: int
    left: int
    """Places that are not sold."""
    seated: bool
    """Whether each ticket names a seat, from 1 to the capacity."""
    non_transferable: bool
    """Whether its tickets can not be given away."""
    tiers: list[TierShape]

    @classmethod
    def of(cls, showing: Showing, now: Timestamp) -> "ScreeningShape":
        """Return the shape of a screening."""
        sale = showing.sale
        return cls(
            id=showing.screening.screening_id,
            box_office=showing.screening.issuer,
            film=FilmShape.of(sale.film, showing.film),
            venue=showing.venue,
            starts=utc(showing.screening.starts_at),
            ends=utc(showing.screening.ends_at),
            sale_opens=utc(sale.opens_at),
            sale_closes=utc(sale.closes_at),
            refundable_until=utc(sale.refundable_until),
            state=showing.state_at(now),
            capacity=sale.capacity,
            sold=sale.sold,
            left=sale.left,
            seated=sale.seated,
            non_transferable=sale.non_transferable,
            tiers=[TierShape.of(index, tier) for index, tier in enumerate(showing.tiers)],
        )


class ScreeningAnswer(Answer):
    """One screening."""

    screening: ScreeningShape

    @classmethod
    def of(cls, showing: Showing, when: Moment, zone: ZoneInfo) -> "ScreeningAnswer":
        """Return the shape of a screening's answer."""
        screening = ScreeningShape.of(showing, when.time)
        return cls(as_of=ReadMomentShape.of(when, zone), screening=screening)


class ScreeningsAnswer(Answer):
    """A page of screenings, in the order of their ids."""

    screenings: list[ScreeningShape]
    next: str | None
    """Where the next page is; null on the last one."""

    @classmethod
    def of(
        cls, page: Page[Showing], following: str | None, when: Moment, zone: ZoneInfo
    ) -> "ScreeningsAnswer":
        """Return the shape of a page."""
        screenings = [ScreeningShape.of(showing, when.time) for showing in page.items]
        return cls(as_of=ReadMomentShape.of(when, zone), screenings=screenings, next=following)


class SeatShape(Shape):
    """A numbered seat."""

    seat: int
    taken: bool


class SeatsAnswer(Answer):
    """A page of a screening's numbered seats; none where it has free seating."""

    screening: int
    seats: list[SeatShape]
    next: str | None
    """Where the next page is; null on the last one."""

    @classmethod
    def of(
        cls,
        screening: ScreeningId,
        page: Page[tuple[SeatNumber, bool]],
        following: str | None,
        when: Moment,
        zone: ZoneInfo,
    ) -> "SeatsAnswer":
        """Return the shape of a page."""
        seats = [SeatShape(seat=seat, taken=taken) for seat, taken in page.items]
        moment = ReadMomentShape.of(when, zone)
        return cls(as_of=moment, screening=screening, seats=seats, next=following)
