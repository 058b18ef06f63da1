"""Writes the examples of the open API's description from the demo's own chain.

``PYTHONPATH=. .venv/bin/python -P -m examples.api_examples`` tells the demo's story, asks the API, and
writes ``src/coopledger/api/examples.json``. Lists are cut, so that they can be read.
"""

import json
import os
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import text

from coopledger import settings
from coopledger.api.app import create_app
from coopledger.bootstrap import Application
from coopledger.chain.development import DevChain
from coopledger.database.engine import engine_of, transaction
from examples.demo import EXAMPLES, cooperative_on_this_machine, story
from examples.telling import tell

FILE = EXAMPLES.parent / "src" / "coopledger" / "api" / "examples.json"

ASKED = {
    "cooperative": "/api/v1/cooperative",
    "films": "/api/v1/films?count=2",
    "film": "/api/v1/films/1",
    "screenings": "/api/v1/screenings?start=2&count=1",
    "screening": "/api/v1/screenings/3",
    "seats": "/api/v1/screenings/3/seats",
    "tickets": "/api/v1/tickets?start=517&count=2",
    "ticket": "/api/v1/tickets/1",
    "members": "/api/v1/members?start=3&count=2&closed=true",
    "member": "/api/v1/members/4",
    "register": "/api/v1/register?start=3&count=2&state=all",
    "register_counts": "/api/v1/register/counts",
    "register_changes": "/api/v1/register/changes?from=2026-12-05T00:00:00%2B07:00",
    "register_joins": "/api/v1/register/joins?from=2026-12-05T00:00:00%2B07:00&count=2",
    "register_exits": "/api/v1/register/exits?from=2026-12-05T00:00:00%2B07:00&count=2",
    "register_growth": "/api/v1/register/growth?from=2026-12-09&count=3",
    "register_member": "/api/v1/register/members/4",
    "member_tickets": "/api/v1/register/members/4/tickets",
    "screening_tickets": "/api/v1/register/screenings/1/tickets?count=2",
    "screening_not_over": "/api/v1/register/screenings/3/tickets",
    "export_csv": "/api/v1/register.csv?state=closed",
    "export_json": "/api/v1/register.json?state=closed",
    "export_xlsx": "/api/v1/register.xlsx?state=closed&language=en",
    "export_pdf": "/api/v1/register.pdf?state=closed&language=en",
    "contract": "/api/v1/metadata/contract?language=en",
    "emblem": "/api/v1/metadata/contract/picture.svg",
    "ticket_metadata": "/api/v1/metadata/tickets/1?language=en",
    "ticket_picture": "/api/v1/metadata/tickets/1/picture.svg",
    "card_picture": "/api/v1/metadata/cards/1/picture.svg",
    "health": "/health",
    "ready": "/health/ready",
    "metrics": "/metrics",
    "not_found": "/api/v1/members/9999",
    "bad_parameter": "/api/v1/members?count=501",
}
NOWHERE = "http://127.0.0.1:9"


def main() -> None:
    """Tell the story, ask, and write."""
    os.chdir(EXAMPLES.parent)
    with cooperative_on_this_machine() as folder:
        story(folder)
        tell("index", "rebuild")
        tell("audit", "now")
        chosen = settings.load()
        found = {name: ask(chosen, path) for name, path in ASKED.items()}
        another = chosen.model_copy(update={"chain_id": 1337})
        silent = chosen.model_copy(update={"rpc_url": NOWHERE})
        alone = chosen.model_copy(update={"state_folder": folder / "no-database-here"})
        found["no_index"] = ask(alone, "/api/v1/register")
        found["untrusted"] = ask(another, "/api/v1/films")
        found["unavailable"] = ask(silent, "/api/v1/films")
        found["health_failing"], found["not_ready"] = ask_when_it_is_not_well(chosen)
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


def ask_when_it_is_not_well(chosen: settings.Settings) -> tuple[Any, Any]:
    """Change a value of the index, and let the chain go on; return what health and readiness say."""
    with Application(chosen) as work:
        with transaction(engine_of(work.database), work.database) as connection:
            connection.execute(text("UPDATE index.record SET consent = 1 WHERE number = 3"))
        tell("audit", "now", expect=1)
        DevChain(work.chain).mine(40)
    return ask(chosen, "/health"), ask(chosen, "/health/ready")


def ask(chosen: settings.Settings, path: str) -> Any:
    """Return what the API answers; of a picture or a document only how it begins."""
    with TestClient(create_app(chosen), base_url="https://example.org") as client:
        answer = client.get(path)
    kind = answer.headers["Content-Type"].partition(";")[0]
    if kind.endswith("json"):
        return answer.json()
    if kind in {"text/csv", "text/plain"}:
        return answer.text
    if kind == "image/svg+xml":
        return f"{answer.text[:200]}…"
    return f"{len(answer.content)} bytes that begin with 0x{answer.content[:8].hex()}"


if __name__ == "__main__":
    main()
