"""Runs commands in forked processes, so that starting one costs no importing.

Reads a JSON list of arguments a line. For each it forks, prints the child's process id, waits for
its end, and prints how it ended (negative: by a signal). A helper of the tests that kill.
"""

import json
import os
import sys
from importlib import import_module
from pkgutil import walk_packages

from coopledger import cli
from coopledger.cli.main import run

#: What the worker's command imports when it is called.
WORKER = ("coopledger.index.following.worker", "coopledger.services.auditing.on_schedule")


def import_commands() -> None:
    """Import what each command would import for itself when it is called."""
    commands = (module.name for module in walk_packages(cli.__path__, "coopledger.cli."))
    for name in (*commands, *WORKER):
        import_module(name)


def main() -> None:
    """Serve until the input ends."""
    import_commands()
    for line in sys.stdin:
        arguments: list[str] = json.loads(line)
        child = os.fork()
        if child == 0:
            quiet = os.open(os.devnull, os.O_RDWR)
            os.dup2(quiet, 0)
            os.dup2(quiet, 1)
            code = run(arguments)
            sys.stderr.flush()
            os._exit(code)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
