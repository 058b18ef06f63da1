"""A server before a real node, for the tests: it can refuse, hang up, or lie."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import urllib3

Intercept = Callable[[Any, Callable[[], bytes]], bytes | None]
"""Given a request and a way to pass it on: the answer's bytes, or None to hang up."""

Told = Callable[[str, list[Any], Any], Any]
"""Given a method, its parameters and the node's result: the result to tell instead."""


@dataclass(eq=False)
class Refuse(Exception):
    """Raised by what tells: the node answers with this error."""

    message: str


@dataclass
class Middleman:
    """A server before the real node, which a test can make refuse or hang up."""

    url: str
    intercept: Intercept = field(default=lambda _, pass_on: pass_on())

    def tell(self, told: Told) -> None:
        """Answer each question, also those of a batch, by what ``told`` makes of the result."""

        def intercept(request: Any, pass_on: Callable[[], bytes]) -> bytes:
            answers = orjson.loads(pass_on())
            requests = request if isinstance(request, list) else [request]
            listed = answers if isinstance(answers, list) else [answers]
            by_id = {each["id"]: each for each in requests}
            for answer in listed:
                asked = by_id[answer["id"]]
                try:
                    if "result" in answer:
                        told_instead = told(asked["method"], asked["params"], answer["result"])
                        answer["result"] = told_instead
                except Refuse as refusal:
                    del answer["result"]
                    answer["error"] = {"code": -32000, "message": refusal.message}
            return orjson.dumps(answers)

        self.intercept = intercept


@contextmanager
def middleman_before(url: str) -> Iterator[Middleman]:
    """Give a server that passes everything on to a node, until it is told otherwise."""
    pool = urllib3.PoolManager()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = between.intercept(
                orjson.loads(body),
                lambda: (
                    pool.request(
                        "POST", url, body=body, headers={"Content-Type": "application/json"}
                    ).data
                ),
            )
            if answer is None:
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    between = Middleman(f"http://127.0.0.1:{server.server_address[1]}")
    try:
        yield between
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        pool.clear()
