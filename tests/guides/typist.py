"""Runs commands in forked processes, so that starting one costs no importing.

Reads a JSON object a line (folder, variables, command) and answers with what a terminal would show, as
JSON. A command that a shell has to take apart (a pipe, a redirection) goes to one.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from typing import Any

from coopledger.cli.main import run
from tests.fork_server import import_commands

_ASSIGNMENT = re.compile(r"([A-Z_]+)=(.*)", re.DOTALL)
_FOR_A_SHELL = re.compile(r"[|<>$;&`]")


def shown(order: dict[str, Any]) -> str:
    """Return what a command shows."""
    command: str = order["command"]
    if _FOR_A_SHELL.search(command):
        return in_a_shell(order)
    words = shlex.split(command)
    variables = dict(order["variables"])
    while words and (found := _ASSIGNMENT.fullmatch(words[0])):
        variables[found[1]] = found[2]
        words.pop(0)
    if words[:1] != ["coopledger"]:
        return in_a_shell(order)
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            os.environ.clear()
            os.environ.update(variables)
            os.chdir(order["folder"])
            code = run(words[1:])
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        os.waitpid(child, 0)
        output.seek(0)
        return output.read().decode()


def in_a_shell(order: dict[str, Any]) -> str:
    """Return what a command shows that needs a shell."""
    done = subprocess.run(
        ["bash", "-c", f"{order['command']} 2>&1"],
        cwd=order["folder"],
        env=order["variables"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def main() -> None:
    """Answer orders until there are no more."""
    import_commands()
    for line in sys.stdin:
        print(json.dumps(shown(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
