"""The routes of films and screenings."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from coopledger.api.asking import Asked
from coopledger.api.documented import answering
from coopledger.api.models.programme import (
    FilmAnswer,
    FilmsAnswer,
    ScreeningAnswer,
    ScreeningsAnswer,
    SeatsAnswer,
)
from coopledger.api.parameters import Nothing, Number32, PageAsked
from coopledger.domain.types import FilmId, ScreeningId
from coopledger.services.asking.from_the_chain import ChainReader

router = APIRouter(tags=["programme"])


@router.get("/films", responses=answering(FilmsAnswer, "films"))
def films(asked: Asked, page: Annotated[PageAsked, Query()]) -> Response:
    """The films, in the order in which they were added."""

    def made(reader: ChainReader) -> FilmsAnswer:
        found = reader.films(FilmId(page.start), page.count)
        return FilmsAnswer.of(found, asked.following(found.next), reader.moment, asked.zone)

    return asked.answer(made)


@router.get("/films/{film}", responses=answering(FilmAnswer, "film"))
def film(asked: Asked, film: Number32, _: Annotated[Nothing, Query()]) -> Response:
    """One film."""
    number = FilmId(film)
    return asked.answer(
        lambda reader: FilmAnswer.of(number, reader.film(number), reader.moment, asked.zone)
    )


@router.get("/screenings", responses=answering(ScreeningsAnswer, "screenings"))
def screenings(asked: Asked, page: Annotated[PageAsked, Query()]) -> Response:
    """The screenings of the present and former box offices, with what is left of their places."""

    def made(reader: ChainReader) -> ScreeningsAnswer:
        found = reader.showings(ScreeningId(page.start), page.count)
        return ScreeningsAnswer.of(found, asked.following(found.next), reader.moment, asked.zone)

    return asked.answer(made)


@router.get("/screenings/{screening}", responses=answering(ScreeningAnswer, "screening"))
def screening(asked: Asked, screening: Number32, _: Annotated[Nothing, Query()]) -> Response:
    """One screening, with what is left of its places."""
    number = ScreeningId(screening)
    return asked.answer(
        lambda reader: ScreeningAnswer.of(reader.showing(number), reader.moment, asked.zone)
    )


@router.get("/screenings/{screening}/seats", responses=answering(SeatsAnswer, "seats"))
def seats(asked: Asked, screening: Number32, page: Annotated[PageAsked, Query()]) -> Response:
    """The numbered seats of a screening, and which are taken. None where it has free seating."""
    number = ScreeningId(screening)

    def made(reader: ChainReader) -> SeatsAnswer:
        found = reader.seats(number, page.start, page.count)
        return SeatsAnswer.of(number, found, asked.following(found.next), reader.moment, asked.zone)

    return asked.answer(made)
