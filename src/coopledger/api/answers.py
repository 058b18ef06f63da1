"""Answers with their ETag, kept in a small cache by block and question.

The one subtlety: an answer is a function of the pinned block and the question alone. So its ETag is
known before anything but the newest block's hash is read, and most repeated questions cost just that.
"""

import hashlib
import threading
from collections.abc import Callable
from zoneinfo import ZoneInfo

from cachetools import LRUCache
from fastapi import Request, Response
from pydantic import BaseModel

from coopledger import __version__
from coopledger.api.source import Source
from coopledger.services.members import AsOf
from coopledger.services.reading import Reader

JSON = "application/json"
BLOCK_HEADER = "Coopledger-Block"
"""Number and hash of the block that an answer was read at; for pictures, which cannot say it."""

_CACHE_BYTES = 32 * 2**20
_HEADERS = {"Cache-Control": "public, no-cache"}

Make = Callable[[Reader, AsOf], BaseModel | bytes]
"""Makes an answer by asking a reader, pinned to a block."""


class Answers:
    """Makes answers, or finds them made. Safe to share between threads."""

    def __init__(self, source: Source, zone: ZoneInfo, cache_bytes: int = _CACHE_BYTES) -> None:
        self.source = source
        self.zone = zone
        self._kept: LRUCache[str, bytes] = LRUCache(cache_bytes, getsizeof=len)
        self._lock = threading.Lock()

    def to(self, request: Request, make: Make, media_type: str = JSON, **headers: str) -> Response:
        """Return the answer to a request: as it was kept, made now, or that it is unchanged.

        Raises:
            CoopledgerError: the reader cannot answer.
        """
        reader, newest = self.source.pinned()
        block = newest.read_hash.hex()
        read_from = f"{newest.answered_by} {newest.final}"
        parts = (__version__, self.zone.key, reader.name, block, read_from, str(request.url))
        etag = _etag(*parts)
        seen = f"{newest.read_at} 0x{block}"
        headers = {**_HEADERS, **headers, BLOCK_HEADER: seen, "ETag": f'"{etag}"'}
        if _holds(request.headers.get("If-None-Match", ""), f'"{etag}"'):
            return Response(status_code=304, headers=headers)
        with self._lock:
            body = self._kept.get(etag)
        if body is None:
            made = make(reader, newest)
            body = (
                made.model_dump_json(by_alias=True).encode()
                if isinstance(made, BaseModel)
                else made
            )
            self._keep(etag, body)
        return Response(body, headers=headers, media_type=media_type)

    def _keep(self, etag: str, body: bytes) -> None:
        if len(body) <= self._kept.maxsize:
            with self._lock:
                self._kept[etag] = body


def _etag(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _holds(given: str, etag: str) -> bool:
    """Say whether an If-None-Match header names the tag, or any."""
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return "*" in tags or etag in tags
