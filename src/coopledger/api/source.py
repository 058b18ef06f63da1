"""Where the answers come from: the deployed cooperative, found when it is first asked for.

It may be deployed, or its local chain started anew at another port, while the service runs. So what was
opened is opened again when its deployment's file changed, when its chain does not answer, or when its
chain has become shorter.
"""

import threading
from dataclasses import dataclass
from typing import Protocol

from coopledger.api.index_source import IndexSource
from coopledger.api.problems import NotOpenYet
from coopledger.bootstrap import Application
from coopledger.chain.contracts.deployments import (
    DeploymentUnfinished,
    DeploymentUnreadable,
    NotDeployed,
    file_of,
)
from coopledger.domain.types import BlockNumber
from coopledger.errors import Unavailable
from coopledger.services.asking.answers import Reader
from coopledger.services.asking.from_the_index import IndexReader
from coopledger.services.register.finding import AsOf
from coopledger.settings import Settings


class Source(Protocol):
    """Gives what answers, and the block to answer at."""

    def pinned(self) -> tuple[Reader, AsOf]:
        """Return the reader and the newest block.

        Raises:
            NotOpenYet: there is no cooperative yet.
            Unavailable, Untrusted: a part does not answer, or is not what it should be.
        """

    def close(self) -> None:
        """Let go of what is open."""


@dataclass
class _Opened:
    work: Application
    reader: Reader
    file_version: tuple[int, int] | None
    newest: BlockNumber


class ChainSource:
    """Reads from the chain that the settings name, and its index. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._index = IndexSource(settings)
        self._opened: _Opened | None = None

    def pinned(self) -> tuple[Reader, AsOf]:
        """Return the reader and the newest block; see :class:`Source`."""
        opened = self._opened
        if opened is not None and opened.file_version == self._file_version():
            try:
                newest = opened.reader.newest()
            except Unavailable:
                pass  # its chain may have been started anew elsewhere
            else:
                if newest.block >= opened.newest:
                    opened.newest = newest.block
                    return opened.reader, newest
        return self._open_anew()

    def close(self) -> None:
        """Let go of the connections."""
        self._replace(None)
        self._index.close()

    def _open_anew(self) -> tuple[Reader, AsOf]:
        file_version = self._file_version()
        work = Application(self._settings)
        try:
            index = self._index.of(work.chain.chain_id, work.cooperative.ledger.address)
            reader = IndexReader(work.cooperative, work.house, index)
            newest = reader.newest()
        except BaseException as failure:
            work.__exit__(None, None, None)
            if isinstance(failure, NotDeployed | DeploymentUnfinished | DeploymentUnreadable):
                raise NotOpenYet from failure
            raise
        self._replace(_Opened(work, reader, file_version, newest.block))
        return reader, newest

    def _replace(self, opened: _Opened | None) -> None:
        with self._lock:
            former, self._opened = self._opened, opened
        if former is not None:
            former.work.__exit__(None, None, None)

    def _file_version(self) -> tuple[int, int] | None:
        file = file_of(self._settings.deployments_folder, self._settings.chain_id)
        try:
            found = file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns
