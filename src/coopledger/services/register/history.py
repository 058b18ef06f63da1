"""What happened to a record, event by event, with the block and transaction that each stands in.

A record that moved away is named by the move's third topic, not by its first, so the node is asked twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, cast

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.contracts.event_log import decode_logs, topics_of
from coopledger.domain.events import (
    Joined,
    Left,
    MoveCancelled,
    MoveContested,
    Moved,
    MoveProposed,
    MoveVetoed,
    RecordEvent,
    StandingSet,
)
from coopledger.domain.types import BlockNumber, MemberNumber, Timestamp

LONGEST_HISTORY = 200
"""A record has a handful of events; more than this are not read."""

_KINDS = (
    *(Joined, Left, StandingSet, Moved),
    *(MoveProposed, MoveContested, MoveVetoed, MoveCancelled),
)


@dataclass(frozen=True)
class Happened:
    """An event of a record, and when it was."""

    event: RecordEvent
    moment: Timestamp


def history_of(coop: Cooperative, number: MemberNumber, at: BlockNumber) -> tuple[Happened, ...]:
    """Return what happened to a record up to a block, oldest first.

    Raises:
        NodeRefused: the node gives no logs.
    """
    name = number.to_bytes(32)

    def events(*topics: Any) -> Iterable[RecordEvent]:
        parts = coop.chain.raw_logs([coop.ledger.address], topics, coop.first_block, at)
        logs = islice(chain.from_iterable(parts), LONGEST_HISTORY)
        return cast(Iterable[RecordEvent], decode_logs(logs))

    found = [*events(topics_of(_KINDS), name), *events(topics_of([Moved]), None, None, name)]
    found.sort(key=lambda event: event.place.order)
    # The events around a move carry no time of their own.
    blocks = {event.place.block for event in found if not hasattr(event, "timestamp")}
    times = {block: coop.chain.block(block).timestamp for block in blocks}
    return tuple(
        Happened(event, getattr(event, "timestamp", None) or times[event.place.block])
        for event in found
    )
