"""The process that serves the API, alone or with workers, and keeps the embedded database for the machine.

Started with a socket that listens already (see ``api/process.py``), or by ``coopledger api`` with one of
its own. The server gives a signal that stopped it on to the process once it is done, which would then end
before the database is stopped in order. So SIGTERM ends it as an exception does.
"""

import argparse
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from coopledger import settings
from coopledger.api.app import create_app
from coopledger.local.database.server import EmbeddedServer
from coopledger.settings import Settings

_START_TIMEOUT_S = 120
"""A worker that gives no sign of life for so long is replaced; on a busy machine it takes a while to start."""


def serve(chosen: Settings, listening: socket.socket, *, keeps_database: bool) -> None:
    """Serve the API on a socket until the process is told to end.

    Args:
        chosen: the settings.
        listening: the socket; it is closed at the end.
        keeps_database: start the embedded database, and stop it at the end.

    Raises:
        AlreadyOwned, ServerDidNotStart: the database cannot be kept.
    """
    with ExitStack() as kept, listening:
        if keeps_database:
            kept.enter_context(EmbeddedServer(database_folder(chosen)))
        app = create_app(chosen, needs_database=keeps_database)
        uvicorn.Server(_configured(app)).run(sockets=[listening])


def serve_by_workers(listening: socket.socket, workers: int) -> None:
    """Serve the API on a socket by several processes, until this one is told to end.

    They end with this process, however it ends. One that died is named and started anew. Each reads the
    settings from the environment.

    Args:
        listening: the socket that they share; it is closed at the end.
        workers: how many processes.
    """
    with listening:
        supervisor = Multiprocess(_configured(f"{__name__}:worker", workers), [listening])
        # What a lost terminal sends would start the workers anew, and with nobody to stop them.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
        logging.getLogger("uvicorn.error").setLevel(logging.INFO)  # it names who died
        supervisor.run()


def worker() -> FastAPI:
    """Return the application of one of several processes, which ends with the one that started it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return create_app(settings.load())


def _configured(app: FastAPI | str, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        timeout_worker_healthcheck=_START_TIMEOUT_S,
        log_level="warning",
        access_log=False,  # who asks for what is nobody's business
        server_header=False,
        lifespan="on",
    )


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def database_folder(chosen: Settings) -> Path:
    """Return the folder of the embedded database."""
    return chosen.state_folder / "postgresql"


def main() -> None:
    """Serve on the socket that was handed over."""
    parser = argparse.ArgumentParser(prog="coopledger.api.service", description=__doc__)
    parser.add_argument("--socket", type=int, required=True, help="a listening socket's number")
    given: int = parser.parse_args().socket
    chosen = settings.load()
    keeps_database = chosen.database_dsn is None
    serve(chosen, socket.socket(fileno=given), keeps_database=keeps_database)


def _end(*_: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    main()
