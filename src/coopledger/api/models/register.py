"""The shapes of members and their histories. No personal data: the chain holds none."""

from datetime import datetime
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from pydantic import Field

from coopledger.api.models.common import (
    ADDRESS,
    HEX_16,
    HEX_32,
    Answer,
    ReadMomentShape,
    Shape,
    hexadecimal,
    utc,
)
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
from coopledger.domain.moments import Moment
from coopledger.domain.register import Record
from coopledger.domain.types import Attestation, MemberNumber, Timestamp
from coopledger.services.asking.answers import Page
from coopledger.services.register.finding import MemberHistory
from coopledger.services.register.history import Happened


class MemberShape(Shape):
    """A record of the register."""

    number: int
    account: str = Field(pattern=ADDRESS)
    standing: str = Field(pattern="^(associate|full)$")
    """Only full members vote."""
    consent: str = Field(pattern="^(signed|purchased|attested)$")
    """How the register knows that the person wanted to join."""
    joined: datetime
    left: datetime | None
    """Null while the membership is open."""
    cause: str | None
    """Why it was closed: left, expelled, deceased, moved or annulled."""

    @classmethod
    def of(cls, record: Record) -> "MemberShape":
        """Return the shape of a record."""
        return cls(
            number=record.number,
            account=record.account,
            standing=record.standing.name.lower(),
            consent=record.consent.name.lower(),
            joined=utc(record.joined_at),
            left=_utc(record.left_at),
            cause=record.cause.name.lower() if record.cause else None,
        )


class MembersAnswer(Answer):
    """A page of members by number, as of a moment."""

    members: list[MemberShape]
    next: str | None
    """Where the next page is; null on the last one. A page with a next may be short."""

    @classmethod
    def of(
        cls, page: Page[Record], following: str | None, when: Moment, zone: ZoneInfo
    ) -> "MembersAnswer":
        """Return the shape of a page."""
        members = [MemberShape.of(record) for record in page.items]
        return cls(as_of=ReadMomentShape.of(when, zone), members=members, next=following)


class EventShape(Shape):
    """Something that happened to a record. What does not belong to its kind is null."""

    kind: str
    """Such as "joined", "standing set", "moved away" or "left"."""
    time: datetime
    block: int
    transaction: str = Field(pattern=HEX_32)
    standing: str | None = None
    consent: str | None = None
    consented: datetime | None = None
    """The day of the consent."""
    bylaws: int | None = None
    """The version of the by-laws that was consented to."""
    cause: str | None = None
    document: str | None = Field(None, pattern=HEX_16)
    """The keyed hash of the paper behind it; says nothing without the key."""
    card: int | None = None
    """The ticket that is the membership card."""
    other_member: int | None = None
    """The record on the other side of a move."""
    to: str | None = None
    """The account that a move leads to."""
    ready: datetime | None = None
    """From when a move can be accepted."""

    @classmethod
    def of(cls, happened: Happened, number: MemberNumber) -> "EventShape":
        """Return the shape of what happened to a record."""
        place = happened.event.place
        return cls(
            time=utc(happened.moment),
            block=place.block,
            transaction=hexadecimal(place.transaction),
            **facts_of(happened.event, number),
        )


class MemberAnswer(Answer):
    """A record of the register and its history."""

    member: MemberShape
    card: int | None
    """The ticket that is the membership card; null once the record is closed."""
    previous: int | None
    """The account's own record before this one."""
    moved_from: int | None
    """The record, of another account, that a move closed in favour of this one."""
    origin: int
    """The first record of the chain of moves that this one belongs to; it has the vote."""
    other_records: list[MemberShape]
    """The account's other records, newest first."""
    history: list[EventShape]
    """What happened to this record, oldest first."""

    @classmethod
    def of(
        cls, found: MemberHistory, history: tuple[Happened, ...], when: Moment, zone: ZoneInfo
    ) -> "MemberAnswer":
        """Return the shape of a record with its history."""
        return cls(
            as_of=ReadMomentShape.of(when, zone),
            member=MemberShape.of(found.record),
            card=found.card,
            previous=found.link.previous,
            moved_from=found.link.moved_from,
            origin=found.link.origin,
            other_records=[MemberShape.of(record) for record in found.others],
            history=[EventShape.of(happened, found.record.number) for happened in history],
        )


def _utc(moment: Timestamp | None) -> datetime | None:
    return None if moment is None else utc(moment)


def facts_of(event: RecordEvent, number: MemberNumber) -> dict[str, Any]:
    """Return what there is to say of an event beside its place, as the fields of its shape."""
    match event:
        case Joined():
            return {
                "kind": "joined",
                "consent": event.consent.name.lower(),
                "consented": utc(event.consented_at),
                "bylaws": event.bylaws,
                "document": _paper(event.attestation),
                "card": event.ticket_id,
            }
        case Left():
            cause, paper = event.cause.name.lower(), _paper(event.document)
            return {"kind": "left", "cause": cause, "document": paper, "card": event.ticket_id}
        case StandingSet():
            standing, paper = event.standing.name.lower(), _paper(event.document)
            return {"kind": "standing set", "standing": standing, "document": paper}
        case Moved():
            sides = {"to": event.account, "card": event.ticket_id}
            if event.number == number:
                return {"kind": "moved here", "other_member": event.old_number, **sides}
            return {"kind": "moved away", "other_member": event.number, **sides}
        case MoveProposed():
            return {"kind": "move proposed", "to": event.to, "ready": utc(event.ready_at)}
        case MoveContested():
            return {"kind": "move contested", "to": event.to, "ready": utc(event.ready_at)}
        case MoveVetoed():
            return {"kind": "move vetoed"}
        case MoveCancelled():
            return {"kind": "move cancelled"}
        case _:
            assert_never(event)


def _paper(document: Attestation) -> str | None:
    """Return the keyed hash of a paper; sixteen zeros stand for none."""
    return hexadecimal(document) if any(document) else None
