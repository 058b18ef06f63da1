"""The whole audit: one pass over the events, the same by view at one block, and what both have to keep.

Nothing is taken from a database or a file of the cooperative. A node and the ledger's address are enough,
and the node needs no old state: what was is told by the present records and the events.
"""

from dataclasses import dataclass

from coopledger.audit.contracts import Contracts, contracts_of
from coopledger.audit.events.admissions import Admissions
from coopledger.audit.events.pending_moves import PendingMoves
from coopledger.audit.events.reading import events_in_order, first_block_of
from coopledger.audit.events.replaying import ToldBook
from coopledger.audit.events.sales import SaleBook
from coopledger.audit.events.tickets import TicketBook
from coopledger.audit.findings import Findings
from coopledger.audit.lasting import at_one_block
from coopledger.audit.proofs.proving import REGISTER_EVENTS
from coopledger.audit.views.lists import compare_lists, count_as_of
from coopledger.audit.views.powers import Powers, powers_in_force
from coopledger.chain.contracts.ledger import LedgerContract
from coopledger.domain import events
from coopledger.domain.events import ChainEvent
from coopledger.domain.moments import At, Moment
from coopledger.domain.register import Cause, Standing
from coopledger.domain.types import BlockNumber, MemberNumber, TicketId
from coopledger.domain.words import bits

_TICKETS_A_QUESTION = 200
_MOVES = (events.MoveProposed, events.MoveContested, events.MoveVetoed, events.MoveCancelled)
_TICKETS = (events.TicketTransferred, events.Redeemed, events.Unredeemed, events.Voided)
_SALES = (
    *(events.Purchased, events.Sold, events.Refunded, events.Withdrawn),
    events.DepositReturned,
)
_KINDS: tuple[type[ChainEvent], ...] = (*REGISTER_EVENTS, *_MOVES, *_TICKETS, *_SALES)


@dataclass(frozen=True)
class RegisterThen:
    """The register as of a moment: what its events until then make of it."""

    head: bytes
    events: int
    records: int
    open: int
    full: int
    words: list[int]
    """Every record until then as it stood then, packed; 0 where the events have a gap."""


@dataclass(frozen=True)
class Verdict:
    """What an audit looked at and what it found. ``findings`` is empty where all agrees."""

    ledger: LedgerContract
    moment: Moment
    pins: int
    """How many blocks were pinned until one lasted."""
    register: RegisterThen
    annulled: frozenset[MemberNumber]
    """Records that are annulled by now."""
    records: int
    """Records compared by view and by events; as all figures below, as of the pinned block."""
    events: int
    tickets: int
    screenings: int
    box_offices: int
    powers: Powers
    findings: Findings
    admissions: Admissions | None = None
    """How records were opened, where that was asked for."""

    @property
    def agrees(self) -> bool:
        """Whether nothing was found."""
        return not self.findings.count


def audit(
    ledger: LedgerContract,
    at: At | None = None,
    *,
    first_block: BlockNumber | None = None,
    admissions: bool = False,
) -> Verdict:
    """Audit a ledger through its node, as of now, a block or a time.

    Args:
        ledger: the ledger; its code was checked.
        at: None for now.
        first_block: the block of the deployment, where it is known.
        admissions: keep how each record was opened, for a list that says so.

    Raises:
        BlockUnknown, TimeToCome: there is no such moment.
        BlockDoesNotLast: the node drops blocks faster than they can be read.
        CoopledgerError: the node does not answer.
    """

    def work(moment: Moment) -> _Run:
        run = _Run(ledger, moment, first_block, Admissions() if admissions else None)
        run.read_events()
        run.compare_views()
        return run

    run, pins = at_one_block(ledger.chain, at, work)
    return run.verdict(pins)


