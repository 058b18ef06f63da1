"""The routes of the register: members by page, as of a moment, and one member's history."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from coopledger.api.asking import Asked
from coopledger.api.documented import answering
from coopledger.api.models.register import MemberAnswer, MembersAnswer
from coopledger.api.parameters import AccountText, MembersAsked, Nothing, Number32, read_at
from coopledger.domain.types import MemberNumber
from coopledger.services.asking.from_the_chain import ChainReader

router = APIRouter(tags=["register"])


@router.get("/members", responses=answering(MembersAnswer, "members"))
def members(asked: Asked, page: Annotated[MembersAsked, Query()]) -> Response:
    """The members by number, now or as of a block or time."""

    def made(reader: ChainReader) -> MembersAnswer:
        start = MemberNumber(page.start)
        found = reader.members(start, page.count, closed=page.closed, annulled=page.annulled)
        return MembersAnswer.of(found, asked.following(found.next), reader.moment, asked.zone)

    return asked.of_members(made, read_at(page.at))


@router.get("/members/{number}", responses=answering(MemberAnswer, "member"))
def member(asked: Asked, number: Number32, _: Annotated[Nothing, Query()]) -> Response:
    """One record: its card, the account's other records, and what happened to it."""
    return asked.of_members(
        lambda reader: MemberAnswer.of(
            *reader.member(MemberNumber(number)), reader.moment, asked.zone
        )
    )


@router.get("/accounts/{account}/member", responses=answering(MemberAnswer, "member"))
def member_of(asked: Asked, account: AccountText, _: Annotated[Nothing, Query()]) -> Response:
    """The newest record of an account, open or closed."""

    def made(reader: ChainReader) -> MemberAnswer:
        number = reader.member_number_of(account)
        return MemberAnswer.of(*reader.member(number), reader.moment, asked.zone)

    return asked.of_members(made)
