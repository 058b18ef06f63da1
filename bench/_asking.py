"""A light client of HTTP/1.1: connections that are kept, each asking again as soon as it was answered.

It reads no more of an answer than its status and length, so it takes less than any server.
"""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class Kind:
    """Requests of one kind, all to be answered by one status, and the seconds that each took."""

    status: bytes
    requests: Iterator[bytes]
    rates: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)


def ask(url: str, clients: str, rounds: str, seconds: str, kinds: str) -> dict[str, float]:
    """Return figures of each kind of question: answers a second, and milliseconds of one.

    The kinds take turns, so that whatever else the machine does meets all of them.

    Args:
        url: where the server is.
        clients: how many connections ask at a time.
        rounds: how many turns each kind has; its rate is that of the median turn.
        seconds: how long a turn is.
        kinds: a file with JSON, by name: pairs of a path and the ETag to send, asked in a circle.
    """
    asked = json.loads(Path(kinds).read_text("utf-8"))
    return asyncio.run(_ask(url, int(clients), int(rounds), float(seconds), asked))


async def _ask(
    url: str, clients: int, rounds: int, seconds: float, asked: dict[str, list[tuple[str, str]]]
) -> dict[str, float]:
    where = urlsplit(url)
    kinds = {name: _kind(where.netloc, questions) for name, questions in asked.items()}
    open_ = [await asyncio.open_connection(where.hostname, where.port) for _ in range(clients)]
    for _ in range(rounds):
        for kind in kinds.values():
            started, before = time.perf_counter(), len(kind.taken)
            until = started + seconds
            await asyncio.gather(*(_client(kind, *each, until) for each in open_))
            kind.rates.append((len(kind.taken) - before) / (time.perf_counter() - started))
    for _, writer in open_:
        writer.close()
    return {
        figure: value
        for name, kind in kinds.items()
        for figure, value in {
            f"{name}_per_s": round(median(kind.rates), 1),
            f"{name}_p50_ms": round(median(kind.taken) * 1000, 2),
            f"{name}_p99_ms": round(quantiles(kind.taken, n=100)[98] * 1000, 2),
        }.items()
    }


def _kind(host: str, questions: list[tuple[str, str]]) -> Kind:
    requests = [
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\n".encode()
        + (f"If-None-Match: {etag}\r\n".encode() if etag else b"")
        + b"\r\n"
        for path, etag in questions
    ]
    return Kind(b"304" if questions[0][1] else b"200", cycle(requests))


async def _client(
    kind: Kind, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, until: float
) -> None:
    while (began := time.perf_counter()) < until:
        writer.write(next(kind.requests))
        head = await reader.readuntil(b"\r\n\r\n")
        if found := _LENGTH.search(head):
            await reader.readexactly(int(found[1]))
        kind.taken.append(time.perf_counter() - began)
        if head[9:12] != kind.status:
            raise AssertionError(head)
