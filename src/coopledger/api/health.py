"""How the service is: which of its parts answer. Nothing secret, and nothing of where they are.

The one subtlety: a cooperative that is not deployed yet is no fault. It is said, with status 200.
"""

import time
from typing import Annotated, Any

import psycopg
from fastapi import APIRouter, Query, Request, Response

from coopledger import __version__
from coopledger.api.documented import refusing
from coopledger.api.models.common import BlockSeen, Health
from coopledger.api.parameters import Nothing
from coopledger.api.problems import NotOpenYet
from coopledger.api.source import Source
from coopledger.errors import Unavailable, Untrusted
from coopledger.people.dsn import Dsn
from coopledger.people.server import ServerNotRunning, dsn_of
from coopledger.settings import Settings

router = APIRouter(tags=["service"])

_DATABASE_TIMEOUT_S = 3


def _described(example: str, about: str) -> dict[str, Any]:
    content = {"application/json": {"example": example}}
    return {"description": about, "model": Health, "content": content}


@router.get(
    "/health",
    responses={
        200: _described("health", "All is well."),
        503: _described("health_failing", "A part does not answer."),
        **refusing(422),
    },
)
def health(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Whether the chain, the database and the service itself are well."""
    state = request.app.state
    found = look(state.answers.source, state.settings, needs_database=state.needs_database)
    return Response(
        found.model_dump_json(),
        200 if found.status == "ok" else 503,
        {"Cache-Control": "no-store"},
        "application/json",
    )


def look(source: Source, settings: Settings, *, needs_database: bool) -> Health:
    """Return how everything is.

    Args:
        source: where the answers come from.
        settings: say where the database is.
        needs_database: whether the embedded database is meant to run.
    """
    chain, cooperative, newest = "reachable", "deployed", None
    try:
        _, seen = source.pinned()
        age_s = max(0, int(time.time()) - seen.moment)
        newest = BlockSeen.of(seen.block, seen.block_hash, seen.moment, age_s)
    except NotOpenYet:
        cooperative = "not deployed yet"
    except Unavailable:
        chain, cooperative = "unreachable", "unknown"
    except Untrusted:
        cooperative = "not what it should be"
    database = _database(settings, needed=needs_database)
    well = (
        chain == "reachable"
        and cooperative in {"deployed", "not deployed yet"}
        and database in {"running", "not needed"}
    )
    return Health(
        status="ok" if well else "failing",
        version=__version__,
        chain=chain,
        chain_id=settings.chain_id,
        newest_block=newest,
        cooperative=cooperative,
        database=database,
    )


def _database(settings: Settings, *, needed: bool) -> str:
    try:
        if settings.database_dsn is not None:
            dsn = Dsn(settings.database_dsn.get_secret_value())
        else:
            dsn = dsn_of(settings.state_folder / "postgresql")
        psycopg.connect(dsn.text, connect_timeout=_DATABASE_TIMEOUT_S).close()
    except ServerNotRunning:
        return "not running" if needed else "not needed"
    except psycopg.Error:
        return "not running"
    return "running"
