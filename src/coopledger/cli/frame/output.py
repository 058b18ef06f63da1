"""How answers are shown: tables for people, JSON and CSV for programs.

Standard output carries the answer alone; what is said beside it (progress, hints, failures) goes to
standard error, so that a pipe gets clean data.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from coopledger.domain.safe_csv import write_rows


class Format(StrEnum):
    """How a listing is shown."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


Row = Mapping[str, Any]


def console() -> Console:
    """Return where answers go. Wide in a pipe, so that nothing is cut."""
    return Console(soft_wrap=True) if sys.stdout.isatty() else Console(width=200, soft_wrap=True)


def show(rows: Iterable[Row], columns: Sequence[str], how: Format, title: str = "") -> None:
    """Show a listing. ``rows`` hold a value for each of the columns; None shows as nothing."""
    if how is Format.JSON:
        print(json.dumps(list(rows), indent=1, ensure_ascii=False))
    elif how is Format.CSV:
        cells = ([_text(row[column]) for column in columns] for row in rows)
        write_rows(sys.stdout, columns, cells)
    else:
        table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            table.add_column(column.replace("_", " "), overflow="fold")
        for row in rows:
            table.add_row(*(_text(row[column]) for column in columns))
        console().print(table)


def show_one(facts: Row, how: Format) -> None:
    """Show what is known of one thing; a table leaves out what there is nothing to say of."""
    if how is Format.JSON:
        print(json.dumps(facts, indent=1, ensure_ascii=False))
    elif how is Format.CSV:
        show([facts], list(facts), how)
    else:
        table = Table.grid(padding=(0, 3))
        for name, value in facts.items():
            if value not in (None, [], {}):
                table.add_row(name.replace("_", " "), _text(value))
        console().print(table)


def say(text: str) -> None:
    """Say something beside the answer, and after it where both go the same way."""
    sys.stdout.flush()
    print(text, file=sys.stderr)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give what moves a progress bar (done, total). Quiet unless a person watches."""
    screen = Console(stderr=True)
    if not screen.is_terminal:
        yield lambda _done, _total: None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, dict):
        return ", ".join(f"{count} {what}" for what, count in value.items())
    return str(value)
