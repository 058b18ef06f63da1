"""The way in: a file of sold positions, whatever system wrote it, read into plain values.

A format is told by the content, never by the file's name, and a file is read whole. What is wrong with
the file as such is raised; what is wrong with single rows comes back beside the good positions, all of it
at once.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from coopledger.domain.orders import FilePlace, Position, PositionKey
from coopledger.domain.types import WIB
from coopledger.imports.orders.columns import FileFormat
from coopledger.imports.orders.csv_reader import read_csv
from coopledger.imports.orders.failures import (
    CannotReadFile,
    FileIsEmpty,
    FileNotThere,
    FileTooLarge,
    HoldsNulBytes,
    IsWorkbook,
    WrongEncoding,
)
from coopledger.imports.orders.pretix_json import read_json
from coopledger.imports.orders.problems import RowProblem

LARGEST_FILE = 200_000_000
"""Bytes; a million positions of pretix are about 470 MB as CSV, so they come by the event."""


@dataclass(frozen=True)
class ImportedFile:
    """What a file holds."""

    path: Path
    format: FileFormat
    positions: tuple[Position, ...]
    """The good ones, paid or not, in the order of the file."""
    problems: tuple[RowProblem, ...]
    sha256: str
    """Of the file's bytes, hexadecimal."""
    questions: tuple[str, ...] = ()
    """The questions that the file has answers to, answered or not: the keys of ``answers``."""
    keys: frozenset[PositionKey] = frozenset()
    """Every position that the file lists, those with problems too."""
    whole_orders: frozenset[tuple[str, str]] = frozenset()
    """Source and code of each order of which all positions' keys are known. Of these alone can
    it be said that a position which was there before is gone."""


def read_positions(path: Path, *, zone: ZoneInfo = WIB) -> ImportedFile:
    """Read the positions that another system sold.

    Takes pretix's order positions as CSV (Indonesian or English), pretix's "Order data (JSON)",
    and the plain CSV of ``docs/plain-csv.md``.

    Args:
        path: the file.
        zone: where times are that name no zone: the event's own zone in pretix.

    Raises:
        BadInput: the file as such cannot be used; one class of ``failures`` for each reason.
    """
    data = read_bytes(path, LARGEST_FILE)
    content = decode(data, path)
    digest = hashlib.sha256(data).hexdigest()
    if content.lstrip()[:1] in ("{", "["):
        questions, read = read_json(content, path, zone)
        file_format = FileFormat.PRETIX_JSON
    else:
        layout, questions, read = read_csv(content, path, zone)
        file_format = layout.format
    return ImportedFile(
        path=path,
        format=file_format,
        positions=read.positions,
        problems=tuple(read.problems),
        sha256=digest,
        questions=questions,
        keys=read.keys,
        whole_orders=read.whole_orders,
    )


def read_bytes(path: Path, limit: int) -> bytes:
    """Return a file's bytes.

    Raises:
        FileNotThere: there is none of that name.
        CannotReadFile: it is a folder, or may not be read.
        FileTooLarge: it has more than ``limit`` bytes.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except FileNotFoundError as failure:
        raise FileNotThere(FilePlace(path)) from failure
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or str(failure)
        raise CannotReadFile(FilePlace(path), reason) from failure
    if len(data) > limit:
        raise FileTooLarge(FilePlace(path), limit)
    return data


def decode(data: bytes, path: Path) -> str:
    """Return a file's bytes as text; a byte-order mark is taken off.

    Raises:
        FileIsEmpty: nothing but space is there.
        IsWorkbook: the bytes are an Excel workbook's.
        WrongEncoding: they are not UTF-8.
        HoldsNulBytes: there is a NUL among them.
    """
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        raise FileIsEmpty(FilePlace(path))
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise IsWorkbook(FilePlace(path))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise WrongEncoding(FilePlace(path, line=1), "it is UTF-16")
    if (nul := data.find(b"\0")) >= 0:
        raise HoldsNulBytes(FilePlace(path, line=_line_of(data, nul)))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        # Counted in the failure's own bytes: a byte-order mark is gone from them.
        place = FilePlace(path, line=_line_of(failure.object, failure.start))
        raise WrongEncoding(place, f"byte 0x{failure.object[failure.start]:02x}") from failure


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
