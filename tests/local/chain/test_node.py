"""Local nodes: they start, keep their state, and never outlive their owner."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from coopledger.chain.development import DevChain
from coopledger.chain.wire.client import connect
from coopledger.domain.types import ChainId, Timestamp
from coopledger.local.chain import detached, saved_state
from coopledger.local.chain.node import LocalNode, NodeDidNotStart, NodeOptions, NodeProgram
from coopledger.local.chain.programs import NodeProgramMissing, OptionUnsupported

OWNER = """
import sys, time
from coopledger.local.chain.node import LocalNode, NodeOptions, NodeProgram
with LocalNode(NodeOptions(program=NodeProgram(sys.argv[1]))) as node:
    print(node.pid, flush=True)
    time.sleep(600)
"""


def wait_until(holds: Callable[[], bool], timeout_s: float = 15.0) -> bool:
    """Poll a condition; return whether it came to hold."""
    deadline = time.monotonic() + timeout_s
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def has_ended(pid: int) -> bool:
    """Say whether a process is gone (or dead and waiting to be collected)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("program", list(NodeProgram))
def test_a_stopped_node_leaves_no_process(program: NodeProgram) -> None:
    """While it runs, a node serves its chain; when it is stopped, no process of it stays."""
    with LocalNode(NodeOptions(program=program, chain_id=ChainId(1337))) as node:
        chain = connect(node.url, ChainId(1337))
        chain.close()
        served = psutil.Process(node.pid)
        family = [node.pid, served.ppid(), *(c.pid for c in served.children(recursive=True))]
    assert [pid for pid in family if not has_ended(pid)] == []


@pytest.mark.parametrize("program", list(NodeProgram))
@pytest.mark.parametrize("victim", ["owner", "supervisor"])
def test_a_node_ends_when_its_owner_is_killed(program: NodeProgram, victim: str) -> None:
    """``kill -9`` of the owner, or of the process between, takes the node along."""
    with subprocess.Popen([sys.executable, "-c", OWNER, program], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        node = psutil.Process(int(owner.stdout.readline()))
        supervisor = node.parent()
        assert supervisor is not None
        try:
            os.kill(owner.pid if victim == "owner" else supervisor.pid, signal.SIGKILL)
            assert wait_until(lambda: has_ended(node.pid))
            assert wait_until(lambda: has_ended(supervisor.pid))
        finally:
            for process in (owner, supervisor, node):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()


def test_a_killed_owner_leaves_no_old_states(tmp_path: Path) -> None:
    """The states of old blocks lie in the folder for temporary files, and go with the node."""
    command = [sys.executable, "-c", OWNER, NodeProgram.ANVIL]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as owner:
        assert owner.stdout is not None
        node = psutil.Process(int(owner.stdout.readline()))
        command_line, supervisor = node.cmdline(), node.parent()
        owner.kill()
    assert supervisor is not None
    assert Path(command_line[command_line.index("--cache-path") + 1]).parent == tmp_path
    assert wait_until(lambda: has_ended(supervisor.pid))
    assert has_ended(node.pid)
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_a_named_failure() -> None:
    """A node that cannot start says why, in its program's words, and leaves no process."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        node = LocalNode(NodeOptions(port=taken.getsockname()[1]))
        with pytest.raises(NodeDidNotStart, match="in use") as failure:
            node.start()
    assert failure.value.program == "anvil"
    assert has_ended(node.pid)


def test_what_a_program_cannot_do_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Options that Hardhat's node lacks, and programs that are not there, are named."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(OptionUnsupported, match="state"):
        LocalNode(NodeOptions(program=NodeProgram.HARDHAT, state=tmp_path / "chain")).start()
    with pytest.raises(NodeProgramMissing, match="anvil"):
        LocalNode(NodeOptions(project_root=tmp_path)).start()
    with LocalNode() as node, pytest.raises(OptionUnsupported, match="state file"):
        node.save()


def test_a_chain_goes_on_from_its_saved_state(tmp_path: Path) -> None:
    """A restarted chain has the same blocks, and its next block is not older than its last."""
    options = NodeOptions(state=tmp_path / "chain.gz", timestamp=Timestamp(4_000_000_000))
    with LocalNode(options) as node:
        chain = connect(node.url, node.chain_id)
        DevChain(chain).mine(5)
        DevChain(chain).increase_time(86_400)
        last = chain.block("latest")
        assert node.save() > 0
        chain.close()
    with LocalNode(options) as node:
        chain = connect(node.url, node.chain_id)
        assert chain.block("latest") == last
        DevChain(chain).mine()
        assert chain.block("latest").timestamp >= last.timestamp
        chain.close()


def test_a_truncated_state_falls_back_to_the_one_before(tmp_path: Path) -> None:
    """With the newest copy cut off, the chain goes on from the copy before it."""
    options = NodeOptions(state=tmp_path / "chain.gz")
    with LocalNode(options) as node:
        chain = connect(node.url, node.chain_id)
        for _ in range(2):
            DevChain(chain).mine(3)
            node.save()
        chain.close()
    newest = tmp_path / "chain.gz"
    newest.write_bytes(newest.read_bytes()[:-20])
    with LocalNode(options) as node:
        chain = connect(node.url, node.chain_id)
        assert chain.head() == 3
        chain.close()


def test_a_state_with_no_readable_copy_is_never_taken_for_an_empty_chain(tmp_path: Path) -> None:
    """When every copy is damaged, the node does not start, and the files are named."""
    state = tmp_path / "chain.gz"
    state.write_bytes(b"\x1f\x8bcut off")
    with pytest.raises(saved_state.StateUnreadable) as failure:
        LocalNode(NodeOptions(state=state)).start()
    assert failure.value.files == (state,)


def test_a_detached_node_stays_until_it_is_stopped(tmp_path: Path) -> None:
    """A node started by a command that has ended still serves, is found, and can be stopped."""
    starting = (
        "import sys; from pathlib import Path; from coopledger.local.chain import detached;"
        "from coopledger.local.chain.node import NodeOptions;"
        "detached.start(NodeOptions(), Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", starting, str(tmp_path)], check=True)
    node = detached.find(tmp_path)
    chain = connect(node.url, node.chain_id)
    assert chain.head() == 0
    chain.close()
    with pytest.raises(detached.NodeAlreadyRuns):
        detached.start(NodeOptions(), tmp_path)
    assert detached.stop(tmp_path) == node
    assert has_ended(node.pid)
    with pytest.raises(detached.NoNodeRuns):
        detached.stop(tmp_path)


def test_another_process_with_the_recorded_pid_is_left_alone(tmp_path: Path) -> None:
    """A pid that belongs to a later process is no node, and is not stopped."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        record = {"pid": other.pid, "started": 1.0, "url": "http://127.0.0.1:1", "chain_id": 31337}
        (tmp_path / "node.json").write_text(json.dumps(record))
        with pytest.raises(detached.NoNodeRuns):
            detached.stop(tmp_path)
        assert other.poll() is None
        other.kill()


def test_a_detached_node_that_does_not_start_leaves_nothing(tmp_path: Path) -> None:
    """A failed start leaves neither a process nor a record of one."""
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(NodeDidNotStart, match="in use"),
    ):
        detached.start(NodeOptions(port=taken.getsockname()[1]), tmp_path)
    assert not (tmp_path / "node.json").exists()
