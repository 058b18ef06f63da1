"""An export into a file: by its ending, and only as a whole.

What is written goes into a file beside it first, so nobody ever holds half an export under the name of a
whole one.
"""

from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from coopledger.domain.types import WIB
from coopledger.errors import BadInput
from coopledger.exports.data import About, Fingerprint
from coopledger.exports.streams import NamesOf, csv_pieces, json_pieces
from coopledger.exports.wording import ENGLISH, INDONESIAN, Wording
from coopledger.index.asking.entries import Entry
from coopledger.pictures.language import Language

KINDS = (".csv", ".json", ".xlsx", ".pdf")


class NotAnExport(BadInput):
    """The file's ending names no format of an export."""

    file: Path

    says = "{file} does not say by its ending what is to be written"
    advice = "Let the file's name end in .csv, .json, .xlsx or .pdf."


class ExportNotWritten(BadInput):
    """The file cannot be written there."""

    file: Path
    reason: str

    says = "{file} cannot be written: {reason}"
    advice = "Name a file in a folder that exists and that you may write to."


def wording_of(language: Language) -> Wording:
    """Return the words of a language."""
    return INDONESIAN if language is Language.ID else ENGLISH


def check_kind(file: Path) -> None:
    """Check that the file's ending names a format.

    Raises:
        NotAnExport: it does not.
    """
    if file.suffix.lower() not in KINDS:
        raise NotAnExport(file)


def write_export(
    file: Path,
    about: About,
    entries: Iterable[Entry],
    language: Language,
    names: NamesOf | None = None,
    zone: ZoneInfo = WIB,
) -> Fingerprint:
    """Write an export in the format of the file's ending; return the fingerprint of its data.

    Raises:
        NotAnExport: the ending names none.
        ExportNotWritten: the file cannot be written.
    """
    check_kind(file)
    # The same ending, and the name that the file itself says: the writers look at it.
    folder = file.parent / f".{file.name}.part"
    try:
        folder.mkdir()
        partly = folder / file.name
        try:
            fingerprint = _write(partly, about, entries, wording_of(language), names, zone)
            partly.replace(file)
        finally:
            partly.unlink(missing_ok=True)
            folder.rmdir()
    except OSError as error:
        raise ExportNotWritten(file, error.strerror or str(error)) from error
    return fingerprint


def _write(
    file: Path,
    about: About,
    entries: Iterable[Entry],
    wording: Wording,
    names: NamesOf | None,
    zone: ZoneInfo,
) -> Fingerprint:
    kind = file.suffix.lower()
    # Each imported where it is written: their libraries take longer to load than most commands take.
    if kind == ".xlsx":
        from coopledger.exports.xlsx_file import write_xlsx

        return write_xlsx(file, about, entries, wording, names)
    if kind == ".pdf":
        from coopledger.exports.pdf_file import write_pdf

        return write_pdf(file, about, entries, wording, names, zone=zone)
    fingerprint = Fingerprint()
    pieces = (
        csv_pieces(entries, fingerprint, names)
        if kind == ".csv"
        else json_pieces(about, entries, fingerprint, names)
    )
    with file.open("wb") as stream:
        for piece in pieces:
            stream.write(piece)
    return fingerprint
