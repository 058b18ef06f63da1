"""The service as a process of its own, which stays when the command that started it ends.

The socket is opened here and handed over. So the address is known at once, nobody can take the port in
between, and a question that comes early waits instead of being refused.
"""

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import urllib3

from coopledger.errors import Unavailable
from coopledger.local.processes import ProcessMark
from coopledger.people.master import ENVIRONMENT_NAME
from coopledger.settings import Settings

LOOPBACK = "127.0.0.1"

_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 60.0
_ASK_TIMEOUT_S = 10.0
_BACKLOG = 128
_LOG_TAIL = 2_000


class ServiceDidNotStart(Unavailable):
    """The service ended, or did not answer in time."""

    reason: str
    log: str
    """The end of what it said."""

    advice = (
        "What it said names the cause. Another coopledger command that runs in the same folder is a "
        "usual one."
    )

    def __str__(self) -> str:
        return f"the API did not start ({self.reason}): {self.log or 'it said nothing'}"


class AddressTaken(Unavailable):
    """The API cannot listen at an address."""

    host: str
    port: int
    reason: str

    says = "the API cannot listen at {host}, port {port}: {reason}"
    advice = "Choose another with --port, or 0 for any that is free."


@dataclass(frozen=True)
class ServiceProcess:
    """The service that runs for a folder."""

    pid: int
    started: float
    url: str

    @property
    def mark(self) -> ProcessMark:
        """What tells its process from all others."""
        return ProcessMark(self.pid, self.started)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises:
        AddressTaken: it cannot.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        # The library adds the address to the system's own words.
        raise AddressTaken(host, port, reason.partition(" (while")[0]) from None
    # Each connection inherits it. asyncio sets it on those alone whose socket names TCP's number.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def url_of(listening: socket.socket) -> str:
    """Return the address under which a socket is reached."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def launch(settings: Settings, port: int) -> ServiceProcess:
    """Start the service without waiting for it, and record it in the state folder.

    Raises:
        AddressTaken: the port cannot be used.
    """
    folder = settings.state_folder
    with listen(LOOPBACK, port) as listening, _log_file(folder).open("wb") as log:
        handle = listening.fileno()
        process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "coopledger.api.service", "--socket", str(handle)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[handle],
            env=_without_keys(settings),
            start_new_session=True,
        )
        # It is meant to outlive this process: tell subprocess not to warn of that.
        process.returncode = 0
        mark = ProcessMark.of(process.pid)
        service = ServiceProcess(mark.pid, mark.started, url_of(listening))
        temporary = folder / "api.json.new"
        temporary.write_text(json.dumps(asdict(service)), "utf-8")
        temporary.replace(_record_file(folder))
        return service


def wait_until_answering(service: ServiceProcess, folder: Path) -> None:
    """Wait until a service that was launched answers.

    Raises:
        ServiceDidNotStart: it ended, or did not answer in time.
    """
    deadline = time.monotonic() + _START_TIMEOUT_S
    with urllib3.PoolManager(timeout=_ASK_TIMEOUT_S, retries=False) as http:
        while service.mark.runs() and time.monotonic() < deadline:
            try:
                http.request("GET", f"{service.url}/health")
            except urllib3.exceptions.HTTPError:
                continue
            return
    tail = _log_file(folder).read_bytes()[-_LOG_TAIL:].decode(errors="replace").strip()
    raise ServiceDidNotStart("it ended" if not service.mark.runs() else "no answer", tail)


def find(folder: Path) -> ServiceProcess | None:
    """Return the service that runs for a folder, or None."""
    try:
        service = ServiceProcess(**json.loads(_record_file(folder).read_text("utf-8")))
    except FileNotFoundError:
        return None
    return service if service.mark.runs() else None


def stop(service: ServiceProcess, folder: Path) -> None:
    """Stop a service, and with it the database that it keeps."""
    service.mark.stop(_STOP_TIMEOUT_S)
    _record_file(folder).unlink(missing_ok=True)


def _record_file(folder: Path) -> Path:
    return folder / "api.json"


def _log_file(folder: Path) -> Path:
    return folder / "api.log"


def _without_keys(settings: Settings) -> dict[str, str]:
    """Return the environment without the keys, none of which the service needs."""
    keys = {ENVIRONMENT_NAME, settings.key_variable}
    return {name: value for name, value in os.environ.items() if name not in keys}
