"""The command ``coopledger``: its commands put together, and failures turned into exit codes.

Every failure is said in two sentences, what happened and what to do next; a traceback is only ever seen
for a bug.
"""

import getpass
import sys
from pathlib import Path
from typing import NoReturn

import typer

from coopledger import settings
from coopledger.bootstrap import Application
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.cli import founding, index, machine, money, moves, serving
from coopledger.cli.auditing import once
from coopledger.cli.authority import pending, roles
from coopledger.cli.counter import door, selling
from coopledger.cli.frame.interpreter import collect_less_often
from coopledger.cli.frame.output import say
from coopledger.cli.frame.standard_output import guard_output
from coopledger.cli.holders import holding, pictures, viewing
from coopledger.cli.messages import commands
from coopledger.cli.programme import films_and_screenings, offices
from coopledger.cli.register import bylaws, finding, people, reports, standings
from coopledger.errors import CoopledgerError, handling_of

app = typer.Typer(
    name="coopledger",
    help="Film tickets that double as cooperative membership.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
machine.add_to(app)
founding.add_to(app)
bylaws.add_to(app)
films_and_screenings.add_to(app)
selling.add_to(app)
door.add_to(app)
finding.add_to(app)
reports.add_to(app)
people.add_to(app)
viewing.add_to(app)
holding.add_to(app)
commands.add_to(app)
standings.add_to(app)
pending.add_to(app)
moves.add_to(app)
once.add_to(app)
index.add_to(app)
roles.add_to(app)
offices.add_to(app)
money.add_to(app)
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
