"""What happened to a record, event by event, with the transaction that each stands in.

The one subtlety: a record that moved away is named by the move's third topic, not by its first, so
the node is asked twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from typing import Any

from eth_utils.address import to_checksum_address

from coopledger.chain.client import Log
from coopledger.chain.contract import Event, events_of
from coopledger.chain.deployments import Cooperative
from coopledger.domain.register import Cause, Consent, Standing
from coopledger.domain.types import (
    Address,
    Attestation,
    BlockNumber,
    BylawsVersion,
    MemberNumber,
    TicketId,
    Timestamp,
)

LONGEST_HISTORY = 200
"""A record has a handful of events; more than this are not read."""


class EventKind(StrEnum):
    """What can happen to a record."""

    JOINED = "joined"
    LEFT = "left"
    STANDING_SET = "standing set"
    MOVED_HERE = "moved here"
    MOVED_AWAY = "moved away"
    MOVE_PROPOSED = "move proposed"
    MOVE_VETOED = "move vetoed"
    MOVE_CONTESTED = "move contested"
    MOVE_CANCELLED = "move cancelled"


_KINDS = {
    "Joined": EventKind.JOINED,
    "Left": EventKind.LEFT,
    "StandingSet": EventKind.STANDING_SET,
    "Moved": EventKind.MOVED_HERE,
    "MoveProposed": EventKind.MOVE_PROPOSED,
    "MoveVetoed": EventKind.MOVE_VETOED,
    "MoveContested": EventKind.MOVE_CONTESTED,
    "MoveCancelled": EventKind.MOVE_CANCELLED,
}


@dataclass(frozen=True)
class MemberEvent:
    """One event of a record's history; what does not belong to its kind is None."""

    kind: EventKind
    moment: Timestamp
    block: BlockNumber
    transaction: bytes
    standing: Standing | None = None
    consent: Consent | None = None
    consented_at: Timestamp | None = None
    bylaws: BylawsVersion | None = None
    cause: Cause | None = None
    document: Attestation | None = None
    """The keyed hash of the paper behind it."""
    card: TicketId | None = None
    other_member: MemberNumber | None = None
    """The record on the other side of a move."""
    to: Address | None = None
    """The account that a move leads to."""
    ready_at: Timestamp | None = None
    """When a move can be accepted."""


def events_of_member(
    coop: Cooperative, number: MemberNumber, at: BlockNumber
) -> tuple[MemberEvent, ...]:
    """Return what happened to a record up to a block, oldest first.

    Raises:
        NodeRefused: the node gives no logs.
    """
    events = events_of(coop.ledger.artifact)
    kinds = [events[name].topic for name in _KINDS]
    own, moved = number.to_bytes(32), events["Moved"].topic

    def logs(*topics: Any) -> Iterable[Log]:
        found = coop.chain.logs([coop.ledger.address], topics, coop.first_block, at)
        return islice(found, LONGEST_HISTORY)

    found = chain(logs(kinds, own), logs([moved], None, None, own))
    in_order = sorted(found, key=lambda log: (log.block_number, log.log_index))
    by_topic = {events[name].topic: events[name] for name in _KINDS}
    times: dict[BlockNumber, Timestamp] = {}
    return tuple(_read(coop, number, log, by_topic[log.topics[0]], times) for log in in_order)


def _read(
    coop: Cooperative,
    number: MemberNumber,
    log: Log,
    event: Event,
    times: dict[BlockNumber, Timestamp],
) -> MemberEvent:
    facts = event.decode(log)
    kind, block = _KINDS[event.name], log.block_number
    other = facts.get("oldNumber")
    if kind is EventKind.MOVED_HERE and facts["number"] != number:
        kind, other = EventKind.MOVED_AWAY, facts["number"]
    moment = facts.get("timestamp")
    if moment is None:
        # The events around a move carry no time of their own.
        if block not in times:
            times[block] = coop.chain.block(block).timestamp
        moment = times[block]
    to = facts.get("to") or (facts["account"] if kind is EventKind.MOVED_AWAY else None)
    return MemberEvent(
        kind,
        Timestamp(moment),
        block,
        log.transaction_hash,
        standing=_known(Standing, facts, "standing"),
        consent=_known(Consent, facts, "consent"),
        consented_at=_known(Timestamp, facts, "consentedAt"),
        bylaws=_known(BylawsVersion, facts, "bylaws"),
        cause=_known(Cause, facts, "cause"),
        document=_paper(facts),
        card=_known(TicketId, facts, "ticketId"),
        other_member=None if other is None else MemberNumber(other),
        to=None if to is None else to_checksum_address(to),
        ready_at=_known(Timestamp, facts, "readyAt"),
    )


def _known(kind: Any, facts: dict[str, Any], name: str) -> Any:
    return None if name not in facts else kind(facts[name])


def _paper(facts: dict[str, Any]) -> Attestation | None:
    """Return the keyed hash of the paper; sixteen zeros stand for none."""
    paper: bytes = facts.get("attestation") or facts.get("document") or bytes(16)
    return Attestation(paper) if any(paper) else None
