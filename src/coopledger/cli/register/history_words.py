"""What happened to a member, in words: one row for each event."""

from typing import Any, assert_never
from zoneinfo import ZoneInfo

from coopledger.cli.frame.values import show_time
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
from coopledger.domain.types import MemberNumber
from coopledger.index.asking.happenings import Happening, TicketHappening


def row_of(happening: Happening, number: MemberNumber, zone: ZoneInfo) -> dict[str, Any]:
    """Return an event of a member's history as a row of a listing."""
    event = happening.event
    place = event.place
    what, details = (
        _of_ticket(event) if isinstance(event, TicketHappening) else _of_record(event, number, zone)
    )
    return {
        "time": show_time(happening.moment, zone),
        "what": what,
        "details": details,
        "block": place.block,
        "log_index": place.log_index,
        "transaction": "0x" + place.transaction.hex(),
        "sender": happening.sender,
    }


def _of_record(event: RecordEvent, number: MemberNumber, zone: ZoneInfo) -> tuple[str, str]:
    match event:
        case Joined():
            given = show_time(event.consented_at, zone)
            return "joined", (
                f"{event.consent.name.lower()}, by-laws {event.bylaws}, consent of {given},"
                f" card {event.ticket_id}"
            )
        case Left():
            return "left", event.cause.name.lower()
        case StandingSet():
            return "standing set", event.standing.name.lower()
        case Moved() if event.number == number:
            return "moved here", f"from member {event.old_number}"
        case Moved():
            return "moved away", f"to member {event.number}, {event.account}"
        case MoveProposed():
            return "move proposed", f"to {event.to}, from {show_time(event.ready_at, zone)}"
        case MoveContested():
            return "move contested", f"to {event.to}, from {show_time(event.ready_at, zone)}"
        case MoveVetoed():
            return "move vetoed", ""
        case MoveCancelled():
            return "move cancelled", ""
        case _:
            assert_never(event)


def _of_ticket(event: TicketHappening) -> tuple[str, str]:
    kind = "issued" if event.kind is None else event.kind.name.lower().replace("_", " ")
    details = [f"ticket {event.ticket}"]
    if event.former is not None:
        details.append(f"from {event.former}")
    if event.account is not None:
        details.append(f"to {event.account}")
    if event.amount is not None:
        details.append(f"amount {event.amount}")
    return f"ticket {kind}", ", ".join(details)
