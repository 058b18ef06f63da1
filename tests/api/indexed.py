"""The API over a chain on which everything has happened, and over an index of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi.testclient import TestClient
from pydantic import SecretStr

from coopledger.database.engine import engine_of
from coopledger.domain.moments import AtBlock
from coopledger.domain.types import BlockNumber
from coopledger.index.asking.queries import Register
from coopledger.index.asking.reading import reading
from coopledger.services.asking.moments import moment_of
from coopledger.settings import Settings
from tests.index.conftest import Index

if TYPE_CHECKING:
    from tests.services.conftest import Office


@dataclass
class Indexed:
    """A client of the API, what it reads from, and the register as the queries give it."""

    client: TestClient
    office: Office
    index: Index

    def ask(self, path: str) -> Any:
        """Return what a route answers; it must answer."""
        answer = self.client.get(path if path.startswith("/api") else f"/api/v1/register{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def everything(self, path: str, what: str) -> list[Any]:
        """Return all items of a list, page after page, which must be of one register."""
        said = self.ask(path)
        as_of, found = said["as_of"], list(said[what])
        while said["next"]:
            said = self.ask(said["next"])
            assert said["as_of"] == as_of
            assert said[what], "a page with nothing on it"
            found += said[what]
        return found

    def follow(self) -> None:
        """Let the index come to the chain's newest block."""
        self.index.follow(self.office)

    @contextmanager
    def register(self, block: int | None = None) -> Iterator[Register]:
        """Give the register as of a block, as the queries give it."""
        engine, coop = engine_of(self.index.dsn), self.office.coop
        at = None if block is None else AtBlock(BlockNumber(block))
        try:
            with reading(
                engine, self.index.dsn, coop.chain.chain_id, coop.ledger.address
            ) as connection:
                yield Register(connection, moment_of(connection, lambda: coop.chain, at))
        finally:
            engine.dispose()


def settings_of(office: Office, **others: Any) -> Settings:
    """Return the settings of a service that reads an office's chain."""
    chosen = {
        "rpc_url": office.url,
        "deployments_folder": office.deployments,
        "state_folder": office.folder / "state",
        **others,
    }
    return Settings.model_construct(_fields_set=set(chosen), **chosen)


def settings_with(office: Office, index: Index, **others: Any) -> Settings:
    """Return the settings of a service that reads an office's chain and an index of it."""
    return settings_of(office, database_dsn=SecretStr(index.dsn.text), **others)
