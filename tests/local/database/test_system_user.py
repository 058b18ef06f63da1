"""Letting the database's system user through a closed folder, and nobody else."""

import os
import stat
import struct
from pathlib import Path

import pytest

from coopledger.local.database.system_user import (
    Account,
    FolderOutOfReach,
    account_for_postgres,
    let_through,
)

STRANGER = Account(uid=54321, gid=54321)
ACL = "system.posix_acl_access"


def test_postgresql_gets_an_account_that_is_not_root() -> None:
    """An ordinary user runs it as themselves, root as the system user, the same each time."""
    account = account_for_postgres()
    assert account == account_for_postgres()
    assert account.uid == os.geteuid() or os.geteuid() == 0
    assert account.uid != 0


def test_one_user_is_let_through_and_nobody_else(tmp_path: Path) -> None:
    """A closed folder gets one entry for one user, who may pass but not list; twice is once."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "open").mkdir(mode=0o755)
    let_through(closed / "open", STRANGER)
    first = os.getxattr(closed, ACL)
    let_through(closed / "open", STRANGER)
    assert os.getxattr(closed, ACL) == first
    entries = [struct.unpack_from("<HHI", first, start) for start in range(4, len(first), 8)]
    user, may_pass = 2, 1
    assert (user, may_pass, STRANGER.uid) in entries
    assert len(entries) == 5
    assert stat.S_IMODE(closed.stat().st_mode) & 0o007 == 0
    assert ACL not in os.listxattr(closed / "open")


def test_a_folder_that_cannot_be_opened_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file system keeps no access lists the failure names the folder."""

    def no_access_lists(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(os, "setxattr", no_access_lists)
    with pytest.raises(FolderOutOfReach) as caught:
        let_through(closed, STRANGER)
    assert caught.value.folder == closed
