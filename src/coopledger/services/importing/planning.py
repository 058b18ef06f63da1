"""What an import would do: which positions get a ticket, which do not and why, what is wrong.

Reads files and chain, writes nothing. The chain decides what was sold before. A position whose reference
is there is never planned again, whatever this service's database says.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from coopledger.chain.contracts.box_office import SoldTicket
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.orders import Kind, Position, PositionKey, PositionStatus
from coopledger.domain.screenings import Showing
from coopledger.domain.types import (
    OrderReference,
    ScreeningId,
    SeatNumber,
    TierIndex,
    Timestamp,
)
from coopledger.domain.values import value
from coopledger.imports.map.mapping import OrderMap
from coopledger.imports.orders.files import ImportedFile
from coopledger.imports.orders.problems import RowProblem
from coopledger.index.look import Look
from coopledger.people.desk import People
from coopledger.services.counter.receipts import sold_by_reference
from coopledger.services.importing.consents import Consents
from coopledger.services.importing.offers import Offer, offers_of, seat_of, showings_for
from coopledger.services.importing.withdrawn import WithdrawnPosition, cancelled, gone
from coopledger.services.programme.offices import office_at


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
    problems: tuple[RowProblem, ...]
    skipped: Mapping[str, int]
    issued: Mapping[PositionKey, SoldTicket]
    """The tickets of paid positions that were issued before."""
    withdrawn: tuple[WithdrawnPosition, ...]

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
    look: Look | None = None,
) -> ImportPlan:
    """Decide what to issue for the positions of some files.

    Args:
        coop: the deployed contracts.
        people: keys the references.
        files: what was read; a position that several files list alike counts once.
        order_map: binds events to screenings and products to tiers.
        consents: who joins.
        look: gives a look at the index, where there is one.

    Raises:
        NotMapped, SeriesAsOneScreening: the map does not cover the files.
        NoSuchQuestion: no file has the column that consents are to be read from.
        LogsMissing: the node does not give all that was sold.
    """
    files = tuple(files)
    consents.check_asked(question for file in files for question in file.questions)
    positions, contradictions = _merged(files)
    bound = order_map.require(positions.values())
    references = {
        key: people.order_reference(key.source, key.order, key.position) for key in positions
    }
    # The sequences first, then what was sold: a sale in between makes them too old, and the chain
    # refuses what is planned. The other way round it would be sold twice.
    showings = showings_for(coop, bound.values())
    sold = sold_by_reference(
        coop, look, references.values(), tuple(showings.values()), showings.keys()
    )
    planner = _Planner(order_map, consents, _now(coop), offers_of(bound, showings))
    for key, position in positions.items():
        planner.add(position, references[key], sold.get(references[key]))
    planner.check_places(coop, showings)
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
) -> tuple[dict[PositionKey, Position], list[RowProblem]]:
    """Return the positions of all files by key, without those that two files tell differently."""
    merged: dict[PositionKey, Position] = {}
    contradictions: dict[PositionKey, RowProblem] = {}
    for position in (each for file in files for each in file.positions):
        before = merged.setdefault(position.key, position)
        if before is not position and _decisive(position) != _decisive(before):
            reason = f"stands with other contents at {before.place}, too"
            contradictions[position.key] = RowProblem(
                position.place, "order", str(position.key), reason
            )
    kept = {key: each for key, each in merged.items() if key not in contradictions}
    return kept, list(contradictions.values())


def _decisive(position: Position) -> tuple[object, ...]:
    """Return what decides on a position's ticket, which every format of an export says alike."""
    if position.status is not PositionStatus.PAID:
        return (position.status,)
    return (position.status, *position.kind, position.holder_email, position.seat)


@dataclass
class _Planner:
    order_map: OrderMap
    consents: Consents
    now: Timestamp
    offers: Mapping[Kind, Offer | None]
    tickets: dict[ScreeningId, list[PlannedTicket]] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
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
        offer = self.offers[position.kind]
        if offer is None:
            self.skipped["no ticket"] += 1
            return
        found = [RowProblem(position.place, *objection) for objection in offer.objections]
        seat, seat_problems = seat_of(self.order_map, position, offer)
        found += seat_problems
        consented_at, consent_problems = self.consents.of(position, self.now)
        found += consent_problems
        if found or offer.tier is None:
            self.problems += found
            self.skipped["unusable"] += 1
            return
        planned = PlannedTicket(position, reference, offer.tier, seat, consented_at)
        self.tickets.setdefault(offer.screening, []).append(planned)

    def check_places(self, coop: Cooperative, showings: Mapping[ScreeningId, Showing]) -> None:
        """Take out tickets whose seat is taken or for which there is no place left."""
        for screening, planned in self.tickets.items():
            showing = showings[screening]
            seats = [ticket.seat for ticket in planned if ticket.seat]
            office = office_at(coop, screening, showing.screening.issuer)
            taken = office.seats_taken(screening, seats) if seats else []
            used = {seat for seat, is_taken in zip(seats, taken, strict=True) if is_taken}
            kept: list[PlannedTicket] = []
            for ticket in planned:
                place, seat = ticket.position.place, ticket.seat
                if seat in used:
                    problem = RowProblem(place, "seat", ticket.position.seat, "is taken already")
                elif len(kept) >= showing.sale.left:
                    reason = (
                        f"is sold out: screening {screening} has {showing.sale.capacity} places"
                    )
                    problem = RowProblem(place, "event", ticket.position.event, reason)
                else:
                    kept.append(ticket)
                    used |= {seat} if seat else set()
                    continue
                self.problems.append(problem)
                self.skipped["unusable"] += 1
            self.tickets[screening] = kept


def _now(coop: Cooperative) -> Timestamp:
    return coop.chain.block("latest").timestamp
