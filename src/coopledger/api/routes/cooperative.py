"""The route of the cooperative as a whole."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from coopledger.api.asking import Asked
from coopledger.api.documented import answering
from coopledger.api.models.cooperative import CooperativeAnswer
from coopledger.api.parameters import Nothing

router = APIRouter(tags=["cooperative"])


@router.get("/cooperative", responses=answering(CooperativeAnswer, "cooperative"))
def cooperative(asked: Asked, _: Annotated[Nothing, Query()]) -> Response:
    """The cooperative: addresses, by-laws, roles, counts, and the head of the register."""
    return asked.answer(
        lambda reader: CooperativeAnswer.of(reader.cooperative(), reader.moment, asked.zone)
    )
