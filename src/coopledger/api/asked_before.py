"""What was asked before is answered without its route, where the answer is unchanged or kept.

As of when an address asks never changes. So whoever asks again costs one look at that moment's block. All share
it who came before it began: nobody is told what was true before they asked.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from cachetools import LRUCache
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL, Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from coopledger.api import problems
from coopledger.api.answers import Answers, Seen
from coopledger.errors import CoopledgerError

Found = TypeVar("Found")

_MOMENTS = 1_000


class SharedLook(Generic[Found]):
    """Looks at one thing, one after the other, each for all who wait for it."""

    def __init__(self, look: Callable[[], Found]) -> None:
        self._look = look
        self._lock = asyncio.Lock()
        self._begun = 0
        self._last: asyncio.Task[Found]

    async def __call__(self) -> Found:
        """Return what a look finds that begins from now on; it fails as the look does."""
        next_one = self._begun + 1
        async with self._lock:
            if self._begun < next_one:
                self._begun = next_one
                self._last = asyncio.create_task(run_in_threadpool(self._look))
                await asyncio.wait([self._last])
            return await asyncio.shield(self._last)


class AskedBefore:
    """Answers what :class:`Answers` remembers, and passes everything else on."""

    def __init__(self, app: ASGIApp, answers: Answers) -> None:
        self._app = app
        self._answers = answers
        self._looks: LRUCache[object, SharedLook[Seen]] = LRUCache(_MOMENTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        answer = await self._answer(scope) if scope["type"] == "http" else None
        await (answer or self._app)(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response | None:
        if scope["method"] != "GET":
            return None
        url = str(URL(scope=scope))
        question = self._answers.remembered(url)
        if question is None:
            return None
        key = question.of_register, question.at
        look = self._looks.get(key)
        if look is None:
            look = self._looks[key] = SharedLook(partial(self._answers.look, question))
        held = Headers(scope=scope).get("If-None-Match", "")
        try:
            return self._answers.again(url, held, question, await look())
        except CoopledgerError as failure:
            return problems.refused(failure)  # as the route would, but without asking once more
