"""Commands as a person would type them, shown with what they print.

They run in this process, by the same entry as the installed program's.
"""

import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any

from coopledger.cli.frame.output import Format, show_one
from coopledger.cli.main import run


def shown(words: Sequence[str], key: int | None) -> str:
    """Return a command line as a person would type it."""
    prefix = "" if key is None else f"COOPLEDGER_DEVELOPMENT_KEY={key} "
    return prefix + "coopledger " + " ".join(f'"{w}"' if " " in w else w for w in words)


@contextmanager
def acting_with(key: int | None) -> Iterator[None]:
    """Let one of the local chain's public keys act; without one, the box office's."""
    if key is not None:
        os.environ["COOPLEDGER_DEVELOPMENT_KEY"] = str(key)
    try:
        yield
    finally:
        os.environ.pop("COOPLEDGER_DEVELOPMENT_KEY", None)


def tell(*words: str, expect: int = 0, key: int | None = None) -> None:
    """Run a command as a person would type it, and show it."""
    print(f"\n$ {shown(words, key)}", flush=True)
    with acting_with(key):
        code = run(list(words))
    if code != expect:
        sys.exit(f"demo: the command ended with {code}, not {expect}")


def told(*words: str, key: int | None = None) -> dict[str, Any]:
    """Run a command, show its facts, and return them."""
    print(f"\n$ {shown(words, key)}", flush=True)
    answer = io.StringIO()
    with acting_with(key), redirect_stdout(answer):
        code = run([*words, "--format", "json"])
    if code:
        sys.exit(f"demo: the command ended with {code}")
    facts: dict[str, Any] = json.loads(answer.getvalue())
    show_one(facts, Format.TABLE)
    return facts


def asked(*words: str) -> dict[str, Any]:
    """Run a command that only reads, as it shows itself to people; return its facts."""
    tell(*words)
    answer = io.StringIO()
    with redirect_stdout(answer):
        run([*words, "--format", "json"])
    facts: dict[str, Any] = json.loads(answer.getvalue())
    return facts


def chapter(text: str) -> None:
    """Say what comes next."""
    print(f"\n--- {text}", flush=True)
