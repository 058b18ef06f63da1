"""Whether the service is well, whether it is ready, and the same for a monitoring system.

Nothing secret, and nothing of where the parts are. Being well and being ready are two things. An index
that follows slowly is no fault, but a reader who wants speed waits for it.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from coopledger.api import condition
from coopledger.api.condition import Condition
from coopledger.api.documented import refusing
from coopledger.api.metrics import exposition
from coopledger.api.models.common import Shape
from coopledger.api.models.service import Health, Readiness
from coopledger.api.parameters import Nothing

router = APIRouter(tags=["service"])

_NOT_KEPT = {"Cache-Control": "no-store"}


def _described(shape: type[Shape], example: str, about: str) -> dict[str, Any]:
    content = {"application/json": {"example": example}}
    return {"description": about, "model": shape, "content": content}


@router.get(
    "/health",
    responses={
        200: _described(Health, "health", "All is well."),
        503: _described(Health, "health_failing", "A part does not answer, or an audit differs."),
        **refusing(422),
    },
)
def health(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Whether chain, database and service are well, and what the last audit found.

    An audit that found a difference fails it until a later audit agrees.
    """
    seen = _look(request)
    return _answer(Health.of(seen, request.app.state.settings.chain_id), well=seen.well)


@router.get(
    "/health/ready",
    responses={
        200: _described(Readiness, "ready", "Questions are answered, and fast."),
        503: _described(Readiness, "not_ready", "The index has to catch up, or a part is away."),
        **refusing(422),
    },
)
def ready(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Whether the index has caught up with the chain, else how many blocks it is behind.

    Caught up is who is at most two blocks behind, or at most two of the worker's looks for new blocks.
    Without any index the service is ready: the chain itself answers.
    """
    seen = _look(request)
    return _answer(Readiness.of(seen), well=seen.ready)


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {
            "description": "Gauges in the text format of Prometheus.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": "metrics"}},
        },
        **refusing(422),
    },
)
def metrics(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """How chain, index and audit are, for a monitoring system. What is not known is left out."""
    return Response(exposition(_look(request)), headers=_NOT_KEPT, media_type=CONTENT_TYPE_LATEST)


def _look(request: Request) -> Condition:
    state = request.app.state
    return condition.look(
        state.answers.source, state.index, state.settings, needs_database=state.needs_database
    )


def _answer(shape: Shape, *, well: bool) -> Response:
    status = 200 if well else 503
    return Response(shape.model_dump_json(), status, _NOT_KEPT, "application/json")
