"""The shapes of members and their histories. No personal data: the chain holds none."""

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import Field

from coopledger.api.models.common import (
    ADDRESS,
    HEX_16,
    HEX_32,
    Answer,
    Moment,
    Shape,
    hexadecimal,
    utc,
)
from coopledger.domain.register import Record
from coopledger.domain.types import Timestamp
from coopledger.services.member_events import MemberEvent
from coopledger.services.members import AsOf, MemberHistory
from coopledger.services.reading import Page


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
        cls, page: Page[Record], following: str | None, when: AsOf, zone: ZoneInfo
    ) -> "MembersAnswer":
        """Return the shape of a page."""
        members = [MemberShape.of(record) for record in page.items]
        return cls(as_of=Moment.of(when, zone), members=members, next=following)


class EventShape(Shape):
    """Something that happened to a record. What does not belong to its kind is null."""

    kind: str
    """Such as "joined", "standing set", "moved away" or "left"."""
    time: datetime
    block: int
    transaction: str = Field(pattern=HEX_32)
    standing: str | None
    consent: str | None
    consented: datetime | None
    """The day of the consent."""
    bylaws: int | None
    """The version of the by-laws that was consented to."""
    cause: str | None
    document: str | None = Field(pattern=HEX_16)
    """The keyed hash of the paper behind it; says nothing without the key."""
    card: int | None
    """The ticket that is the membership card."""
    other_member: int | None
    """The record on the other side of a move."""
    to: str | None
    """The account that a move leads to."""
    ready: datetime | None
    """From when a move can be accepted."""

    @classmethod
    def of(cls, event: MemberEvent) -> "EventShape":
        """Return the shape of an event."""
        return cls(
            kind=event.kind.value,
            time=utc(event.moment),
            block=event.block,
            transaction=hexadecimal(event.transaction),
            standing=event.standing.name.lower() if event.standing else None,
            consent=event.consent.name.lower() if event.consent else None,
            consented=_utc(event.consented_at),
            bylaws=event.bylaws,
            cause=event.cause.name.lower() if event.cause else None,
            document=hexadecimal(event.document) if event.document else None,
            card=event.card,
            other_member=event.other_member,
            to=event.to,
            ready=_utc(event.ready_at),
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
        cls, found: MemberHistory, events: tuple[MemberEvent, ...], when: AsOf, zone: ZoneInfo
    ) -> "MemberAnswer":
        """Return the shape of a record with its history."""
        return cls(
            as_of=Moment.of(when, zone),
            member=MemberShape.of(found.record),
            card=found.card,
            previous=found.link.previous,
            moved_from=found.link.moved_from,
            origin=found.link.origin,
            other_records=[MemberShape.of(record) for record in found.others],
            history=[EventShape.of(event) for event in events],
        )


def _utc(moment: Timestamp | None) -> datetime | None:
    return None if moment is None else utc(moment)
