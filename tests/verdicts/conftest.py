"""A box office whose chain is followed and audited, over the fixtures of ``tests/index``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from coopledger.bootstrap import Application
from coopledger.database.engine import engine_of
from coopledger.verdicts.store import Attempt
from tests.api.conftest import settings_of
from tests.index.conftest import (
    Index,
    bad_node,
    busy,
    database,
    founded,
    founded_and_sold,
    new_index,
    open_office,
    shared_people,
    state_folder,
)

if TYPE_CHECKING:
    from tests.services.conftest import Office

__all__ = [
    "bad_node",
    "busy",
    "database",
    "founded",
    "founded_and_sold",
    "new_index",
    "open_office",
    "shared_people",
    "state_folder",
]


@dataclass
class Watched:
    """An application over an office's chain and an index of the test's own."""

    office: Office
    index: Index
    work: Application

    def audit(self) -> Attempt:
        """Do the scheduled audit now."""
        return self.work.audit_index(Event())

    def alter(self, statement: str) -> None:
        """Change the database behind the worker's back."""
        engine = engine_of(self.index.dsn)
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()


Watch = Callable[..., Watched]


@pytest.fixture
def watch(new_index: Callable[[], Index]) -> Iterator[Watch]:
    """What makes an application over an office's chain, with settings of its own."""
    with ExitStack() as stack:

        def made(office: Office, **settings: Any) -> Watched:
            index = new_index()
            dsn = SecretStr(index.dsn.text)
            chosen = settings_of(office, database_dsn=dsn, index_poll_s=0.01, **settings)
            return Watched(office, index, stack.enter_context(Application(chosen)))

        yield made


@pytest.fixture
def watched(busy: Office, watch: Watch) -> Watched:
    """An application whose index has caught up with the busy box office."""
    made = watch(busy)
    made.index.follow(busy)
    return made
