"""What the API answers from the index is what it answers from the chain, block for block."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from coopledger.settings import Settings
from tests.api.conftest import settings_of
from tests.index.conftest import Index, new_index
from tests.index.history import make_history

if TYPE_CHECKING:
    from tests.services.conftest import Office

__all__ = ["new_index"]


@pytest.fixture
def both(
    busy: Office,
    new_index: Callable[[], Index],
    serve: Callable[[Settings], TestClient],
) -> tuple[TestClient, TestClient, Index]:
    """The API over the chain alone, and over an index beside it, everything having happened."""
    make_history(busy)
    index = new_index()
    index.follow(busy)
    dsn = SecretStr(index.dsn.text)
    nowhere = settings_of(busy, state_folder=busy.folder / "nothing-runs-here")
    return serve(nowhere), serve(settings_of(busy, database_dsn=dsn)), index


def asked(client: TestClient, path: str, by: str) -> dict[str, Any]:
    """Return an answer without what says where it came from."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    assert said["as_of"].pop("answered_by") == by
    assert (said["as_of"].pop("final") is None) == (by == "chain")
    return said


def everything(client: TestClient, path: str, by: str, what: str) -> list[Any]:
    """Return all items of a list, page after page."""
    found, following = [], path
    while following:
        said = asked(client, following, by)
        found += said[what]
        following = said["next"]
    return found


def test_lists_from_the_index_are_the_chain_s(
    busy: Office, both: tuple[TestClient, TestClient, Index]
) -> None:
    """Members now and then, with every option, and all tickets."""
    chain, index, _ = both
    newest = busy.chain.head()
    for at in (newest, newest - 8, newest - 25, newest // 2):
        for options in ("", "&closed=true", "&closed=true&annulled=true", "&annulled=true"):
            path = f"/api/v1/members?count=100&at={at}{options}"
            expected = everything(chain, path, "chain", "members")
            assert everything(index, path, "index", "members") == expected
    tickets = everything(chain, "/api/v1/tickets?count=400", "chain", "tickets")
    assert everything(index, "/api/v1/tickets?count=400", "index", "tickets") == tickets


def test_a_member_from_the_index_is_the_chain_s(
    busy: Office, both: tuple[TestClient, TestClient, Index]
) -> None:
    """Every record with its ties, its history and its account's others; and who is unknown."""
    chain, index, _ = both
    count = busy.coop.ledger.member_count()
    for number in (*range(1, 15), *range(count - 8, count + 1)):
        path = f"/api/v1/members/{number}"
        assert asked(index, path, "index") == asked(chain, path, "chain")
    account = asked(chain, "/api/v1/members/8", "chain")["member"]["account"]
    path = f"/api/v1/accounts/{account}/member"
    assert asked(index, path, "index") == asked(chain, path, "chain")
    for path in (f"members/{count + 1}", "tickets/99999", f"accounts/0x{'5' * 40}/member"):
        one, other = chain.get(f"/api/v1/{path}"), index.get(f"/api/v1/{path}")
        assert (one.status_code, one.json()) == (other.status_code, other.json())
        assert one.status_code == 404


def test_an_index_that_is_behind_is_not_asked(
    busy: Office, both: tuple[TestClient, TestClient, Index]
) -> None:
    """As soon as the chain goes on the chain answers, with another ETag; and the index once it follows."""
    _, client, index = both
    path = "/api/v1/members?count=3"
    first = client.get(path).headers["ETag"]
    busy.dev.mine(1)
    by_chain = client.get(path)
    assert by_chain.json()["as_of"]["answered_by"] == "chain"
    index.follow(busy)
    by_index = client.get(path)
    assert by_index.json()["as_of"]["answered_by"] == "index"
    assert by_index.json()["members"] == by_chain.json()["members"]
    assert len({first, by_chain.headers["ETag"], by_index.headers["ETag"]}) == 3
