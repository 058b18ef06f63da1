"""How a command gets at what it works with, and the options that many commands share."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from coopledger import settings
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
    """Return what the command works with: made when first asked for, closed when the command ends."""
    root = context.find_root()
    if root.obj is None:
        root.obj = root.with_resource(Application(settings.load(), _ask_password))
    work: Application = root.obj
    return work


def _ask_password(keystore: Path) -> str:
    return getpass.getpass(f"Password of {keystore.name}: ")
