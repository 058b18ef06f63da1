"""The process that serves the API, and keeps the embedded database for the whole machine.

Started with a socket that listens already (see ``api/process.py``), or by ``coopledger api`` with one of
its own. The server gives a signal that stopped it on to the process once it is done, which would then end
before the database is stopped in order. So SIGTERM ends it as an exception does.
"""

import argparse
import signal
import socket
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import uvicorn

from coopledger import settings
from coopledger.api.app import create_app
from coopledger.local.database.server import EmbeddedServer
from coopledger.settings import Settings


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
        # Who asks for what is nobody's business: no access log.
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, lifespan="on"
        )
        uvicorn.Server(config).run(sockets=[listening])


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
