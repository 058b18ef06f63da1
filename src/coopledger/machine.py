"""Everything for one machine together: local chain, database and API, started and stopped.

The chain is a process of its own; the API is another, and keeps the database (which ends with it, however
it ends). What still runs is left alone, and what is missing is started or stopped around it, so both
commands also help after a part was killed.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coopledger.api import process
from coopledger.api.process import ServiceProcess
from coopledger.domain.types import Timestamp
from coopledger.local.chain import detached, saved_state
from coopledger.local.chain.detached import DetachedNode, NodeAlreadyRuns, NoNodeRuns
from coopledger.local.chain.programs import NodeOptions
from coopledger.local.database.server import wait_until_stopped
from coopledger.settings import Settings


@dataclass(frozen=True)
class Running:
    """What runs now."""

    node: DetachedNode
    service: ServiceProcess
    unsaved: bool
    """Whether the chain had ended before without being saved."""


@dataclass(frozen=True)
class Stopped:
    """What was found running, and is stopped."""

    chain: bool
    service: bool


def start(settings: Settings, starts_at: Timestamp | None, port: int) -> Running:
    """Start the chain, the database and the API, or what of them does not run.

    Args:
        settings: say where everything is kept.
        starts_at: where a new chain's clock starts; None for now.
        port: where the API listens; 0 for any free port.

    Raises:
        NodeAlreadyRuns: everything runs already.
        AddressTaken, ServiceDidNotStart: the API cannot be started.
        CoopledgerError: the chain cannot be started (see ``local.chain.detached.start``).
    """
    folder = settings.state_folder
    with _alone(folder):
        node, service = _node(folder), process.find(folder)
        if node is not None and service is not None:
            raise NodeAlreadyRuns(node.pid, node.url)
        # Both take their time to start, so they do it side by side.
        unsaved = detached.ended_unstopped(folder)
        launched = service or process.launch(settings, port)
        started = node
        try:
            started = node or detached.start(_options(settings, starts_at), folder)
            process.wait_until_answering(launched, folder)
        except BaseException:
            if service is None:
                process.stop(launched, folder)
            if node is None and started is not None:
                detached.stop(folder)
            raise
        return Running(started, launched, unsaved)


def stop(settings: Settings) -> Stopped:
    """Stop the API and the database, save the chain and stop it; whatever of them runs.

    Raises:
        NoNodeRuns: nothing runs.
        ServerDidNotStop: the database is still stopping.
        NodeUnreachable, AnswerLost, NodeRefused: the chain gave no state; it still runs.
        StateNotSaved: its state cannot be written; it still runs.
    """
    folder = settings.state_folder
    if not folder.is_dir():
        raise NoNodeRuns(folder.absolute())
    with _alone(folder):
        node, service = _node(folder), process.find(folder)
        if node is None and service is None:
            raise NoNodeRuns(folder.absolute())
        if service is not None:
            process.stop(service, folder)
        try:
            if node is not None:
                saved_state.save(node.url, _state_file(settings), keep_history=True)
                detached.stop(folder)
        finally:
            wait_until_stopped(folder / "postgresql")
        return Stopped(node is not None, service is not None)


def _options(settings: Settings, starts_at: Timestamp | None) -> NodeOptions:
    return NodeOptions(
        chain_id=settings.chain_id,
        state=_state_file(settings),
        timestamp=starts_at,
        project_root=settings.project_root,
    )


def _state_file(settings: Settings) -> Path:
    return (settings.state_folder / "chain.json").absolute()


def _node(folder: Path) -> DetachedNode | None:
    try:
        return detached.find(folder)
    except NoNodeRuns:
        return None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one command at a time start and stop things here."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "machine.lock").open("a") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        yield
