"""The page ``/docs``: what the API serves, made of its OpenAPI description alone.

The usual pages load scripts from elsewhere, which tells others who reads here. This one is plain HTML
that loads nothing.
"""

import json
from html import escape
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRouter

router = APIRouter(include_in_schema=False)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "pre{background:#f3f3f3;padding:.7em;overflow:auto;max-height:24em}"
    "td,th{text-align:left;vertical-align:top;padding:.2em 1em .2em 0}"
)


@router.get("/docs")
def docs(request: Request) -> Response:
    """Show what is served."""
    return Response(
        page_of(request.app), headers={"Content-Security-Policy": _POLICY}, media_type="text/html"
    )


def page_of(app: FastAPI) -> str:
    """Return the page."""
    schema = app.openapi()
    info = schema["info"]
    about = "".join(f"<p>{escape(part)}</p>" for part in info["description"].split("\n\n"))
    routes = "".join(
        _route(path, operation)
        for path, operations in schema["paths"].items()
        for operation in operations.values()
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>coopledger: the API</title><style>{_STYLE}</style>"
        f"<h1>coopledger {escape(info['version'])}: the API</h1>{about}"
        f'<p>For programs: <a href="{app.openapi_url}">{app.openapi_url}</a></p>{routes}</html>'
    )


def _route(path: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code></td><td>{each['in']}</td>"
        f"<td>{escape(each.get('description', ''))}</td></tr>"
        for each in operation.get("parameters", ())
        if each["in"] != "header"
    )
    table = f"<table>{rows}</table>" if rows else ""
    content = operation["responses"]["200"].get("content", {})
    shown = "".join(f"<pre>{escape(_text(each.get('example')))}</pre>" for each in content.values())
    about = escape(operation.get("description", ""))
    return f"<h2>GET {escape(path)}</h2><p>{about}</p>{table}{shown}"


def _text(example: Any) -> str:
    if isinstance(example, str):
        return example
    return json.dumps(example, indent=1, ensure_ascii=False)
