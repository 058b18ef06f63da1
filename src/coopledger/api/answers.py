"""Answers with their ETag, kept in a small cache by block and question.

An answer is a function of the pinned block and the question alone. So its ETag is known before anything
but the newest block's hash is read, and most repeated questions cost just that. What the index answers of
a settled moment stays the same for good, and so does its ETag.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from cachetools import LRUCache
from fastapi import Request, Response
from pydantic import BaseModel

from coopledger import __version__
from coopledger.api.source import Source
from coopledger.domain.moments import At
from coopledger.index.asking.queries import Register
from coopledger.services.asking.from_the_chain import ChainReader
from coopledger.services.asking.from_the_index import RegisterReader

JSON = "application/json"
BLOCK_HEADER = "Coopledger-Block"
"""Number and hash of the block that an answer was read at, or is as of; for what cannot say it itself."""

_CACHE_BYTES = 32 * 2**20
_HEADERS = {"Cache-Control": "public, no-cache"}

Make = Callable[[ChainReader], BaseModel | bytes]
"""Makes an answer by asking a reader, which answers as of one moment."""
MakeOfRegister = Callable[[RegisterReader, Register], BaseModel]
"""Makes an answer by asking the register as of a moment; the reader finds other moments."""


class Answers:
    """Makes answers, or finds them made. Safe to share between threads."""

    def __init__(self, source: Source, zone: ZoneInfo, cache_bytes: int = _CACHE_BYTES) -> None:
        self.source = source
        self.zone = zone
        self._kept: LRUCache[str, bytes] = LRUCache(cache_bytes, getsizeof=len)
        self._lock = threading.Lock()

    def to(
        self,
        request: Request,
        make: Make,
        at: At | None = None,
        *,
        from_index: bool = False,
        media_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer to a request: as it was kept, made now, or that it is unchanged.

        Args:
            request: what is asked.
            make: makes the answer.
            at: as of when; without it, as of the newest block.
            from_index: let the index answer where it has come as far.
            media_type: of the answer.
            headers: that it has besides.

        Raises:
            CoopledgerError: the reader cannot answer.
        """
        with self.source.reader(at, from_index=from_index) as reader:
            moment = reader.moment
            block = moment.read.hash.hex()
            etag = self._etag(block, f"{moment.answered_by} {moment.final}", str(request.url))
            named = {**(headers or {}), BLOCK_HEADER: f"{moment.read.number} 0x{block}"}
            return self._answer(request, etag, lambda: make(reader), media_type, named)

    def of_register(self, request: Request, at: At | None, make: MakeOfRegister) -> Response:
        """Return the answer to a request that the index answers, as of a moment.

        Raises:
            NoIndex: there is no index that answers.
            CoopledgerError: the reader cannot answer.
        """
        with self.register(request, at) as (reader, register, etag, headers):
            return self._answer(request, etag, lambda: make(reader, register), JSON, headers)

    @contextmanager
    def register(
        self, request: Request, at: At | None
    ) -> Iterator[tuple[RegisterReader, Register, str, dict[str, str]]]:
        """Give the reader, its register as of a moment, and ETag and headers of an answer of it.

        Raises:
            NoIndex: there is no index that answers.
            CoopledgerError: the reader cannot answer.
        """
        reader = self.source.register()
        with reader.register(at) as register:
            as_of = register.as_of
            block = as_of.block.hash.hex()
            # What is not settled changes with what the index reads; so its ETag does, too.
            read = (
                "settled"
                if as_of.settled
                else f"{as_of.final} {as_of.read.number} {as_of.read.hash.hex()}"
            )
            etag = self._etag("register", str(as_of.time), block, read, str(request.url))
            yield reader, register, etag, {BLOCK_HEADER: f"{as_of.block.number} 0x{block}"}

    def unchanged(self, request: Request, etag: str, headers: dict[str, str]) -> Response | None:
        """Return that an answer is unchanged, if the asker has it already."""
        if not _holds(request.headers.get("If-None-Match", ""), f'"{etag}"'):
            return None
        return Response(status_code=304, headers=with_etag(headers, etag))

    def _answer(
        self,
        request: Request,
        etag: str,
        make: Callable[[], BaseModel | bytes],
        media_type: str,
        headers: dict[str, str],
    ) -> Response:
        if unchanged := self.unchanged(request, etag, headers):
            return unchanged
        with self._lock:
            body = self._kept.get(etag)
        if body is None:
            made = make()
            body = (
                made.model_dump_json(by_alias=True).encode()
                if isinstance(made, BaseModel)
                else made
            )
            self._keep(etag, body)
        return Response(body, headers=with_etag(headers, etag), media_type=media_type)

    def _etag(self, *parts: str) -> str:
        whole = (__version__, self.zone.key, self.source.deployed().name, *parts)
        return hashlib.sha256("\n".join(whole).encode()).hexdigest()[:32]

    def _keep(self, etag: str, body: bytes) -> None:
        if len(body) <= self._kept.maxsize:
            with self._lock:
                self._kept[etag] = body


def with_etag(headers: dict[str, str], etag: str) -> dict[str, str]:
    """Return an answer's headers whole."""
    return {**_HEADERS, **headers, "ETag": f'"{etag}"'}


def _holds(given: str, etag: str) -> bool:
    """Say whether an If-None-Match header names the tag, or any."""
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return "*" in tags or etag in tags
