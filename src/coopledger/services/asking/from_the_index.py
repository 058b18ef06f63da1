"""The open API's questions about members and tickets, answered from the index where it has come as far.

Each answer is pinned to a block of the chain. The index answers as of that block, also when it has gone
on since; where it has not come to it the chain is asked, and the answer says which. What the chain cannot
answer (:meth:`IndexReader.register`) is refused there instead.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

from sqlalchemy import Connection

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.database.engine import DatabaseUnreachable
from coopledger.domain.moments import BlockMark
from coopledger.domain.register import Record
from coopledger.domain.types import Address, BlockNumber, MemberNumber, TicketId, Timestamp
from coopledger.errors import NotFound, Unavailable, Untrusted
from coopledger.exports.data import About, Fingerprint
from coopledger.exports.writing import write_export
from coopledger.index.asking import pinning
from coopledger.index.asking.entries import Entry
from coopledger.index.asking.queries import NotYetInTheRegister, Register
from coopledger.index.asking.wanted import State, Wanted
from coopledger.index.look import Look
from coopledger.pictures.language import House, Language
from coopledger.services.asking import exporting
from coopledger.services.asking.answers import Page, TicketSeen
from coopledger.services.asking.from_the_chain import ChainReader
from coopledger.services.asking.moments import moment_of
from coopledger.services.asking.streaming import entries_of
from coopledger.services.register.finding import AsOf, MemberHistory
from coopledger.services.register.history import Happened, RecordEvent


class NoIndex(Unavailable):
    """What was asked needs the index, and none answers; the cause says why."""

    says = "this is answered from the index of the chain, and there is none that answers"
    advice = (
        "Who runs the service starts 'coopledger worker', which makes the index and follows the chain. "
        "Until then /members and /tickets answer from the chain alone."
    )


class IndexReader(ChainReader):
    """Reads members and tickets from the index, all else from the chain. Safe to share."""

    def __init__(self, coop: Cooperative, house: House, look: Look) -> None:
        super().__init__(coop, house)
        self._look = look

    def newest(self) -> AsOf:
        """Return the newest block's moment, and whether the index answers about it."""
        return self._seen_by_the_index(super().newest())

    def as_of(self, newest: AsOf, at: BlockNumber | Timestamp, *, is_block: bool) -> AsOf:
        """Return an earlier moment, read at the pinned block."""
        found = super().as_of(newest, at, is_block=is_block)
        return found if newest.answered_by == "chain" else self._seen_by_the_index(found)

    def tickets(self, when: AsOf, start: TicketId, count: int) -> Page[TicketSeen]:
        """Return tickets in the order of their ids."""
        if when.answered_by == "chain":
            return super().tickets(when, start, count)
        with self._look() as connection:
            then = _register(connection, when)
            found = then.tickets(count + 1, TicketId(start - 1)).under(then.as_of)
        items = tuple(TicketSeen(each.ticket, each.ends_at) for each in found[:count])
        return Page(items, found[count].ticket.ticket_id if len(found) > count else None)

    def ticket(self, when: AsOf, ticket: TicketId) -> TicketSeen:
        """Return a ticket."""
        if when.answered_by == "index":
            page = self.tickets(when, ticket, 1).items
            if page and page[0].ticket.ticket_id == ticket:
                return page[0]
        # The ledger itself says that there is none.
        return super().ticket(when, ticket)

    def members(
        self, when: AsOf, start: MemberNumber, count: int, *, closed: bool, annulled: bool
    ) -> Page[Record]:
        """Return members as of a moment, by number."""
        if when.answered_by == "chain":
            return super().members(when, start, count, closed=closed, annulled=annulled)
        state = State.ALL if closed else State.OPEN
        wanted = Wanted(state, annulled=annulled, annulled_until=when.read_at)
        with self._look() as connection:
            then = _register(connection, when)
            found = then.page(wanted, count + 1, MemberNumber(start - 1)).under(then.as_of)
        items = tuple(entry.record for entry in found[:count])
        return Page(items, found[count].number if len(found) > count else None)

    def member(
        self, when: AsOf, number: MemberNumber
    ) -> tuple[MemberHistory, tuple[Happened, ...]]:
        """Return a record and its history."""
        if when.answered_by == "chain":
            return super().member(when, number)
        with self._look() as connection:
            then = _register(connection, when)
            try:
                entry = then.record(number).under(then.as_of)
            except NotYetInTheRegister:
                return super().member(when, number)
            others = then.records_of(entry.account).under(then.as_of)
            events = then.history(number, tickets=False).under(then.as_of)
        history = MemberHistory(
            entry.record,
            entry.link,
            entry.card if entry.left_at is None else None,
            tuple(each.record for each in others if each.number != number),
        )
        happened = [Happened(cast(RecordEvent, each.event), each.moment) for each in events]
        return history, tuple(happened)

    def member_number_of(self, when: AsOf, account: Address) -> MemberNumber:
        """Return the number of an account's newest record."""
        if when.answered_by == "index":
            with self._look() as connection:
                then = _register(connection, when)
                records = then.records_of(account).under(then.as_of)
            if records:
                return records[0].number
        return super().member_number_of(when, account)

    @contextmanager
    def register(self, at: BlockNumber | Timestamp | None, *, is_block: bool) -> Iterator[Register]:
        """Give the register as of a moment; without one, of the last final block."""
        with self._looking() as connection:
            yield Register(connection, moment_of(connection, self.coop, at, is_block=is_block))

    def moment_in(
        self, register: Register, at: BlockNumber | Timestamp, *, is_block: bool
    ) -> Timestamp:
        """Return another moment of the same look at the register."""
        return moment_of(register.connection, self.coop, at, is_block=is_block).moment

    def about(self, register: Register, wanted: Wanted) -> About:
        """Return what an export of the register says of itself."""
        return exporting.about(self.coop, self._house, register, wanted)

    def entries(self, about: About) -> Iterator[Entry]:
        """Yield an export's entries, with no connection held between two pages."""
        return entries_of(self._looking, about)

    def write_export(self, file: Path, about: About, language: Language) -> Fingerprint:
        """Write an export into a file, in the format of its ending."""
        zone = self._house.zone
        return write_export(file, about, self.entries(about), language, zone=zone)

    @contextmanager
    def _looking(self) -> Iterator[Connection]:
        """Give a look at the index, which has to be there."""
        try:
            with ExitStack() as stack:
                try:
                    connection = stack.enter_context(self._look())
                except (NotFound, Unavailable, Untrusted) as failure:
                    raise NoIndex from failure
                yield connection
        except DatabaseUnreachable as failure:
            raise NoIndex from failure

    def _seen_by_the_index(self, when: AsOf) -> AsOf:
        try:
            with self._look() as connection:
                final = _register(connection, when).as_of.final
        except (NotFound, Unavailable, Untrusted):
            return when
        return replace(when, answered_by="index", final=final)


def _register(connection: Connection, when: AsOf) -> Register:
    pinning.pin(connection, BlockMark(when.read_at, when.read_hash, when.moment))
    then = BlockMark(when.block, when.block_hash, when.moment)
    return Register(connection, pinning.pin(connection, then, when.moment))
