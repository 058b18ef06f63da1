"""What the API does beside answering: unchanged answers, refusals, and what they never tell."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel, SecretStr

from coopledger.api import documented
from coopledger.api.app import create_app
from coopledger.api.models.common import Problem
from coopledger.api.models.cooperative import CooperativeAnswer
from coopledger.api.models.happenings import HistoryAnswer, TicketsThenAnswer
from coopledger.api.models.metadata import ContractMetadataAnswer, TicketMetadataAnswer
from coopledger.api.models.programme import (
    FilmAnswer,
    FilmsAnswer,
    ScreeningAnswer,
    ScreeningsAnswer,
    SeatsAnswer,
)
from coopledger.api.models.register import MemberAnswer, MembersAnswer
from coopledger.api.models.register_index import (
    ChangesAnswer,
    EntriesAnswer,
    ExitsAnswer,
    GrowthAnswer,
    RegisterCountsAnswer,
)
from coopledger.api.models.service import Health, Readiness
from coopledger.api.models.tickets import TicketAnswer, TicketsAnswer
from coopledger.api.parameters import LARGEST_PAGE
from coopledger.services.asking.from_the_chain import ChainReader
from coopledger.settings import Settings
from tests.api.conftest import settings_of

if TYPE_CHECKING:
    from tests.services.conftest import Office

PROBLEM = "application/problem+json"
SILENT_NODE = "http://127.0.0.1:9"

HOSTILE = (
    *("members?start=0", "members?start=-1", "members?start=4294967296", "members?start=1e3"),
    *("members?start=1_000", "members?start=1.0", "members?start=%2B1", "members?start=%201"),
    *("members?start=" + "9" * 5000, "members?start=", "members?start=%00", "members?start=Ù¡"),
    *("members?start=%D9%A1", "members?count=0", "members?count=501", "members?count=NaN"),
    *("members?at=-1", "members?at=yesterday", "members?at=2026-12-05", "members?at=%00"),
    *("members?at=2026-12-05T19:00:00", "members?at=2026-12-05T19:00:00+07:00"),
    *("members?at=0001-01-01T00:00:00Z", "members?at=9999-12-31T23:59:59-12:00"),
    *("members?at=9998-12-31T23:59:59Z", "members?at=" + "1" * 300, "members?at=%D9%A1"),
    *("members?closed=yes", "members?closed=1", "members?annulled=TRUE", "members?closd=true"),
    *("members?count=1&count=2", "films?start=1&start=1", "films?at=1", "cooperative?x=1"),
    *("members/0", "members/-1", "members/4294967296", "members/1.0", "members/%00", "members/0x1"),
    *("members/budi@example.org", "accounts/budi@example.org/member", "accounts/0x12/member"),
    *("accounts/0x70997970c51812dc3A010C7d01b50e0d17dc79C8/member", "accounts/0/member"),
    *("accounts/0X70997970C51812dc3A010C7d01b50e0d17dc79C8/member", "films/999999999999999999"),
    *("tickets/9007199254740992", "tickets/%F0%9F%8E%AC", "screenings/1/seats?start=0"),
    *("tickets?start=9007199254740992", "screenings/4294967296/seats"),
)

ABSENT = (
    *(
        "members/4294967295",
        "tickets/9007199254740991",
        "films/4294967295",
        "screenings/4294967295",
    ),
    *("screenings/99/seats", "members?at=9007199254740", "members?at=2020-01-01T00:00:00Z"),
    *("accounts/0x0000000000000000000000000000000000000000/member", "nothing", "members/"),
    *("members/1/2", "../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd"),
)


@pytest.mark.parametrize("question", HOSTILE)
def test_a_bad_parameter_is_named(client: TestClient, question: str) -> None:
    """What cannot be used gets a 422 that names the parameter and says what to do."""
    answer = client.get(f"/api/v1/{question}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, PROBLEM), answer.text
    said = answer.json()
    assert (said["status"], said["type"][:23]) == (422, "urn:coopledger:problem:")
    assert said["detail"]
    assert said["advice"]
    path, _, query = question.partition("?")
    named = {"members": "number", "accounts": "account", "tickets": "ticket", "films": "film"}
    blamed = query.partition("=")[0] if query else named.get(path.partition("/")[0], "")
    assert any(name in said["detail"] for name in (blamed, "screening", "moment", "nobody knows"))


@pytest.mark.parametrize(
    "question", ["members?count={}", "members?at={}", "members/{}", "members?more={}", "tickets/{}"]
)
def test_what_was_sent_is_not_sent_back(client: TestClient, question: str) -> None:
    """A refusal names the parameter, and never repeats what stood in it."""
    sent = "somebody-private"
    answer = client.get(f"/api/v1/{question.format(sent)}")
    assert answer.status_code == 422
    assert sent not in answer.text


@pytest.mark.parametrize("question", ABSENT)
def test_what_is_not_there_is_a_404(client: TestClient, question: str) -> None:
    """What does not exist gets a 404 with a problem, also where nothing is served."""
    answer = client.get(f"/api/v1/{question}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM), answer.text
    assert answer.json()["advice"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"])
def test_it_is_read_only(client: TestClient, method: str) -> None:
    """Any method but GET and HEAD gets a 405 that says which are allowed."""
    answer = client.request(method, "/api/v1/members")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert answer.headers["Content-Type"] == PROBLEM


def test_an_unchanged_answer_is_a_304(busy: Office, client: TestClient) -> None:
    """With its ETag an answer comes as 304 until the chain moves, and then in full."""
    path = "/api/v1/members?count=2"
    first = client.get(path)
    etag = first.headers["ETag"]
    assert etag.startswith('"')
    for given in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = client.get(path, headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content
    assert client.get("/api/v1/members?count=3").headers["ETag"] != etag
    busy.dev.mine()
    moved = client.get(path, headers={"If-None-Match": etag})
    assert (moved.status_code, moved.headers["ETag"] != etag) == (200, True)
    assert moved.json()["as_of"]["read_at_block"] == busy.chain.head()


def test_a_kept_answer_is_not_read_again(
    busy: Office, serve: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At one block the same question is read from the chain once."""
    client = serve(settings_of(busy))
    first = client.get("/api/v1/films")
    asked = []
    usual = ChainReader.films

    def counted(*words: Any) -> Any:
        asked.append(words)
        return usual(*words)

    monkeypatch.setattr(ChainReader, "films", counted)
    assert client.get("/api/v1/films").content == first.content
    assert not asked
    busy.dev.mine()
    assert client.get("/api/v1/films").json()["films"] == first.json()["films"]
    assert len(asked) == 1