class _Run:
    """One attempt, at one pinned block."""

    def __init__(
        self,
        ledger: LedgerContract,
        moment: Moment,
        first_block: BlockNumber | None,
        admissions: Admissions | None,
    ) -> None:
        self._admissions = admissions
        self._ledger, self._chain, self._moment = ledger, ledger.chain, moment
        self._at = moment.read.number
        self._findings = Findings()
        if first_block is None:
            first_block = first_block_of(self._chain, ledger.address, self._at)
        self._contracts: Contracts = contracts_of(ledger, self._at, first_block, self._findings)
        self._book = ToldBook(self._chain.chain_id, ledger.address, self._findings)
        self._tickets = TicketBook(self._findings)
        self._moves = PendingMoves(self._chain, self._findings)
        self._sales = SaleBook(self._tickets, self._findings)
        self._then: RegisterThen | None = None
        self._records = self._screenings = 0
        self._powers: Powers | None = None

    def read_events(self) -> None:
        """Take every event up to the pinned block, and remember the register as of the moment."""
        contracts = self._contracts
        addresses = [self._ledger.address, *(office.address for office in contracts.offices)]
        first = contracts.first_block
        told = events_in_order(self._chain, addresses, _KINDS, first, self._at, self._findings)
        for event in told:
            if self._then is None and self._is_later(event):
                self._then = self._register_now()
            self._take(event)
        if self._then is None:
            self._then = self._register_now()
        self._tickets.close()

    def compare_views(self) -> None:
        """Compare what the events made with what the contracts answer at the pinned block."""
        self._records = compare_lists(self._book, self._ledger, self._at, self._findings)
        self._compare_then()
        self._moves.compare(self._ledger, self._at)
        self._compare_tickets()
        self._screenings = self._sales.compare(self._contracts, self._at)
        self._powers = powers_in_force(self._contracts, self._at)

    def verdict(self, pins: int) -> Verdict:
        """Return what came of it."""
        if self._then is None or self._powers is None:
            raise AssertionError("there is no verdict before the work is done")
        words = self._book.words()
        annulled = (n for n, word in enumerate(words, 1) if bits(word, 252, 4) == Cause.ANNULLED)
        return Verdict(
            ledger=self._ledger,
            moment=self._moment,
            pins=pins,
            register=self._then,
            annulled=frozenset(map(MemberNumber, annulled)),
            records=self._records,
            events=self._book.event_count,
            tickets=self._tickets.count,
            screenings=self._screenings,
            box_offices=len(self._contracts.offices),
            powers=self._powers,
            findings=self._findings,
            admissions=self._admissions,
        )

    def _take(self, event: ChainEvent) -> None:
        if self._admissions is not None and isinstance(event, events.Joined | events.Moved):
            self._admissions.take(event)
        match event:
            case events.Joined():
                self._book.take(event)
                self._tickets.join(event)
            case events.Left():
                self._book.take(event)
                self._tickets.leave(event)
            case events.Moved():
                self._book.take(event)
                self._tickets.move(event)
                self._moves.finish(event)
            case events.StandingSet() | events.BylawsSet():
                self._book.take(event)
            case (
                events.MoveProposed()
                | events.MoveContested()
                | events.MoveVetoed()
                | events.MoveCancelled()
            ):
                self._moves.take(event)
            case (
                events.TicketTransferred()
                | events.Redeemed()
                | events.Unredeemed()
                | events.Voided()
            ):
                self._tickets.take(event)
            case (
                events.Purchased()
                | events.Sold()
                | events.Refunded()
                | events.Withdrawn()
                | events.DepositReturned()
            ):
                self._sales.take(event)

    def _is_later(self, event: ChainEvent) -> bool:
        return isinstance(event, REGISTER_EVENTS) and event.timestamp > self._moment.time

    def _register_now(self) -> RegisterThen:
        book, words = self._book, self._book.words()
        full = (w for w in words if bits(w, 240, 8) == Standing.FULL and not bits(w, 200, 40))
        return RegisterThen(
            book.head,
            book.event_count,
            book.member_count,
            book.active_count,
            len(list(full)),
            words,
        )

    def _compare_then(self) -> None:
        """Compare the counts of an earlier moment: by events, by present records, by checkpoints."""
        then, moment = self._then, self._moment.time
        if then is None or not self._moment.past:
            return
        records, open_then, _ = count_as_of(self._book.words(), moment)
        voters = int(self._ledger.ask("votersAt", moment, at=self._at))
        rule = "the register as of the moment"
        self._findings.compare(rule, "records by then", then.records, records)
        self._findings.compare(rule, "open records then", then.open, open_then)
        self._findings.compare(rule, "full members then", then.full, voters)

    def _compare_tickets(self) -> None:
        count = self._ledger.ticket_count(self._at)
        rule = "tickets by view and by events"
        self._findings.compare(rule, "the number of tickets", self._tickets.count, count)
        offices = {office.address for office in self._contracts.offices}
        screenings = self._contracts.screenings
        sellers = {s.screening_id for s in screenings if s.issuer in offices}
        for start in range(1, count + 1, _TICKETS_A_QUESTION):
            end = min(start + _TICKETS_A_QUESTION, count + 1)
            ids = [TicketId(number) for number in range(start, end)]
            for ticket_id, word in zip(ids, self._ledger.ticket_words(ids, self._at), strict=True):
                self._tickets.compare(ticket_id, word)
                self._sales.count(ticket_id, word, sellers)
                self._compare_card(ticket_id, word)

    def _compare_card(self, ticket_id: TicketId, word: int) -> None:
        number = bits(word, 208, 32)
        if not number:
            return
        held_by = bits(word, 0, 160)
        known = number <= self._book.member_count
        account = bits(self._book.word(MemberNumber(number)), 0, 160) if known else 0
        if account != held_by:
            what = f"ticket {ticket_id}, the card of record {number}"
            rule = "a card is with its member"
            self._findings.add(rule, what, f"held by 0x{account:040x}", f"held by 0x{held_by:040x}")
