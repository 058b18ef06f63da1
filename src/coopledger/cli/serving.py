"""The command that serves the open API in the foreground."""

from typing import Annotated

import typer

from coopledger.api.process import LOOPBACK, listen, url_of
from coopledger.cli.frame.context import application
from coopledger.cli.frame.output import say


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(api)


def api(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 for everybody.")] = LOOPBACK,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Where to listen; 0 for any free port.")
    ] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="How many processes answer.")] = 1,
) -> None:
    """Serve the open API until Ctrl-C. 'coopledger up' does it in the background."""
    # Imported here: the other commands start faster without a web server.
    from coopledger.api.service import serve, serve_by_workers

    listening = listen(host, port)
    say(f"The API is at {url_of(listening)}/docs; Ctrl-C ends it.")
    if workers > 1:
        serve_by_workers(listening, workers)
    else:
        serve(application(context).settings, listening, keeps_database=False)
