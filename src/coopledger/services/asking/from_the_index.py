"""The open API's questions that the index answers: members and tickets, and the register as of any moment."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Connection

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.wire.client import Chain
from coopledger.database.engine import DatabaseUnreachable
from coopledger.domain.moments import At
from coopledger.domain.register import Record
from coopledger.domain.types import Address, MemberNumber, TicketId, Timestamp
from coopledger.errors import NotFound, Unavailable, Untrusted
from coopledger.exports.data import About, Fingerprint
from coopledger.exports.writing import write_export
from coopledger.index.asking.entries import Entry
from coopledger.index.asking.happenings import TicketHappening
from coopledger.index.asking.queries import NotYetInTheRegister, Register
from coopledger.index.asking.wanted import State, Wanted
from coopledger.index.look import Look
from coopledger.index.origin import Origin
from coopledger.pictures.language import House, Language
from coopledger.services.asking import exporting
from coopledger.services.asking.answers import Page, TicketSeen
from coopledger.services.asking.from_the_chain import ChainReader
from coopledger.services.asking.moments import moment_of
from coopledger.services.asking.streaming import entries_of
from coopledger.services.register.finding import MemberHistory
from coopledger.services.register.history import Happened


class NoIndex(Unavailable):
    """What was asked needs the index, and none answers; the cause says why."""

    says = "this is answered from the index of the chain, and there is none that answers"
    advice = (
        "Who runs the service starts 'coopledger worker', which makes the index and follows the chain. "
        "Until then /members and /tickets answer from the chain alone."
    )


class IndexReader(ChainReader):
    """Reads members and tickets from the index as of one moment, all else from the chain."""

    def __init__(self, coop: Callable[[], Cooperative], house: House, then: Register) -> None:
        super().__init__(coop, house, then.as_of)
        self._then = then

    def tickets(self, start: TicketId, count: int) -> Page[TicketSeen]:
        """Return tickets in the order of their ids."""
        found = self._then.tickets(count + 1, TicketId(start - 1))
        items = tuple(TicketSeen(each.ticket, each.ends_at) for each in found[:count])
        return Page(items, found[count].ticket.ticket_id if len(found) > count else None)

    def ticket(self, ticket: TicketId) -> TicketSeen:
        """Return a ticket."""
        page = self.tickets(ticket, 1).items
        if page and page[0].ticket.ticket_id == ticket:
            return page[0]
        # The ledger itself says that there is none.
        return super().ticket(ticket)

    def members(
        self, start: MemberNumber, count: int, *, closed: bool, annulled: bool
    ) -> Page[Record]:
        """Return members as of the moment, by number."""
        state = State.ALL if closed else State.OPEN
        wanted = Wanted(state, annulled=annulled, annulled_until=self.moment.read.number)
        found = self._then.page(wanted, count + 1, MemberNumber(start - 1))
        items = tuple(entry.record for entry in found[:count])
        return Page(items, found[count].number if len(found) > count else None)

    def member(self, number: MemberNumber) -> tuple[MemberHistory, tuple[Happened, ...]]:
        """Return a record and its history."""
        try:
            entry = self._then.record(number)
        except NotYetInTheRegister:
            return super().member(number)
        others = self._then.records_of(entry.account)
        events = self._then.history(number, tickets=False)
        history = MemberHistory(
            entry.record,
            entry.link,
            entry.card if entry.left_at is None else None,
            tuple(each.record for each in others if each.number != number),
        )
        happened = (
            Happened(each.event, each.moment)
            for each in events
            if not isinstance(each.event, TicketHappening)
        )
        return history, tuple(happened)

    def member_number_of(self, account: Address) -> MemberNumber:
        """Return the number of an account's newest record."""
        records = self._then.records_of(account)
        return records[0].number if records else super().member_number_of(account)


class RegisterReader:
    """Gives the register as of any moment, from the index; asks the chain only where it must.

    Safe to share between threads.
    """

    def __init__(
        self, origin: Origin, house: House, look: Look, chain: Callable[[], Chain]
    ) -> None:
        self._origin = origin
        self._house = house
        self._look = look
        self._chain = chain

    @contextmanager
    def register(self, at: At | None) -> Iterator[Register]:
        """Give the register as of a moment; without one, of the last whole second that is final.

        Raises:
            NoIndex: there is no index, or it does not answer.
            NotIndexedYet, BlockReplaced: it is behind the chain, or the chain has turned.
            BlockUnknown, TimeToCome: there is no such moment.
        """
        with self._looking() as connection:
            yield Register(connection, moment_of(connection, self._chain, at))

    def moment_in(self, register: Register, at: At) -> Timestamp:
        """Return another moment of the same look at the register; fails as :meth:`register`."""
        return moment_of(register.connection, self._chain, at).time

    def about(self, register: Register, wanted: Wanted) -> About:
        """Return what an export of the register says of itself."""
        return exporting.about(self._origin, self._house, register, wanted)

    def entries(self, about: About) -> Iterator[Entry]:
        """Yield an export's entries, with no connection held between two pages.

        Raises:
            NoIndex, NotIndexedYet, BlockReplaced, RegisterChanged: the index went away, or the chain turned.
        """
        return entries_of(self._looking, about)

    def write_export(self, file: Path, about: About, language: Language) -> Fingerprint:
        """Write an export into a file, in the format of its ending.

        Raises:
            ExportNotWritten: the file cannot be written.
            NoIndex, NotIndexedYet, BlockReplaced, RegisterChanged: see :meth:`entries`.
        """
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
