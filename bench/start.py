"""Processor seconds of ``coopledger --help``, of a counter sale and of a scanned code at the door.

Counted is the command's own process, in user and system mode, as the kernel accounts for it; the chain and
the database are processes of their own. Beside them, in turns, an interpreter that imports typer and does
nothing else. Machines differ and are more or less busy, so what is promised is told in multiples of that:
``start_before.json`` keeps what this measurement gave before commands imported only what they use, and sale
and scan may take at most half as many multiples now.
"""

import argparse
import io
import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from itertools import count
from pathlib import Path

from rich.console import Console
from rich.table import Table

from coopledger.imports.orders.files import read_positions
from examples.demo import DOORS_OPEN, EXAMPLES, REGULAR, cooperative_on_this_machine
from examples.telling import tell

_TIMES = 7
_MOST_HELP = 5.0
"""Times importing typer."""
_MOST_OF_BEFORE = 0.5
_BEFORE = Path(__file__).with_name("start_before.json")
_PROGRAM = str(Path(sys.executable).with_name("coopledger"))
_ORDERS = EXAMPLES / "turah-orders.json"

Figures = dict[str, float]


def main(arguments: Sequence[str]) -> int:
    """Measure and show; return 1 where a command takes more than promised."""
    parser = argparse.ArgumentParser(prog="scripts/bench start", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    options = parser.parse_args(arguments)
    before: Figures = json.loads(_BEFORE.read_text("utf-8"))
    os.chdir(EXAMPLES.parent)
    with cooperative_on_this_machine():
        with redirect_stdout(io.StringIO()):
            open_the_doors()
        now = measure()
    show(now, before)
    if options.json:
        print(json.dumps({**now, "before": before}))
    return 0 if kept(now, before) else 1


def open_the_doors() -> None:
    """Found a cooperative with one screening, import its orders, and set the clock to its evening."""
    tell("deploy")
    tell("bylaws", "examples/AD-ART.md")
    tell("film", "add", "Turah", "--year", "2016", "--minutes", "83")
    tell(
        *("screening", "add", "--film", "1", "--starts", "2026-12-05 19:00", "--capacity", "400"),
        *("--tier", "Tiket reguler=35000/10000", "--tier", "Tiket pelajar=20000/10000"),
        *("--venue", "Gedung Kesenian Tegal"),
    )
    tell("import-orders", str(_ORDERS), "--map", "examples/kinarya-map.toml")
    tell("clock", DOORS_OPEN)


def measure() -> Figures:
    """Return each command's median; they take turns, so that a busy moment meets all of them."""
    ways = commands()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(_TIMES + 1):
        for name, next_one in ways.items():
            seconds = processor_seconds(next_one())
            if turn:  # the first may have to compile modules
                taken[name].append(seconds)
    return {f"{name}_cpu_s": round(statistics.median(all_), 4) for name, all_ in taken.items()}


def commands() -> dict[str, Callable[[], list[str]]]:
    """Return what makes each command line: another sale and another code each time."""
    receipts, codes = count(1), unused_codes()

    def sale() -> list[str]:
        number = next(receipts)
        buyer = ("--email", f"budi{number}@example.org", "--name", "Budi", "--consent", "Formulir")
        return [_PROGRAM, "sell", "1", "--tier", REGULAR, "--receipt", str(number), *buyer]

    return {
        "typer": lambda: [sys.executable, "-c", "import typer"],
        "help": lambda: [_PROGRAM, "--help"],
        "sell": sale,
        "redeem": lambda: [_PROGRAM, "redeem", next(codes)],
    }


def unused_codes() -> Iterator[str]:
    """Yield what the sellers' own QR codes of the imported orders hold."""
    return (each.secret for each in read_positions(_ORDERS).positions if each.status == "paid")


def processor_seconds(command: Sequence[str]) -> float:
    """Run a command that must succeed; return the seconds of processor time that it took.

    Raises:
        CalledProcessError: it failed; its standard error was shown.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603  our own program
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def kept(now: Figures, before: Figures) -> bool:
    """Say whether help, sale and scan take as little as promised."""
    halved = all(
        share_of_before(name, now, before) <= _MOST_OF_BEFORE for name in ("sell", "redeem")
    )
    return halved and multiples("help", now) <= _MOST_HELP


def multiples(name: str, figures: Figures) -> float:
    """Return how many times importing typer a command takes."""
    return figures[f"{name}_cpu_s"] / figures["typer_cpu_s"]


def share_of_before(name: str, now: Figures, before: Figures) -> float:
    """Return what part of its former multiples a command takes."""
    return multiples(name, now) / multiples(name, before)


def show(now: Figures, before: Figures) -> None:
    """Show the figures to people."""
    table = Table(title="Processor time of a command", title_justify="left")
    for column in ("", "seconds", "times typer", "before", "part of before"):
        table.add_column(column, justify="right" if column else "left")
    for name in ("typer", "help", "sell", "redeem"):
        told = (multiples(name, now), multiples(name, before), share_of_before(name, now, before))
        table.add_row(name, f"{now[f'{name}_cpu_s']:.3f}", *(f"{each:.2f}" for each in told))
    Console().print(table)
    print(
        f"promised: help at most {_MOST_HELP:g} times typer, sell and redeem at most "
        f"{_MOST_OF_BEFORE:g} of before"
    )
