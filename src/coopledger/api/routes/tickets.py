"""The routes of tickets."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from coopledger.api.asking import Asked
from coopledger.api.documented import answering
from coopledger.api.models.tickets import TicketAnswer, TicketsAnswer
from coopledger.api.parameters import Nothing, TicketNumber, TicketsAsked
from coopledger.domain.types import TicketId
from coopledger.services.asking.answers import Reader
from coopledger.services.register.finding import AsOf

router = APIRouter(tags=["tickets"])

_HIDDEN = "Screening, tier and seat are left out until the screening has ended."


@router.get(
    "/tickets", responses=answering(TicketsAnswer, "tickets"), description=f"The tickets. {_HIDDEN}"
)
def tickets(asked: Asked, page: Annotated[TicketsAsked, Query()]) -> Response:
    """The tickets, in the order of their ids."""

    def made(reader: Reader, now: AsOf) -> TicketsAnswer:
        found = reader.tickets(now, TicketId(page.start), page.count)
        return TicketsAnswer.of(found, asked.following(found.next), now, asked.zone)

    return asked.answer(made)


@router.get(
    "/tickets/{ticket}",
    responses=answering(TicketAnswer, "ticket"),
    description=f"One ticket. {_HIDDEN}",
)
def ticket(asked: Asked, ticket: TicketNumber, _: Annotated[Nothing, Query()]) -> Response:
    """One ticket."""
    number = TicketId(ticket)
    return asked.answer(
        lambda reader, now: TicketAnswer.of(reader.ticket(now, number), now, asked.zone)
    )
