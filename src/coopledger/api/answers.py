"""Answers with their ETag, kept in a small cache by block and question.

An answer is a function of the pinned block and the question alone. So its ETag is known before anything
but the newest block's hash is read, and most repeated questions cost just that: what asking at an address
comes to is remembered (see ``api/asked_before.py``). What the index answers of a settled moment stays the
same for good, and so does its ETag.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from cachetools import LRUCache
from fastapi import Request, Response
from pydantic import BaseModel

from coopledger import __version__
from coopledger.api.source import Source
from coopledger.domain.moments import At, Moment
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

_QUESTIONS, _LONGEST = 10_000, 1_000
"""How many questions are remembered, and the length of their addresses."""


@dataclass(frozen=True)
class Question:
    """What asking at an address comes to: as of when, of whom, and what the answer is like."""

    at: At | None
    of_register: bool
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """What an answer depends on beside its address, and how it names its block."""

    parts: tuple[str, ...]
    block: str


class Answers:
    """Makes answers, or finds them made. Safe to share between threads."""

    def __init__(self, source: Source, zone: ZoneInfo, cache_bytes: int = _CACHE_BYTES) -> None:
        self.source = source
        self.zone = zone
        self._kept: LRUCache[str, bytes] = LRUCache(cache_bytes, getsizeof=len)
        self._questions: LRUCache[str, Question] = LRUCache(_QUESTIONS)
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
        question = Question(at, False, media_type, headers or {})
        with self.source.reader(at, from_index=from_index) as reader:
            seen = self._seen(reader.moment)
            return self._answer(request, question, seen, lambda: make(reader))

    def of_register(self, request: Request, at: At | None, make: MakeOfRegister) -> Response:
        """Return the answer to a request that the index answers, as of a moment.

        Raises:
            NoIndex: there is no index that answers.
            CoopledgerError: the reader cannot answer.
        """
        with self.register(at) as (reader, register, seen):
            return self._answer(request, Question(at, True), seen, lambda: make(reader, register))

    @contextmanager
    def register(self, at: At | None) -> Iterator[tuple[RegisterReader, Register, Seen]]:
        """Give the reader, its register as of a moment, and what is seen of it.

        Raises:
            NoIndex: there is no index that answers.
            CoopledgerError: the reader cannot answer.
        """
        reader = self.source.register()
        with reader.register(at) as register:
            yield reader, register, self._seen_of_register(register.as_of)

    def look(self, question: Question) -> Seen:
        """Return what an answer depends on now.

        Raises:
            CoopledgerError: the reader cannot answer.
        """
        moment = self.source.moment(question.at, of_register=question.of_register)
        return self._seen_of_register(moment) if question.of_register else self._seen(moment)

    def remembered(self, url: str) -> Question | None:
        """Return what asking at an address comes to, if somebody did."""
        with self._lock:
            return self._questions.get(url)

    def again(self, url: str, held: str, question: Question, seen: Seen) -> Response | None:
        """Return that an answer is unchanged, or the answer as it was kept; None where it must be made.

        Args:
            url: where it is asked.
            held: the request's If-None-Match.
            question: what is asked there.
            seen: what the answer depends on now.
        """
        return self._found(held, question, self._headers(url, question, seen))

    def known(
        self, request: Request, question: Question, seen: Seen
    ) -> tuple[dict[str, str], Response | None]:
        """Return an answer's headers, and the answer where it is unchanged or kept."""
        url = str(request.url)
        headers = self._headers(url, question, seen)
        answer = self._found(request.headers.get("If-None-Match", ""), question, headers)
        if answer is not None:
            self._remember(url, question)
        return headers, answer

    def _answer(
        self,
        request: Request,
        question: Question,
        seen: Seen,
        make: Callable[[], BaseModel | bytes],
    ) -> Response:
        headers, answer = self.known(request, question, seen)
        if answer is not None:
            return answer
        made = make()
        body = made.model_dump_json(by_alias=True).encode() if isinstance(made, BaseModel) else made
        if len(body) <= self._kept.maxsize:
            with self._lock:
                self._kept[headers["ETag"]] = body
            self._remember(str(request.url), question)
        return Response(body, 200, headers, question.media_type)

    def _remember(self, url: str, question: Question) -> None:
        if len(url) <= _LONGEST:
            with self._lock:
                self._questions[url] = question

    def _headers(self, url: str, question: Question, seen: Seen) -> dict[str, str]:
        whole = "\n".join((__version__, self.zone.key, *seen.parts, url))
        etag = f'"{hashlib.sha256(whole.encode()).hexdigest()[:32]}"'
        return {**_HEADERS, **question.headers, BLOCK_HEADER: seen.block, "ETag": etag}

    def _found(self, held: str, question: Question, headers: dict[str, str]) -> Response | None:
        if _holds(held, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        with self._lock:
            body = self._kept.get(headers["ETag"])
        return None if body is None else Response(body, 200, headers, question.media_type)

    def _seen(self, moment: Moment) -> Seen:
        block = moment.read.hash.hex()
        told = (block, f"{moment.answered_by} {moment.final}")
        return Seen((self.source.deployed().name, *told), f"{moment.read.number} 0x{block}")

    def _seen_of_register(self, as_of: Moment) -> Seen:
        block = as_of.block.hash.hex()
        # What is not settled changes with what the index reads; so its ETag does, too.
        read = (
            "settled"
            if as_of.settled
            else f"{as_of.final} {as_of.read.number} {as_of.read.hash.hex()}"
        )
        told = ("register", str(as_of.time), block, read)
        return Seen((self.source.deployed().name, *told), f"{as_of.block.number} 0x{block}")


def _holds(held: str, etag: str) -> bool:
    """Say whether an If-None-Match header names the tag, or any."""
    tags = {tag.strip().removeprefix("W/") for tag in held.split(",")}
    return "*" in tags or etag in tags
