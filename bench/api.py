"""Pages of 50 members and 304s a second from ``coopledger api``, beside an empty route of the same server.

The chain is the demo's, its index is there; the client is a process of its own, with 8 connections that
are kept. A page is asked for in two ways: one of those that were asked for before at this block, and one
that nobody asked for.
"""

import argparse
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from urllib.request import Request, urlopen

from rich.console import Console
from rich.table import Table

from bench._empty_route import EMPTY
from bench._fresh import measured
from coopledger import settings
from coopledger.local.database.server import dsn_of
from examples.demo import EXAMPLES, cooperative_on_this_machine, story
from examples.telling import tell

_CLIENTS = 8
_LEAST = {"page": 0.25, "not_modified": 0.6}
"""Shares of what the empty route answers."""
_PAGE = "/api/v1/members?count=50"
_MEMBERS = 251
_STARTS = range(1, _MEMBERS - 50)
_TOLD = {
    "empty": "nothing",
    "not_modified": "unchanged (304)",
    "page": "a page, asked for before",
    "anew": "a page, never asked for",
}


def main(arguments: list[str]) -> int:
    """Measure and show; return 1 where a share of the empty route is not reached."""
    parser = argparse.ArgumentParser(prog="scripts/bench api", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="turns of each kind of question")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long a turn is")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    options = parser.parse_args(arguments)
    os.chdir(EXAMPLES.parent)
    with cooperative_on_this_machine() as folder:
        with redirect_stdout(io.StringIO()):
            story(folder)
            tell("index", "rebuild")
        with served() as url:
            figures = measure(url, folder, options.rounds, options.seconds)
    show(figures)
    if options.json:
        print(json.dumps(figures))
    return 0 if all(figures[f"{name}_share"] >= least for name, least in _LEAST.items()) else 1


def measure(url: str, folder: Path, rounds: int, seconds: float) -> dict[str, float]:
    """Return the figures of a server."""
    pages = [f"{_PAGE}&start={start}" for start in _STARTS[::50]]
    kinds = {
        "empty": [(EMPTY, "")],
        "page": [(page, "") for page in pages],
        "not_modified": [(page, etag_of(url, page)) for page in pages],
        "anew": [(f"{_PAGE}&at={at}&start={s}", "") for at in range(20, 46) for s in _STARTS],
    }
    file = folder / "questions.json"
    file.write_text(json.dumps(kinds), "utf-8")
    words = (str(_CLIENTS), str(rounds), str(seconds), str(file))
    figures: dict[str, float] = measured("bench._asking:ask", url, *words).result
    empty = figures["empty_per_s"]
    shares = {f"{n}_share": round(figures[f"{n}_per_s"] / empty, 3) for n in kinds if n != "empty"}
    return {**figures, **shares}


@contextmanager
def served() -> Iterator[str]:
    """Run ``coopledger api`` with the empty route as a process of its own; give its address."""
    # The demo keeps the database itself, so the command is told where it is.
    dsn = dsn_of(settings.load().state_folder / "postgresql").text
    words = [sys.executable, "-P", "-m", "bench._empty_route", "api", "--port", "0"]
    variables = {**os.environ, "COOPLEDGER_DATABASE_DSN": dsn}
    with subprocess.Popen(  # noqa: S603  our own interpreter and module
        words, stderr=subprocess.PIPE, text=True, env=variables
    ) as process:
        said = process.stderr.readline() if process.stderr else ""
        try:
            yield said.split()[4].removesuffix("/docs;")
        finally:
            process.terminate()


def etag_of(url: str, page: str) -> str:
    """Return a page's ETag, and see that it is a page from the index."""
    with urlopen(Request(url + page)) as answer:  # noqa: S310  our own server
        told = json.load(answer)
        if len(told["members"]) != 50 or told["as_of"]["answered_by"] != "index":
            raise AssertionError(told)
        return str(answer.headers["ETag"])


def show(figures: dict[str, float]) -> None:
    """Show the figures to people."""
    table = Table(title="The API, one process, 8 connections that are kept", title_justify="left")
    for column in ("answer", "a second", "of the empty route", "median, ms", "p99, ms"):
        table.add_column(column, justify="left" if column == "answer" else "right")
    for name, told in _TOLD.items():
        share = figures.get(f"{name}_share")
        table.add_row(
            told,
            f"{figures[f'{name}_per_s']:,.0f}",
            "" if share is None else f"{share:.0%}",
            *(f"{figures[f'{name}_{part}_ms']:,}" for part in ("p50", "p99")),
        )
    Console(width=100).print(table)
    print(" ".join(f"{name}: at least {least:.0%}." for name, least in _LEAST.items()))
