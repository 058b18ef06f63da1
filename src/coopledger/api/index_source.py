"""Where the index is, for a service that reads it: the database that runs, and no other.

The one subtlety: the service starts no database. Where none runs, or it holds no index, a look at it
fails, and the reader asks the chain.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, Engine

from coopledger.bootstrap import Application
from coopledger.index.reading import reading
from coopledger.people.database import engine_of
from coopledger.people.dsn import Dsn
from coopledger.people.server import dsn_of
from coopledger.settings import Settings


class IndexSource:
    """Keeps connections to the database that runs. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._kept: tuple[str, Engine] | None = None

    def of(self, work: Application) -> Callable[[], AbstractContextManager[Connection]]:
        """Return what gives a consistent look at the index of a cooperative."""
        chain_id, ledger = work.chain.chain_id, work.cooperative.ledger.address

        @contextmanager
        def look() -> Iterator[Connection]:
            dsn = self._dsn()
            with reading(self._engine(dsn), dsn, chain_id, ledger) as connection:
                yield connection

        return look

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            kept, self._kept = self._kept, None
        if kept is not None:
            kept[1].dispose()

    def _dsn(self) -> Dsn:
        if self._settings.database_dsn is not None:
            return Dsn(self._settings.database_dsn.get_secret_value())
        return dsn_of(self._settings.state_folder / "postgresql")

    def _engine(self, dsn: Dsn) -> Engine:
        with self._lock:
            if self._kept is None or self._kept[0] != dsn.text:
                if self._kept is not None:
                    self._kept[1].dispose()
                self._kept = dsn.text, engine_of(dsn)
            return self._kept[1]
