"""What every answer gets on its way out: HEAD without a body, and no guessing of types.

A HEAD is asked as a GET within, so its headers are those of the GET. A route that would make a long body
can see that nobody wants it.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ASKED_AS_HEAD = "coopledger.asked_as_head"
"""Stands in the scope of a GET that was a HEAD."""


class PlainAnswers:
    """Answers HEAD wherever GET is answered, and forbids browsers to guess a media type."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"

        async def changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], (b"x-content-type-options", b"nosniff")]
                message = {**message, "headers": headers}
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        within = {**scope, "method": "GET", ASKED_AS_HEAD: True} if is_head else scope
        await self._app(within, receive, changed)
