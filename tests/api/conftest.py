"""The API over the chains of the services' tests.

The fixtures are the services' own; naming them here makes them this folder's too.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis.errors import FlakyStrategyDefinition

from coopledger.api.app import create_app
from coopledger.database.dsn import Dsn
from coopledger.settings import Settings
from tests.api.indexed import Indexed, settings_of, settings_with
from tests.databases import new_database
from tests.index.conftest import Index, index_maker
from tests.index.history import make_history
from tests.services.conftest import (
    EXAMPLES,
    Office,
    OfficeOpener,
    brought_back,
    busy,
    database,
    founded,
    founded_and_sold,
    office,
    open_office,
    shared_people,
    state_folder,
)

__all__ = [
    "busy",
    "database",
    "founded",
    "founded_and_sold",
    "office",
    "open_office",
    "settings_of",
    "shared_people",
    "state_folder",
]


@pytest.fixture
def serve() -> Iterator[Callable[[Settings], TestClient]]:
    """What serves the API of some settings to a client in this process."""
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(TestClient(create_app(settings)))


@pytest.fixture(scope="package")
def lived(open_office: OfficeOpener, database: Dsn) -> tuple[Office, Index]:
    """A chain of its own on which everything has happened, and an index of it."""
    office = open_office("lived")
    office.dev.increase_time(60)
    office.sell(EXAMPLES / "kinarya-positions.csv")
    make_history(office)
    index = index_maker(database)()
    index.follow(office)
    return office, index


@pytest.fixture
def indexed(
    lived: tuple[Office, Index],
    database: Dsn,
    serve: Callable[[Settings], TestClient],
    tmp_path: Path,
) -> Iterator[Indexed]:
    """The API over an index of a chain on which everything has happened."""
    founded, model = lived
    with brought_back(founded, tmp_path) as office:
        copy = new_database(database, str(model.dsn.url.database))
        index = Index(copy, model.settings)
        yield Indexed(serve(settings_with(office, index)), office, index)


@pytest.fixture
def client(busy: Office, serve: Callable[[Settings], TestClient]) -> TestClient:
    """A client of the API of the box office that has sold the example set."""
    return serve(settings_of(busy))


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Ask everything once more where a question was not made again as it was: its maker's fault, not ours.

    Schemathesis remembers strategies and makes forgotten ones anew, now and then in another order.
    """
    try:
        return (yield)
    except FlakyStrategyDefinition:
        names = pyfuncitem._fixtureinfo.argnames
        pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
        return True
