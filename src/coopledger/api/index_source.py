"""Where index and verdicts are, for a service that reads them: the database that runs, and no other.

The service starts no database. Where none runs, or it holds no index, a look at it fails, and the reader
asks the chain.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
from sqlalchemy import Connection, Engine

from coopledger.database.dsn import Dsn
from coopledger.database.engine import engine_of, transaction
from coopledger.domain.types import Address, ChainId
from coopledger.errors import Unavailable
from coopledger.index.asking.reading import reading, version
from coopledger.local.database.server import dsn_of
from coopledger.settings import Settings
from coopledger.verdicts import store as verdicts
from coopledger.verdicts.store import Attempt, Of

_TIMEOUT_S = 3


class IndexSource:
    """Keeps connections to the database that runs. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._kept: tuple[str, Engine] | None = None

    def of(
        self, chain_id: ChainId, ledger: Address
    ) -> Callable[[], AbstractContextManager[Connection]]:
        """Return what gives a consistent look at the index of a ledger."""

        @contextmanager
        def look() -> Iterator[Connection]:
            dsn = self._dsn()
            with reading(self._engine(dsn), dsn, chain_id, ledger) as connection:
                yield connection

        return look

    def version(self) -> str | None:
        """Return what every change of the index changes, by one short question; None where none answers."""
        try:
            dsn = self._dsn()
            asking = self._engine(dsn).execution_options(isolation_level="AUTOCOMMIT")
            with transaction(asking, dsn) as connection:
                return version(connection)
        except Unavailable:
            return None

    def audits(self, of: Of) -> tuple[Attempt | None, Attempt | None]:
        """Return the newest audit of a ledger that was done, and the newest, done or not.

        Raises:
            ServerNotRunning, DatabaseUnreachable: the database does not answer.
        """
        dsn = self._dsn()
        with transaction(self._engine(dsn), dsn) as connection:
            newest = verdicts.newest(connection, of, 1)
            return verdicts.verdict_in_force(connection, of), next(iter(newest), None)

    def try_out(self) -> None:
        """Connect to the database once, for a few seconds at most.

        Raises:
            ServerNotRunning: the embedded one does not run.
            psycopg.Error: it does not answer, or refuses the login.
        """
        psycopg.connect(self._dsn().text, connect_timeout=_TIMEOUT_S).close()

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
