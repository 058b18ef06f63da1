"""Keeps a local chain's state on disk so that a crash at any moment leaves a readable copy.

Anvil writes its own state file in place, and a kill in between leaves it cut off. Here the state is
fetched by RPC, written to a temporary file, synced, and renamed; the copy before it stays. What a crash
loses is the blocks since the last copy.
"""

import gzip
import json
import logging
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from coopledger.chain.wire.rpc import JsonRpc
from coopledger.errors import Unavailable, Untrusted

_log = logging.getLogger(__name__)

_DUMP_TIMEOUT_S = 600.0


class StateNotSaved(Unavailable):
    """The local chain's state cannot be written: the disk is full, or the folder is not ours."""

    file: Path
    reason: str

    says = "the local chain cannot be saved to {file}: {reason}"
    advice = (
        "Nothing is lost as long as the chain runs, which it still does: make room, and run coopledger "
        "down again."
    )


class StateUnreadable(Untrusted):
    """Copies of the local chain's state are there, and none can be read."""

    files: tuple[Path, ...]

    advice = "Restore a copy from a backup, or remove the files to start empty."

    def __str__(self) -> str:
        return f"the local chain's state is damaged: {', '.join(map(str, self.files))}"


def previous(file: Path) -> Path:
    """Return where the copy before ``file`` is kept."""
    return file.with_name(f"{file.name}.previous")


def save(url: str, file: Path, *, keep_history: bool = False) -> int:
    """Write the state of the anvil at ``url`` to ``file`` and return its size in bytes.

    Args:
        url: the node's JSON-RPC.
        file: gzip-compressed state; what it held moves to :func:`previous`.
        keep_history: also keep the states of old blocks, so that they can be asked for after a
            restart. The file grows with every block.

    Raises:
        NodeUnreachable, AnswerLost, NodeRefused: the node gave no state.
        StateNotSaved: it cannot be written; what was saved before is still there.
    """
    rpc = JsonRpc(url, timeout_s=_DUMP_TIMEOUT_S)
    dump = bytes.fromhex(rpc.request("anvil_dumpState", keep_history)[2:])
    rpc.close()
    try:
        _replace(file, dump)
    except OSError as error:
        raise StateNotSaved(file, error.strerror or str(error)) from None
    return len(dump)


@contextmanager
def restored(file: Path | None) -> Iterator[Path | None]:
    """Yield the newest readable state as the JSON file that anvil loads; None if there is none.

    Raises:
        StateUnreadable: there are copies, but each is damaged.
    """
    copies = tuple(copy for copy in (file, previous(file)) if copy.exists()) if file else ()
    with TemporaryDirectory(prefix="coopledger-") as folder:
        for copy in copies:
            plain = Path(folder) / "state.json"
            try:
                text = gzip.decompress(copy.read_bytes())
                json.loads(text)
            except (OSError, EOFError, zlib.error, ValueError):
                _log.warning("%s is damaged; the copy before it is tried", copy)
                continue
            plain.write_bytes(text)
            yield plain
            return
        if copies:
            raise StateUnreadable(copies)
        yield None


def _replace(file: Path, content: bytes) -> None:
    """Put content in a file's place, whole or not at all; the file moves to :func:`previous`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f"{file.name}.new")
    try:
        with temporary.open("wb") as output:
            output.write(content)
            output.flush()
            os.fsync(output.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)  # half a state would take the last room of a full disk
        raise
    if file.exists():
        file.replace(previous(file))
    temporary.replace(file)
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
