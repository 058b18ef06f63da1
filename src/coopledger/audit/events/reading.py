"""The events of some contracts, in order, in pieces that keep memory flat.

The node is not trusted. A log that cannot be read, stands out of order, or was not asked for is a
finding, not a crash; the audit goes on with the others.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from coopledger.audit.findings import Findings
from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.event_log import decode_logs, topics_of
from coopledger.chain.wire.client import Chain
from coopledger.domain.events import ChainEvent
from coopledger.domain.types import Address, BlockNumber

_WANTED_A_QUESTION = 2_000
"""Logs; some 3 KB of memory each."""
_FIRST_BLOCKS, _MOST_BLOCKS = 16, 10_000


def first_block_of(chain: Chain, contract: Address, last: BlockNumber) -> BlockNumber:
    """Return the block in which an access-managed contract was made, or 0 where no log says so.

    A node that lies about it hides events by that, which the hash chain shows.

    Raises:
        NodeRefused: the node gives no logs.
    """
    topic = events_of("TicketLedger")["AuthorityUpdated"].topic
    for part in chain.raw_logs([contract], [topic], BlockNumber(0), last):
        for log in part:
            return BlockNumber(int(log["blockNumber"], 16))
    return BlockNumber(0)


def events_in_order(
    chain: Chain,
    contracts: Collection[Address],
    kinds: Iterable[type[ChainEvent]],
    first: BlockNumber,
    last: BlockNumber,
    findings: Findings,
) -> Iterator[ChainEvent]:
    """Yield the events of some kinds that contracts emitted in a range of blocks, in order.

    Raises:
        NodeRefused: the node gives no logs.
    """
    known = {address.lower() for address in contracts}
    newest = (int(first), -1)
    for log in logs_in_pieces(chain, sorted(contracts), [topics_of(kinds)], first, last):
        try:
            order = (int(log["blockNumber"], 16), int(log["logIndex"], 16))
            asked = log["address"].lower() in known and first <= order[0] <= last
            decoded = list(decode_logs([log])) if asked else []
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            findings.add("logs", _where(log), "a log of the contracts", f"unreadable ({error})")
            continue
        if not asked:
            findings.add("logs", _where(log), "a log that was asked for", log["address"])
        for event in decoded:
            if order <= newest:
                after = f"block {newest[0]}, log {newest[1]}"
                findings.add("logs", _where(log), f"one after {after}", "out of order", event.place)
            newest = max(newest, order)
            yield event


def logs_in_pieces(
    chain: Chain,
    contracts: Sequence[Address],
    topics: Sequence[Sequence[bytes]],
    first: BlockNumber,
    last: BlockNumber,
) -> Iterator[dict[str, Any]]:
    """Yield the logs of a range of blocks as the node gives them, asked for in pieces of a like size.

    Raises:
        NodeRefused: the node gives no logs.
    """
    start, blocks = int(first), _FIRST_BLOCKS
    while start <= last:
        end = min(start + blocks - 1, last)
        found = parts = 0
        for part in chain.raw_logs(contracts, topics, BlockNumber(start), BlockNumber(end)):
            found, parts = found + len(part), parts + 1
            yield from part
        start = end + 1
        if parts > 1 or found > _WANTED_A_QUESTION:
            blocks = max(1, blocks // 2)
        elif found < _WANTED_A_QUESTION // 2:
            blocks = min(blocks * 2, _MOST_BLOCKS)


def _where(log: Any) -> str:
    if not isinstance(log, dict):
        return "a log"
    return f"log {log.get('logIndex')} of block {log.get('blockNumber')}"
