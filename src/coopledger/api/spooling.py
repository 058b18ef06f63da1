"""Exports that are only whole when they are finished (XLSX, PDF): made on the disk, then sent.

The file loses its name as soon as it is made. So it is gone when it was sent, when its reader went away,
and when this process dies while sending.
"""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from coopledger.errors import Unavailable
from coopledger.exports.data import Fingerprint
from coopledger.exports.writing import ExportNotWritten

_AT_ONCE = 2
"""Each keeps a core busy for as long as it is made."""
_PIECE = 64 * 1024


class TooManyExports(Unavailable):
    """As many files are being made as this machine makes at once."""

    says = "other exports are being made at the moment"
    advice = "Ask again in a few seconds, or ask for the CSV, which does not wait."


class ExportNotMade(Unavailable):
    """The machine has no room for the file, or cannot write it; the cause says why."""

    says = "the file could not be made on this machine"
    advice = (
        "Ask for the CSV, which needs no room. Who runs the service finds the cause in its log."
    )


@dataclass(frozen=True)
class Spooled:
    """A file that was made and has no name any more."""

    stream: BinaryIO
    length: int
    fingerprint: Fingerprint

    def pieces(self) -> Iterator[bytes]:
        """Yield what is in it, once."""
        with self.stream as stream:
            while piece := stream.read(_PIECE):
                yield piece


class Spool:
    """Makes such files, a few at once. Safe to share between threads."""

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._free = threading.BoundedSemaphore(at_once)

    def made(self, name: str, write: Callable[[Path], Fingerprint]) -> Spooled:
        """Make a file.

        Args:
            name: its name, which it may say itself.
            write: writes it.

        Raises:
            TooManyExports: too many are being made.
            ExportNotMade: it cannot be written.
        """
        if not self._free.acquire(blocking=False):
            raise TooManyExports
        try:
            with TemporaryDirectory(prefix="coopledger-export-") as folder:
                file = Path(folder) / name
                fingerprint = write(file)
                stream = file.open("rb")
                return Spooled(stream, os.fstat(stream.fileno()).st_size, fingerprint)
        except (OSError, ExportNotWritten) as failure:
            raise ExportNotMade from failure
        finally:
            self._free.release()
