"""The worker: follows the chain until it is told to stop, one writer at a time.

The writer's lock belongs to a connection of the database, the same that writes. It is let go when the
worker ends, however it ends, and the next one in line takes over.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.wire.client import BlockUnknown
from coopledger.database.dsn import Dsn
from coopledger.database.engine import DatabaseUnreachable, engine_of
from coopledger.errors import Refused, Unavailable
from coopledger.index import tables
from coopledger.index.following.sync import Progress, Sync
from coopledger.settings import Settings

#: Names the one writer among all advisory locks of the database: "coopidxW" in ASCII.
_WRITER_LOCK = 0x636F6F7069647857

_LOCK_EVERY_S = 1.0
_LONGEST_PAUSE_S = 30.0

Say = Callable[[str], None]


class AnotherWriter(Refused):
    """Another process is writing the index."""

    says = "another process is writing the index"
    advice = "Stop the worker (coopledger worker) first, and start it again after."


class Beside(Protocol):
    """What goes on beside the following of the chain, in a thread of its own."""

    def caught_up(self) -> None:
        """Take note that there is nothing more to read now. Returns at once."""

    def end(self) -> None:
        """End what is under way, and wait for that."""


@dataclass
class Worker:
    """Follows a cooperative's chain into a database."""

    coop: Cooperative
    dsn: Dsn
    settings: Settings
    stop: Event
    """Set it, from a signal's handler for one, to end after the step that is under way."""
    say: Say = lambda _: None
    watch: Callable[[Progress], None] = lambda _: None
    beside: Beside | None = None
    """Ends with :meth:`run`, however that ends."""

    def run(self, *, until_caught_up: bool = False) -> None:
        """Follow the chain. What a node or the database cannot do now is tried again later.

        Raises:
            LogsIncomplete, FinalBlockReplaced, OtherOrigin: something is not what it claims to be.
        """
        try:
            self._keep_following(until_caught_up)
        finally:
            if self.beside is not None:
                self.beside.end()

    def _keep_following(self, until_caught_up: bool) -> None:
        pause = self.settings.index_poll_s
        while not self.stop.is_set():
            try:
                with writing(self.dsn, self.stop, self.say) as connection:
                    self._follow(connection, until_caught_up)
                    return
            except Unavailable as failure:
                self.say(f"{failure}. Trying again in {pause:g} s.")
                self.stop.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)

    def rebuild(self) -> None:
        """Drop the index, and make it anew up to the chain's newest block.

        Raises:
            AnotherWriter: a worker is writing it.
            LogsIncomplete, NodeUnreachable, ...: see :meth:`run`; the next worker goes on.
        """
        with writing(self.dsn, self.stop, self.say, wait=False) as connection:
            with connection.begin():
                tables.drop(connection)
                tables.prepare(connection)
            self._follow(connection, until_caught_up=True)

    def _follow(self, connection: Connection, until_caught_up: bool) -> None:
        sync = Sync(self.coop, connection, self.settings)
        sync.begin()
        pause = self.settings.index_poll_s
        while not self.stop.is_set():
            try:
                progress = sync.step()
            except DatabaseUnreachable:
                raise
            except (Unavailable, BlockUnknown) as failure:
                self.say(f"{failure}. Trying again in {pause:g} s.")
                self.stop.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)
                continue
            pause = self.settings.index_poll_s
            self._tell(progress)
            if progress.caught_up:
                tables.take_place(connection)
                if until_caught_up:
                    return
                if self.beside is not None:
                    self.beside.caught_up()
                self.stop.wait(pause)

    def _tell(self, progress: Progress) -> None:
        if progress.went_back_from is not None:
            self.say(
                f"The chain turned: went back from block {progress.went_back_from} to"
                f" {progress.block}."
            )
        self.watch(progress)


@contextmanager
def writing(dsn: Dsn, stop: Event, say: Say, *, wait: bool = True) -> Iterator[Connection]:
    """Give a connection that alone may write the index; the tables to write are there.

    Raises:
        AnotherWriter: another process writes, and was not to be waited for.
        DatabaseUnreachable: the database does not answer, or went away.
    """
    engine = engine_of(dsn)
    try:
        with engine.connect() as connection:
            with connection.begin():
                # A batch that a crash of the machine takes back takes its cursor along: it is read again.
                connection.execute(text("SET SESSION synchronous_commit TO off"))
            _take_lock(connection, stop, say, wait=wait)
            if not stop.is_set():
                with connection.begin():
                    beside = tables.prepare(connection)
                if beside:
                    say("The index is of another version: it is made anew beside that one.")
            yield connection
    except OperationalError as error:
        raise DatabaseUnreachable(dsn, str(error.orig).strip()) from error
    finally:
        engine.dispose()


def _take_lock(connection: Connection, stop: Event, say: Say, *, wait: bool) -> None:
    waiting = False
    while not stop.is_set():
        with connection.begin():
            question = text("SELECT pg_try_advisory_lock(:key)")
            if connection.scalar(question, {"key": _WRITER_LOCK}):
                return
        if not wait:
            raise AnotherWriter
        if not waiting:
            say("Another worker is writing the index. Waiting to take over.")
            waiting = True
        stop.wait(_LOCK_EVERY_S)
