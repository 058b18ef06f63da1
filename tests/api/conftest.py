"""The API over the chains of the services' tests.

The fixtures are the services' own; naming them here makes them this folder's too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from fastapi.testclient import TestClient

from coopledger.api.app import create_app
from coopledger.settings import Settings
from tests.services.conftest import (
    Office,
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
    "shared_people",
    "state_folder",
]


def settings_of(office: Office, **others: Any) -> Settings:
    """Return the settings of a service that reads an office's chain."""
    chosen = {
        "rpc_url": office.url,
        "deployments_folder": office.deployments,
        "state_folder": office.folder / "state",
        **others,
    }
    return Settings.model_construct(_fields_set=set(chosen), **chosen)


@pytest.fixture
def serve() -> Iterator[Callable[[Settings], TestClient]]:
    """What serves the API of some settings to a client in this process."""
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(TestClient(create_app(settings)))


@pytest.fixture
def client(busy: Office, serve: Callable[[Settings], TestClient]) -> TestClient:
    """A client of the API of the box office that has sold the example set."""
    return serve(settings_of(busy))
