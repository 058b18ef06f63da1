"""The open API put together.

It is made without asking anything of chain or database, so it can start before them, and says that they
are missing until they are there.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from coopledger import __version__
from coopledger.api import documented, health, page, problems
from coopledger.api.answers import BLOCK_HEADER, Answers
from coopledger.api.asked_before import AskedBefore
from coopledger.api.downloads import DATA_HEADER
from coopledger.api.index_source import IndexSource
from coopledger.api.middleware import PlainAnswers
from coopledger.api.parameters import refuse_repeated
from coopledger.api.routes import (
    cooperative,
    exports,
    metadata,
    programme,
    register,
    register_index,
    register_members,
    tickets,
)
from coopledger.api.source import Source
from coopledger.api.spooling import Spool
from coopledger.settings import Settings

PREFIX = "/api/v1"

_SUBJECTS = (
    *(cooperative, programme, register, tickets, metadata),
    *(register_index, register_members, exports),
)


def create_app(
    settings: Settings, source: Source | None = None, *, needs_database: bool = False
) -> FastAPI:
    """Return the application.

    Args:
        settings: name the chain, the deployment, and the time zone.
        source: where the answers come from; without it the chain of the settings.
        needs_database: whether the embedded database is meant to run, for ``/health``.
    """
    answers = Answers(source or Source(settings), settings.timezone)
    index = IndexSource(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        answers.source.close()
        index.close()

    app = FastAPI(
        title="coopledger",
        version=__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        dependencies=[Depends(refuse_repeated)],
    )
    app.state.answers = answers
    app.state.index = index
    app.state.spool = Spool()
    app.state.settings = settings
    app.state.needs_database = needs_database
    problems.add_to(app)
    for subject in _SUBJECTS:
        app.include_router(subject.router, prefix=PREFIX)
    app.include_router(health.router)
    app.include_router(page.router)
    app.add_middleware(AskedBefore, answers=answers)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD"],
        allow_headers=["If-None-Match"],
        expose_headers=["ETag", BLOCK_HEADER, "Content-Disposition", DATA_HEADER],
    )
    app.add_middleware(PlainAnswers)
    app.openapi = lambda: documented.describe(app)  # type: ignore[method-assign]  # the documented way
    return app
