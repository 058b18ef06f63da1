"""CSV that a spreadsheet opens without running anything: the one writer of every listing.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-`` or ``@`` as a formula, and buyers choose
their own names. Such a cell gets an apostrophe in front. The mark can be taken off again without loss
(:func:`plain_cell`), because a cell that already begins with apostrophes before such a sign gets one
more.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

Cell = str | int | None

#: Tab and line ends at the start, or a formula's sign (ASCII or full-width) behind nothing but
#: spaces and invisible marks, which some spreadsheets skip.
_FORMULA = re.compile("[\t\r\n]|[\\s\ufeff\u200b-\u200d\u2060\x00]*[-=+@＝＋－＠]")


def _runs_as_formula(text: str) -> bool:
    return _FORMULA.match(text) is not None


def safe_cell(value: Cell) -> str:
    """Return a value as the text of a cell that no spreadsheet takes for a formula.

    Negative numbers are marked too: a listing of ours has none, and a rule without exception
    is easier to check.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if _runs_as_formula(text.lstrip("'")) else text


def plain_cell(text: str) -> str:
    """Return what stood in a cell before :func:`safe_cell` marked it."""
    return text[1:] if text[:1] == "'" and _runs_as_formula(text.lstrip("'")) else text


def write_rows(stream: TextIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a header and rows as CSV (comma, CRLF, RFC 4180), every cell made safe.

    Args:
        stream: a text stream; a file must be opened with ``newline=""``.
        header: the column names.
        rows: one sequence of cells a row, each as long as the header.

    Raises:
        ValueError: a row is shorter or longer than the header.
    """
    writer = csv.writer(stream)
    writer.writerow([safe_cell(name) for name in header])
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row of {len(row)} cells under {len(header)} columns")
        writer.writerow([safe_cell(value) for value in row])
