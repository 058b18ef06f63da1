"""The routes of one member's whole history and of tickets by member and by screening, from the index."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from coopledger.api.asking import Asked, cut
from coopledger.api.documented import answering_from_index
from coopledger.api.models.happenings import HistoryAnswer, TicketsThenAnswer
from coopledger.api.parameters import Number32
from coopledger.api.register_parameters import AsOfAsked, TicketsThenAsked
from coopledger.domain.types import MemberNumber, ScreeningId, TicketId, Timestamp, to_datetime
from coopledger.errors import Refused
from coopledger.index.asking.queries import Register
from coopledger.services.asking.from_the_index import RegisterReader

router = APIRouter(prefix="/register", tags=["register as of any moment"])

_FIRST = TicketId(0)


class ScreeningNotOver(Refused):
    """Who holds a screening's tickets is not told before it has ended."""

    screening: ScreeningId
    ends_at: Timestamp

    advice = "Ask as of a moment after its end. Before it, a member's tickets are told without screening."

    def __str__(self) -> str:
        ends = to_datetime(self.ends_at)
        return f"screening {self.screening} had not ended by then: it ends {ends:%Y-%m-%d %H:%M %Z}"


@router.get("/members/{number}", responses=answering_from_index(HistoryAnswer, "register_member"))
def history(asked: Asked, number: Number32, chosen: Annotated[AsOfAsked, Query()]) -> Response:
    """One member as of a moment, and everything that had happened, each with its transaction."""
    member = MemberNumber(number)

    def made(_: RegisterReader, then: Register) -> HistoryAnswer:
        entry = then.record(member)
        found = then.history(member)
        return HistoryAnswer.of(entry, found, then.as_of, asked.zone)

    return asked.of_register(chosen.moment, made)


@router.get(
    "/members/{number}/tickets", responses=answering_from_index(TicketsThenAnswer, "member_tickets")
)
def tickets_of(
    asked: Asked, number: Number32, chosen: Annotated[TicketsThenAsked, Query()]
) -> Response:
    """The tickets that a member's account held. Screening, tier, seat and price only once it had ended."""

    def made(_: RegisterReader, then: Register) -> TicketsThenAnswer:
        account = then.record(MemberNumber(number)).account
        after = TicketId(chosen.start - 1)
        found = then.tickets_of(account, chosen.count + 1, after)
        page, rest = cut(found, chosen.count, lambda each: each.ticket.ticket_id)
        following = asked.following_as_of(then.as_of, rest)
        return TicketsThenAnswer.of(page, following, then.as_of, asked.zone)

    return asked.of_register(chosen.moment, made)


@router.get(
    "/screenings/{screening}/tickets",
    responses=answering_from_index(TicketsThenAnswer, "screening_tickets"),
)
def tickets_for(
    asked: Asked, screening: Number32, chosen: Annotated[TicketsThenAsked, Query()]
) -> Response:
    """The tickets of a screening that had ended."""
    number = ScreeningId(screening)

    def made(_: RegisterReader, then: Register) -> TicketsThenAnswer:
        for first in then.tickets_for(number, 1, _FIRST):
            if then.as_of.time < first.ends_at:
                raise ScreeningNotOver(number, first.ends_at)
        after = TicketId(chosen.start - 1)
        found = then.tickets_for(number, chosen.count + 1, after)
        page, rest = cut(found, chosen.count, lambda each: each.ticket.ticket_id)
        following = asked.following_as_of(then.as_of, rest)
        return TicketsThenAnswer.of(page, following, then.as_of, asked.zone)

    return asked.of_register(chosen.moment, made)
