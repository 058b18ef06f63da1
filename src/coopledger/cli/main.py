"""The command ``coopledger``: failures turned into exit codes.

Every failure is said in two sentences, what happened and what to do next; a traceback is only ever seen
for a bug.
"""

import sys
from typing import NoReturn

from typer.core import TyperGroup

from coopledger.cli.frame.interpreter import collect_less_often, end_without_looking
from coopledger.cli.frame.output import say
from coopledger.cli.frame.standard_output import guard_output
from coopledger.cli.overview import all_commands
from coopledger.errors import CoopledgerError, handling_of

_INTERRUPTED = 130
"""What Typer ends with after Ctrl-C, as shells have it: 128 and the signal's number."""

app = TyperGroup(
    name="coopledger",
    help="Film tickets that double as cooperative membership.",
    no_args_is_help=True,
    commands=all_commands(),
)


def main() -> NoReturn:
    """Run a command and exit with its code; see ``errors.FAMILIES`` for what they mean."""
    collect_less_often()
    guard_output()
    code = run(sys.argv[1:])
    end_without_looking()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run a command and return its exit code."""
    try:
        code = _code_of(arguments)
        sys.stdout.flush()  # where nobody reads any more, it shows here at the latest
    except CoopledgerError as failure:
        say(f"Error: {failure}")
        if failure.advice:
            say(f"What to do: {failure.advice}")
        return handling_of(type(failure)).exit_code
    if code == _INTERRUPTED:
        say("Interrupted: nothing more is sent; what was sent before stays.")
    return code


def _code_of(arguments: list[str]) -> int:
    try:
        app(arguments)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    return 0


if __name__ == "__main__":
    main()
