"""The command for the by-laws: recording a version, listing them, telling which one a file is."""

from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from eth_utils.crypto import keccak

from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, say, show, show_one
from coopledger.cli.frame.scheduling import say_scheduled
from coopledger.cli.frame.values import show_time
from coopledger.errors import BadInput
from coopledger.services.authority.delays import Scheduled
from coopledger.services.register.bylaws import (
    RecordedBylaws,
    list_bylaws,
    record_bylaws,
    version_of,
)

_COLUMNS = ("version", "since", "until", "hash", "block", "transaction")
_TABLE = ("version", "since", "hash", "block", "transaction")


class BylawsUnreadable(BadInput):
    """The by-laws' file cannot be read."""

    file: Path
    reason: str

    says = "{file} cannot be read: {reason}"
    advice = "Give the file that holds the by-laws as the members can read them."


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("bylaws")(bylaws_command)


def bylaws_command(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(help="The by-laws. Without it: list the versions.", show_default=False),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Record nothing; say which version the file is.")
    ] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Record the next version of the by-laws by the hash (Keccak-256) of their file, or list them."""
    work = application(context)
    coop, zone = work.cooperative, work.settings.timezone
    if file is None:
        if check:
            raise typer.BadParameter("name the file to check", param_hint="FILE")
        recorded = list_bylaws(coop)
        columns = _TABLE if output is Format.TABLE else _COLUMNS
        show([_row(each, zone) for each in recorded], columns, output)
        if not recorded:
            say("No by-laws are recorded: coopledger bylaws FILE")
    elif check:
        show_one(_row(version_of(coop, _hash_of(file)), zone), output)
    else:
        bylaws_hash = _hash_of(file)
        done = record_bylaws(coop, work.sender, work.operator.address, bylaws_hash)
        if isinstance(done, Scheduled):
            say_scheduled(work, done)
        else:
            print(f"By-laws version {done}: 0x{bylaws_hash.hex()}")


def _hash_of(file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BylawsUnreadable(file, error.strerror or "unreadable") from None
    if not content:
        raise BylawsUnreadable(file, "it is empty")
    return keccak(content)


def _row(recorded: RecordedBylaws, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "version": recorded.version,
        "since": show_time(recorded.since, zone),
        "until": show_time(recorded.until, zone),
        "hash": f"0x{recorded.hash.hex()}",
        "block": recorded.block,
        "transaction": f"0x{recorded.transaction.hex()}",
    }
