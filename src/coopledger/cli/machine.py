"""Commands for this machine: chain, database and API to try things on, and an operator's key."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from coopledger import machine
from coopledger.bootstrap import Application
from coopledger.chain.development import DevChain
from coopledger.chain.sending.keystore import create_keystore
from coopledger.cli.frame.context import application
from coopledger.cli.frame.output import say
from coopledger.cli.frame.values import parse_time, show_time
from coopledger.errors import BadInput, CoopledgerError
from coopledger.local.chain import anvil


class PasswordsDiffer(BadInput):
    """The password was not typed the same way twice."""

    says = "the two passwords differ"
    advice = "Try again; nothing was written."


class ClockGoesForward(BadInput):
    """A chain's clock cannot be put back."""

    text: str

    says = "{text} has passed on the local chain"
    advice = "Name a later time, or start the local chain anew."


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(up)
    app.command()(down)
    app.command()(clock)
    app.command("new-key")(new_key)


def up(
    context: typer.Context,
    time: Annotated[
        str | None, typer.Option(help="Start the chain's clock there instead of now.")
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Where the API listens; 0 for any free port.")
    ] = 0,
) -> None:
    """Start a local chain, the database and the API. It goes on where 'down' left it."""
    work = application(context)
    settings = work.settings
    starts_at = None if time is None else parse_time(time, settings.timezone)
    anvil.fetch_unless_there(settings.project_root, say)
    running = machine.start(settings, starts_at, port)
    node = running.node
    say(f"A local chain (id {node.chain_id}) answers at {node.url}. It is for trials: its keys are")
    say(f"public. The API is at {running.service.url}/docs")
    if running.unsaved:
        say(
            "The chain had ended without 'coopledger down'. It goes on from where it was saved last: what"
        )
        say("was done after that is lost on it.")
    if not _is_deployed(work):
        say("Next: coopledger deploy")


def _is_deployed(work: Application) -> bool:
    try:
        return bool(work.cooperative_of_any_version)
    except CoopledgerError:  # whatever it is, 'deploy' says it
        return False


def down(context: typer.Context) -> None:
    """Save the local chain, and stop it with the database and the API."""
    stopped = machine.stop(application(context).settings)
    if stopped.chain:
        say("The local chain is saved. It, the database and the API are stopped.")
    else:
        say(
            "The database and the API are stopped. The local chain had ended before, unsaved: it will"
        )
        say("go on from where it was saved last.")


def clock(
    context: typer.Context,
    time: Annotated[str, typer.Argument(help="Later than now there.", show_default=False)],
) -> None:
    """Put the local chain's clock forward, to try what takes days."""
    work = application(context)
    chain = DevChain(work.chain)
    moment = parse_time(time, work.settings.timezone)
    now = work.chain.block("latest").timestamp
    if moment <= now:
        raise ClockGoesForward(time)
    chain.set_time(moment)
    chain.mine()
    print(f"The local chain's clock says {show_time(moment, work.settings.timezone)}.")


def new_key(
    keystore: Annotated[Path, typer.Argument(help="The new file.", show_default=False)],
) -> None:
    """Make an operator's key, encrypted with a password, and show its account."""
    print(create_keystore(keystore, ask_new_password()))
    say(f"Use it with COOPLEDGER_KEYSTORE={keystore}. Keep a copy of the file and the password.")


def ask_new_password() -> str:
    """Ask for a new password, twice and without echo.

    Raises:
        PasswordsDiffer: it was not typed the same way twice.
    """
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise PasswordsDiffer
    return password
