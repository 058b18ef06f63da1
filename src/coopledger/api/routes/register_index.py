"""The routes of the register as of any moment, which the index alone can answer.

Without a moment they answer as of the last final one, and each ``next`` names the moment. So the pages of
a list are of one register, whatever happens between two of them.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from coopledger.api.asking import Asked, cut
from coopledger.api.documented import answering_from_index
from coopledger.api.models.register_index import (
    ChangesAnswer,
    EntriesAnswer,
    ExitsAnswer,
    GrowthAnswer,
    RegisterCountsAnswer,
)
from coopledger.api.register_parameters import (
    AsOfAsked,
    ChangesAsked,
    GrowthAsked,
    ListedChangesAsked,
    RegisterAsked,
)
from coopledger.domain.types import MemberNumber
from coopledger.index.asking.queries import Register
from coopledger.index.asking.wanted import ALL
from coopledger.services.asking.from_the_index import RegisterReader

router = APIRouter(prefix="/register", tags=["register as of any moment"])


@router.get("", responses=answering_from_index(EntriesAnswer, "register"))
def register(asked: Asked, chosen: Annotated[RegisterAsked, Query()]) -> Response:
    """The register by number, as of a block or time."""

    def made(_: RegisterReader, then: Register) -> EntriesAnswer:
        after = MemberNumber(chosen.start - 1)
        found = then.page(chosen.wanted, chosen.count + 1, after)
        page, rest = cut(found, chosen.count, lambda each: each.number)
        following = asked.following_as_of(then.as_of, rest)
        return EntriesAnswer.of(page, following, then.as_of, asked.zone)

    return asked.of_register(chosen.moment, made)


@router.get("/counts", responses=answering_from_index(RegisterCountsAnswer, "register_counts"))
def counts(asked: Asked, chosen: Annotated[AsOfAsked, Query()]) -> Response:
    """How many records there were, by standing and by consent, and the register's head then."""

    def made(reader: RegisterReader, then: Register) -> RegisterCountsAnswer:
        about = reader.about(then, ALL)
        return RegisterCountsAnswer.of(
            about.counts, about.events, about.head, then.as_of, asked.zone
        )

    return asked.of_register(chosen.moment, made)


@router.get("/changes", responses=answering_from_index(ChangesAnswer, "register_changes"))
def changes(asked: Asked, chosen: Annotated[ChangesAsked, Query()]) -> Response:
    """What changed between two moments: opening + joins - exits = closing."""

    def made(reader: RegisterReader, then: Register) -> ChangesAnswer:
        begin = reader.moment_in(then, chosen.begin)
        return ChangesAnswer.of(then.changes(begin), then.as_of, asked.zone)

    return asked.of_register(chosen.end, made)


@router.get("/joins", responses=answering_from_index(EntriesAnswer, "register_joins"))
def joins(asked: Asked, chosen: Annotated[ListedChangesAsked, Query()]) -> Response:
    """Who joined between two moments, by number; also by a move from another account."""

    def made(reader: RegisterReader, then: Register) -> EntriesAnswer:
        begin = reader.moment_in(then, chosen.begin)
        after = MemberNumber(chosen.start - 1)
        told = then.joins(begin, chosen.count + 1, after, annulled=chosen.annulled)
        found = told
        page, rest = cut(found, chosen.count, lambda each: each.number)
        following = asked.following_as_of(then.as_of, rest, at="to")
        return EntriesAnswer.of(page, following, then.as_of, asked.zone)

    return asked.of_register(chosen.end, made)


@router.get("/exits", responses=answering_from_index(ExitsAnswer, "register_exits"))
def exits(asked: Asked, chosen: Annotated[ListedChangesAsked, Query()]) -> Response:
    """Whose record was closed between two moments, in the order of closing; ``start`` is an ordinal."""

    def made(reader: RegisterReader, then: Register) -> ExitsAnswer:
        begin = reader.moment_in(then, chosen.begin)
        told = then.exits(begin, chosen.count + 1, chosen.start - 1, annulled=chosen.annulled)
        found = told
        page, rest = cut(found, chosen.count, lambda each: each.ordinal)
        following = asked.following_as_of(then.as_of, rest, at="to")
        return ExitsAnswer.of(page, following, then.as_of, asked.zone)

    return asked.of_register(chosen.end, made)


@router.get("/growth", responses=answering_from_index(GrowthAnswer, "register_growth"))
def growth(asked: Asked, chosen: Annotated[GrowthAsked, Query()]) -> Response:
    """How the register grew, day by day, in the cooperative's zone."""

    def made(_: RegisterReader, then: Register) -> GrowthAnswer:
        found = then.growth(asked.zone, chosen.first, chosen.count + 1)
        page, rest = cut(found, chosen.count, lambda each: str(each.day))
        following = asked.following_as_of(then.as_of, rest, start="from")
        return GrowthAnswer.of(page, following, then.as_of, asked.zone)

    return asked.of_register(chosen.moment, made)
