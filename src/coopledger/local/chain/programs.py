"""The programs that can serve a local chain: how they are called, and when they are ready.

A node picks its free port itself (port 0), and the port is read from the sockets that its process listens
on. So no other process can take the port in between, and what answers there is known to be the node.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO

import psutil

from coopledger.chain.wire.rpc import AnswerLost, AnswerUnreadable, JsonRpc, NodeUnreachable
from coopledger.domain.types import ChainId, Timestamp
from coopledger.errors import BadInput, Unavailable
from coopledger.local.chain import anvil
from coopledger.settings import LOCAL_CHAIN_ID, find_project_root

_START_TIMEOUT_S = 60.0
_POLL_S = 0.02
_OUTPUT_TAIL = 2_000


class NodeProgram(StrEnum):
    """The programs that can serve a local chain."""

    ANVIL = "anvil"
    HARDHAT = "hardhat"


class NodeProgramMissing(Unavailable):
    """The program that would serve the chain is not installed."""

    program: str
    file: Path

    says = "{program} is not installed: {file} does not exist"
    advice = "coopledger up fetches anvil; in a checkout, scripts/setup installs both."


class NodeDidNotStart(Unavailable):
    """The node ended, or did not answer in time."""

    program: str
    reason: str
    output: str

    advice = "Read what the program printed; a port in use is the usual cause."

    def __str__(self) -> str:
        return f"{self.program} did not start ({self.reason}): {self.output or 'no output'}"


class OptionUnsupported(BadInput):
    """A node program cannot do what was asked of it."""

    program: str
    option: str

    says = "{program} does not support {option}"
    advice = "Use anvil, or leave the option out."


@dataclass(frozen=True)
class NodeOptions:
    """How a local chain is set up.

    ``port`` 0 lets the node take a free one. Without ``block_time_s`` each transaction makes its
    block at once. ``timestamp`` starts the chain's clock elsewhere than now. With ``state``, the
    chain goes on from that file, where it exists; :meth:`LocalNode.save` writes it.
    """

    program: NodeProgram = NodeProgram.ANVIL
    port: int = 0
    chain_id: ChainId = LOCAL_CHAIN_ID
    timestamp: Timestamp | None = None
    block_time_s: int | None = None
    accounts: int | None = None
    state: Path | None = None
    keep_history: bool = False
    project_root: Path = field(default_factory=find_project_root)


def command_of(options: NodeOptions, load_state: Path | None, old_states: Path) -> list[str]:
    """Return the command that serves a chain with these options in its own process.

    Args:
        options: how the chain is set up.
        load_state: anvil's own JSON file to go on from.
        old_states: the folder for the states of old blocks, which grow to gigabytes; who starts the
            process removes it. By default anvil has them in the home, and a kill leaves them there.

    Raises:
        NodeProgramMissing: the program is not installed.
        OptionUnsupported: the program cannot do what an option asks.
    """
    if options.program is NodeProgram.ANVIL:
        return _anvil_command(options, load_state, old_states)
    return _hardhat_command(options)


def wait_until_serving(
    options: NodeOptions, pid: int, output: IO[bytes], alive: Callable[[], bool]
) -> str:
    """Wait for a node process to answer, and return its URL.

    Args:
        options: what it was started with.
        pid: the process that will listen.
        output: where it prints, for the message when it fails.
        alive: whether it still runs.

    Raises:
        NodeDidNotStart: it ended, answered for another chain, or not in time.
    """
    deadline = time.monotonic() + _START_TIMEOUT_S
    while alive() and time.monotonic() < deadline:
        port = _listening_port(pid)
        if port is not None:
            url = f"http://127.0.0.1:{port}"
            rpc = JsonRpc(url)
            try:
                served = int(rpc.request("eth_chainId"), 16)
                if options.program is NodeProgram.HARDHAT:
                    rpc.request("hardhat_setLoggingEnabled", False)
            except (NodeUnreachable, AnswerLost, AnswerUnreadable):
                continue
            finally:
                rpc.close()
            if served != options.chain_id:
                raise NodeDidNotStart(options.program, f"it serves chain {served}", "")
            return url
        time.sleep(_POLL_S)
    reason = f"no answer in {_START_TIMEOUT_S:.0f} s" if alive() else "it ended"
    raise NodeDidNotStart(options.program, reason, _tail(output))


def never_turn_back(url: str) -> None:
    """Set a restored chain's clock so that its next block is not older than its last.

    anvil goes on with the time of day, which lies behind a chain whose clock had been moved.
    """
    rpc = JsonRpc(url)
    last = int(rpc.request("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    ahead = last - int(time.time())
    if ahead > 0:
        rpc.request("evm_increaseTime", ahead + 1)
    rpc.close()


def _anvil_command(options: NodeOptions, load_state: Path | None, old_states: Path) -> list[str]:
    binary = anvil.program(options.project_root)
    if not binary.is_file():
        raise NodeProgramMissing(options.program, binary)
    choices: dict[str, object | None] = {
        "--port": options.port,
        "--chain-id": options.chain_id,
        "--timestamp": None if load_state else options.timestamp,
        "--block-time": options.block_time_s,
        "--accounts": options.accounts,
        "--load-state": load_state,
        "--cache-path": old_states,
    }
    chosen = [
        text for name, value in choices.items() if value is not None for text in (name, str(value))
    ]
    # Without --enable-tx-gas-limit anvil takes transactions that no public chain would.
    return [str(binary), "--quiet", "--host", "127.0.0.1", "--enable-tx-gas-limit", *chosen]


def _hardhat_command(options: NodeOptions) -> list[str]:
    for name in ("timestamp", "block_time_s", "accounts", "state"):
        if getattr(options, name) is not None:
            raise OptionUnsupported(options.program, name)
    program = options.project_root / "node_modules" / "hardhat" / "dist" / "src" / "cli.js"
    if not program.is_file():
        raise NodeProgramMissing(options.program, program)
    command = [str(anvil.NODE), str(program), "node", "--hostname", "127.0.0.1"]
    return [*command, "--port", str(options.port), "--chain-id", str(options.chain_id)]


def _listening_port(pid: int) -> int | None:
    try:
        sockets = psutil.Process(pid).net_connections("tcp4")
    except psutil.Error:
        return None
    ports = [s.laddr.port for s in sockets if s.status == psutil.CONN_LISTEN]
    return ports[0] if ports else None


def _tail(output: IO[bytes]) -> str:
    size = output.seek(0, 2)
    output.seek(max(0, size - _OUTPUT_TAIL))
    return output.read().decode(errors="replace").strip()
