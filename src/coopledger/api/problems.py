"""Failures as ``application/problem+json`` (RFC 9457): what happened, and what to do next.

What is wrong with the question is told in full; what is wrong with our own parts only by its kind, since
the full text names nodes and files. That text goes to the log.
"""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from coopledger.api.models.common import ParameterProblem, Problem
from coopledger.api.spooling import ExportNotMade, TooManyExports
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.errors import CoopledgerError, Unavailable, Untrusted, handling_of
from coopledger.index.asking.pinning import BlockReplaced, NotIndexedYet
from coopledger.services.asking.from_the_index import NoIndex
from coopledger.services.asking.streaming import RegisterChanged

MEDIA_TYPE = "application/problem+json"

_log = logging.getLogger(__name__)

_RETRY_AFTER_S = "5"
_OWN_FAULTS: Mapping[type[CoopledgerError], tuple[str, str, str]] = {
    Unavailable: (
        "part-does-not-answer",
        "a part that is needed to answer does not answer: the chain's node",
        "Ask again in a few seconds. Who runs the service finds the cause in its log.",
    ),
    Untrusted: (
        "part-not-trusted",
        "what was found on the chain is not what it should be, so nothing is answered from it",
        "Tell who runs the service; the cause is in its log.",
    ),
}


class NotOpenYet(Unavailable):
    """There is no cooperative to answer for, or not a whole one."""

    says = "the cooperative is not deployed yet"
    advice = "Run 'coopledger deploy' first. The service picks it up by itself."


_TOLD_IN_FULL = (
    *(NotOpenYet, NoIndex, NotIndexedYet, BlockReplaced),
    *(RegisterChanged, TooManyExports, ExportNotMade),
)
"""Faults of our own that name nothing secret, and say what there is to wait for."""


def add_to(app: FastAPI) -> None:
    """Turn every failure of the application into a problem."""
    app.add_exception_handler(CoopledgerError, _refused)
    app.add_exception_handler(ContractRefusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _not_served)
    app.add_exception_handler(Exception, _broken)


def problem_of(failure: CoopledgerError | ContractRefusal) -> Problem:
    """Return what is said of a failure."""
    status = handling_of(type(failure)).http_status
    for family, (slug, detail, advice) in _OWN_FAULTS.items():
        if isinstance(failure, family) and not isinstance(failure, _TOLD_IN_FULL):
            return _problem(slug, status, detail, advice)
    slug = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(failure).__name__).lower()
    return _problem(slug, status, str(failure), failure.advice)


def refused(failure: CoopledgerError | ContractRefusal) -> Response:
    """Return the answer that tells a failure, and log what is ours to mend."""
    problem = problem_of(failure)
    headers = {}
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        cause = failure.__cause__ or "no other cause"
        _log.warning("%s: %s (%s)", type(failure).__name__, failure, cause)
        headers = {"Retry-After": _RETRY_AFTER_S}
    return _answer(problem, headers)


def _refused(_: Request, failure: Exception) -> Response:
    assert isinstance(failure, CoopledgerError | ContractRefusal)  # noqa: S101  registered for these
    return refused(failure)


def _invalid(_: Request, failure: Exception) -> Response:
    assert isinstance(failure, RequestValidationError)  # noqa: S101  registered for this
    found = [_parameter(error) for error in failure.errors()]
    named = "; ".join(f"{each.parameter}: {each.message}" for each in found)
    advice = "Correct the parameters that are named; /docs lists what each may be."
    return _answer(_problem("bad-parameter", 422, named, advice, found))


def _not_served(_: Request, failure: Exception) -> Response:
    assert isinstance(failure, HTTPException)  # noqa: S101  registered for this
    status = HTTPStatus(failure.status_code)
    slug = status.phrase.lower().replace(" ", "-")
    detail = status.description or status.phrase
    headers = dict(failure.headers or {})
    if headers.get("Allow") == "GET":
        headers["Allow"] = "GET, HEAD"  # HEAD is answered further out; the router knows GET alone
    return _answer(_problem(slug, status, detail, "See /docs for what is served."), headers)


def _broken(_: Request, failure: Exception) -> Response:
    _log.error("a fault of the service", exc_info=failure)
    detail = "the service made a mistake of its own"
    return _answer(_problem("fault", 500, detail, "Tell who runs the service; it is in its log."))


def _problem(
    slug: str, status: int, detail: str, advice: str, found: list[ParameterProblem] | None = None
) -> Problem:
    return Problem(
        type=f"urn:coopledger:problem:{slug}",
        title=slug.replace("-", " ").capitalize(),
        status=status,
        detail=detail,
        advice=advice,
        parameters=found or [],
    )


def _parameter(error: Any) -> ParameterProblem:
    place, *names = error["loc"]
    if error["type"] == "extra_forbidden":
        message = "there is no such parameter here"
    else:
        message = error["msg"].removeprefix("Value error, ")
    # What was sent is not sent back; the name is cut, as it may be anything.
    name = ".".join(str(each) for each in names)[:50]
    return ParameterProblem(parameter=name, place=str(place), message=message)


def _answer(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        problem.model_dump_json(),
        problem.status,
        {"Cache-Control": "no-store", **(headers or {})},
        MEDIA_TYPE,
    )
