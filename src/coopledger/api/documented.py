"""How the routes are described in OpenAPI: every status that they answer, with real examples.

What the framework cannot say is put in by :func:`describe`: the schema of a problem, which has its own
media type, and the examples, from which it would drop whatever is null. Until then a route holds the
example's name.
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
from coopledger.api.downloads import DATA_HEADER, MEDIA_TYPES, Kind
from coopledger.api.models.common import Problem

_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_HEADERS = {
    "ETag": {"description": "Changes when the answer does.", "schema": {"type": "string"}},
    BLOCK_HEADER: {
        "description": "Number and hash of the block that the answer was read at, or is as of.",
        "schema": {"type": "string", "pattern": "^[0-9]+ 0x[0-9a-f]{64}$"},
    },
}

_FILE_HEADERS = {
    **_HEADERS,
    "Content-Disposition": {
        "description": "The file's name, with the block that it is as of.",
        "schema": {"type": "string"},
    },
    DATA_HEADER: {
        "description": "SHA-256 of the audited data (the CSV's), where it is known beforehand: XLSX, PDF.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
}

_REFUSALS: Mapping[int, tuple[str, str]] = {
    404: ("There is no such thing, or no such block.", "not_found"),
    422: ("A parameter cannot be used; the problem names it.", "bad_parameter"),
    500: ("What is on the chain is not what it should be.", "untrusted"),
    503: ("A part does not answer, or nothing is deployed yet. Ask again.", "unavailable"),
}
_OF_THE_INDEX: Mapping[int, tuple[str, str]] = {
    **_REFUSALS,
    409: ("It is not told as of that moment: the screening had not ended.", "screening_not_over"),
    503: ("There is no index, it is behind, or a part does not answer. Ask again.", "no_index"),
}

_ABOUT = """\
Everything that the chain holds of the cooperative, read-only. Each answer says as of which block it
was read (`as_of`), so that it can be quoted and checked. No personal data is served: none is on the
chain, and nobody is found by e-mail here.

What is below `/register` is answered from the index, a copy of the chain, as of the last final block or of any
moment. Such an answer says what it is as of, and stays the same for good where that is `final`.

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


def answering_from_index(shape: type[BaseModel], example: str) -> dict[int | str, dict[str, Any]]:
    """Return the description of the answers of a route that needs the index."""
    return {**answering(shape, example), **_refused(_OF_THE_INDEX)}


def sending(kind: Kind, example: str) -> dict[int | str, dict[str, Any]]:
    """Return the description of the answers of a route that sends a file."""
    found = answering(None, example, media_type=MEDIA_TYPES[kind])
    content = found[200]["content"][MEDIA_TYPES[kind]]
    if kind is Kind.JSON:
        content["schema"] = {"type": "object"}
    elif kind is not Kind.CSV:
        content["schema"] = {"type": "string", "format": "binary"}
    found[200] |= {"description": "The file.", "headers": _FILE_HEADERS}
    return {**found, **_refused(_OF_THE_INDEX)}


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
    return _refused({status: _REFUSALS[status] for status in statuses})


def _refused(refusals: Mapping[int, tuple[str, str]]) -> dict[int | str, dict[str, Any]]:
    return {
        status: {
            "description": about,
            "content": {problems.MEDIA_TYPE: {"schema": _PROBLEM, "example": example}},
        }
        for status, (about, example) in refusals.items()
    }
