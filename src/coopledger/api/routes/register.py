"""The routes of the register: members by page, as of a moment, and one member's history."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from coopledger.api.asking import Asked
from coopledger.api.documented import answering
from coopledger.api.models.register import MemberAnswer, MembersAnswer
from coopledger.api.parameters import AccountText, MembersAsked, Nothing, Number32, read_at
from coopledger.domain.types import MemberNumber
from coopledger.services.asking.answers import Reader
from coopledger.services.register.finding import AsOf

router = APIRouter(tags=["register"])


@router.get("/members", responses=answering(MembersAnswer, "members"))
def members(asked: Asked, page: Annotated[MembersAsked, Query()]) -> Response:
    """The members by number, now or as of a block or time."""
    at = read_at(page.at)

    def made(reader: Reader, now: AsOf) -> MembersAnswer:
        when = now if at is None else reader.as_of(now, at[0], is_block=at[1])
        start = MemberNumber(page.start)
        found = reader.members(when, start, page.count, closed=page.closed, annulled=page.annulled)
        return MembersAnswer.of(found, asked.following(found.next), when, asked.zone)

    return asked.answer(made)


@router.get("/members/{number}", responses=answering(MemberAnswer, "member"))
def member(asked: Asked, number: Number32, _: Annotated[Nothing, Query()]) -> Response:
    """One record: its card, the account's other records, and what happened to it."""
    return asked.answer(
        lambda reader, now: MemberAnswer.of(
            *reader.member(now, MemberNumber(number)), now, asked.zone
        )
    )


@router.get("/accounts/{account}/member", responses=answering(MemberAnswer, "member"))
def member_of(asked: Asked, account: AccountText, _: Annotated[Nothing, Query()]) -> Response:
    """The newest record of an account, open or closed."""

    def made(reader: Reader, now: AsOf) -> MemberAnswer:
        number = reader.member_number_of(now, account)
        return MemberAnswer.of(*reader.member(now, number), now, asked.zone)

    return asked.answer(made)
