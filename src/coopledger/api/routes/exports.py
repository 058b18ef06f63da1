"""The routes of the register's exports: the files that ``coopledger register export`` writes, without names."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from coopledger.api.asking import Asked
from coopledger.api.documented import sending
from coopledger.api.downloads import MEDIA_TYPES, Download, Kind
from coopledger.api.register_parameters import DocumentAsked, ExportAsked

router = APIRouter(tags=["exports"])


class CsvFile(Response):
    """Says in the description what the route answers with."""

    media_type = MEDIA_TYPES[Kind.CSV]


class Workbook(Response):
    """Says in the description what the route answers with."""

    media_type = MEDIA_TYPES[Kind.XLSX]


class Document(Response):
    """Says in the description what the route answers with."""

    media_type = MEDIA_TYPES[Kind.PDF]


@router.get("/register.csv", responses=sending(Kind.CSV, "export_csv"), response_class=CsvFile)
def as_csv(asked: Asked, chosen: Annotated[ExportAsked, Query()]) -> Response:
    """The audited data: a line a record, times in UTC."""
    return Download(Kind.CSV, chosen.moment, chosen.wanted).answer(asked)


@router.get("/register.json", responses=sending(Kind.JSON, "export_json"))
def as_json(asked: Asked, chosen: Annotated[ExportAsked, Query()]) -> Response:
    """The same, with what it is about in front, rows and SHA-256 at the end."""
    return Download(Kind.JSON, chosen.moment, chosen.wanted).answer(asked)


@router.get("/register.xlsx", responses=sending(Kind.XLSX, "export_xlsx"), response_class=Workbook)
def as_xlsx(asked: Asked, chosen: Annotated[DocumentAsked, Query()]) -> Response:
    """A workbook: a sheet that says what it is, then the records."""
    return Download(Kind.XLSX, chosen.moment, chosen.wanted, chosen.language).answer(asked)


@router.get("/register.pdf", responses=sending(Kind.PDF, "export_pdf"), response_class=Document)
def as_pdf(asked: Asked, chosen: Annotated[DocumentAsked, Query()]) -> Response:
    """A document for chair and secretary to sign; beyond 5,000 records it names the CSV's SHA-256."""
    return Download(Kind.PDF, chosen.moment, chosen.wanted, chosen.language).answer(asked)
