"""Seconds and memory for writing a large register as CSV, JSON, XLSX and PDF.

Each export is a process of its own that reads a real PostgreSQL, so its peak holds all that a command has
in memory, the driver's buffers and the imports, too.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench._fresh import measured
from bench.generated_register import CHAIN, FIRST_BLOCK, LEDGER
from bench.register import fill
from coopledger.database.dsn import Dsn
from coopledger.database.engine import engine_of
from coopledger.exports.data import About
from coopledger.exports.writing import KINDS, write_export
from coopledger.index.asking import pinning
from coopledger.index.asking.queries import Register
from coopledger.index.asking.wanted import ALL
from coopledger.local.database.server import EmbeddedServer
from coopledger.pictures.language import Language

_MOST_MB = 200
_STREAMED = (".csv", ".json")


def main(arguments: Sequence[str]) -> int:
    """Measure and show; return 1 where CSV or JSON take more memory than promised."""
    parser = argparse.ArgumentParser(prog="scripts/bench exports", description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000, help="records to make")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="coopledger-bench-") as folder,
        EmbeddedServer(Path(folder) / "postgresql") as server,
    ):
        dsn = server.start()
        build(dsn, options.members)
        figures = {kind[1:]: time_export(dsn, Path(folder) / f"register{kind}") for kind in KINDS}
    show(options.members, figures)
    if options.json:
        print(json.dumps({"members": options.members, **figures}))
    return 0 if all(figures[kind[1:]]["peak_mb"] < _MOST_MB for kind in _STREAMED) else 1


def build(dsn: Dsn, members: int) -> None:
    """Project a generated register of that size into an empty database."""
    engine = engine_of(dsn)
    with engine.connect() as connection:
        fill(connection, members)
    engine.dispose()


def time_export(dsn: Dsn, file: Path) -> dict[str, Any]:
    """Return what writing one file took in a process of its own."""
    done = measured("bench.exports:export", dsn.text, str(file))
    size_mb = file.stat().st_size / 1e6
    return {
        "rows": done.result,
        "seconds": round(done.seconds, 1),
        "peak_mb": round(done.peak_mb, 1),
        "file_mb": round(size_mb, 1),
    }


def export(dsn: str, file: str) -> int:
    """Write the whole register into a file; return how many rows it has."""
    engine = engine_of(Dsn(dsn))
    looking = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    try:
        with looking.connect() as connection, connection.begin():
            as_of = pinning.newest(connection)
            register = Register(connection, as_of)
            head = register.head()
            if head is None:
                raise AssertionError("the register is empty")
            counts = register.counts()
            about = About("Koperasi", CHAIN, LEDGER, as_of, FIRST_BLOCK, ALL, counts, *head)
            entries = register.whole(ALL)
            return write_export(Path(file), about, entries, Language.EN).rows
    finally:
        engine.dispose()


def show(members: int, figures: dict[str, dict[str, Any]]) -> None:
    """Show the figures to people."""
    table = Table(title=f"Exports of a register of {members:,} records", title_justify="left")
    for column in ("format", "rows", "seconds", "peak MB", "file MB"):
        table.add_column(column, justify="left" if column == "format" else "right")
    for kind, each in figures.items():
        told = [f"{each[name]:,}" for name in ("rows", "seconds", "peak_mb", "file_mb")]
        table.add_row(kind, *told)
    Console().print(table)
    print(f"promised: {' and '.join(k[1:].upper() for k in _STREAMED)} < {_MOST_MB} MB")
