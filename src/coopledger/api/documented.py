"""How the routes are described in OpenAPI: every status that they answer, with real examples.

The one subtlety: what the framework cannot say is put in by :func:`describe`: the schema of a
problem, which has its own media type, and the examples, from which it would drop whatever is null.
Until then a route holds the example's name.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from coopledger.api import problems
from coopledger.api.answers import BLOCK_HEADER
from coopledger.api.models.common import Problem

_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_HEADERS = {
    "ETag": {"description": "Changes when the answer does.", "schema": {"type": "string"}},
    BLOCK_HEADER: {
        "description": "Number and hash of the block that the answer was read at.",
        "schema": {"type": "string", "pattern": "^[0-9]+ 0x[0-9a-f]{64}$"},
    },
}

_REFUSALS: Mapping[int, tuple[str, str]] = {
    404: ("There is no such thing, or no such block.", "not_found"),
    422: ("A parameter cannot be used; the problem names it.", "bad_parameter"),
    500: ("What is on the chain is not what it should be.", "untrusted"),
    503: ("A part does not answer, or nothing is deployed yet. Ask again.", "unavailable"),
}

_ABOUT = """\
Everything that the chain holds of the cooperative, read-only. Each answer says as of which block it
was read (`as_of`), so that it can be quoted and checked. No personal data is served: none is on the
chain, and nobody is found by e-mail here.

An answer changes only with the chain: send its `ETag` back in `If-None-Match`, and what is unchanged
comes as 304. Refusals are `application/problem+json` (RFC 9457) and say what to do.
"""


def answering(
    shape: type[BaseModel] | None, example: str, *, media_type: str = "application/json"
) -> dict[int | str, dict[str, Any]]:
    """Return the description of a route's answers.

    Args:
        shape: the answer's model; None for what is not JSON.
        example: the name of its example.
        media_type: of what is not JSON.
    """
    content: dict[str, Any] = {media_type: {"example": example}}
    good: dict[str, Any] = {
        "description": "The answer.",
        "content": content,
        "headers": _HEADERS,
    }
    if shape is not None:
        good["model"] = shape
    else:
        content[media_type]["schema"] = {"type": "string"}
    unchanged = {"description": "Unchanged since that ETag.", "headers": _HEADERS}
    return {200: good, 304: unchanged, **refusing(*_REFUSALS)}


@cache
def examples() -> dict[str, Any]:
    """Return the examples by name: answers that a real chain gave."""
    found: dict[str, Any] = json.loads((files(__package__) / "examples.json").read_text("utf-8"))
    return found


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the application's OpenAPI description, made once."""
    if not app.openapi_schema:
        schema = get_openapi(
            title="coopledger", version=app.version, description=_ABOUT, routes=app.routes
        )
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schema["components"]["schemas"] |= {**problem.pop("$defs"), "Problem": problem}
        for content in _contents(schema):
            content["example"] = examples()[content["example"]]
        app.openapi_schema = schema
    return app.openapi_schema


def _contents(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in schema["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                yield from answer.get("content", {}).values()


def refusing(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of refusals with these statuses."""
    return {
        status: {
            "description": about,
            "content": {problems.MEDIA_TYPE: {"schema": _PROBLEM, "example": example}},
        }
        for status, (about, example) in _REFUSALS.items()
        if status in statuses
    }
