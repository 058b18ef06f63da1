"""What the open API asks: a port that the chain answers now, and an index can take over.

Every answer is read at one block, which the asker pins first by :meth:`newest` and hands to every
question. So the parts of an answer fit together, and say of which block they are.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from coopledger.domain.register import Record
from coopledger.domain.screenings import Film, Showing
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import (
    Address,
    BlockNumber,
    BylawsVersion,
    ChainId,
    FilmId,
    MemberNumber,
    ScreeningId,
    SeatNumber,
    TicketId,
    Timestamp,
)
from coopledger.exports.data import About, Fingerprint
from coopledger.index.asking.entries import Entry
from coopledger.index.asking.queries import Register
from coopledger.index.asking.wanted import Wanted
from coopledger.pictures.language import Language
from coopledger.services.authority.powers import RoleHolder
from coopledger.services.register.finding import AsOf, MemberHistory
from coopledger.services.register.history import Happened

Item = TypeVar("Item")

LAST_SEAT = 2**16 - 1
"""Seats are numbered in 16 bits."""


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some of a list, in order. ``next`` is the number that the next page starts with, if any."""

    items: tuple[Item, ...]
    next: int | None


@dataclass(frozen=True)
class Addresses:
    """Where the cooperative's contracts are. ``currency`` is zero for the native coin."""

    ledger: Address
    box_office: Address
    former_box_offices: tuple[Address, ...]
    lens: Address
    access_manager: Address
    currency: Address


@dataclass(frozen=True)
class Counts:
    """How many there are of everything. ``members`` counts all records, closed ones too."""

    members: int
    members_open: int
    tickets: int
    screenings: int
    films: int
    register_events: int


@dataclass(frozen=True)
class CooperativeFacts:
    """What there is to say of the cooperative as a whole."""

    chain_id: ChainId
    first_block: BlockNumber
    addresses: Addresses
    counts: Counts
    bylaws_version: BylawsVersion
    bylaws_hash: bytes | None
    """None as long as no by-laws were recorded."""
    register_head: bytes
    roles: tuple[RoleHolder, ...]


@dataclass(frozen=True)
class TicketSeen:
    """A ticket with its screening's end, which decides what of it is shown."""

    ticket: Ticket
    ends_at: Timestamp


class Reader(Protocol):
    """Answers the open API's questions. Numbers and counts start at 1."""

    @property
    def name(self) -> str:
        """What tells this cooperative from every other: its chain, contracts, and what it is called."""

    def newest(self) -> AsOf:
        """Return the newest block's moment: what an answer is to be pinned to."""

    def as_of(self, newest: AsOf, at: BlockNumber | Timestamp, *, is_block: bool) -> AsOf:
        """Return an earlier moment, read at the pinned block.

        Raises:
            BlockUnknown: there is no such block, or the chain began later.
            TimeToCome: that time is to come.
        """

    def cooperative(self, when: AsOf) -> CooperativeFacts:
        """Return what there is to say of the whole."""

    def films(self, when: AsOf, start: FilmId, count: int) -> Page[tuple[FilmId, Film]]:
        """Return films in the order in which they were added."""

    def film(self, when: AsOf, film: FilmId) -> Film:
        """Return a film.

        Raises:
            UnknownFilm: there is none of that id.
        """

    def showings(self, when: AsOf, start: ScreeningId, count: int) -> Page[Showing]:
        """Return screenings of the present and former box offices in the order of their ids."""

    def showing(self, when: AsOf, screening: ScreeningId) -> Showing:
        """Return a screening.

        Raises:
            NoSuchScreening: no box office that is known here sells it.
        """

    def seats_taken(
        self, when: AsOf, screening: ScreeningId, seats: Sequence[SeatNumber]
    ) -> list[bool]:
        """Return for each seat of a screening whether it is taken."""

    def tickets(self, when: AsOf, start: TicketId, count: int) -> Page[TicketSeen]:
        """Return tickets in the order of their ids."""

    def ticket(self, when: AsOf, ticket: TicketId) -> TicketSeen:
        """Return a ticket.

        Raises:
            TokenDoesNotExist: none of that id was issued.
        """

    def members(
        self, when: AsOf, start: MemberNumber, count: int, *, closed: bool, annulled: bool
    ) -> Page[Record]:
        """Return members as of a moment; a page may be short, but is the last without a next."""

    def member(
        self, when: AsOf, number: MemberNumber
    ) -> tuple[MemberHistory, tuple[Happened, ...]]:
        """Return a record and its history.

        Raises:
            UnknownMember: there is none of that number.
        """

    def member_number_of(self, when: AsOf, account: Address) -> MemberNumber:
        """Return the number of an account's newest record.

        Raises:
            NeverAMember: it has none.
        """

    def register(
        self, at: BlockNumber | Timestamp | None, *, is_block: bool
    ) -> AbstractContextManager[Register]:
        """Give the register as of a moment, from the index; without one, of the last final block.

        Raises:
            NoIndex: there is no index, or it does not answer.
            NotIndexedYet, BlockReplaced: it is behind the chain, or the chain has turned.
            BlockUnknown, TimeToCome: there is no such moment.
        """

    def moment_in(
        self, register: Register, at: BlockNumber | Timestamp, *, is_block: bool
    ) -> Timestamp:
        """Return another moment of the same look at the register; fails as :meth:`register`."""

    def about(self, register: Register, wanted: Wanted) -> About:
        """Return what an export of the register says of itself."""

    def entries(self, about: About) -> Iterator[Entry]:
        """Yield an export's entries, with no connection held between two pages.

        Raises:
            NoIndex, NotIndexedYet, BlockReplaced, RegisterChanged: the index went away, or the chain turned.
        """

    def write_export(self, file: Path, about: About, language: Language) -> Fingerprint:
        """Write an export into a file, in the format of its ending.

        Raises:
            ExportNotWritten: the file cannot be written.
            NoIndex, NotIndexedYet, BlockReplaced, RegisterChanged: the index went away, or the chain turned.
        """

    def contract_metadata(self, base_url: str, language: Language) -> dict[str, Any]:
        """Return the ledger's own metadata (ERC-7572), as of the newest block."""

    def contract_picture(self) -> str:
        """Return the cooperative's own picture, as SVG."""

    def ticket_metadata(
        self, ticket: TicketId, base_url: str, language: Language
    ) -> dict[str, Any]:
        """Return a ticket's metadata (ERC-721), as of the newest block.

        Raises:
            TokenDoesNotExist: none of that id was issued.
        """

    def ticket_picture(self, ticket: TicketId, language: Language) -> str:
        """Return the picture of a ticket that anybody may see, as SVG.

        Raises:
            TokenDoesNotExist: none of that id was issued.
        """

    def card_picture(self, number: MemberNumber, language: Language) -> str:
        """Return a member's card, as SVG.

        Raises:
            UnknownMember: there is none of that number.
        """


def page_of_seats(
    reader: Reader, when: AsOf, screening: ScreeningId, start: int, count: int
) -> Page[tuple[SeatNumber, bool]]:
    """Return a screening's numbered seats and whether each is taken; none with free seating.

    Raises:
        NoSuchScreening: no box office that is known here sells it.
    """
    sale = reader.showing(when, screening).sale
    last = min(sale.capacity, LAST_SEAT) if sale.seated else 0
    end = min(start + count, last + 1)
    seats = [SeatNumber(each) for each in range(start, end)]
    taken = reader.seats_taken(when, screening, seats)
    return Page(tuple(zip(seats, taken, strict=True)), end if end <= last else None)