def test_head_is_get_without_a_body(client: TestClient) -> None:
    """HEAD gives the headers that GET gives, and nothing more."""
    got, head = client.get("/api/v1/films"), client.head("/api/v1/films")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == got.headers
    assert client.head("/api/v1/films/99").status_code == 404


def test_any_page_may_read_it(client: TestClient) -> None:
    """A browser's page from anywhere may ask and see the ETag, and no credentials are taken."""
    answer = client.get("/api/v1/films", headers={"Origin": "https://example.org"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    exposed = answer.headers["Access-Control-Expose-Headers"]
    assert {"ETag", "Coopledger-Block"} <= set(exposed.split(", "))
    assert "Access-Control-Allow-Credentials" not in answer.headers
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    assert client.options("/api/v1/films", headers=asked).status_code == 200
    conditional = {**asked, "Access-Control-Request-Headers": "if-none-match"}
    allowed = client.options("/api/v1/films", headers=conditional)
    assert allowed.status_code == 200
    assert "If-None-Match" in allowed.headers["Access-Control-Allow-Headers"]
    asked["Access-Control-Request-Method"] = "DELETE"
    assert client.options("/api/v1/films", headers=asked).status_code == 400


def test_a_silent_node_is_a_503_that_tells_nothing(
    busy: Office, serve: Callable[..., TestClient]
) -> None:
    """Where the node does not answer it is said so, and neither its address nor a file is."""
    client = serve(settings_of(busy, rpc_url=SILENT_NODE))
    answer = client.get("/api/v1/members")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, PROBLEM)
    assert answer.headers["Retry-After"]
    health = client.get("/health")
    assert (health.status_code, health.json()["chain"]) == (503, "unreachable")
    for text in (answer.text, health.text):
        assert not any(secret in text for secret in ("127.0.0.1", "Traceback", "deployments"))


def test_another_chain_is_not_answered_from(busy: Office, serve: Callable[..., TestClient]) -> None:
    """A node of another chain than the one that is meant is not trusted."""
    client = serve(settings_of(busy, chain_id=1337))
    answer = client.get("/api/v1/members")
    assert (answer.status_code, answer.json()["title"]) == (500, "Part not trusted")
    assert client.get("/health").status_code == 503


def test_a_deployment_is_picked_up(
    busy: Office, serve: Callable[..., TestClient], tmp_path: Path
) -> None:
    """Before there is a cooperative the API says what to do, and after that it answers, unasked."""
    folder = tmp_path / "deployments"
    client = serve(settings_of(busy, deployments_folder=folder))
    answer = client.get("/api/v1/cooperative")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, PROBLEM)
    assert "coopledger deploy" in answer.json()["advice"]
    health = client.get("/health")
    assert (health.status_code, health.json()["cooperative"]) == (200, "not deployed yet")
    folder.mkdir()
    for file in busy.deployments.glob("*.json"):
        (folder / file.name).write_bytes(file.read_bytes())
    assert client.get("/api/v1/cooperative").json()["counts"]["members"] == 251
    assert client.get("/health").json()["cooperative"] == "deployed"
    # A box office that was replaced shows at once, though no block was made since.
    (file,) = folder.glob("*.json")
    journal = json.loads(file.read_text())
    former = journal["contracts"]["TicketLens"]
    file.write_text(json.dumps({**journal, "former_box_offices": [former]}))
    addresses = client.get("/api/v1/cooperative").json()["addresses"]
    assert addresses["former_box_offices"] == [former]


