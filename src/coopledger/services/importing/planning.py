"""What an import would do: which positions get a ticket, which do not and why, what is wrong.

Reads files and chain, writes nothing. The chain decides what was sold before. A position whose reference
is there is never planned again, whatever this service's database says.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from coopledger.chain.contracts.box_office import SoldTicket
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.orders import Kind, Position, PositionKey, PositionStatus
from coopledger.domain.screenings import Showing
from coopledger.domain.types import (
    NO_ATTESTATION,
    NO_SEAT,
    Attestation,
    OrderReference,
    ScreeningId,
    SeatNumber,
    TierIndex,
    Timestamp,
    to_timestamp,
)
from coopledger.domain.values import value
from coopledger.errors import BadInput
from coopledger.imports.map.map_failures import SeatNotMapped
from coopledger.imports.map.map_file import NoTicket, TierByIndex
from coopledger.imports.map.mapping import OrderMap, one_of_each_kind
from coopledger.imports.orders.files import ImportedFile
from coopledger.imports.orders.problems import Problem
from coopledger.imports.orders.values import UnusableValue, says_yes
from coopledger.people.desk import People
from coopledger.services.counter.receipts import sold_by_reference
from coopledger.services.importing.withdrawn import Withdrawn, cancelled, gone
from coopledger.services.programme.films_and_screenings import showings_of
from coopledger.services.programme.offices import office_at


class ConsentRule(StrEnum):
    """Whose consent to joining an import takes as given."""

    NONE = "none"
    BUYERS = "buyers"
    """Of those who hold a ticket of their own order."""
    COLUMN = "column"
    """Of those whose position answers a question with yes."""
    HOLDERS = "holders"
    """Of every holder; the attestation names the paper that shows it."""


@dataclass(frozen=True)
class Consents:
    """How an import decides who joins, and where the consents are written down."""

    rule: ConsentRule = ConsentRule.NONE
    column: str = ""
    attestation: Attestation = NO_ATTESTATION


class NoSuchQuestion(BadInput):
    """The file has no such column of answers."""

    column: str
    questions: tuple[str, ...]

    advice = "Name the column as the file's first line writes it."

    def __str__(self) -> str:
        known = ", ".join(self.questions) or "none"
        return f"no file has a question '{self.column}'; there are: {known}"


@value
class PlannedTicket:
    """A ticket to issue. ``consented_at`` None: it does not join."""

    position: Position
    reference: OrderReference
    tier: TierIndex
    seat: SeatNumber
    consented_at: Timestamp | None


@dataclass(frozen=True)
class ImportPlan:
    """What an import would do. ``skipped`` counts positions without a new ticket by reason."""

    tickets: Mapping[ScreeningId, tuple[PlannedTicket, ...]]
    showings: Mapping[ScreeningId, Showing]
    problems: tuple[Problem, ...]
    skipped: Mapping[str, int]
    issued: Mapping[PositionKey, SoldTicket]
    """The tickets of paid positions that were issued before."""
    withdrawn: tuple[Withdrawn, ...]

    @property
    def orders(self) -> set[tuple[str, str]]:
        """Source and code of the orders that tickets would be issued for."""
        return {
            ticket.position.key.of_order for tickets in self.tickets.values() for ticket in tickets
        }


def plan_import(
    coop: Cooperative,
    people: People,
    files: Iterable[ImportedFile],
    order_map: OrderMap,
    consents: Consents,
) -> ImportPlan:
    """Decide what to issue for the positions of some files.

    Args:
        coop: the deployed contracts.
        people: keys the references.
        files: what was read; a position that several files list alike counts once.
        order_map: binds events to screenings and products to tiers.
        consents: who joins.

    Raises:
        NotMapped, SeriesAsOneScreening: the map does not cover the files.
        NoSuchQuestion: no file has the column that consents are to be read from.
        LogsMissing: the node does not give all that was sold.
    """
    files = tuple(files)
    if consents.rule is ConsentRule.COLUMN:
        questions = tuple(sorted({q for file in files for q in file.questions}))
        if consents.column not in questions:
            raise NoSuchQuestion(consents.column, questions)
    positions, contradictions = _merged(files)
    order_map.require(positions.values())
    references = {
        key: people.order_reference(key.source, key.order, key.position) for key in positions
    }
    # The sequences first, then what was sold: a sale in between makes them too old, and the chain
    # refuses what is planned. The other way round it would be sold twice.
    showings = _showings(coop, order_map, positions.values())
    sold = sold_by_reference(coop, showings.values())
    planner = _Planner(coop, order_map, consents, _now(coop), showings)
    for key, position in positions.items():
        planner.add(position, references[key], sold.get(references[key]))
    planner.check_places()
    unreadable = {problem.place for file in files for problem in file.problems}
    unreadable |= {problem.place for problem in contradictions}
    planner.skipped["unusable"] += len(unreadable)
    return ImportPlan(
        {screening: tuple(tickets) for screening, tickets in planner.tickets.items() if tickets},
        showings,
        (*(each for file in files for each in file.problems), *contradictions, *planner.problems),
        +planner.skipped,  # without the reasons that nothing was skipped for
        planner.issued,
        (*cancelled(positions, references, sold), *gone(people, files, sold, showings.keys())),
    )


def _merged(
    files: Iterable[ImportedFile],
) -> tuple[dict[PositionKey, Position], list[Problem]]:
    """Return the positions of all files by key, without those that two files tell differently."""
    merged: dict[PositionKey, Position] = {}
    contradictions: dict[PositionKey, Problem] = {}
    for position in (each for file in files for each in file.positions):
        before = merged.setdefault(position.key, position)
        if before is not position and _decisive(position) != _decisive(before):
            reason = f"stands with other contents at {before.place}, too"
            contradictions[position.key] = Problem(
                position.place, "order", str(position.key), reason
            )
    kept = {key: each for key, each in merged.items() if key not in contradictions}
    return kept, list(contradictions.values())


def _decisive(position: Position) -> tuple[object, ...]:
    """Return what decides on a position's ticket, which every format of an export says alike."""
    if position.status is not PositionStatus.PAID:
        return (position.status,)
    return (position.status, *position.kind, position.holder_email, position.seat)


