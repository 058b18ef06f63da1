"""From the node: the events of a range of blocks, and what they leave out, as one batch.

All this takes many requests, and the chain may turn in between. The last block's hash is read first and
again at the end, and each event must be of the block that its number has now; otherwise what was read is
thrown away (``ChainTurned``).
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.contracts.event_log import (
    block_time_of,
    decode_logs,
    issued_in,
    topics_of,
    transactions_in,
)
from coopledger.chain.contracts.lens import LARGEST_TICKET_PAGE, LensContract
from coopledger.chain.wire.client import Chain
from coopledger.chain.wire.moments import mark_of
from coopledger.chain.wire.rpc import NodeRefused
from coopledger.domain.events import (
    ChainEvent,
    FilmAdded,
    LedgerEvent,
    OfficeEvent,
    ScreeningOpened,
)
from coopledger.domain.moments import BlockMark
from coopledger.domain.tickets import TicketTerms
from coopledger.domain.types import (
    Address,
    BlockNumber,
    ScreeningId,
    TicketId,
    Timestamp,
)
from coopledger.domain.words import unpack_terms
from coopledger.errors import Unavailable
from coopledger.index.following.batch import BlockBatch, Checkpoint

_LEDGER_TOPICS = topics_of(LedgerEvent.__args__)
_OFFICE_TOPICS = topics_of(OfficeEvent.__args__)
_OF_LEDGER = frozenset("0x" + topic.hex() for topic in _LEDGER_TOPICS)
_OF_OFFICE = frozenset("0x" + topic.hex() for topic in _OFFICE_TOPICS)

RawLog = dict[str, Any]


class ChainTurned(Unavailable):
    """The chain was reorganised while it was read."""

    block: BlockNumber

    says = "block {block} was replaced by another while it was read"
    advice = "Nothing is to be done: the worker reads the blocks again."


@dataclass(frozen=True)
class Range:
    """The blocks to read."""

    first: BlockNumber
    last: BlockNumber
    remember: Sequence[BlockNumber]
    """Recent blocks whose hashes are to be remembered."""
    offices: frozenset[Address]
    """The box offices that are known."""
    is_newest: bool
    """Whether ``last`` is the chain's newest block."""

    def begins(self, other: "Range") -> bool:
        """Say whether all that the other wants of these blocks is wanted here, too."""
        remember = (number for number in other.remember if number <= self.last)
        return (
            self.first == other.first
            and self.last <= other.last
            and self.offices == other.offices
            and set(self.remember).issuperset(remember)
        )


def gather(coop: Cooperative, wanted: Range) -> BlockBatch:
    """Read a range of blocks.

    Raises:
        ChainTurned, BlockUnknown: the chain was reorganised meanwhile.
        NodeUnreachable, AnswerLost, AnswerUnreadable, NodeRefused: the node does not answer.
    """
    chain = coop.chain
    (end,) = chain.blocks([wanted.last])
    logs = _logs(coop, wanted)
    with ThreadPoolExecutor(2, "asking-beside") as beside:
        # What the events leave out is asked for while they are read.
        senders = beside.submit(_senders, chain, logs)
        tickets = beside.submit(_tickets, coop, logs, wanted.last)
        events = sorted(decode_logs(logs), key=lambda event: event.place.order)
        marks = [mark_of(block) for block in chain.blocks(wanted.remember)]
        _check_blocks(events, [*marks, mark_of(end)])
        batch = BlockBatch(
            first=wanted.first,
            end=mark_of(end),
            events=events,
            times=_times(chain, logs),
            marks=marks,
            tickets=tickets.result(),
            senders=senders.result(),
            checkpoint=checkpoint_at(coop, wanted.last) if wanted.is_newest else None,
        )
    if chain.blocks([wanted.last])[0].hash != end.hash:
        raise ChainTurned(wanted.last)
    return batch


