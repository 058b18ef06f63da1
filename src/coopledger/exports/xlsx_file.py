"""The register as an Excel workbook: a sheet that says what it is, then the members.

Every cell but a number is written as text, never as a formula, a link or a date that a spreadsheet would
read its own way. A new sheet begins well below the 1,048,576 rows at which spreadsheets drop what
follows.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from coopledger.domain.safe_csv import Cell
from coopledger.exports.data import COLUMNS, NAMES, About, Fingerprint
from coopledger.exports.streams import NamesOf, joined_names
from coopledger.exports.wording import Wording, facts_of
from coopledger.index.asking.entries import Entry

ROWS_A_SHEET = 1_000_000

_CREATED = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_WIDTHS = {"account": 44, "transaction": 68, "attestation": 36, "joined": 21, "left": 21}


def write_xlsx(
    path: Path,
    about: About,
    entries: Iterable[Entry],
    wording: Wording,
    names: NamesOf | None = None,
    rows_a_sheet: int = ROWS_A_SHEET,
) -> Fingerprint:
    """Write the workbook and return the fingerprint of its data."""
    fingerprint = Fingerprint()
    options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"created": _CREATED})
    bold = book.add_format({"bold": True})
    front = book.add_worksheet(wording.about[:31])
    columns = COLUMNS if names is None else (*COLUMNS, NAMES)
    sheet = _new_sheet(book, columns, bold)
    row = 0
    for entry, cells, _ in fingerprint.over(entries):
        if row == rows_a_sheet:
            sheet, row = _new_sheet(book, columns, bold), 0
        row += 1
        shown = cells if names is None else (*cells, joined_names(names, entry.account))
        _write(sheet, row, shown)
    front.set_column(0, 0, 30)
    front.set_column(1, 1, 90)
    for index, fact in enumerate(facts_of(about, fingerprint, wording, path.name)):
        _write(front, index, fact)
    book.close()
    return fingerprint


def _new_sheet(book: Any, columns: tuple[str, ...], bold: Any) -> Any:
    sheet = book.add_worksheet()
    for index, name in enumerate(columns):
        sheet.set_column(index, index, _WIDTHS.get(name, 14))
        sheet.write_string(0, index, name, bold)
    sheet.freeze_panes(1, 1)
    return sheet


def _write(sheet: Any, row: int, cells: Iterable[Cell]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, int):
            sheet.write_number(row, column, cell)
        elif cell is not None:
            sheet.write_string(row, column, cell)
