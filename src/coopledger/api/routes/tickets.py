"""The routes of tickets."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from coopledger.api.asking import Asked
from coopledger.api.documented import answering
from coopledger.api.models.tickets import TicketAnswer, TicketsAnswer
from coopledger.api.parameters import Nothing, TicketNumber, TicketsAsked
from coopledger.domain.types import TicketId
from coopledger.services.asking.from_the_chain import ChainReader

router = APIRouter(tags=["tickets"])

_HIDDEN = "Screening, tier and seat are left out until the screening has ended."


@router.get(
    "/tickets", responses=answering(TicketsAnswer, "tickets"), description=f"The tickets. {_HIDDEN}"
)
def tickets(asked: Asked, page: Annotated[TicketsAsked, Query()]) -> Response:
    """The tickets, in the order of their ids."""

    def made(reader: ChainReader) -> TicketsAnswer:
        found = reader.tickets(TicketId(page.start), page.count)
        return TicketsAnswer.of(found, asked.following(found.next), reader.moment, asked.zone)

    return asked.of_members(made)


@router.get(
    "/tickets/{ticket}",
    responses=answering(TicketAnswer, "ticket"),
    description=f"One ticket. {_HIDDEN}",
)
def ticket(asked: Asked, ticket: TicketNumber, _: Annotated[Nothing, Query()]) -> Response:
    """One ticket."""
    number = TicketId(ticket)
    return asked.of_members(
        lambda reader: TicketAnswer.of(reader.ticket(number), reader.moment, asked.zone)
    )
