"""Raw logs into typed events, fast: each event has a hand-written reading of its words.

A log is told by its topic alone, so only logs of our own contracts may be given. Its data is a row of
32-byte words in hexadecimal, which are cut out of the text and read as integers; general ABI decoding
takes ten times as long. A test compares each reading with the ABI's own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from coopledger.chain.contracts.contract import events_of
from coopledger.domain import events
from coopledger.domain.checksum import checksummed
from coopledger.domain.events import ChainEvent, Place
from coopledger.domain.moves import MoveKind
from coopledger.domain.register import Cause, Consent, Standing
from coopledger.domain.tickets import GateRefusal
from coopledger.domain.types import (
    Address,
    Attestation,
    BlockNumber,
    BylawsVersion,
    FilmId,
    MemberNumber,
    OrderReference,
    Rupiah,
    ScreeningId,
    TicketId,
    TierIndex,
    Timestamp,
)

RawLog = Mapping[str, Any]
"""A log as the node's JSON has it."""

_WORD = 64
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
        TicketId(_topic(log, 3))
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


def _office(log: RawLog) -> Address:
    return _address(log["address"][2:].lower())


def _topic(log: RawLog, index: int) -> int:
    return int(log["topics"][index], 16)


def _account_topic(log: RawLog, index: int) -> Address:
    return _address(log["topics"][index][26:])


class _Data:
    """A log's data, word by word. Dynamic parts are found by the offset that stands in their word."""

    __slots__ = ("_text",)

    def __init__(self, log: RawLog) -> None:
        self._text: str = log["data"][2:]

    def number(self, index: int) -> int:
        return int(self._text[index * _WORD : index * _WORD + _WORD], 16)

    def word(self, index: int) -> bytes:
        return bytes.fromhex(self._text[index * _WORD : index * _WORD + _WORD])

    def account(self, index: int) -> Address:
        return _address(self._text[index * _WORD + 24 : index * _WORD + _WORD])

    def document(self, index: int) -> Attestation:
        return Attestation(bytes.fromhex(self._text[index * _WORD : index * _WORD + 32]))

    def words(self, index: int) -> Iterator[str]:
        start = self.number(index) * 2 + _WORD
        count = int(self._text[start - _WORD : start], 16)
        for position in range(start, start + count * _WORD, _WORD):
            yield self._text[position : position + _WORD]

    def tickets(self, index: int) -> tuple[TicketId, ...]:
        return tuple(TicketId(int(word, 16)) for word in self.words(index))

    def text(self, index: int) -> str:
        start = self.number(index) * 2 + _WORD
        length = int(self._text[start - _WORD : start], 16)
        return bytes.fromhex(self._text[start : start + 2 * length]).decode("utf-8", "replace")


def _joined(place: Place, log: RawLog) -> events.Joined:
    data = _Data(log)
    return events.Joined(
        place,
        MemberNumber(_topic(log, 1)),
        _account_topic(log, 2),
        TicketId(data.number(0)),
        Consent(data.number(1)),
        BylawsVersion(data.number(2)),
        Timestamp(data.number(3)),
        MemberNumber(data.number(4)) or None,
        data.document(5),
        Timestamp(data.number(6)),
        data.word(7),
    )


def _left(place: Place, log: RawLog) -> events.Left:
    data = _Data(log)
    return events.Left(
        place,
        MemberNumber(_topic(log, 1)),
        _account_topic(log, 2),
        TicketId(data.number(0)),
        Cause(data.number(1)),
        data.document(2),
        Timestamp(data.number(3)),
        data.word(4),
    )


def _standing_set(place: Place, log: RawLog) -> events.StandingSet:
    data = _Data(log)
    return events.StandingSet(
        place,
        MemberNumber(_topic(log, 1)),
        _account_topic(log, 2),
        Standing(data.number(0)),
        data.document(1),
        Timestamp(data.number(2)),
        data.word(3),
    )


def _moved(place: Place, log: RawLog) -> events.Moved:
    data = _Data(log)
    return events.Moved(
        place,
        MemberNumber(_topic(log, 1)),
        _account_topic(log, 2),
        MemberNumber(_topic(log, 3)),
        TicketId(data.number(0)),
        MoveKind(data.number(1)),
        Timestamp(data.number(2)),
        data.word(3),
    )


def _bylaws_set(place: Place, log: RawLog) -> events.BylawsSet:
    data = _Data(log)
    return events.BylawsSet(
        place,
        BylawsVersion(_topic(log, 1)),
        data.word(0),
        Timestamp(data.number(1)),
        data.word(2),
    )


