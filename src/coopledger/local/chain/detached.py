"""A local chain that stays when the command that started it ends (``coopledger up``).

It is recorded before it answers, so that a crash in between leaves a node that can be found; and by more
than its pid, which the system may give to another process later.
"""

import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import rmtree

from coopledger.chain.wire.rpc import NodeUnreachable
from coopledger.domain.types import ChainId
from coopledger.errors import NotFound, Refused
from coopledger.local.chain import saved_state
from coopledger.local.chain.programs import (
    NodeOptions,
    command_of,
    never_turn_back,
    wait_until_serving,
)
from coopledger.local.processes import ProcessMark

_STOP_TIMEOUT_S = 10.0


class NodeAlreadyRuns(Refused):
    """A node was started for this folder and still runs."""

    pid: int
    url: str

    says = "a local chain runs already at {url} (process {pid})"
    advice = "Use the node that runs, or stop it with coopledger down."


class NoNodeRuns(NotFound):
    """No node that was started for this folder runs."""

    folder: Path

    says = "no local chain of {folder} is running"
    advice = (
        "Go to the folder where coopledger up was called, or call it here; COOPLEDGER_STATE_FOLDER "
        "names that folder's .coopledger from elsewhere."
    )


class NoChainHere(NodeUnreachable):
    """No node runs for this folder, and none answers where one is looked for then."""

    folder: Path

    says = "no local chain of {folder} is running, and at {node} no other one is reached: {reason}"
    advice = f"{NoNodeRuns.advice} COOPLEDGER_RPC_URL names another node."


@dataclass(frozen=True)
class DetachedNode:
    """A node that runs on its own. ``started`` is its process's start, seconds since 1970."""

    pid: int
    started: float
    url: str
    chain_id: ChainId


def start(options: NodeOptions, folder: Path) -> DetachedNode:
    """Start a node that stays, record it in ``folder``, and wait until it answers.

    Raises:
        NodeAlreadyRuns: one was started for this folder and still runs.
        NodeProgramMissing, OptionUnsupported, StateUnreadable, NodeDidNotStart: see
            :meth:`coopledger.local.chain.node.LocalNode.start`; no process stays behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    running = _running(folder)
    if running is not None:
        raise NodeAlreadyRuns(running.pid, running.url)
    rmtree(_old_states(folder), ignore_errors=True)
    with (
        saved_state.restored(options.state) as state,
        (folder / "node.log").open("w+b") as output,
    ):
        process = subprocess.Popen(  # noqa: S603  our own program, by full path
            command_of(options, state, _old_states(folder)),
            cwd=options.project_root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        started = ProcessMark.of(process.pid).started
        # Recorded before it answers: a crash in between leaves a node that can be found.
        _record(folder, DetachedNode(process.pid, started, "", options.chain_id))
        try:
            url = wait_until_serving(
                options, process.pid, output, alive=lambda: process.poll() is None
            )
            if state is not None:
                never_turn_back(url)
        except BaseException:
            process.kill()
            process.wait()
            _record_file(folder).unlink()
            raise
    # The process is meant to outlive this one: tell subprocess not to warn of that.
    process.returncode = 0
    node = DetachedNode(process.pid, started, url, options.chain_id)
    _record(folder, node)
    return node


def find(folder: Path) -> DetachedNode:
    """Return the node that runs for this folder.

    Raises:
        NoNodeRuns: there is none, or it has ended.
    """
    node = _running(folder)
    if node is None:
        raise NoNodeRuns(folder)
    return node


def ended_unstopped(folder: Path) -> bool:
    """Say whether this folder's last node ended without :func:`stop`, as in a crash."""
    return _record_file(folder).is_file() and _running(folder) is None


def stop(folder: Path) -> DetachedNode:
    """Stop the node of this folder, wait for its end, and return what it was.

    Raises:
        NoNodeRuns: there is none, or it has ended.
    """
    node = find(folder)
    ProcessMark(node.pid, node.started).stop(_STOP_TIMEOUT_S)
    _record_file(folder).unlink()
    rmtree(_old_states(folder), ignore_errors=True)
    return node


def _record_file(folder: Path) -> Path:
    return folder / "node.json"


def _old_states(folder: Path) -> Path:
    return folder / "old-states"


def _record(folder: Path, node: DetachedNode) -> None:
    temporary = folder / "node.json.new"
    temporary.write_text(json.dumps(asdict(node)), "utf-8")
    temporary.replace(_record_file(folder))


def _running(folder: Path) -> DetachedNode | None:
    file = _record_file(folder)
    if not file.is_file():
        return None
    node = DetachedNode(**json.loads(file.read_text("utf-8")))
    return node if ProcessMark(node.pid, node.started).runs() else None
