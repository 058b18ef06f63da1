"""The shapes of what the index answers of the register. No personal data: the chain holds none.

They say as of what they are, and not how far the index had come. So what is final has one answer for
good.
"""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import Field

from coopledger.api.models.common import (
    ADDRESS,
    HEX_16,
    HEX_32,
    MomentShape,
    Shape,
    hexadecimal,
    utc,
)
from coopledger.domain.moments import Moment
from coopledger.exports.data import COLUMNS, cells_of
from coopledger.index.asking.entries import Changes, Day, Entry, Exit, RegisterCounts


class RegisterAnswer(Shape):
    """An answer of the index's."""

    as_of: MomentShape
    """What moment all of it is about."""


class EntryShape(Shape):
    """An entry of the register as it stood at the moment, with what an auditor needs beside it."""

    number: int
    account: str = Field(pattern=ADDRESS)
    standing: str = Field(pattern="^(associate|full)$")
    """Only full members vote."""
    consent: str = Field(pattern="^(signed|purchased|attested)$")
    """How the register knows that the person wanted to join."""
    joined: datetime
    left: datetime | None
    """Null while the membership was open."""
    cause: str | None
    """Why it was closed: left, expelled, deceased, moved or annulled."""
    card: int
    """The ticket that it was opened with."""
    bylaws: int
    """The version of the by-laws that was consented to."""
    consented: datetime
    """The day of the consent."""
    attestation: str | None = Field(pattern=HEX_16)
    """The keyed hash of the paper behind the consent; says nothing without the key."""
    previous: int | None
    """The account's own record before this one."""
    moved_from: int | None
    """The record, of another account, that a move closed in favour of this one."""
    origin: int
    """The first record of the chain of moves that this one belongs to; it has the vote."""
    block: int
    """Of the admission."""
    transaction: str = Field(pattern=HEX_32)
    """Of the admission."""

    @classmethod
    def of(cls, entry: Entry) -> "EntryShape":
        """Return the shape of an entry: what an export says of it."""
        cells = dict(zip(COLUMNS, cells_of(entry), strict=True))
        return cls.model_validate({**cells, "account": entry.account})


class EntriesAnswer(RegisterAnswer):
    """A page of entries by number, as of a moment."""

    members: list[EntryShape]
    next: str | None
    """Where the next page of the same moment is; null on the last one."""

    @classmethod
    def of(
        cls, entries: Sequence[Entry], following: str | None, as_of: Moment, zone: ZoneInfo
    ) -> "EntriesAnswer":
        """Return the shape of a page."""
        members = [EntryShape.of(entry) for entry in entries]
        return cls(as_of=MomentShape.of(as_of, zone), members=members, next=following)


class ExitShape(Shape):
    """A record that was closed."""

    ordinal: int
    """The how manieth exit of the register's it was."""
    member: EntryShape
    document: str | None = Field(pattern=HEX_16)
    """The keyed hash of the paper behind it; says nothing without the key."""


class ExitsAnswer(RegisterAnswer):
    """A page of the records that were closed after a moment, in the order of closing."""

    exits: list[ExitShape]
    next: str | None
    """Where the next page of the same moment is; null on the last one."""

    @classmethod
    def of(
        cls, exits: Sequence[Exit], following: str | None, as_of: Moment, zone: ZoneInfo
    ) -> "ExitsAnswer":
        """Return the shape of a page."""
        shown = [
            ExitShape(
                ordinal=each.ordinal,
                member=EntryShape.of(each.entry),
                document=None if each.document is None else hexadecimal(each.document),
            )
            for each in exits
        ]
        return cls(as_of=MomentShape.of(as_of, zone), exits=shown, next=following)


class RegisterCountsShape(Shape):
    """How many there were. Open records are counted by standing and by consent."""

    records: int
    open: int
    associate: int
    full: int
    signed: int
    purchased: int
    attested: int
    closed: int
    """Moved and annulled ones included."""
    moved: int
    annulled: int


class RegisterCountsAnswer(RegisterAnswer):
    """How many records there were at a moment, and the register's head then."""

    counts: RegisterCountsShape
    events: int
    """Of the register, up to the moment."""
    head: str = Field(pattern=HEX_32)
    """Of the register's hash chain after them."""

    @classmethod
    def of(
        cls, counts: RegisterCounts, events: int, head: bytes, as_of: Moment, zone: ZoneInfo
    ) -> "RegisterCountsAnswer":
        """Return the shape of the counts."""
        shown = {name: getattr(counts, name) for name in counts.__dataclass_fields__}
        return cls(
            as_of=MomentShape.of(as_of, zone),
            counts=RegisterCountsShape(**shown),
            events=events,
            head=hexadecimal(head),
        )


class ChangesAnswer(RegisterAnswer):
    """What changed after one moment up to another: opening + joins - exits = closing."""

    since: datetime
    """The earlier moment; the later one is that of the answer."""
    opening: int
    joined: int
    """New memberships."""
    moved_in: int
    """Records opened because a membership moved to another account."""
    joins: int
    """Both: all records that were opened."""
    left: int
    expelled: int
    deceased: int
    annulled: int
    moved_out: int
    exits: int
    """All five: all records that were closed."""
    closing: int

    @classmethod
    def of(cls, found: Changes, as_of: Moment, zone: ZoneInfo) -> "ChangesAnswer":
        """Return the shape of the changes."""
        return cls(
            as_of=MomentShape.of(as_of, zone),
            since=utc(found.since),
            opening=found.opening,
            joined=found.joined,
            moved_in=found.moved_in,
            joins=found.joins,
            left=found.left,
            expelled=found.expelled,
            deceased=found.deceased,
            annulled=found.annulled,
            moved_out=found.moved_out,
            exits=found.exits,
            closing=found.closing,
        )


class DayShape(Shape):
    """How the register grew on one day of the cooperative's zone."""

    day: date
    joins: int
    exits: int
    open: int
    """At its end, or at the moment that was asked for."""


class GrowthAnswer(RegisterAnswer):
    """How the register grew, day by day."""

    days: list[DayShape]
    next: str | None
    """Where the days that follow are; null where there are none."""

    @classmethod
    def of(
        cls, days: Sequence[Day], following: str | None, as_of: Moment, zone: ZoneInfo
    ) -> "GrowthAnswer":
        """Return the shape of the days."""
        shown = [DayShape(day=d.day, joins=d.joins, exits=d.exits, open=d.open) for d in days]
        return cls(as_of=MomentShape.of(as_of, zone), days=shown, next=following)
