"""``scripts/bench NAME [options]``: finds the measurement of that name and runs it.

The list is read from the files, not from imports, so that a help text needs no web3. A measurement is a
module with ``main(arguments) -> exit code``.
"""

import ast
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from coopledger.errors import CoopledgerError, handling_of

_FOLDER = Path(__file__).parent
_MISUSED = 2


def measurements() -> dict[str, str]:
    """Return each measurement's name and the first line of what its module says of itself."""
    files = sorted(f for f in _FOLDER.glob("*.py") if not f.name.startswith("_"))
    return {file.stem: _first_line(file) for file in files}


def main(arguments: Sequence[str]) -> int:
    """Run one measurement, or list them; return the exit code."""
    known = measurements()
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(_usage(known), file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else _MISUSED
    name, *options = arguments
    if name not in known:
        print(f"there is no measurement {name!r}\n\n{_usage(known)}", file=sys.stderr)
        return _MISUSED
    try:
        exit_code: int = importlib.import_module(f"bench.{name}").main(options)
    except CoopledgerError as error:
        print(f"{error}\n{error.advice}", file=sys.stderr)
        return handling_of(type(error)).exit_code
    return exit_code


def _usage(known: dict[str, str]) -> str:
    width = max(map(len, known))
    lines = [f"  {name:{width}}  {about}" for name, about in known.items()]
    head = "usage: scripts/bench NAME [--json] [options]   (NAME --help lists its options)"
    return "\n".join([head, "", "measurements:", *lines])


def _first_line(file: Path) -> str:
    return (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