def _transferred(place: Place, log: RawLog) -> events.TicketTransferred:
    sender = log["topics"][1][26:]
    return events.TicketTransferred(
        place,
        None if sender == _NOBODY else _address(sender),
        _account_topic(log, 2),
        TicketId(_topic(log, 3)),
    )


def _screening_opened(place: Place, log: RawLog) -> events.ScreeningOpened:
    data = _Data(log)
    return events.ScreeningOpened(
        place,
        ScreeningId(_topic(log, 1)),
        _account_topic(log, 2),
        Timestamp(data.number(0)),
        Timestamp(data.number(1)),
    )


def _screening_put_off(place: Place, log: RawLog) -> events.ScreeningPutOff:
    data = _Data(log)
    return events.ScreeningPutOff(
        place,
        ScreeningId(_topic(log, 1)),
        Timestamp(data.number(0)),
        Timestamp(data.number(1)),
    )


def _redeemed(place: Place, log: RawLog) -> events.Redeemed:
    return events.Redeemed(place, ScreeningId(_topic(log, 1)), _Data(log).tickets(0))


def _redeem_refused(place: Place, log: RawLog) -> events.RedeemRefused:
    return events.RedeemRefused(
        place,
        ScreeningId(_topic(log, 1)),
        TicketId(_topic(log, 2)),
        GateRefusal(_Data(log).number(0)),
    )


def _unredeemed(place: Place, log: RawLog) -> events.Unredeemed:
    return events.Unredeemed(place, ScreeningId(_topic(log, 1)), TicketId(_topic(log, 2)))


def _voided(place: Place, log: RawLog) -> events.Voided:
    return events.Voided(place, ScreeningId(_topic(log, 1)), _Data(log).tickets(0))


def _move_proposed(place: Place, log: RawLog) -> events.MoveProposed:
    return events.MoveProposed(
        place,
        MemberNumber(_topic(log, 1)),
        _account_topic(log, 2),
        Timestamp(_Data(log).number(0)),
    )


def _move_contested(place: Place, log: RawLog) -> events.MoveContested:
    return events.MoveContested(
        place,
        MemberNumber(_topic(log, 1)),
        _account_topic(log, 2),
        Timestamp(_Data(log).number(0)),
    )


def _move_vetoed(place: Place, log: RawLog) -> events.MoveVetoed:
    return events.MoveVetoed(place, MemberNumber(_topic(log, 1)))


def _move_cancelled(place: Place, log: RawLog) -> events.MoveCancelled:
    return events.MoveCancelled(place, MemberNumber(_topic(log, 1)))


def _film_added(place: Place, log: RawLog) -> events.FilmAdded:
    data = _Data(log)
    return events.FilmAdded(
        place,
        _office(log),
        FilmId(_topic(log, 1)),
        data.text(0),
        data.number(1),
        data.number(2),
    )


def _screening_added(place: Place, log: RawLog) -> events.ScreeningAdded:
    return events.ScreeningAdded(
        place,
        _office(log),
        ScreeningId(_topic(log, 1)),
        FilmId(_topic(log, 2)),
        _Data(log).text(0),
    )


def _tier_set(place: Place, log: RawLog) -> events.TierSet:
    data = _Data(log)
    return events.TierSet(
        place,
        _office(log),
        ScreeningId(_topic(log, 1)),
        TierIndex(_topic(log, 2)),
        Rupiah(data.number(0)),
        Rupiah(data.number(1)),
        data.text(2),
    )


def _screening_cancelled(place: Place, log: RawLog) -> events.ScreeningCancelled:
    return events.ScreeningCancelled(place, _office(log), ScreeningId(_topic(log, 1)))


def _refunds_until(place: Place, log: RawLog) -> events.RefundsUntil:
    return events.RefundsUntil(
        place, _office(log), ScreeningId(_topic(log, 1)), Timestamp(_Data(log).number(0))
    )


def _purchased(place: Place, log: RawLog) -> events.Purchased:
    data = _Data(log)
    return events.Purchased(
        place,
        _office(log),
        ScreeningId(_topic(log, 1)),
        _account_topic(log, 2),
        _account_topic(log, 3),
        TicketId(data.number(0)),
        Rupiah(data.number(1)),
    )


