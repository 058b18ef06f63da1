"""Fresh accounts derived in a process of its own, while this one does something else.

For a bulk import: its file is read on one core, and meanwhile another derives accounts for whomever
it will name. The one subtlety: the process gets the master secret through its standard input, works
until that is closed, and then writes what it has made. So it ends with whoever started it, and
nothing of it touches a disk.
"""

import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

from coopledger.people.derivation import SALT_BYTES, address_of_key, new_salt, private_key

_ADDRESS_CHARACTERS = 42
_PAIR_BYTES = SALT_BYTES + _ADDRESS_CHARACTERS

_MOST = 20_000
_BETWEEN_LOOKS = 32


class PairsAhead:
    """The process, and later what it has made: salts and the addresses of their accounts."""

    def __init__(self, secret: bytes, binding: bytes) -> None:
        """Start it. ``binding`` is what ``derivation.binding_of`` gives for a ledger."""
        self._process = subprocess.Popen(  # noqa: S603 - our own words and paths
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._pairs: Iterator[tuple[bytes, str]] | None = None
        self._lock = Lock()
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        with suppress(BrokenPipeError):
            self._process.stdin.write(b"%s %s\n" % (secret.hex().encode(), binding.hex().encode()))
            self._process.stdin.flush()

    def next(self) -> tuple[bytes, str] | None:
        """Return a pair that nobody has had; None where no more were made. The first ends it."""
        with self._lock:
            if self._pairs is None:
                self._pairs = pairs_in(self._collect())
            return next(self._pairs, None)

    def close(self) -> None:
        """End the process, if it still runs, and forget what is left."""
        with self._lock:
            self._collect()
            self._pairs = iter(())

    def _collect(self) -> bytes:
        if self._process.returncode is not None:
            return b""
        made, _ = self._process.communicate()
        return made


@contextmanager
def pairs_ahead(secret: bytes, binding: bytes) -> Iterator[PairsAhead]:
    """Make pairs ahead for as long as the block runs, or until the first is asked for."""
    pairs = PairsAhead(secret, binding)
    try:
        yield pairs
    finally:
        pairs.close()


def pairs_in(made: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield the whole pairs; a process that was stopped in the middle leaves a piece of one."""
    for start in range(0, len(made) - _PAIR_BYTES + 1, _PAIR_BYTES):
        salt_end = start + SALT_BYTES
        yield made[start:salt_end], made[salt_end : start + _PAIR_BYTES].decode("ascii")


def _main() -> None:
    secret, binding = map(bytes.fromhex, sys.stdin.readline().split())
    made: list[bytes] = []
    wanted = False
    while not wanted and len(made) < _MOST:
        for _ in range(_BETWEEN_LOOKS):
            salt = new_salt()
            made.append(salt + address_of_key(private_key(secret, salt, binding)).encode())
        wanted = bool(select.select([sys.stdin], [], [], 0)[0])
    sys.stdin.read()
    with suppress(BrokenPipeError):
        sys.stdout.buffer.write(b"".join(made))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main()
