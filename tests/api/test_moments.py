"""Every route that names a moment names it by one rule: which block it is, and whether it is final."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

from coopledger.domain.types import BlockNumber
from coopledger.settings import Settings
from tests.api.indexed import Indexed, settings_with
from tests.index.conftest import Index, new_index
from tests.index.history import make_history
from tests.middleman import middleman_before

if TYPE_CHECKING:
    from tests.services.conftest import Office

__all__ = ["new_index"]

STANDS_FOR = {"number": "4", "screening": "1", "account": "", "ticket": "1", "film": "1"}
SENT = ("/api/v1/register.csv", "/api/v1/register.xlsx", "/api/v1/register.pdf")
"""Routes that answer with a file, which names its block in a header."""
CONFIRMATIONS = 4


@pytest.fixture
def indexed(
    busy: Office, new_index: Callable[..., Index], serve: Callable[[Settings], TestClient]
) -> Indexed:
    """The API over an index whose three newest blocks are not final, each minutes after the other."""
    make_history(busy)
    for _ in range(CONFIRMATIONS + 2):
        busy.dev.increase_time(120)
    index = new_index(index_confirmations=CONFIRMATIONS)
    index.follow(busy)
    return Indexed(serve(settings_with(busy, index)), busy, index)


def routes(client: TestClient) -> list[str]:
    """Return every route that takes a moment, ready for the moment to be added."""
    app: Any = client.app
    found = []
    for path, operations in app.openapi()["paths"].items():
        names = {each["name"] for each in operations["get"].get("parameters", ())}
        for name in names & {"at", "to"}:
            begin = "from=0&" if "to" in names else ""
            found.append(f"{path.format_map(STANDS_FOR)}?{begin}{name}=")
    return found


def test_every_route_names_a_moment_by_the_same_rule(indexed: Indexed) -> None:
    """Around the final block: same time, same block, same word on whether it is final, at every route."""
    chain, newest = indexed.office.chain, indexed.office.chain.head()
    final = newest - CONFIRMATIONS + 1
    times = {number: chain.block(BlockNumber(number)).timestamp for number in range(1, newest + 1)}
    asked = {
        str(final): (times[final], final, True),
        text(times[final]): (times[final], final, True),
        text(times[final] + 50): (times[final] + 50, final, False),
        str(final + 1): (times[final + 1], final + 1, False),
        text(times[final + 1]): (times[final + 1], final + 1, False),
        str(newest): (times[newest], newest, False),
        text(times[newest]): (times[newest], newest, False),
        str(final - 1): (times[final - 1], final - 1, True),
        text(times[final - 1] + 50): (times[final - 1] + 50, final - 1, True),
    }
    paths = routes(indexed.client)
    assert len(paths) >= len(("members", "register", "counts", "joins", "exits", "csv"))
    for at, (time, block, is_final) in asked.items():
        block_hash = f"0x{chain.block(BlockNumber(block)).hash.hex()}"
        for path in paths:
            answer = indexed.client.get(path + at)
            assert answer.status_code == 200, (path, at, answer.text)
            if path.startswith(SENT):
                assert answer.headers["Coopledger-Block"] == f"{block} {block_hash}", (path, at)
                continue
            said = answer.json()["as_of"]
            named = (said["time"], said["block"], said.get("block_hash", said.get("hash")))
            assert named == (text(time), block, block_hash), (path, at)
            assert said["final"] is is_final, (path, at)


@dataclass
class Counted:
    """How often the database and the node were asked."""

    statements: int = 0
    requests: int = 0


@pytest.fixture
def counted() -> Iterator[Counted]:
    """Count what is asked of every database; a test counts the node's requests."""
    count = Counted()

    def one_more(*_: object) -> None:
        count.statements += 1

    event.listen(Engine, "before_cursor_execute", one_more)
    yield count
    event.remove(Engine, "before_cursor_execute", one_more)


