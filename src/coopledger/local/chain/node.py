"""A local chain of one's own, for trials and tests: started, watched and stopped.

The node ends with the process that started it, even on ``kill -9`` (see ``supervisor.py``). Only
:mod:`coopledger.local.chain.detached` starts nodes that stay.
"""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryFile, mkdtemp
from types import TracebackType
from typing import IO, Self

from coopledger.domain.types import ChainId
from coopledger.local.chain import saved_state
from coopledger.local.chain.programs import (
    NodeDidNotStart,
    NodeOptions,
    NodeProgram,
    OptionUnsupported,
    command_of,
    never_turn_back,
    wait_until_serving,
)

__all__ = ["LocalNode", "NodeDidNotStart", "NodeOptions", "NodeProgram"]

_STOP_TIMEOUT_S = 10.0
_SUPERVISOR = (sys.executable, "-I", "-S", str(Path(__file__).with_name("supervisor.py")))


class LocalNode:
    """A node that lives no longer than this process. A context manager; starts once."""

    def __init__(self, options: NodeOptions | None = None) -> None:
        self.options = options or NodeOptions()
        self.url = ""
        self.pid = 0
        self._resources = ExitStack()

    @property
    def chain_id(self) -> ChainId:
        """The chain id that the node was told to serve."""
        return self.options.chain_id

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the node and wait until it answers.

        Raises:
            NodeProgramMissing: the program is not installed.
            OptionUnsupported: the program cannot do what an option asks.
            StateUnreadable: the state to go on from is damaged, with all its copies.
            NodeDidNotStart: it ended, or did not answer in time.
        """
        with ExitStack() as resources, saved_state.restored(self.options.state) as state:
            output: IO[bytes] = resources.enter_context(TemporaryFile())
            old_states = Path(mkdtemp(prefix="coopledger-states-"))
            resources.callback(rmtree, old_states, ignore_errors=True)
            supervisor = subprocess.Popen(  # noqa: S603  our own programs, by full path
                [*_SUPERVISOR, str(old_states), *command_of(self.options, state, old_states)],
                cwd=self.options.project_root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
            )
            resources.callback(_end, supervisor)
            assert supervisor.stdout is not None  # noqa: S101  a pipe was asked for
            self.pid = int(supervisor.stdout.readline() or 0)
            self.url = wait_until_serving(
                self.options, self.pid, output, alive=lambda: supervisor.poll() is None
            )
            if state is not None:
                never_turn_back(self.url)
            self._resources = resources.pop_all()

    def stop(self) -> None:
        """Stop the node and wait for its end. Harmless when it has stopped already."""
        self._resources.close()

    def save(self) -> int:
        """Write the chain's state to ``options.state`` and return its size in bytes.

        Raises:
            OptionUnsupported: no state file was chosen.
            NodeUnreachable, AnswerLost, NodeRefused: the node gave no state.
        """
        if self.options.state is None:
            raise OptionUnsupported(self.options.program, "saving without a state file")
        return saved_state.save(
            self.url, self.options.state, keep_history=self.options.keep_history
        )


def _end(supervisor: subprocess.Popen[bytes]) -> None:
    """Let go of the supervisor, which stops the node, and wait for both."""
    with supervisor:  # closes the pipe, then waits
        assert supervisor.stdin is not None  # noqa: S101  a pipe was asked for
        supervisor.stdin.close()
        try:
            supervisor.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            supervisor.kill()  # and the kernel kills the node
