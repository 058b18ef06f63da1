"""The register as a file that is sent: CSV and JSON while they are read, XLSX and PDF when they are made.

The register's moment, and with it the ETag and the file's name, is settled before the first byte. What
turns out afterwards (the index goes away, the chain turns) breaks the answer off: it has no end, and no
client takes it for a whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from fastapi import Response
from fastapi.responses import StreamingResponse

from coopledger.api.answers import Question
from coopledger.api.asking import Asking
from coopledger.api.middleware import ASKED_AS_HEAD
from coopledger.domain.moments import At
from coopledger.exports.data import About, Fingerprint
from coopledger.exports.streams import csv_pieces, json_pieces
from coopledger.index.asking.wanted import Wanted
from coopledger.pictures.language import Language
from coopledger.services.asking.from_the_index import RegisterReader

DATA_HEADER = "Coopledger-Data-Sha256"
"""SHA-256 of the audited data, in hexadecimal digits; where it is known before the file is sent."""


class Kind(StrEnum):
    """The formats of an export."""

    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"
    PDF = "pdf"


MEDIA_TYPES = {
    Kind.CSV: "text/csv",
    Kind.JSON: "application/json",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.PDF: "application/pdf",
}


@dataclass(frozen=True)
class Download:
    """An export that is asked for. The language is that of the texts around the data."""

    kind: Kind
    at: At | None
    wanted: Wanted
    language: Language = Language.ID

    def answer(self, asked: Asking) -> Response:
        """Answer with the file.

        Raises:
            NoIndex: there is no index that answers.
            TooManyExports, ExportNotMade: the file cannot be made now.
            CoopledgerError: there is no such moment.
        """
        request = asked.request
        with asked.answers.register(self.at) as (reader, register, seen):
            headers, unchanged = asked.answers.known(request, Question(self.at, True), seen)
            if unchanged is not None:
                return unchanged
            about = reader.about(register, self.wanted)
        name = f"register-block-{about.as_of.block.number}.{self.kind}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
        if request.scope.get(ASKED_AS_HEAD):
            return self._sent(iter(()), headers)
        if self.kind in {Kind.CSV, Kind.JSON}:
            return self._sent(self._pieces(reader, about), headers)
        spooled = asked.request.app.state.spool.made(
            name, lambda file: reader.write_export(file, about, self.language)
        )
        headers |= {"Content-Length": str(spooled.length), DATA_HEADER: spooled.fingerprint.sha256}
        return self._sent(spooled.pieces(), headers)

    def _pieces(self, reader: RegisterReader, about: About) -> Iterator[bytes]:
        entries = reader.entries(about)
        if self.kind is Kind.CSV:
            return csv_pieces(entries, Fingerprint())
        return json_pieces(about, entries, Fingerprint())

    def _sent(self, pieces: Iterator[bytes], headers: dict[str, str]) -> Response:
        return StreamingResponse(pieces, headers=headers, media_type=MEDIA_TYPES[self.kind])
