"""A node that misbehaves: a small HTTP proxy in front of a real one.

What goes wrong is set while it runs, so a test can put a node right again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import orjson
import urllib3

from coopledger.chain.contracts.contract import functions_of

RawLog = dict[str, Any]
CODE_LIMIT = -32_005


@dataclass
class BadNode:
    """What the proxy does wrong; nothing, unless it is told."""

    url: str = ""
    behind: str = ""
    delay_s: float = 0.0
    errors: float = 0.0
    """How many of the requests are answered with an error, of one."""
    longest_range: int | None = None
    forgets_state: bool = False
    """Whether it has the newest block's state alone."""
    heads: list[bytes] = field(default_factory=list)
    """What it says, one after the other, instead of the register's head."""
    change: Callable[[RawLog], RawLog | None] = lambda log: log
    """What it gives instead of a log; None to leave it out."""
    chance: random.Random = field(default_factory=random.Random)
    ranges: list[int] = field(default_factory=list)
    """The lengths of the ranges that were asked for."""

    def answer(self, request: Any) -> Any:
        """Answer one question, or a batch."""
        if self.chance.random() < self.errors:
            first = request[0] if isinstance(request, list) else request
            return self._refused(first, -32_000, "busy")
        if isinstance(request, list):
            return [self._answer_one(each) for each in request]
        return self._answer_one(request)

    def _answer_one(self, request: Any) -> Any:
        old_state = request["method"] == "eth_call" and request["params"][1] != "latest"
        if self.forgets_state and old_state:
            return self._refused(request, -32_000, "missing trie node")
        if request["method"] == "eth_getLogs":
            return self._logs(request)
        answer = self._ask(request)
        if self.heads and _asks_for_head(request):
            answer["result"] = "0x" + self.heads.pop(0).hex()
        return answer

    def _logs(self, request: Any) -> Any:
        wanted = request["params"][0]
        blocks = int(wanted["toBlock"], 16) - int(wanted["fromBlock"], 16) + 1
        self.ranges.append(blocks)
        if self.longest_range is not None and blocks > self.longest_range:
            return self._refused(request, CODE_LIMIT, "block range is too large")
        answer = self._ask(request)
        changed = [self.change(log) for log in answer["result"]]
        answer["result"] = [log for log in changed if log is not None]
        return answer

    def _ask(self, request: Any) -> Any:
        answer = _POOL.request("POST", self.behind, body=orjson.dumps(request), headers=_JSON)
        return orjson.loads(answer.data)

    def _refused(self, request: Any, code: int, message: str) -> Any:
        error = {"code": code, "message": message}
        return {"jsonrpc": "2.0", "id": request["id"], "error": error}


def _asks_for_head(request: Any) -> bool:
    selector = functions_of("TicketLedger")["registerHead"].selector
    calls = request["method"] == "eth_call"
    return calls and str(request["params"][0]["data"]) == "0x" + selector.hex()


_POOL = urllib3.PoolManager(maxsize=16)
_JSON = {"Content-Type": "application/json"}


@contextmanager
def in_front_of(url: str) -> Iterator[BadNode]:
    """Start a proxy in front of a node."""
    node = BadNode(behind=url)

    class Handler(BaseHTTPRequestHandler):
        """Passes requests on."""

        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            """Answer a request."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(node.delay_s)
            answer = orjson.dumps(node.answer(orjson.loads(body)))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its name there
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        node.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield node
        server.shutdown()
        thread.join()