def test_a_chain_that_was_started_anew_is_not_trusted(busy: Office, client: TestClient) -> None:
    """Where a shorter chain has taken the place of the one that was read, its code is checked."""
    snapshot = busy.dev.snapshot()
    busy.dev.mine()
    assert client.get("/api/v1/films").status_code == 200
    busy.dev.revert(snapshot)
    busy.chain.rpc.request("anvil_setCode", busy.coop.ledger.address, "0x")
    answer = client.get("/api/v1/films")
    assert (answer.status_code, answer.json()["title"]) == (500, "Part not trusted")
    health = client.get("/health")
    assert (health.status_code, health.json()["cooperative"]) == (503, "not what it should be")


def test_a_shorter_chain_is_read_anew(busy: Office, client: TestClient) -> None:
    """A chain that was brought back is answered as it is now, not as it was."""
    snapshot = busy.dev.snapshot()
    busy.sell_plain({"order": "L", "email": "late@example.org"})
    assert client.get("/api/v1/cooperative").json()["counts"]["members"] == 252
    busy.dev.revert(snapshot)
    assert client.get("/api/v1/cooperative").json()["counts"]["members"] == 251


def test_the_health_of_a_database(busy: Office, serve: Callable[..., TestClient]) -> None:
    """A database that is configured must answer, and its password is in no answer."""
    client = serve(settings_of(busy, database_dsn=SecretStr(busy.dsn.text)))
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["database"]) == (200, "running")
    wrong = busy.dsn.text.replace("coopledger:", "nobody:", 1)
    client = serve(settings_of(busy, database_dsn=SecretStr(wrong)))
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["database"]) == (503, "not running")
    assert (busy.dsn.url.password or "?") not in answer.text


def test_the_page_loads_nothing(client: TestClient) -> None:
    """The page that describes the API shows every route and loads nothing from anywhere."""
    answer = client.get("/docs")
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert len(paths) > 10
    assert all(path in answer.text for path in paths)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert not re.search(r"""(src|href)=["'](?!/)""", answer.text)


def test_the_examples_are_of_the_shapes(client: TestClient) -> None:
    """Each example is whole and of its model; what the example set decides is what it says."""
    schema = create_app(Settings.model_construct()).openapi()
    shown = documented.examples()
    for path, operations in schema["paths"].items():
        for status, answer in operations["get"]["responses"].items():
            for content in answer.get("content", {}).values():
                assert content["example"], (path, status)
                assert content["example"] in shown.values()
    for name, path in (
        ("members", "/api/v1/members?start=3&count=2&closed=true"),
        ("film", "/api/v1/films/1"),
    ):
        assert _keys(client.get(path).json()) == _keys(shown[name])
    # The demo goes on where this chain stands: four more tickets, five more records, one open of them.
    counts, told = (
        client.get("/api/v1/cooperative").json()["counts"],
        shown["cooperative"]["counts"],
    )
    assert (told["tickets"], told["members"], told["members_open"]) == (753, 256, 252)
    imported = {"tickets": 749, "members": 251, "members_open": 251, "screenings": 6}
    assert {**told, **imported} == counts
    assert shown["bad_parameter"]["detail"].endswith(str(LARGEST_PAGE))


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("cooperative", CooperativeAnswer),
        ("films", FilmsAnswer),
        ("film", FilmAnswer),
        ("screenings", ScreeningsAnswer),
        ("screening", ScreeningAnswer),
        ("seats", SeatsAnswer),
        ("tickets", TicketsAnswer),
        ("ticket", TicketAnswer),
        ("members", MembersAnswer),
        ("member", MemberAnswer),
        ("contract", ContractMetadataAnswer),
        ("ticket_metadata", TicketMetadataAnswer),
        ("register", EntriesAnswer),
        ("register_joins", EntriesAnswer),
        ("register_exits", ExitsAnswer),
        ("register_counts", RegisterCountsAnswer),
        ("register_changes", ChangesAnswer),
        ("register_growth", GrowthAnswer),
        ("register_member", HistoryAnswer),
        ("member_tickets", TicketsThenAnswer),
        ("screening_tickets", TicketsThenAnswer),
        *((name, Problem) for name in ("no_index", "screening_not_over")),
        ("health", Health),
        ("health_failing", Health),
        ("ready", Readiness),
        ("not_ready", Readiness),
        *((name, Problem) for name in ("not_found", "bad_parameter", "untrusted", "unavailable")),
    ],
)
def test_an_example_is_of_its_shape(name: str, shape: type[BaseModel]) -> None:
    """Each example has every field of its model, and none besides."""
    example = documented.examples()[name]
    told = shape.model_validate(example).model_dump(mode="json", by_alias=True)
    if name == "ticket_metadata":
        for attribute in told["attributes"]:
            attribute["display_type"] or attribute.pop("display_type")
    assert told == example


def _keys(value: object) -> object:
    """Return the names of a JSON value, without what they hold."""
    if isinstance(value, dict):
        return {name: _keys(inner) for name, inner in value.items()}
    return [_keys(inner) for inner in value[:1]] if isinstance(value, list) else None
