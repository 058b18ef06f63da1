"""Positions from a CSV: pretix's positions sheet in two languages, or our own plain format.

The plain format has one row a ticket and the columns ``order, position, status, event, product,
email``; ``starts_at, variation, price, ordered_at, buyer_name, attendee_name, attendee_email,
secret, seat, source`` where there are such, and any further column as an answer
(``docs/plain-csv.md``).

Nothing is sniffed. The header is read once with commas and once with semicolons, which is what Excel
writes where the comma is the decimal mark, and the reading that finds more of a known format's columns is
taken.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from coopledger.domain.orders import FilePlace
from coopledger.imports.orders.columns import LAYOUTS, MARK, Layout
from coopledger.imports.orders.failures import (
    ColumnTwice,
    MalformedCsv,
    MissingColumns,
    OrderSheetGiven,
    UnknownFormat,
    WrongFieldCount,
)
from coopledger.imports.orders.rows import Collector, Field, RawRow

DELIMITERS = (",", ";")
"""What separates cells, here and where the comma is the decimal mark."""
_FEWEST_COLUMNS_TO_TELL = 0.5
"""The share of a format's needed columns from which a header counts as that format's."""


@dataclass(frozen=True)
class _Header:
    place: FilePlace
    delimiter: str
    columns: list[str]
    layout: Layout


def read_csv(content: str, path: Path, zone: ZoneInfo) -> tuple[Layout, tuple[str, ...], Collector]:
    """Return a CSV's layout, the names of its questions, and what its rows hold.

    Args:
        content: the whole text, line ends as in the file.
        path: the file, for places.
        zone: where times are that name no zone.

    Raises:
        UnknownFormat: the header is no known format's.
        MissingColumns: a needed column is missing.
        OrderSheetGiven: it is pretix's order sheet.
        ColumnTwice: a column that is read stands twice.
        MalformedCsv: the text is not CSV.
        WrongFieldCount: a row is longer or shorter than the header.
    """
    header = _header_of(content, path)
    layout = header.layout
    columns = {
        field: header.columns.index(name)
        for field, name in layout.names.items()
        if name in header.columns
    }
    questions = _questions(header)
    collector = Collector(layout.rules, layout.names, zone, columns.keys(), texts_only=True)
    pick = itemgetter(*columns.values())
    rows = records(content, path, header.delimiter)
    next(rows)
    for place, cells in rows:
        if not "".join(cells).strip():
            continue  # A spreadsheet leaves rows of empty cells at the end.
        if len(cells) != len(header.columns):
            raise WrongFieldCount(place, len(header.columns), len(cells))
        picked = [layout.restore(cell) if cell[:1] == MARK else cell for cell in pick(cells)]
        fields = dict(zip(columns, picked, strict=True))
        if Field.ORDERED_TIME in fields:
            day, time = fields[Field.ORDERED_AT], fields[Field.ORDERED_TIME]
            fields[Field.ORDERED_AT] = f"{day} {time}".strip()
        answers = {
            name: _joined([layout.restore(cells[index]) for index in indexes])
            for name, indexes in questions.items()
        }
        collector.add(RawRow(place, fields, answers))
    return layout, tuple(questions), collector


def _header_of(content: str, path: Path) -> _Header:
    readings = _readings_of_header(content, path)
    if any(_is_order_sheet(header) for header in readings):
        raise OrderSheetGiven(FilePlace(path))
    header = max(readings, key=lambda reading: _likeness(reading.layout, reading.columns))
    layout = header.layout
    if _likeness(layout, header.columns) < _FEWEST_COLUMNS_TO_TELL:
        raise UnknownFormat(FilePlace(path), content.lstrip()[:200].partition("\n")[0].rstrip())
    if missing := layout.missing(header.columns):
        raise MissingColumns(header.place, layout.format.value, tuple(missing))
    for name in layout.names.values():
        if header.columns.count(name) > 1:
            raise ColumnTwice(header.place, name)
    return header


def _readings_of_header(content: str, path: Path) -> list[_Header]:
    """Return the header as each delimiter and each layout reads it.

    Raises:
        MalformedCsv: no delimiter gives a valid first record.
    """
    readings: list[_Header] = []
    broken: list[MalformedCsv] = []
    for delimiter in DELIMITERS:
        try:
            place, cells = next(records(content, path, delimiter))
        except MalformedCsv as failure:
            broken.append(failure)
            continue
        for layout in LAYOUTS:
            columns = [layout.restore(name.strip()) for name in cells]
            readings.append(_Header(place, delimiter, columns, layout))
    if not readings:
        raise broken[0]
    return readings


def _is_order_sheet(header: _Header) -> bool:
    names = set(header.columns)
    layout = header.layout
    return (
        bool(layout.order_sheet)
        and layout.order_sheet <= names
        and layout.names[Field.POSITION] not in names
    )


def _likeness(layout: Layout, columns: list[str]) -> float:
    """Return the share of a layout's needed columns that a header has, from 0 to 1."""
    return 1 - len(layout.missing(columns)) / len(layout.required)


def records(content: str, path: Path, delimiter: str) -> Iterator[tuple[FilePlace, list[str]]]:
    """Yield each record that is not a blank line, with the line it begins on."""
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if cells:
                yield FilePlace(path, line=begins), cells
            begins = reader.line_num + 1
    except csv.Error as failure:
        raise MalformedCsv(FilePlace(path, line=begins), str(failure)) from failure


def _questions(header: _Header) -> Mapping[str, list[int]]:
    questions: dict[str, list[int]] = {}
    for index, name in enumerate(header.columns):
        if name and header.layout.is_question(name):
            questions.setdefault(name, []).append(index)
    return questions


def _joined(cells: list[str]) -> str:
    """Return the answer of a question that several events ask, each in a column of its own.

    Answers that differ are all kept, so that none is taken for the only one.
    """
    return " | ".join(dict.fromkeys(cell for cell in cells if cell))
