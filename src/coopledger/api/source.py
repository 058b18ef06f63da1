"""Where the answers come from: the deployed cooperative, found when it is first asked for, and its index.

It may be deployed, or its local chain started anew at another port, while the service runs. So what was
opened is opened again when its deployment's file changed, when its chain does not answer, or when its chain
has become shorter. What is final and in the index is answered without the chain.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from cachetools import LRUCache

from coopledger.api.index_source import IndexSource
from coopledger.api.problems import NotOpenYet
from coopledger.bootstrap import Application
from coopledger.chain.contracts.deployments import (
    Cooperative,
    DeploymentUnfinished,
    DeploymentUnreadable,
    NotDeployed,
    file_of,
    read_journal,
)
from coopledger.chain.wire.moments import pin
from coopledger.domain.moments import At, BlockMark, Moment
from coopledger.domain.types import BlockNumber
from coopledger.errors import NotFound, Unavailable, Untrusted
from coopledger.index.asking import pinning
from coopledger.index.asking.pinning import Reach
from coopledger.index.asking.queries import Register
from coopledger.index.origin import Origin
from coopledger.pictures.language import House
from coopledger.services.asking.from_the_chain import ChainReader
from coopledger.services.asking.from_the_index import IndexReader, RegisterReader
from coopledger.settings import Settings

_NOT_OPEN = (NotDeployed, DeploymentUnfinished, DeploymentUnreadable)

_MOMENTS = 1_000

FileVersion = tuple[int, int] | None


@dataclass
class _Opened:
    work: Application
    file_version: FileVersion
    newest: BlockNumber


@dataclass(frozen=True)
class Deployed:
    """What the deployment's file says, which needs no chain."""

    origin: Origin
    name: str
    """What tells this cooperative from every other: its chain, contracts, and what it is called."""
    file_version: FileVersion