def test_a_page_of_members_costs_few_questions(
    indexed: Indexed, serve: Callable[[Settings], TestClient], counted: Counted
) -> None:
    """At most six statements of SQL; and the node is not asked about what is final."""
    chain, newest = indexed.office.chain, indexed.office.chain.head()
    final = newest - CONFIRMATIONS + 1
    time = chain.block(BlockNumber(final)).timestamp

    def count(_: Any, pass_on: Callable[[], bytes]) -> bytes:
        counted.requests += 1
        return pass_on()

    with middleman_before(indexed.office.url) as node:
        node.intercept = count
        client = serve(settings_with(indexed.office, indexed.index, rpc_url=node.url))
        assert client.get("/api/v1/members").status_code == 200
        for path, most in (
            *((f"/members?count=50&at={final}", 0), (f"/members?count=50&at={text(time)}", 0)),
            *((f"/members?count=50&at={text(time - 30)}", 0), ("/register?count=50", 0)),
            *((f"/register?count=50&at={final}", 0), (f"/register?count=50&at={text(time)}", 0)),
            *((f"/register?count=50&at={final // 2}", 0), ("/members?count=50", 1)),
            *((f"/members?count=50&at={newest}", 9), (f"/register?count=50&at={newest}", 9)),
            *((f"/members?count=50&at={text(time + 30)}", 25), ("/tickets?count=50", 1)),
        ):
            counted.statements = counted.requests = 0
            answer = client.get(f"/api/v1{path}")
            assert answer.status_code == 200, answer.text
            assert len(answer.json().get("members") or answer.json()["tickets"]) == 50
            assert 0 < counted.statements <= 6, path
            assert counted.requests <= most, path


def test_an_answer_that_has_become_final_is_another_one(indexed: Indexed) -> None:
    """Who kept it while it could still change is sent it anew: it says that it cannot any more."""
    office = indexed.office
    path = f"/api/v1/register?at={office.chain.head()}"
    before = indexed.client.get(path)
    assert before.json()["as_of"]["final"] is False
    for _ in range(CONFIRMATIONS):
        office.dev.increase_time(120)
    indexed.index.follow(office)
    after = indexed.client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.json()["as_of"]["final"]) == (200, True)


@pytest.mark.parametrize("started", ["while it was there", "without it"])
def test_what_is_final_is_answered_while_the_node_is_away(
    indexed: Indexed, serve: Callable[[Settings], TestClient], started: str
) -> None:
    """The same, byte for byte; what only the node knows is a 503, and health says that it is away."""
    newest = indexed.office.chain.head()
    final = newest - CONFIRMATIONS + 1
    paths = [path.replace("from=0", f"from={final // 2}") for path in routes(indexed.client)]
    settled = [f"{path}{final - 1}" for path in paths if not path.startswith(SENT[1:])]
    before = {path: indexed.client.get(path) for path in settled}
    with middleman_before(indexed.office.url) as node:
        client = serve(settings_with(indexed.office, indexed.index, rpc_url=node.url))
        if started == "while it was there":
            assert client.get("/api/v1/members").status_code == 200
    for path, known in before.items():
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (200, known.content), path
        assert answer.headers["ETag"] == known.headers["ETag"]
        etag = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(path, headers=etag).status_code == 304
    assert client.get("/api/v1/register").json()["as_of"]["block"] == final
    needed = ("members", "tickets", "cooperative", "films", "members/4")
    for path in (
        *needed,
        f"members?at={newest}",
        f"register?at={newest}",
        f"register?at={newest + 9}",
    ):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 503, (path, answer.text)
        assert answer.headers["Retry-After"], path
        assert answer.json()["type"] == "urn:coopledger:problem:part-does-not-answer", path
    health, ready = client.get("/health"), client.get("/health/ready")
    assert (health.status_code, health.json()["chain"]) == (503, "unreachable")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)


def text(time: int) -> str:
    """Return a time as a question and an answer write it."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
