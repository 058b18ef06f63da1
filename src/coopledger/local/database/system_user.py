"""Whose name the embedded PostgreSQL runs under: our own, or a system user's when we are root.

PostgreSQL refuses to run as root. So root hands it to a system user without rights, made once.
That user must be able to pass through the folders above its data and its programs,
and root's home is usually closed. Those folders get one entry in their access list, "this user may
pass", rather than being opened to everybody.
"""

import os
import pwd
import stat
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from coopledger.errors import Unavailable

SYSTEM_USER = "coopledger-db"

_ACL = "system.posix_acl_access"
_VERSION = struct.Struct("<I")
_ENTRY = struct.Struct("<HHI")
# Tags of the kernel's POSIX access list entries (linux/posix_acl_xattr.h).
_OWNER, _USER, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NO_ID = 0xFFFFFFFF
_PASS = 0o1


class NoSystemUser(Unavailable):
    """PostgreSQL cannot run as root, and the system user for it could not be made."""

    reason: str

    advice = (
        "Run coopledger as an ordinary user, or give it the address of a PostgreSQL of your own."
    )

    def __str__(self) -> str:
        return f"The system user {SYSTEM_USER} could not be made: {self.reason}."


class FolderOutOfReach(Unavailable):
    """The system user that PostgreSQL runs under cannot pass through a folder."""

    folder: Path

    advice = (
        "Run coopledger as an ordinary user, or keep it and its state in a folder that other"
        " users may pass through."
    )

    def __str__(self) -> str:
        return f"The system user {SYSTEM_USER} cannot reach {self.folder}."


@dataclass(frozen=True)
class Account:
    """A user and group to start a program under."""

    uid: int
    gid: int


def account_for_postgres() -> Account:
    """Return whom PostgreSQL is to run as: ourselves, or the system user when we are root.

    Raises:
        NoSystemUser: we are root and the system has no such user and takes no new one.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for _ in range(20):
        try:
            entry = pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            reason = _add_system_user()
        else:
            return Account(entry.pw_uid, entry.pw_gid)
        # Another process may hold the lock of the user list, or have just made the same user.
        time.sleep(0.1)
    raise NoSystemUser(reason)


def _add_system_user() -> str:
    """Try to make the system user once; return what was said if it failed."""
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            [*command, "--shell", "/usr/sbin/nologin", "--user-group", SYSTEM_USER],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        return str(error)
    return done.stderr.strip()


def let_through(folder: Path, account: Account) -> None:
    """Make sure that ``account`` can pass through ``folder`` and every folder above it.

    Raises:
        FolderOutOfReach: a folder is closed and its file system keeps no access lists.
    """
    if account.uid == os.geteuid():
        return
    for closed in (folder, *folder.parents):
        status = closed.stat()
        if status.st_mode & stat.S_IXOTH or status.st_uid == account.uid:
            continue
        try:
            entries = _read_acl(closed, status.st_mode)
            os.setxattr(closed, _ACL, _with_pass(entries, account.uid))
        except (OSError, AttributeError) as error:
            raise FolderOutOfReach(closed) from error


def _read_acl(folder: Path, mode: int) -> dict[tuple[int, int], int]:
    """Return the access list as permissions by (tag, id); the mode's own bits where none is."""
    if _ACL not in os.listxattr(folder):
        return {
            (_OWNER, _NO_ID): mode >> 6 & 7,
            (_GROUP, _NO_ID): mode >> 3 & 7,
            (_OTHER, _NO_ID): mode & 7,
        }
    packed = os.getxattr(folder, _ACL)[_VERSION.size :]
    return {(tag, owner): allowed for tag, allowed, owner in _ENTRY.iter_unpack(packed)}


def _with_pass(entries: dict[tuple[int, int], int], uid: int) -> bytes:
    """Return the packed access list with one more right: ``uid`` may pass, not list."""
    entries = dict(entries)
    entries[_USER, uid] = entries.get((_USER, uid), 0) | _PASS
    mask = entries.get((_MASK, _NO_ID), entries[_GROUP, _NO_ID])
    entries[_MASK, _NO_ID] = mask | _PASS
    # The kernel takes the entries in the order of tag, then id.
    packed = (_ENTRY.pack(tag, entries[tag, owner], owner) for tag, owner in sorted(entries))
    return _VERSION.pack(2) + b"".join(packed)