class Source:
    """Reads from the chain that the settings name, and its index. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._house = House(settings.cooperative_name, settings.timezone)
        self._lock = threading.Lock()
        self._index = IndexSource(settings)
        self._opened: _Opened | None = None
        self._known: Deployed | None = None
        self._moments: LRUCache[object, Moment] = LRUCache(_MOMENTS)

    def newest(self) -> Moment:
        """Return the chain's newest block.

        Raises:
            NotOpenYet: there is no cooperative yet.
            Unavailable, Untrusted: a part does not answer, or is not what it should be.
        """
        return self._newest()[1]

    @contextmanager
    def reader(self, at: At | None = None, *, from_index: bool = False) -> Iterator[ChainReader]:
        """Give what answers as of a moment; without one, as of the chain's newest block.

        Args:
            at: the moment.
            from_index: let the index answer where it has come as far; else it is only asked what is final.

        Raises:
            BlockUnknown, TimeToCome: there is no such moment.
            CoopledgerError: see :meth:`newest`.
        """
        with ExitStack() as looking:
            reach = None if at is None else self._reach(looking)
            own = None if reach is None else reach.own(at)
            if reach is not None and own is not None:
                register = Register(reach.connection, own)
                yield IndexReader(lambda: self._newest()[0], self._house, register)
                return
            coop, newest = self._newest()
            moment = newest if at is None else pin(coop.chain, at, newest.read)
            known = _as_far(reach or self._reach(looking), moment)
            if known is not None and from_index:
                yield IndexReader(lambda: coop, self._house, known)
                return
            looking.close()
            seen = moment if known is None else known.as_of
            yield ChainReader(lambda: coop, self._house, seen)

    def register(self) -> RegisterReader:
        """Return what gives the register as of any moment.

        Raises:
            NotOpenYet: there is no cooperative yet.
        """
        origin = self.deployed().origin
        look = self._index.of(origin.chain_id, origin.ledger)
        return RegisterReader(origin, self._house, look, lambda: self._newest()[0].chain)

    def moment(self, at: At | None, *, of_register: bool) -> Moment:
        """Return the moment at which :meth:`reader` or :meth:`register` would answer, by few short questions.

        What was pinned is known as long as the index is what it was and, where the question is about now,
        the chain's newest block is.

        Raises:
            CoopledgerError: as they do.
        """
        version = self._index.version()
        now = version is not None and at is None and not of_register
        newest = self.newest().read if now else None
        key = (self.deployed().name, version, of_register, at, newest)
        with self._lock:
            known = self._moments.get(key)
        if known is None:
            known, lasts = self._pinned(at, newest, of_register=of_register)
            if lasts and version is not None and version == self._index.version():
                with self._lock:
                    self._moments[key] = known
        return known

    def deployed(self) -> Deployed:
        """Return what the deployment's file says.

        Raises:
            NotOpenYet: there is no cooperative yet.
        """
        file_version, known = self._file_version(), self._known
        if known is None or known.file_version != file_version:
            settings = self._settings
            try:
                journal = read_journal(settings.deployments_folder, settings.chain_id)
                ledger, *others = (
                    journal.contracts[name] for name in ("TicketLedger", "BoxOffice")
                )
            except (*_NOT_OPEN, KeyError) as failure:
                raise NotOpenYet from failure
            names = (journal.chain_id, ledger, *others, *journal.former_box_offices)
            name = ":".join(map(str, (*names, self._house.name)))
            origin = Origin(journal.chain_id, ledger, journal.first_block)
            known = self._known = Deployed(origin, name, file_version)
        return known

    def close(self) -> None:
        """Let go of the connections."""
        self._replace(None)
        self._index.close()

    def _pinned(
        self, at: At | None, newest: BlockMark | None, *, of_register: bool
    ) -> tuple[Moment, bool]:
        """Return an answer's moment, and whether index and newest block alone decided it."""
        if of_register or at is not None:
            with ExitStack() as looking:
                reach = self._reach(looking)
                if reach is not None and (own := reach.own(at)) is not None:
                    return own, True
        if of_register:
            with self.register().register(at) as register:
                return register.as_of, False
        with self.reader(at, from_index=True) as reader:
            return reader.moment, reader.moment.read == newest

    def _reach(self, looking: ExitStack) -> Reach | None:
        """Look at the index until the stack ends, and say how far it is; None where none answers."""
        try:
            origin = self.deployed().origin
            look = self._index.of(origin.chain_id, origin.ledger)
            return pinning.reach(looking.enter_context(look()))
        except (NotFound, Unavailable, Untrusted):
            return None

    def _newest(self) -> tuple[Cooperative, Moment]:
        opened = self._opened
        if opened is not None and opened.file_version == self._file_version():
            try:
                newest = pin(opened.work.chain, None)
            except Unavailable:
                pass  # its chain may have been started anew elsewhere
            else:
                if newest.block.number >= opened.newest:
                    opened.newest = newest.block.number
                    return opened.work.cooperative, newest
        return self._open_anew()

    def _open_anew(self) -> tuple[Cooperative, Moment]:
        file_version = self._file_version()
        work = Application(self._settings)
        try:
            coop, newest = work.cooperative, pin(work.chain, None)
        except BaseException as failure:
            work.__exit__(None, None, None)
            if isinstance(failure, _NOT_OPEN):
                raise NotOpenYet from failure
            raise
        self._replace(_Opened(work, file_version, newest.block.number))
        return coop, newest

    def _replace(self, opened: _Opened | None) -> None:
        with self._lock:
            former, self._opened = self._opened, opened
        if former is not None:
            former.work.__exit__(None, None, None)

    def _file_version(self) -> FileVersion:
        file = file_of(self._settings.deployments_folder, self._settings.chain_id)
        try:
            found = file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns


def _as_far(reach: Reach | None, moment: Moment) -> Register | None:
    """Return the register as of a moment that the chain named, where the index has come as far."""
    try:
        if reach is not None:
            seen = reach.pin(moment.block, moment.time, moment.read)
            return Register(reach.connection, seen)
    except Unavailable:  # it is behind, or the chain has turned
        pass
    return None
