"""Raw logs into typed events, fast: each event's reader is made from the ABI and the event's class.

A log is told by its topic alone, so only logs of our own contracts may be given. Its data is a row of
32-byte words in hexadecimal, which are cut out of the text and read as integers; general ABI decoding
takes ten times as long. A test compares each reading with the ABI's own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from enum import Enum
from functools import lru_cache
from types import NoneType
from typing import Any, get_args, get_type_hints

from coopledger.chain.contracts.contract import Event, events_of
from coopledger.domain import events
from coopledger.domain.checksum import checksummed
from coopledger.domain.events import ChainEvent, Place
from coopledger.domain.types import Address, BlockNumber, TicketId, Timestamp

RawLog = Mapping[str, Any]
"""A log as the node's JSON has it."""

_WORD = 64
_PREFIX = 2
_NOBODY = "0" * 40


def decode_logs(logs: Iterable[RawLog]) -> Iterator[ChainEvent]:
    """Yield the events among logs of our contracts; logs of other kinds are left out."""
    readers = _READERS
    told: tuple[str, str] | None = None
    for log in logs:
        topics = log["topics"]
        reader = readers.get(topics[0]) if topics else None
        if reader is None:
            continue
        # A transaction's logs follow on each other: where it stands is read once.
        if (log["blockHash"], log["transactionHash"]) != told:
            told = log["blockHash"], log["transactionHash"]
            block = BlockNumber(int(log["blockNumber"], 16))
            block_hash, transaction = (bytes.fromhex(each[2:]) for each in told)
        yield reader(Place(block, block_hash, transaction, int(log["logIndex"], 16)), log)


def topics_of(kinds: Iterable[type[ChainEvent]]) -> list[bytes]:
    """Return the first topics of some kinds of event, to ask a node for."""
    wanted = set(kinds)
    return [bytes.fromhex(topic[2:]) for topic, kind in _KINDS.items() if kind in wanted]


def issued_in(logs: Iterable[RawLog]) -> set[TicketId]:
    """Return the tickets that the ledger's logs issue, without reading anything else of them."""
    return {
        TicketId(int(log["topics"][3], 16))
        for log in logs
        if log["topics"][0] == _TRANSFER and log["topics"][1][26:] == _NOBODY
    }


def transactions_in(logs: Iterable[RawLog]) -> dict[bytes, BlockNumber]:
    """Return the transactions that logs come from, and the block of each."""
    found = {log["transactionHash"]: log["blockNumber"] for log in logs}
    return {
        bytes.fromhex(transaction[2:]): BlockNumber(int(block, 16))
        for transaction, block in found.items()
    }


def block_time_of(log: RawLog) -> Timestamp | None:
    """Return the time of a log's block where the node tells it with the log, else None."""
    told = log.get("blockTimestamp")
    return None if told is None else Timestamp(int(told, 16))


@lru_cache(maxsize=65_536)
def _address(digits: str) -> Address:
    return checksummed(bytes.fromhex(digits))


def _address_or_none(digits: str) -> Address | None:
    return None if digits == _NOBODY else _address(digits)


_Cut = Callable[[list[str]], Any]
"""Cuts one value out of a log's topics and data: texts of words, each behind ``0x``."""


def _cut(kind: str, hint: Any, text: int, at: int) -> _Cut:
    """Return what cuts a value of an ABI type out of a text, from a place on.

    Args:
        kind: the ABI type.
        hint: what the event's class has; an enum is made one, and what may be None is so where zero stands.
        text: which of the log's texts.
        at: the first digit of the value's word.
    """
    word = slice(at, at + _WORD)
    may_be_none = NoneType in get_args(hint)
    if kind == "string":
        return lambda texts: _text(texts[text], at)
    if kind.endswith("[]"):
        of = _cut(kind.removesuffix("[]"), None, 0, 0)
        return lambda texts: tuple([of([each]) for each in _words(texts[text], at)])
    if kind == "address":
        account = slice(at + _WORD - len(_NOBODY), at + _WORD)
        read = _address_or_none if may_be_none else _address
        return lambda texts: read(texts[text][account])
    if kind.startswith("bytes"):
        digits = slice(at, at + 2 * int(kind.removeprefix("bytes")))
        return lambda texts: bytes.fromhex(texts[text][digits])
    if may_be_none:
        return lambda texts: int(texts[text][word], 16) or None
    if kind == "bool" or (isinstance(hint, type) and issubclass(hint, Enum)):
        made = hint if kind == "bool" else {each.value: each for each in hint}.__getitem__
        return lambda texts: made(int(texts[text][word], 16))
    return lambda texts: int(texts[text][word], 16)


def _words(text: str, at: int) -> Iterator[str]:
    start = _start_of(text, at)
    count = int(text[start - _WORD : start], 16)
    return (text[place : place + _WORD] for place in range(start, start + count * _WORD, _WORD))


def _text(text: str, at: int) -> str:
    start = _start_of(text, at)
    length = int(text[start - _WORD : start], 16)
    return bytes.fromhex(text[start : start + 2 * length]).decode("utf-8", "replace")


def _start_of(text: str, at: int) -> int:
    # A dynamic value's word holds its offset in bytes; there its length stands, and then it.
    return _PREFIX + 2 * int(text[at : at + _WORD], 16) + _WORD


_Reader = Callable[[Place, RawLog], ChainEvent]


def _reader(event: Event, kind: type[ChainEvent]) -> _Reader:
    """Return what reads the logs of an event into its class, whose fields are the ABI's in its order."""
    hints = get_type_hints(kind)
    names = [each.name for each in fields(kind) if each.name != "place"]
    of_office = names[0] == "office"
    topics = 1 + len(event.indexed)
    places = [(topic, _PREFIX) for topic in range(1, topics)]
    places += [(-1, _PREFIX + word * _WORD) for word in range(len(event.others))]
    cuts = [
        _cut(abi_type, hints[name], text, at)
        for name, (_, abi_type), (text, at) in zip(
            names[of_office:], [*event.indexed, *event.others], places, strict=True
        )
    ]

    make: Callable[..., ChainEvent] = kind

    def read(place: Place, log: RawLog) -> ChainEvent:
        texts = [*log["topics"], log["data"]]
        if len(texts) != topics + 1:
            raise ValueError(f"{kind.__name__} has {topics} topics, the log {len(texts) - 1}")
        if of_office:
            office = _address(log["address"][_PREFIX:].lower())
            return make(place, office, *[cut(texts) for cut in cuts])
        return make(place, *[cut(texts) for cut in cuts])

    return read


#: What an event of a contract becomes; where its class has another name, that of the contract's stands before.
_KINDS_OF: dict[str, dict[str, type[ChainEvent]]] = {
    "TicketLedger": {
        **{kind.__name__: kind for kind in get_args(events.LedgerEvent)},
        "Transfer": events.TicketTransferred,
    },
    "BoxOffice": {
        **{kind.__name__: kind for kind in get_args(events.OfficeEvent)},
        "ScreeningPostponed": events.RefundsUntil,
        "TicketsVoided": events.VoidedWithReason,
    },
}

_KINDS: dict[str, type[ChainEvent]] = {}
_READERS: dict[str, _Reader] = {}
for _contract, _kinds in _KINDS_OF.items():
    for _event in events_of(_contract).values():
        if _kind := _kinds.get(_event.name):
            _topic = "0x" + _event.topic.hex()
            _KINDS[_topic] = _kind
            _READERS[_topic] = _reader(_event, _kind)
_TRANSFER = "0x" + events_of("TicketLedger")["Transfer"].topic.hex()
