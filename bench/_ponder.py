"""Ponder, an indexer for EVM chains in TypeScript, before the same node: one row an event, into PostgreSQL.

It is installed by npm into a temporary folder, with exact versions of its own; nothing of it is in the
project's packages. Its time runs from its program's start until it says that it is ready.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

from coopledger.chain import artifacts
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.development import DevChain
from coopledger.domain.types import BlockNumber
from coopledger.local.database.server import EmbeddedServer

_PEER = Path(__file__).parent / "peers" / "ponder"
_INSTALL_TIMEOUT_S, _RUN_TIMEOUT_S = 300, 1200
_POLL_S = 0.1
_FINAL_AFTER = 40
"""Blocks on top, after which it takes a block as final."""


class PonderUnavailable(Exception):
    """Ponder could not be installed, or did not get ready; the text says why."""


def time_ponder(coop: Cooperative, followed: dict[str, list[str]]) -> tuple[float, int]:
    """Return the seconds that Ponder takes for a chain's events so far, and how many it has seen.

    Args:
        coop: the deployed contracts.
        followed: the names of the events to index, by contract.

    Raises:
        PonderUnavailable: npm has none of it, or it does not run here.
    """
    last = coop.chain.head()
    # What may still be taken back it would not count as done; the other figures have no such blocks either.
    for _ in range(_FINAL_AFTER):
        DevChain(coop.chain).mine()  # one by one: on a large state each takes its time
    with tempfile.TemporaryDirectory(prefix="coopledger-ponder-") as name:
        folder = Path(name) / "peer"
        shutil.copytree(_PEER, folder)
        _install(folder)
        with EmbeddedServer(Path(name) / "postgresql") as server:
            dsn = server.start()
            _describe(folder, coop, last, followed, dsn.url.set(drivername="postgresql"))
            seconds = _run(folder)
            with psycopg.connect(dsn.text) as connection:
                found = connection.execute("SELECT count(*) FROM peer.happened").fetchone()
    return seconds, int(found[0]) if found else 0


def _install(folder: Path) -> None:
    npm = [str(Path(sys.executable).with_name("npm")), "install", "--no-audit", "--no-fund"]
    done = subprocess.run(  # noqa: S603  the environment's own npm
        [*npm, "--no-package-lock", "--silent"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_INSTALL_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise PonderUnavailable(f"npm has not all of it: {done.stderr.strip()[-300:]}")


def _describe(
    folder: Path,
    coop: Cooperative,
    last: BlockNumber,
    followed: dict[str, list[str]],
    database: URL,
) -> None:
    addresses = {"TicketLedger": coop.ledger.address, "BoxOffice": coop.box_office.address}
    described = {
        "url": coop.chain.rpc.url,
        "chainId": coop.chain.chain_id,
        "first": coop.first_block,
        "last": last,
        "database": database.render_as_string(hide_password=False),
        "contracts": [
            {
                "name": name,
                "address": addresses[name],
                "abi": list(artifacts.load(name).abi),
                "events": events,
            }
            for name, events in followed.items()
        ],
    }
    file = folder / "followed.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(described), "utf-8")


def _run(folder: Path) -> float:
    program = folder / "node_modules" / ".bin" / "ponder"
    port = _free_port()
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PONDER_TELEMETRY_DISABLED": "true",
        "DO_NOT_TRACK": "1",
    }
    log = folder / "log"
    started = time.perf_counter()
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603  what was installed a moment ago
            [str(program), "start", "--schema", "peer", "--port", str(port), "-H", "127.0.0.1"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        ) as process,
    ):
        try:
            while time.perf_counter() - started < _RUN_TIMEOUT_S:
                if process.poll() is not None:
                    raise PonderUnavailable(f"it ended: {log.read_text('utf-8')[-600:]}")
                if _is_ready(port):
                    return time.perf_counter() - started
                time.sleep(_POLL_S)
            raise PonderUnavailable(f"it was not ready in {_RUN_TIMEOUT_S} s")
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
