"""A list of members and the standing that each is to have, as a CSV.

Three columns, found by their header in English or Indonesian, in any order; others are ignored: who (a
member's number, an account or an e-mail), standing (full or associate), and reference (names the paper
behind it). Nothing is looked up here, so a row is good as soon as it can be read; whether there is such a
member is the ledger's to say.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from coopledger.domain.orders import FilePlace
from coopledger.domain.register import Standing
from coopledger.domain.safe_csv import plain_cell
from coopledger.imports.orders.csv_reader import DELIMITERS, records
from coopledger.imports.orders.failures import ColumnTwice, MissingColumns, WrongFieldCount
from coopledger.imports.orders.files import LARGEST_FILE, decode, read_bytes
from coopledger.imports.orders.problems import RowProblem


class Column(StrEnum):
    """What a column holds, by its English header."""

    WHO = "who"
    STANDING = "standing"
    REFERENCE = "reference"


_HEADERS = {
    "who": Column.WHO,
    "member": Column.WHO,
    "siapa": Column.WHO,
    "anggota": Column.WHO,
    "standing": Column.STANDING,
    "kedudukan": Column.STANDING,
    "jenis anggota": Column.STANDING,
    "reference": Column.REFERENCE,
    "referensi": Column.REFERENCE,
    "rujukan": Column.REFERENCE,
}

_STANDINGS = {
    "full": Standing.FULL,
    "penuh": Standing.FULL,
    "associate": Standing.ASSOCIATE,
    "luar biasa": Standing.ASSOCIATE,
}


@dataclass(frozen=True)
class StandingRow:
    """One row that can be read. ``who`` is a number, an account or an e-mail, as it was written."""

    place: FilePlace
    who_header: str
    who: str
    standing: Standing
    reference: str


@dataclass(frozen=True)
class StandingList:
    """What a file holds."""

    rows: tuple[StandingRow, ...]
    problems: tuple[RowProblem, ...]


def read_standings(path: Path) -> StandingList:
    """Read a list of standings.

    Raises:
        BadInput: the file as such cannot be used; one class of ``failures`` for each reason.
    """
    content = decode(read_bytes(path, LARGEST_FILE), path)
    # As for orders: nothing is sniffed, the delimiter that finds more of the columns is taken.
    readings = [list(records(content, path, delimiter)) for delimiter in DELIMITERS]
    (place, header), *rest = max(readings, key=lambda reading: len(_columns(reading[0][1])))
    columns = _columns(header)
    if missing := [column.value for column in Column if column not in columns]:
        raise MissingColumns(place, "list of standings", tuple(missing))
    for indexes in columns.values():
        if len(indexes) > 1:
            raise ColumnTwice(place, header[indexes[1]])
    rows: list[StandingRow] = []
    problems: list[RowProblem] = []
    for row_place, cells in rest:
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise WrongFieldCount(row_place, len(header), len(cells))
        named = {
            column: (header[index], plain_cell(cells[index]).strip())
            for column, (index,) in columns.items()
        }
        read = _row(row_place, named)
        if isinstance(read, StandingRow):
            rows.append(read)
        else:
            problems += read
    return StandingList(tuple(rows), tuple(problems))


def _columns(header: list[str]) -> dict[Column, list[int]]:
    found: dict[Column, list[int]] = {}
    for index, name in enumerate(header):
        column = _HEADERS.get(plain_cell(name).strip().casefold())
        if column is not None:
            found.setdefault(column, []).append(index)
    return found


def _row(place: FilePlace, named: dict[Column, tuple[str, str]]) -> StandingRow | list[RowProblem]:
    problems = [
        RowProblem(place, header, "", "is empty") for header, text in named.values() if not text
    ]
    who_header, who = named[Column.WHO]
    standing_header, word = named[Column.STANDING]
    standing = _STANDINGS.get(" ".join(word.casefold().replace("_", " ").split()))
    if word and standing is None:
        reason = "is no standing: write full (penuh) or associate (luar biasa)"
        problems.append(RowProblem(place, standing_header, word, reason))
    if problems or standing is None:
        return problems
    return StandingRow(place, who_header, who, standing, named[Column.REFERENCE][1])
