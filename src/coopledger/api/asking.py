"""What a route gets: the question's context, and the way to answer it.

The one subtlety: a route hands over how its answer is made, not the answer, because a kept one is
not made again.
"""

from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, Response

from coopledger.api.answers import JSON, Answers, Make


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
        """Answer with what is made by asking the reader, pinned to the newest block.

        Raises:
            CoopledgerError: the reader cannot answer.
        """
        return self.answers.to(self.request, make, media_type, **headers)

    def following(self, start: int | None) -> str | None:
        """Return the address of the page that starts there, with the other parameters kept."""
        if start is None:
            return None
        parameters = {**self.request.query_params, "start": str(start)}
        return f"{self.request.url.path}?{urlencode(parameters)}"


Asked = Annotated[Asking, Depends(Asking)]
