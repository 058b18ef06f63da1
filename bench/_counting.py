"""A server before a real node that counts: how often it was asked, and how many bytes went to and fro.

Asking for a receipt that is not there yet does not count: how often that happens is up to how long the node
takes for a block, and anvil takes the longer the more there is on its chain.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import urllib3


@dataclass(frozen=True)
class Traffic:
    """Requests, and the bytes of what was asked and answered, without the headers."""

    requests: int
    bytes: int

    def since(self, before: "Traffic") -> "Traffic":
        """Return what came after an earlier count."""
        return Traffic(self.requests - before.requests, self.bytes - before.bytes)


@dataclass
class Counter:
    """The server, and what passed it so far."""

    url: str = ""
    passed: Traffic = Traffic(0, 0)


@contextmanager
def counting_before(url: str) -> Iterator[Counter]:
    """Give a server that passes everything on to a node, for one who asks one thing after another."""
    pool, counter = urllib3.PoolManager(), Counter()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {"Content-Type": "application/json"}
            answer = pool.request("POST", url, body=asked, headers=headers).data
            if not _in_vain(asked, answer):
                before = counter.passed
                size = len(asked) + len(answer)
                counter.passed = Traffic(before.requests + 1, before.bytes + size)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        counter.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield counter
        server.shutdown()
        thread.join()
        pool.clear()


def _in_vain(asked: bytes, answer: bytes) -> bool:
    return b"eth_getTransactionReceipt" in asked and b'"result":null' in answer
