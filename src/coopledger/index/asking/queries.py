"""What can be asked of the index: the register as of a moment, in one place for every asker.

Questions are asked of a :class:`Register`, which is one moment of one snapshot. Lists go on by the last
number seen, never by an offset, so a page costs the same wherever it is, and nothing is skipped or shown
twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from coopledger.domain.moments import Moment
from coopledger.domain.types import (
    Address,
    BlockNumber,
    MemberNumber,
    ScreeningId,
    TicketId,
    Timestamp,
    to_datetime,
    to_timestamp,
)
from coopledger.errors import BadInput, NotFound
from coopledger.index.asking import register_store, ticket_store
from coopledger.index.asking.entries import Changes, Day, Entry, Exit, RegisterCounts, TicketEntry
from coopledger.index.asking.entry_rows import counts_of, entry_of, exit_of, ticket_of
from coopledger.index.asking.happenings import (
    Happening,
    move_happening,
    register_happening,
    ticket_happening,
)
from coopledger.index.asking.wanted import BEFORE_THE_FIRST, State, Wanted
from coopledger.index.following.known import Totals

EXPORT_PAGE = 5_000
"""Records that a whole list reads at once."""

_NO_TICKET = TicketId(0)


class NotYetInTheRegister(NotFound):
    """No such record had been opened at that moment."""

    who: str
    moment: Timestamp

    advice = "Check the number or account, or ask for a later moment."

    def __str__(self) -> str:
        return f"{self.who} was not in the register at {to_datetime(self.moment):%Y-%m-%d %H:%M %Z}"


class ScreeningNotYetOpened(NotFound):
    """No such screening had been opened at that moment."""

    screening: ScreeningId
    moment: Timestamp

    advice = "Check the number (coopledger screening list), or ask for a later moment."

    def __str__(self) -> str:
        then = to_datetime(self.moment)
        return f"screening {self.screening} had not been opened at {then:%Y-%m-%d %H:%M %Z}"


class WrongOrder(BadInput):
    """The beginning of a stretch of time lies after its end."""

    since: Timestamp
    until: Timestamp

    advice = "Name the earlier moment first."

    def __str__(self) -> str:
        since, until = to_datetime(self.since), to_datetime(self.until)
        return f"{since:%Y-%m-%d %H:%M %Z} is later than {until:%Y-%m-%d %H:%M %Z}"


@dataclass(frozen=True)
class Register:
    """The register as of a moment. All answers are as of it, or of what led to it."""

    connection: Connection
    as_of: Moment

    # -- records --

    def page(
        self, wanted: Wanted, count: int, after: MemberNumber = BEFORE_THE_FIRST
    ) -> tuple[Entry, ...]:
        """Return the first ``count`` records after a number, in the order of the numbers."""
        first, last = self._numbers(wanted)
        rows = self._records(wanted, max(after, first), last, count)
        return tuple(map(entry_of, rows))

    def whole(self, wanted: Wanted, page_size: int = EXPORT_PAGE) -> Iterator[Entry]:
        """Return all records by number, read page by page while they are taken."""
        return self._all(wanted, page_size)

    def record(self, number: MemberNumber) -> Entry:
        """Return a record.

        Raises:
            NotYetInTheRegister: it was not opened by then.
        """
        row = register_store.record(self.connection, self.as_of.time, number)
        if row is None:
            raise NotYetInTheRegister(f"member {number}", self.as_of.time)
        return entry_of(row)

    def records_of(self, account: Address) -> tuple[Entry, ...]:
        """Return an account's records, the newest first; none where it never joined."""
        rows = register_store.records_of_account(self.connection, self.as_of.time, account)
        return tuple(map(entry_of, rows))

    # -- counts --

    def counts(self) -> RegisterCounts:
        """Return how many records there are, by standing and by consent."""
        return counts_of(self._totals(self.as_of.time))

    def changes(self, since: Timestamp) -> Changes:
        """Return what changed after a moment up to this one.

        Raises:
            WrongOrder: that moment lies after this one.
        """
        before, now = self._since(since)
        moved = now.moved - before.moved
        annulled = now.annulled - before.annulled
        expelled, deceased = now.expelled - before.expelled, now.deceased - before.deceased
        return Changes(
            since=since,
            until=self.as_of.time,
            opening=before.opened - before.closed,
            joined=now.opened - before.opened - moved,
            moved_in=moved,
            left=now.closed - before.closed - moved - annulled - expelled - deceased,
            expelled=expelled,
            deceased=deceased,
            annulled=annulled,
            moved_out=moved,
            closing=now.opened - now.closed,
        )

    def joins(
        self,
        since: Timestamp,
        count: int,
        after: MemberNumber = BEFORE_THE_FIRST,
        *,
        annulled: bool = False,
    ) -> tuple[Entry, ...]:
        """Return the records that were opened after a moment, by number.

        Raises:
            WrongOrder: that moment lies after this one.
        """
        before, now = self._since(since)
        wanted = Wanted(State.ALL, annulled=annulled)
        first = max(after, MemberNumber(before.opened))
        rows = self._records(wanted, first, MemberNumber(now.opened), count)
        return tuple(map(entry_of, rows))

    def exits(
        self, since: Timestamp, count: int, after: int = 0, *, annulled: bool = False
    ) -> tuple[Exit, ...]:
        """Return the records that were closed after a moment, in the order of closing.

        Args:
            since: the moment.
            count: how many at most.
            after: the ordinal of the last exit that was seen.
            annulled: list entries made in error, too.

        Raises:
            WrongOrder: that moment lies after this one.
        """
        before, now = self._since(since)
        rows = register_store.exits(
            *(self.connection, max(after, before.closed), now.closed),
            *(self.as_of.time, annulled, count),
        )
        return tuple(map(exit_of, rows))

    def growth(self, zone: ZoneInfo, first: date | None, count: int) -> tuple[Day, ...]:
        """Return the register's growth day by day, from a day on or from the first one."""
        began = register_store.first_time(self.connection)
        if began is None or began > self.as_of.time:
            return ()
        last = to_datetime(self.as_of.time, zone).date()
        day = max(first or date.min, to_datetime(began, zone).date())
        days = [day + timedelta(n) for n in range(min(count, (last - day).days + 1))]
        ends = [self._end_of(each, zone) for each in (day - timedelta(1), *days)]
        totals = register_store.totals_at(self.connection, ends) if days else []
        return tuple(
            Day(
                each,
                now.opened - before.opened,
                now.closed - before.closed,
                now.opened - now.closed,
            )
            for each, before, now in zip(days, totals, totals[1:], strict=False)
        )

    def head(self) -> tuple[int, bytes] | None:
        """Return how many events the register had and its head; None where it had no event."""
        return register_store.head_at(self.connection, self.as_of.block.number)

    # -- one member, and tickets --

    def history(self, number: MemberNumber, *, tickets: bool = True) -> tuple[Happening, ...]:
        """Return everything that happened to a record, oldest first, each with its transaction.

        Args:
            number: the record.
            tickets: also what happened to the account's tickets, up to the record's end.

        Raises:
            NotYetInTheRegister: it was not opened by then.
        """
        block = self.as_of.block.number
        entry = self.record(number)
        events = register_store.register_events(self.connection, number, block)
        moves = register_store.move_events(self.connection, number, block)
        found = [*map(register_happening, events), *map(move_happening, moves)]
        if tickets:
            until = self.as_of.time if entry.left_at is None else entry.left_at
            rows = ticket_store.ticket_events(
                self.connection, entry.account, Timestamp(0), until, block
            )
            found += map(ticket_happening, rows)
        return tuple(sorted(found, key=lambda each: each.order))

    def tickets(self, count: int, after: TicketId = _NO_TICKET) -> tuple[TicketEntry, ...]:
        """Return tickets by id."""
        return self._tickets(ticket_store.tickets(*self._then(), after, count))

    def tickets_of(
        self, account: Address, count: int, after: TicketId = _NO_TICKET
    ) -> tuple[TicketEntry, ...]:
        """Return the tickets that an account holds, by id."""
        rows = ticket_store.tickets_of_account(*self._then(), account, after, count)
        return self._tickets(rows)

    def tickets_for(
        self, screening: ScreeningId, count: int, after: TicketId = _NO_TICKET
    ) -> tuple[TicketEntry, ...]:
        """Return a screening's tickets, by id.

        Raises:
            ScreeningNotYetOpened: it was not opened by then.
        """
        if not ticket_store.was_opened(self.connection, screening, self.as_of.block.number):
            raise ScreeningNotYetOpened(screening, self.as_of.time)
        rows = ticket_store.tickets_of_screening(*self._then(), screening, after, count)
        return self._tickets(rows)

    # -- internal --

    def _then(self) -> tuple[Connection, Timestamp, BlockNumber]:
        return self.connection, self.as_of.time, self.as_of.block.number

    def _totals(self, moment: Timestamp) -> Totals:
        return register_store.totals_at(self.connection, [moment])[0]

    def _since(self, since: Timestamp) -> list[Totals]:
        """Return the totals at the beginning and the end of a stretch of time."""
        if since > self.as_of.time:
            raise WrongOrder(since, self.as_of.time)
        return register_store.totals_at(self.connection, [since, self.as_of.time])

    def _numbers(self, wanted: Wanted) -> tuple[MemberNumber, MemberNumber]:
        """Return the numbers between which the wanted ones lie: the first excluded."""
        moment = self.as_of.time
        first = 0 if wanted.joined_from is None else wanted.joined_from - 1
        last = moment if wanted.joined_to is None else min(moment, wanted.joined_to - 1)
        before, until = register_store.totals_at(
            self.connection, [Timestamp(first), Timestamp(last)]
        )
        return MemberNumber(before.opened), MemberNumber(until.opened)

    def _records(
        self, wanted: Wanted, after: MemberNumber, last: MemberNumber, count: int
    ) -> Sequence[Row[Any]]:
        if after >= last:
            return ()
        moment = self.as_of.time
        return register_store.records(self.connection, moment, wanted, after, last, count)

    def _all(self, wanted: Wanted, page_size: int) -> Iterator[Entry]:
        after, last = self._numbers(wanted)
        while rows := self._records(wanted, after, last, page_size):
            yield from map(entry_of, rows)
            after = rows[-1].number

    def _tickets(self, rows: Sequence[Row[Any]]) -> tuple[TicketEntry, ...]:
        return tuple(map(ticket_of, rows))

    def _end_of(self, day: date, zone: ZoneInfo) -> Timestamp:
        """Return a day's last second, or the moment that is asked about where that is earlier."""
        following = datetime.combine(day + timedelta(1), time(), zone)
        return min(Timestamp(to_timestamp(following) - 1), self.as_of.time)
