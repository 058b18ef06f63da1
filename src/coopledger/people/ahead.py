"""Fresh accounts derived in a process of its own, while this one does something else.

For a bulk import: its file is read on one core, and meanwhile another derives accounts for whomever it
will name. The process gets the master secret through its standard input, and writes what it makes into a
pipe, where it waits while that is full. So nothing of it touches a disk, it makes little more than is
taken, and it ends once nobody holds the pipe's other end.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, cast

from coopledger.people.derivation import SALT_BYTES, FreshAccount, fresh_account

if TYPE_CHECKING:
    from coopledger.domain.types import Address

_ADDRESS_CHARACTERS = 42
_ACCOUNT_BYTES = SALT_BYTES + _ADDRESS_CHARACTERS
_AT_ONCE = 55
"""As many as fit into a page of memory, of which a pipe takes one for each writing."""

_PIPE_BYTES = 2**18
"""Room for some 3,500 accounts, where a pipe has room for less than 1,000 by itself."""


class AccountsAhead:
    """The process, and what it has made. Safe to share between threads."""

    def __init__(self, secret: bytes, binding: bytes) -> None:
        """Start it. ``binding`` is what ``derivation.binding_of`` gives for a ledger."""
        self._process = subprocess.Popen(  # noqa: S603 - our own words and paths
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None  # noqa: S101 - pipes were asked for
        assert self._process.stdout is not None  # noqa: S101
        self._made = self._process.stdout
        self._lock = Lock()
        _enlarge(self._made.fileno())
        with suppress(BrokenPipeError), self._process.stdin as told:
            told.write(b"%s %s\n" % (secret.hex().encode(), binding.hex().encode()))

    def next(self) -> FreshAccount | None:
        """Return an account that nobody has had; None once the process has ended."""
        with self._lock:
            made = b"" if self._made.closed else self._made.read(_ACCOUNT_BYTES)
        if len(made) < _ACCOUNT_BYTES:  # a process that was killed leaves a piece of one
            return None
        address = made[SALT_BYTES:].decode("ascii")
        return FreshAccount(made[:SALT_BYTES], cast("Address", address))

    def close(self) -> None:
        """End the process, which holds nothing but its own memory, and forget what is left."""
        self._process.kill()  # first, so that whoever reads comes to an end
        with self._lock:
            self._made.close()
            self._process.wait()


@contextmanager
def accounts_ahead(secret: bytes, binding: bytes) -> Iterator[AccountsAhead]:
    """Make accounts ahead for as long as the block runs."""
    ahead = AccountsAhead(secret, binding)
    try:
        yield ahead
    finally:
        ahead.close()


def _enlarge(pipe: int) -> None:
    """Give a pipe more room where the system has such a thing, and grants it."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _main() -> None:
    secret, binding = map(bytes.fromhex, sys.stdin.readline().split())
    output = sys.stdout.fileno()
    with suppress(BrokenPipeError):
        while True:
            made = (fresh_account(secret, binding) for _ in range(_AT_ONCE))
            os.write(output, b"".join(salt + address.encode() for salt, address in made))


if __name__ == "__main__":
    _main()