@dataclass(frozen=True)
class _Offer:
    """What the positions of a kind get, or why they get nothing."""

    screening: ScreeningId
    showing: Showing | None = None
    tier: TierIndex | None = None
    objections: tuple[tuple[str, str, str], ...] = ()
    """Field, value and reason of each problem."""


@dataclass
class _Planner:
    coop: Cooperative
    order_map: OrderMap
    consents: Consents
    now: Timestamp
    showings: Mapping[ScreeningId, Showing]
    tickets: dict[ScreeningId, list[PlannedTicket]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    offers: dict[Kind, _Offer | None] = field(default_factory=dict)
    issued: dict[PositionKey, SoldTicket] = field(default_factory=dict)

    def add(self, position: Position, reference: OrderReference, before: SoldTicket | None) -> None:
        """Plan a ticket for one position, or count why there is none."""
        if before is not None:
            self.skipped["issued before"] += 1
            if position.status is PositionStatus.PAID:
                self.issued[position.key] = before
            return
        if position.status is not PositionStatus.PAID:
            self.skipped[position.status.value] += 1
            return
        kind = position.kind
        if kind not in self.offers:
            self.offers[kind] = self._offer(position)
        offer = self.offers[kind]
        if offer is None:
            self.skipped["no ticket"] += 1
            return
        found = [Problem(position.place, *objection) for objection in offer.objections]
        seat, seat_problems = self._seat(position, offer)
        found += seat_problems
        consented_at, consent_problems = self._consent(position)
        found += consent_problems
        if found or offer.tier is None:
            self.problems += found
            self.skipped["unusable"] += 1
            return
        planned = PlannedTicket(position, reference, offer.tier, seat, consented_at)
        self.tickets.setdefault(offer.screening, []).append(planned)

    def _offer(self, position: Position) -> _Offer | None:
        """Return what the positions of this one's kind get; None where they are no tickets."""
        tier = self.order_map.tier_of(position)
        if isinstance(tier, NoTicket):
            return None
        screening = self.order_map.screening_of(position)
        showing = self.showings.get(screening)
        if showing is None:
            reason = f"is mapped to screening {screening}, which this box office does not sell"
            return _Offer(screening, objections=(("event", position.event, reason),))
        objections = []
        if showing.sale.cancelled:
            reason = f"is mapped to screening {screening}, which was cancelled"
            objections.append(("event", position.event, reason))
        if isinstance(tier, TierByIndex):
            named = f"number {tier.index}"
            index = tier.index if tier.index < len(showing.tiers) else None
        else:
            named = f"'{tier.name}'"
            index = showing.tier_named(tier.name)
        if index is None:
            reason = f"is mapped to tier {named}, which screening {screening} does not have"
            objections.append(("product", position.product, reason))
        return _Offer(screening, showing, index, tuple(objections))

    def _seat(self, position: Position, offer: _Offer) -> tuple[SeatNumber, Iterable[Problem]]:
        """Return a position's seat, and what is wrong with it."""
        try:
            seat = self.order_map.seat_of(position)
        except SeatNotMapped as failure:
            return NO_SEAT, [Problem(position.place, "seat", position.seat, failure.reason)]
        if offer.showing is None or offer.objections:
            return seat, ()
        return seat, _seat_problems(position, seat, offer.showing)

    def check_places(self) -> None:
        """Take out tickets whose seat is taken or for which there is no place left."""
        for screening, planned in self.tickets.items():
            showing = self.showings[screening]
            seats = [ticket.seat for ticket in planned if ticket.seat]
            office = office_at(self.coop, screening, showing.screening.issuer)
            taken = office.seats_taken(screening, seats) if seats else []
            used = {seat for seat, is_taken in zip(seats, taken, strict=True) if is_taken}
            kept: list[PlannedTicket] = []
            for ticket in planned:
                place, seat = ticket.position.place, ticket.seat
                if seat in used:
                    problem = Problem(place, "seat", ticket.position.seat, "is taken already")
                elif len(kept) >= showing.sale.left:
                    reason = (
                        f"is sold out: screening {screening} has {showing.sale.capacity} places"
                    )
                    problem = Problem(place, "event", ticket.position.event, reason)
                else:
                    kept.append(ticket)
                    used |= {seat} if seat else set()
                    continue
                self.problems.append(problem)
                self.skipped["unusable"] += 1
            self.tickets[screening] = kept

    def _consent(self, position: Position) -> tuple[Timestamp | None, list[Problem]]:
        """Return when the holder consented, or None if the holder does not join."""
        rule = self.consents.rule
        if rule is ConsentRule.NONE or position.holder_email is None:
            return None, []
        if rule is ConsentRule.BUYERS and not position.held_by_buyer:
            return None, []
        if rule is ConsentRule.COLUMN:
            answer = position.answers.get(self.consents.column, "")
            try:
                if not says_yes(answer):
                    return None, []
            except UnusableValue as unclear:
                problem = Problem(position.place, self.consents.column, answer, unclear.reason)
                return None, [problem]
        if position.ordered_at is None:
            reason = "is empty, but says when the holder consented to joining"
            return None, [Problem(position.place, "ordered_at", "", reason)]
        consented_at = to_timestamp(position.ordered_at)
        if consented_at > self.now:
            reason = "lies in the future of the chain's clock"
            shown = position.ordered_at.isoformat()
            return None, [Problem(position.place, "ordered_at", shown, reason)]
        return consented_at, []


def _showings(
    coop: Cooperative, order_map: OrderMap, positions: Iterable[Position]
) -> dict[ScreeningId, Showing]:
    """Return the screenings that paid positions admit to, as far as a box office of ours sells them."""
    wanted = {
        order_map.screening_of(position)
        for position in one_of_each_kind(positions)
        if not isinstance(order_map.tier_of(position), NoTicket)
    }
    return {each.screening.screening_id: each for each in showings_of(coop, sorted(wanted))}


def _seat_problems(position: Position, seat: SeatNumber, showing: Showing) -> Iterator[Problem]:
    sale = showing.sale
    if sale.seated and not seat:
        yield Problem(position.place, "seat", "", "is empty, but the screening has numbered seats")
    elif not sale.seated and seat:
        yield Problem(position.place, "seat", position.seat, "is given, but seating is free")
    elif sale.seated and seat > sale.capacity:
        reason = f"is beyond the {sale.capacity} seats of the screening"
        yield Problem(position.place, "seat", position.seat, reason)


def _now(coop: Cooperative) -> Timestamp:
    return coop.chain.block("latest").timestamp
