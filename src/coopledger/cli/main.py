"""The command ``coopledger``: its commands put together, and failures turned into exit codes.

The one subtlety: every failure is said in two sentences, what happened and what to do next; a
traceback is only ever seen for a bug.
"""

import getpass
import sys
from pathlib import Path
from typing import NoReturn

import typer

from coopledger import settings
from coopledger.bootstrap import Application
from coopledger.chain.reverts import ContractRefusal
from coopledger.cli import (
    audit,
    box_office,
    bylaws,
    deploying,
    door,
    holder,
    index,
    machine,
    messages,
    moves,
    offices,
    pending,
    people,
    pictures,
    programme,
    register,
    register_reports,
    registrar,
    roles,
    serving,
    treasury,
    viewer,
)
from coopledger.cli.interpreter import collect_less_often
from coopledger.cli.output import say
from coopledger.cli.standard_output import guard_output
from coopledger.errors import CoopledgerError, handling_of

app = typer.Typer(
    name="coopledger",
    help="Film tickets that double as cooperative membership.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
machine.add_to(app)
deploying.add_to(app)
bylaws.add_to(app)
programme.add_to(app)
box_office.add_to(app)
door.add_to(app)
register.add_to(app)
register_reports.add_to(app)
people.add_to(app)
viewer.add_to(app)
holder.add_to(app)
messages.add_to(app)
registrar.add_to(app)
pending.add_to(app)
moves.add_to(app)
audit.add_to(app)
index.add_to(app)
roles.add_to(app)
offices.add_to(app)
treasury.add_to(app)
pictures.add_to(app)
serving.add_to(app)


@app.callback()
def prepare(context: typer.Context) -> None:
    """Film tickets that double as cooperative membership."""
    application = Application(settings.load(), _ask_password)
    context.obj = application
    context.call_on_close(lambda: application.__exit__(None, None, None))


def main() -> NoReturn:
    """Run a command and exit with its code; see ``errors.FAMILIES`` for what they mean."""
    collect_less_often()
    guard_output()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command and return its exit code."""
    try:
        code = _code_of(arguments)
        sys.stdout.flush()  # where nobody reads any more, it shows here at the latest
    except (CoopledgerError, ContractRefusal) as failure:
        say(f"Error: {failure}")
        if failure.advice:
            say(f"What to do: {failure.advice}")
        return handling_of(type(failure)).exit_code
    return code


def _code_of(arguments: list[str]) -> int:
    try:
        app(arguments)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    return 0


def _ask_password(keystore: Path) -> str:
    return getpass.getpass(f"Password of {keystore.name}: ")


if __name__ == "__main__":
    main()
