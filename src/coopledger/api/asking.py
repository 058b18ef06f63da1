"""What a route gets: the question's context, and the way to answer it.

A route hands over how its answer is made, not the answer, because a kept one is not made again.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, Response

from coopledger.api.answers import JSON, Answers, Make, MakeOfRegister
from coopledger.domain.moments import At, Moment
from coopledger.exports.data import utc_text

Item = TypeVar("Item")
Start = TypeVar("Start")


class Asking:
    """A question that is being answered."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.answers: Answers = request.app.state.answers

    @property
    def zone(self) -> ZoneInfo:
        """The cooperative's time zone."""
        return self.answers.zone

    def answer(self, make: Make, media_type: str = JSON, **headers: str) -> Response:
        """Answer with what is made by asking the chain, as of its newest block.

        Raises:
            CoopledgerError: it cannot answer.
        """
        return self.answers.to(self.request, make, media_type=media_type, headers=headers)

    def of_members(self, make: Make, at: At | None = None) -> Response:
        """Answer about members or tickets, from the index where it has come as far, else from the chain.

        Raises:
            CoopledgerError: there is no such moment, or who is needed cannot answer.
        """
        return self.answers.to(self.request, make, at, from_index=True)

    def of_register(self, at: At | None, make: MakeOfRegister) -> Response:
        """Answer with what is made by asking the index for the register as of a moment.

        Raises:
            CoopledgerError: there is no index, or it cannot answer.
        """
        return self.answers.of_register(self.request, at, make)

    def following(self, start: int | None) -> str | None:
        """Return the address of the page that starts there, with the other parameters kept."""
        if start is None:
            return None
        return self._address({"start": str(start)})

    def following_as_of(
        self, as_of: Moment, next_start: int | str | None, *, at: str = "at", start: str = "start"
    ) -> str | None:
        """Return the address of the next page of the same register: it names the moment, too.

        Args:
            as_of: the moment of this page.
            next_start: what the next page starts with; None where there is none.
            at: the parameter that names the moment.
            start: the parameter that names the start.
        """
        if next_start is None:
            return None
        # By its time, which is exact: several blocks may share a second, and a moment lie between two.
        pinned = {} if at in self.request.query_params else {at: utc_text(as_of.time)}
        return self._address({**pinned, start: str(next_start)})

    def _address(self, changed: dict[str, str]) -> str:
        parameters = {**self.request.query_params, **changed}
        return f"{self.request.url.path}?{urlencode(parameters)}"


Asked = Annotated[Asking, Depends(Asking)]


def cut(
    found: Sequence[Item], count: int, key: Callable[[Item], Start]
) -> tuple[Sequence[Item], Start | None]:
    """Return a page of what was found up to one beyond it, and what the next page starts with, if any."""
    return found[:count], key(found[count]) if len(found) > count else None
