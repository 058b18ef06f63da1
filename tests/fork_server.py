"""Runs commands in forked processes, so that starting one costs no importing.

Reads a JSON list of arguments a line. For each it forks, prints the child's process id, waits for
its end, and prints how it ended (negative: by a signal). A helper of the tests that kill.
"""

import json
import os
import sys

from coopledger.cli.main import run


def main() -> None:
    """Serve until the input ends."""
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
