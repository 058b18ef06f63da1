"""What an operator watches: ``/health``, ``/health/ready`` and ``/metrics`` over chain, index and audit."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from coopledger.api.condition import BLOCKS_TOLERATED
from coopledger.settings import Settings
from tests.api.conftest import settings_of
from tests.databases import end_connections
from tests.index.conftest import Index, bad_node, new_index
from tests.verdicts.conftest import Watch, Watched, watch

if TYPE_CHECKING:
    from coopledger.database.dsn import Dsn
    from tests.index.bad_node import BadNode
    from tests.services.conftest import Office

__all__ = ["bad_node", "new_index", "watch"]

Serve = Callable[[Settings], TestClient]
CHANGE = "UPDATE index.record SET consent = 1 WHERE number = 3"
NAMED = "member 3, consent: signed, where attested was expected"


@pytest.fixture
def watched(busy: Office, watch: Watch) -> Watched:
    """An application whose index has caught up with the busy box office."""
    made = watch(busy)
    made.index.follow(busy)
    return made


def served(serve: Serve, watched: Watched) -> TestClient:
    """Serve the API over an application's chain and database."""
    return serve(watched.work.settings)


def gauges(client: TestClient) -> dict[str, float]:
    """Return the gauges by name, as Prometheus reads them."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        sample.name.removeprefix("coopledger_"): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_ready_once_the_index_has_caught_up(
    busy: Office, new_index: Callable[[], Index], serve: Serve
) -> None:
    """Ready without an index; with one it is 503 with the blocks that are missing, until it has them."""
    index = new_index()
    client = serve(settings_of(busy, database_dsn=SecretStr(index.dsn.text)))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["index"]["state"]) == (200, "not built")
    assert gauges(client)["index_built"] == 0
    with index.sync(busy):
        pass  # The tables are there, and nothing is in them.
    answer = client.get("/health/ready")
    head = busy.chain.head()
    missing = head - busy.coop.first_block + 1
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["index"]["blocks_behind"] == missing
    assert f"{missing} blocks behind" in answer.json()["reason"]
    assert client.get("/health").status_code == 200, "being behind is no fault"
    index.follow(busy)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["index"]["state"]) == (200, "caught up")
    assert (answer.json()["chain_block"], answer.json()["index"]["block"]) == (head, head)
    found = gauges(client)
    assert (found["ready"], found["index_block"], found["index_blocks_behind"]) == (1, head, 0)


def test_a_chain_in_motion_is_followed_closely_enough(
    busy: Office, watched: Watched, serve: Serve
) -> None:
    """Two blocks behind is caught up, three are not; unless all came within two looks."""
    client = served(serve, watched)
    for behind in range(1, BLOCKS_TOLERATED + 2):
        busy.dev.increase_time(60)
        answer = client.get("/health/ready")
        expected = 200 if behind <= BLOCKS_TOLERATED else 503
        assert (answer.status_code, answer.json()["index"]["blocks_behind"]) == (expected, behind)
    found = gauges(client)
    assert (found["ready"], found["index_blocks_behind"], found["healthy"]) == (0, 3, 1)
    watched.index.follow(busy)
    busy.chain.rpc.request("anvil_setBlockTimestampInterval", 0)
    busy.dev.mine(5)
    busy.chain.rpc.request("anvil_removeBlockTimestampInterval")
    assert client.get("/health/ready").json()["index"] == {
        "state": "caught up",
        "block": busy.chain.head() - 5,
        "final_block": busy.chain.head() - 5,
        "blocks_behind": 5,
    }


def test_an_index_on_a_turned_chain_is_not_ready(
    busy: Office, watched: Watched, serve: Serve
) -> None:
    """An index whose newest block the chain has replaced has to follow first."""
    snapshot = busy.dev.snapshot()
    busy.dev.increase_time(60)
    watched.index.follow(busy)
    busy.dev.revert(snapshot)
    busy.dev.increase_time(120)
    client = served(serve, watched)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["index"]["state"]) == (503, "behind")
    watched.index.follow(busy)
    assert client.get("/health/ready").status_code == 200


def test_a_difference_turns_health_red_until_an_audit_agrees(
    watched: Watched, serve: Serve
) -> None:
    """It is named with member and field, and stays over failing audits until one agrees again."""
    client = served(serve, watched)
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["audit"]) == (200, None)
    assert "audit_agrees" not in gauges(client)
    watched.audit()
    answer = client.get("/health")
    seen = answer.json()["audit"]
    assert (answer.status_code, seen["verdict"], seen["differences"]) == (200, "agrees", 0)
    assert seen["block"] == watched.office.chain.head()
    assert (gauges(client)["audit_agrees"], gauges(client)["audit_findings"]) == (1, 0)
    watched.alter(CHANGE)
    assert client.get("/health").status_code == 200, "nobody has looked yet"
    watched.audit()
    answer = client.get("/health")
    seen = answer.json()["audit"]
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert (seen["verdict"], seen["differences"]) == ("differs", 1)
    assert NAMED in seen["first_differences"][0]
    found = gauges(client)
    assert (found["audit_agrees"], found["audit_findings"], found["healthy"]) == (0, 1, 0)
    assert client.get("/health/ready").status_code == 200, "it still answers"
    watched.alter("DELETE FROM index.cursor")
    watched.audit()
    seen = client.get("/health").json()
    assert (seen["status"], seen["audit"]["last_attempt_failed"]) == ("failing", True)
    assert gauges(client)["audit_last_attempt_failed"] == 1
    watched.work.worker(Event(), lambda _: None).rebuild()
    assert client.get("/health").status_code == 503, "until the next audit"
    watched.audit()
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["audit"]["last_attempt_failed"]) == (200, False)
    assert (gauges(client)["audit_agrees"], gauges(client)["healthy"]) == (1, 1)


def test_a_node_that_is_away_is_no_difference(
    bad_node: tuple[BadNode, Office], watch: Watch, serve: Serve
) -> None:
    """An audit that could not be done leaves health as it was, and is told."""
    node, office = bad_node
    watched = watch(office)
    watched.index.follow(office)
    client = served(serve, watched)
    watched.audit()
    node.errors = 1.0
    watched.audit()
    found = gauges(client)
    assert (found["chain_reachable"], found["ready"], found["audit_agrees"]) == (0, 0, 1)
    assert "index_blocks_behind" not in found
    assert client.get("/health/ready").status_code == 503
    node.errors = 0.0
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["audit"]["verdict"]) == (200, "agrees")
    assert answer.json()["audit"]["last_attempt_failed"]
    assert gauges(client)["audit_last_attempt_failed"] == 1


def test_before_there_is_a_cooperative_it_is_well_and_not_ready(
    busy: Office, watched: Watched, serve: Serve
) -> None:
    """Nothing is deployed yet: no fault, but no question is answered either."""
    nowhere = watched.work.settings.model_copy(
        update={"deployments_folder": busy.folder / "nothing"}
    )
    client = serve(nowhere)
    assert client.get("/health").status_code == 200
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["reason"]) == (
        503,
        "The cooperative is not deployed yet.",
    )
    assert gauges(client)["index_built"] == 0


def test_an_index_of_another_ledger_is_not_counted_on(watched: Watched, serve: Serve) -> None:
    """It is said, the chain answers instead, and an audit of it cannot be done."""
    watched.alter("UPDATE index.origin SET ledger = decode(repeat('11', 20), 'hex')")
    watched.audit()
    client = served(serve, watched)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["index"]["state"]) == (200, "of another ledger")
    assert client.get("/api/v1/members").json()["as_of"]["answered_by"] == "chain"
    found = gauges(client)
    assert (found["index_built"], found["audit_last_attempt_failed"]) == (0, 1)
    assert "audit_agrees" not in found


def test_an_index_of_another_version_has_yet_to_follow(watched: Watched, serve: Serve) -> None:
    """Until the worker has made it anew all is well, nothing is ready, and the chain itself answers."""
    watched.alter("COMMENT ON SCHEMA index IS 'another'")
    client = served(serve, watched)
    assert client.get("/health").json()["index"]["state"] == "behind"
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert "The index has not begun" in answer.json()["reason"]
    assert client.get("/api/v1/members").json()["as_of"]["answered_by"] == "chain"
    watched.index.follow(watched.office)
    assert client.get("/health/ready").status_code == 503, (
        "what it made is beside, until it took the place"
    )
    watched.work.worker(Event(), lambda _: None).run(until_caught_up=True)
    assert client.get("/health/ready").status_code == 200


def test_a_database_that_is_away_is_not_ready(busy: Office, watched: Watched, serve: Serve) -> None:
    """Where the database does not answer nobody knows how far the index is."""
    wrong = watched.index.dsn.text.replace("coopledger:", "nobody:", 1)
    client = serve(settings_of(busy, database_dsn=SecretStr(wrong)))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["index"]["state"]) == (503, "unknown")
    assert gauges(client)["database_running"] == 0


def test_a_verdict_that_cannot_be_read_is_no_good_one(
    watched: Watched, serve: Serve, database: Dsn
) -> None:
    """Where the database goes away between two questions health is red, whatever was found before."""
    watched.audit()
    client = served(serve, watched)
    assert client.get("/health").status_code == 200
    end_connections(database, watched.index.dsn)
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["database"]) == (503, "not running")
    assert client.get("/health").status_code == 200


def test_no_secret_is_told(watched: Watched, serve: Serve) -> None:
    """Neither where the parts are nor how to get at them stands in what an operator reads."""
    watched.alter(CHANGE)
    watched.audit()
    client = served(serve, watched)
    for path in ("/health", "/health/ready", "/metrics"):
        text = client.get(path).text
        password = watched.index.dsn.url.password or "?"
        for secret in (password, "127.0.0.1", "postgresql", str(watched.office.folder)):
            assert secret not in text, path
