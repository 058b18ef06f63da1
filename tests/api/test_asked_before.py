"""Who asks again is answered at once, and never with what was true before they asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from coopledger.api.asked_before import SharedLook
from coopledger.errors import NotFound
from coopledger.settings import Settings
from tests.api.indexed import settings_with
from tests.index.conftest import Index, new_index
from tests.middleman import middleman_before

if TYPE_CHECKING:
    from tests.services.conftest import Office

__all__ = ["new_index"]

Serve = Callable[[Settings], TestClient]
QUESTIONS = (
    *("members?count=3", "members?count=3&at=20", "members/1", "films", "metadata/tickets/1"),
    *("register?count=3", "register?count=3&at=20", "register/counts?at=20", "register.csv?at=20"),
)


def again(client: TestClient, path: str, etag: str = "") -> tuple[int, str, bytes]:
    """Return status, ETag and body of an answer to somebody who has an ETag."""
    answer = client.get(f"/api/v1/{path}", headers={"If-None-Match": etag})
    return answer.status_code, answer.headers.get("ETag", ""), answer.content


@pytest.mark.parametrize("path", QUESTIONS)
def test_no_route_is_needed_for_what_is_unchanged(
    busy: Office,
    new_index: Callable[[], Index],
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    """A question's second 304 comes without its route, with the headers of the first."""
    index = new_index()
    index.follow(busy)
    client = serve(settings_with(busy, index))
    first = client.get(f"/api/v1/{path}", headers={"Origin": "https://example.org"})
    held = {"If-None-Match": first.headers["ETag"], "Origin": "https://example.org"}
    by_route = client.get(f"/api/v1/{path}", headers=held)
    app: Any = client.app
    monkeypatch.setattr(app.router, "routes", [])
    assert client.get("/api/v1/films/1").status_code == 404
    at_once = client.get(f"/api/v1/{path}", headers=held)
    assert (by_route.status_code, at_once.status_code, at_once.content) == (304, 304, b"")
    assert at_once.headers == by_route.headers
    assert at_once.headers["Coopledger-Block"] == first.headers["Coopledger-Block"]
    if not path.startswith("register.csv"):
        kept = client.get(f"/api/v1/{path}", headers={"Origin": "https://example.org"})
        assert (kept.status_code, kept.content, kept.headers) == (200, first.content, first.headers)
        head = client.head(f"/api/v1/{path}", headers={"Origin": "https://example.org"})
        assert (head.status_code, head.content, head.headers) == (200, b"", first.headers)


def test_the_index_may_change_while_the_chain_stands(
    busy: Office, new_index: Callable[..., Index], serve: Serve
) -> None:
    """At one block, what was unchanged is not any more once the index answers, or calls it final."""
    index = new_index(index_confirmations=3)
    client = serve(settings_with(busy, index))
    told = [again(client, "members?count=3")]
    assert again(client, "members?count=3", told[-1][1])[0] == 304
    index.follow(busy)
    for block in (busy.chain.head(), busy.chain.head() - 2):
        path = f"members?count=3&at={block}"
        told.append(again(client, "members?count=3", told[-1][1]))
        assert told[-1][0] == 200
        assert again(client, "members?count=3", told[-1][1])[0] == 304
        assert again(client, path, again(client, path)[1])[0] == 304
        before = again(client, path)
        index.settings = index.settings.model_copy(update={"index_confirmations": 1})
        index.follow(busy)
        assert again(client, path, before[1])[0] == (200 if block == busy.chain.head() else 304)


def test_what_cannot_be_looked_up_is_a_problem(
    busy: Office, new_index: Callable[[], Index], serve: Serve
) -> None:
    """Where the node hangs up it is a 503 as ever, and once it answers, again unchanged."""
    index = new_index()
    index.follow(busy)
    with middleman_before(busy.url) as node:
        client = serve(settings_with(busy, index, rpc_url=node.url))
        etag = again(client, "films")[1]
        assert again(client, "films", etag)[0] == 304
        usual, node.intercept = node.intercept, lambda *_: None
        assert again(client, "films", etag)[0] == 503
        node.intercept = usual
        assert again(client, "films", etag)[0] == 304


def test_a_look_is_shared_by_those_who_came_before_it() -> None:
    """Who comes while somebody looks waits for the next look; so does who comes then, for the same one."""
    told, looked, released = ["first", "second"], [Event(), Event()], Event()

    def look() -> str:
        found = told[begun()]
        looked[begun()].set()
        assert released.wait(10)
        return found

    def begun() -> int:
        return sum(event.is_set() for event in looked)

    async def ask() -> list[str]:
        shared = SharedLook(look)
        early = asyncio.create_task(shared())
        await asyncio.to_thread(looked[0].wait, 10)
        late = [asyncio.create_task(shared()) for _ in range(3)]
        await asyncio.sleep(0)
        released.set()
        return [await early, *[await each for each in late]]

    assert asyncio.run(ask()) == ["first", "second", "second", "second"]


def test_a_look_that_fails_tells_nobody_what_another_saw() -> None:
    """Those who share a look that fails all fail, whatever an earlier one saw."""
    answers = iter(["seen"])

    def look() -> str:
        for answer in answers:
            return answer
        raise NotFound

    async def ask() -> list[str | BaseException]:
        shared = SharedLook(look)
        first = await shared()
        return [first, *await asyncio.gather(*(shared() for _ in "abc"), return_exceptions=True)]

    seen, *failed = asyncio.run(ask())
    assert seen == "seen"
    assert [type(each) for each in failed] == [NotFound] * 3