def _logs(coop: Cooperative, wanted: Range) -> list[RawLog]:
    """Return the logs of the ledger and of all box offices, also of those that turn up in them."""
    ledger, chain = coop.ledger.address, coop.chain
    topics = [[*_LEDGER_TOPICS, *_OFFICE_TOPICS]]
    between = (wanted.first, wanted.last)
    logs = chain.raw_logs_at_once([ledger, *sorted(wanted.offices)], topics, *between)
    opened = [log for log in logs if log["topics"][0] in _SCREENING_OPENED]
    found = {event.issuer for event in decode_logs(opened) if isinstance(event, ScreeningOpened)}
    if unknown := sorted(found - wanted.offices):
        logs += chain.raw_logs_at_once(unknown, [_OFFICE_TOPICS], *between)
        # Before its first screening a box office has nothing but films.
        earlier = (coop.first_block, BlockNumber(wanted.first - 1))
        if earlier[0] <= earlier[1]:
            for part in chain.raw_logs(unknown, [topics_of([FilmAdded])], *earlier):
                logs += part
    return list(_own(logs, ledger))


_FILM_ADDED = frozenset("0x" + topic.hex() for topic in topics_of([FilmAdded]))
_SCREENING_OPENED = frozenset("0x" + topic.hex() for topic in topics_of([ScreeningOpened]))


def _own(logs: Iterable[RawLog], ledger: Address) -> Iterable[RawLog]:
    """Leave out what a contract has no right to say: the register is the ledger's alone."""
    lower = ledger.lower()
    for log in logs:
        allowed = _OF_LEDGER if log["address"].lower() == lower else _OF_OFFICE
        if log["topics"][0] in allowed:
            yield log


def _times(chain: Chain, logs: Sequence[RawLog]) -> dict[BlockNumber, Timestamp]:
    times: dict[BlockNumber, Timestamp] = {}
    untold = set()
    for log in logs:
        number = BlockNumber(int(log["blockNumber"], 16))
        if number not in times:
            time = block_time_of(log)
            if time is None:
                untold.add(number)
            else:
                times[number] = time
    for block in chain.blocks(sorted(untold)):
        times[block.number] = block.timestamp
    return times


def _check_blocks(events: Sequence[ChainEvent], marks: Sequence[BlockMark]) -> None:
    now = {mark.number: mark.hash for mark in marks}
    for event in events:
        if now.get(event.place.block, event.place.block_hash) != event.place.block_hash:
            raise ChainTurned(event.place.block)


def _tickets(
    coop: Cooperative, logs: Sequence[RawLog], at: BlockNumber
) -> dict[TicketId, TicketTerms]:
    """Read what stands in no event of the tickets that were issued."""
    issued = issued_in(logs)
    terms: dict[TicketId, TicketTerms] = {}
    lens = LensContract(coop.chain, coop.lens)
    for page in sorted({(ticket_id - 1) // LARGEST_TICKET_PAGE for ticket_id in issued}):
        start = TicketId(page * LARGEST_TICKET_PAGE + 1)
        # As of the newest block: it never changes, and a node need not have the old state for it.
        for offset, word in enumerate(lens.ticket_words(start, LARGEST_TICKET_PAGE)):
            terms[TicketId(start + offset)] = unpack_terms(word)
    if not terms.keys() >= issued:
        raise ChainTurned(at)
    return terms


def _senders(chain: Chain, logs: Sequence[RawLog]) -> dict[bytes, Address]:
    transactions = transactions_in(log for log in logs if log["topics"][0] not in _FILM_ADDED)
    senders = chain.senders(list(transactions))
    for transaction, block in transactions.items():
        if transaction not in senders:
            raise ChainTurned(block)
    return senders


def checkpoint_at(coop: Cooperative, at: BlockNumber) -> Checkpoint | None:
    """Return what the ledger itself says of a block, where the node has its state.

    A node that is just making the next block may answer with some of that one's state (anvil does).
    """
    try:
        return Checkpoint(
            coop.ledger.register_head(at),
            coop.ledger.event_count(at),
            TicketId(coop.ledger.ticket_count(at)),
            ScreeningId(coop.ledger.screening_count(at)),
        )
    except NodeRefused:
        return None