def _sold(place: Place, log: RawLog) -> events.Sold:
    data = _Data(log)
    return events.Sold(
        place,
        _office(log),
        ScreeningId(_topic(log, 1)),
        _topic(log, 2),
        TicketId(data.number(0)),
        data.document(1),
        tuple(OrderReference(bytes.fromhex(word)) for word in data.words(2)),
    )


def _voided_with_reason(place: Place, log: RawLog) -> events.VoidedWithReason:
    return events.VoidedWithReason(
        place,
        _office(log),
        ScreeningId(_topic(log, 1)),
        Attestation(bytes.fromhex(log["topics"][2][2:34])),
        _Data(log).tickets(0),
    )


def _refunded(place: Place, log: RawLog) -> events.Refunded:
    return events.Refunded(
        place,
        _office(log),
        ScreeningId(_topic(log, 1)),
        TicketId(_topic(log, 2)),
        _account_topic(log, 3),
        Rupiah(_Data(log).number(0)),
    )


def _withdrawn(place: Place, log: RawLog) -> events.Withdrawn:
    return events.Withdrawn(
        place,
        _office(log),
        ScreeningId(_topic(log, 1)),
        _account_topic(log, 2),
        Rupiah(_Data(log).number(0)),
    )


def _deposit_returned(place: Place, log: RawLog) -> events.DepositReturned:
    data = _Data(log)
    return events.DepositReturned(
        place,
        _office(log),
        MemberNumber(_topic(log, 1)),
        TicketId(_topic(log, 2)),
        data.account(0),
        Rupiah(data.number(1)),
        bool(data.number(2)),
        data.document(3),
    )


_Reader = Callable[[Place, RawLog], ChainEvent]

#: Contract and event, what it becomes, and how it is read.
_TABLE: tuple[tuple[str, str, type[ChainEvent], _Reader], ...] = (
    ("TicketLedger", "Joined", events.Joined, _joined),
    ("TicketLedger", "Left", events.Left, _left),
    ("TicketLedger", "StandingSet", events.StandingSet, _standing_set),
    ("TicketLedger", "Moved", events.Moved, _moved),
    ("TicketLedger", "BylawsSet", events.BylawsSet, _bylaws_set),
    ("TicketLedger", "Transfer", events.TicketTransferred, _transferred),
    ("TicketLedger", "ScreeningOpened", events.ScreeningOpened, _screening_opened),
    ("TicketLedger", "ScreeningPostponed", events.ScreeningPutOff, _screening_put_off),
    ("TicketLedger", "Redeemed", events.Redeemed, _redeemed),
    ("TicketLedger", "RedeemRefused", events.RedeemRefused, _redeem_refused),
    ("TicketLedger", "Unredeemed", events.Unredeemed, _unredeemed),
    ("TicketLedger", "Voided", events.Voided, _voided),
    ("TicketLedger", "MoveProposed", events.MoveProposed, _move_proposed),
    ("TicketLedger", "MoveContested", events.MoveContested, _move_contested),
    ("TicketLedger", "MoveVetoed", events.MoveVetoed, _move_vetoed),
    ("TicketLedger", "MoveCancelled", events.MoveCancelled, _move_cancelled),
    ("BoxOffice", "FilmAdded", events.FilmAdded, _film_added),
    ("BoxOffice", "ScreeningAdded", events.ScreeningAdded, _screening_added),
    ("BoxOffice", "TierSet", events.TierSet, _tier_set),
    ("BoxOffice", "ScreeningCancelled", events.ScreeningCancelled, _screening_cancelled),
    ("BoxOffice", "ScreeningPostponed", events.RefundsUntil, _refunds_until),
    ("BoxOffice", "Purchased", events.Purchased, _purchased),
    ("BoxOffice", "Sold", events.Sold, _sold),
    ("BoxOffice", "TicketsVoided", events.VoidedWithReason, _voided_with_reason),
    ("BoxOffice", "Refunded", events.Refunded, _refunded),
    ("BoxOffice", "Withdrawn", events.Withdrawn, _withdrawn),
    ("BoxOffice", "DepositReturned", events.DepositReturned, _deposit_returned),
)


def _topic_of(contract: str, event: str) -> str:
    return "0x" + events_of(contract)[event].topic.hex()


_READERS: dict[str, _Reader] = {_topic_of(c, name): read for c, name, _, read in _TABLE}
_KINDS: dict[str, type[ChainEvent]] = {_topic_of(c, name): kind for c, name, kind, _ in _TABLE}
_TRANSFER = _topic_of("TicketLedger", "Transfer")
