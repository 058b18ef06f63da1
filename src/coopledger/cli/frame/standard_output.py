"""Standard output that says so when its reader goes away, as ``head`` does in a pipe.

Rich and Typer each catch a broken pipe and end the command with exit code 1, which is a comparison's "not
the same". So it must be another failure before either of them sees it.
"""

import os
import sys
from io import TextIOWrapper

from coopledger.errors import Unavailable


class OutputCutOff(Unavailable):
    """Whoever was to read the answer went away before its end, such as ``head`` in a pipe."""

    says = "the answer was cut off: what it was piped into stopped reading"
    advice = "Write the answer to a file (> FILE) and read it there, whole."


class Output(TextIOWrapper):
    """Standard output whose every write says so where nobody reads any more."""

    def write(self, text: str) -> int:
        """Write a text.

        Raises:
            OutputCutOff: nobody reads any more.
        """
        try:
            return super().write(text)
        except BrokenPipeError as gone:
            raise self._cut_off() from gone

    def flush(self) -> None:
        """Hand on what was written.

        Raises:
            OutputCutOff: nobody reads any more.
        """
        try:
            super().flush()
        except BrokenPipeError as gone:
            raise self._cut_off() from gone

    def _cut_off(self) -> OutputCutOff:
        # What is still in the buffer must go somewhere when the process ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        return OutputCutOff()


def guard_output() -> None:
    """Let standard output be an :class:`Output`. For a process's start only."""
    out = sys.stdout
    if isinstance(out, TextIOWrapper):
        encoding, errors, by_line = out.encoding, out.errors, out.line_buffering
        sys.stdout = Output(out.detach(), encoding, errors, line_buffering=by_line)
