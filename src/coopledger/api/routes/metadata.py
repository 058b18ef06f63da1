"""The routes of metadata and pictures: what the ledger's ``tokenURI`` leads to.

The ledger's base URI must be set to where this is served, such as
``https://example.org/api/v1/metadata/``. Links within an answer are built from where it was asked.
"""

from collections.abc import Callable
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response

from coopledger.api.asking import Asked, Asking
from coopledger.api.documented import answering
from coopledger.api.models.metadata import ContractMetadataAnswer, TicketMetadataAnswer
from coopledger.api.parameters import LanguageAsked, Nothing, Number32, TicketNumber
from coopledger.domain.types import MemberNumber, TicketId
from coopledger.services.asking.from_the_chain import ChainReader

SVG = "image/svg+xml"


class Picture(Response):
    """Says in the description what the routes of pictures answer with."""

    media_type = SVG


router = APIRouter(prefix="/metadata", tags=["metadata"])

# A picture may be opened by itself: then it must not be able to load or run anything.
_POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}

Language = Annotated[LanguageAsked, Query()]


@router.get("/contract", responses=answering(ContractMetadataAnswer, "contract"))
def contract(asked: Asked, chosen: Language) -> Response:
    """The ledger's own metadata (ERC-7572)."""
    base = _base_of(asked)
    return _facts(asked, lambda reader: reader.contract_metadata(base, chosen.language))


@router.get(
    "/contract/picture.svg",
    responses=answering(None, "emblem", media_type=SVG),
    response_class=Picture,
)
def contract_picture(asked: Asked, _: Annotated[Nothing, Query()]) -> Response:
    """The cooperative's own picture."""
    return _picture(asked, lambda reader: reader.contract_picture())


@router.get("/tickets/{ticket}", responses=answering(TicketMetadataAnswer, "ticket_metadata"))
def ticket(asked: Asked, ticket: TicketNumber, chosen: Language) -> Response:
    """A ticket's metadata (ERC-721). Nothing of its screening is told before that has ended."""
    base, number = _base_of(asked), TicketId(ticket)
    return _facts(asked, lambda reader: reader.ticket_metadata(number, base, chosen.language))


@router.get(
    "/tickets/{ticket}/picture.svg",
    responses=answering(None, "ticket_picture", media_type=SVG),
    response_class=Picture,
)
def ticket_picture(asked: Asked, ticket: TicketNumber, chosen: Language) -> Response:
    """A ticket's public picture. Nothing of its screening is told before that has ended."""
    return _picture(asked, lambda reader: reader.ticket_picture(TicketId(ticket), chosen.language))


@router.get(
    "/cards/{number}/picture.svg",
    responses=answering(None, "card_picture", media_type=SVG),
    response_class=Picture,
)
def card_picture(asked: Asked, number: Number32, chosen: Language) -> Response:
    """A member's card. It shows what the register shows to anybody."""
    return _picture(
        asked, lambda reader: reader.card_picture(MemberNumber(number), chosen.language)
    )


def _base_of(asked: Asking) -> str:
    """Return the address of everything here, as the asker knows it."""
    return str(asked.request.url_for(contract.__name__)).removesuffix("contract")


def _facts(asked: Asking, make: Callable[[ChainReader], dict[str, Any]]) -> Response:
    return asked.answer(lambda reader: orjson.dumps(make(reader)))


def _picture(asked: Asking, make: Callable[[ChainReader], str]) -> Response:
    return asked.answer(lambda reader: make(reader).encode(), SVG, **_POLICY)
