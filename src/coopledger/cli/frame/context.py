"""How a command gets at what it works with, and the options that many commands share."""

from pathlib import Path
from typing import Annotated, cast

import typer

from coopledger.bootstrap import Application
from coopledger.cli.frame.output import Format

FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="How to show it.", show_default=True)
]
ReferenceOption = Annotated[
    str,
    typer.Option(
        "--reference",
        help="Names the paper or decision behind it. Only its keyed hash goes on the chain.",
    ),
]
InputFile = Annotated[Path, typer.Argument(exists=False, dir_okay=False, show_default=False)]


def application(context: typer.Context) -> Application:
    """Return what the command works with."""
    return cast(Application, context.obj)
