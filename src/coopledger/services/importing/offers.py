"""What the positions of a kind get: a screening and a tier, or why they get nothing; and their seats."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.orders import Kind, Position
from coopledger.domain.screenings import Showing
from coopledger.domain.types import NO_SEAT, ScreeningId, SeatNumber, TierIndex
from coopledger.imports.map.map_failures import SeatNotMapped
from coopledger.imports.map.map_file import TierByIndex
from coopledger.imports.map.mapping import Binding, OrderMap
from coopledger.imports.orders.problems import RowProblem
from coopledger.services.programme.films_and_screenings import showings_of


@dataclass(frozen=True)
class Offer:
    """What the positions of a kind get, or why they get nothing."""

    screening: ScreeningId
    showing: Showing | None = None
    tier: TierIndex | None = None
    objections: tuple[tuple[str, str, str], ...] = ()
    """Field, value and reason of each problem."""


def showings_for(
    coop: Cooperative, bindings: Iterable[Binding | None]
) -> dict[ScreeningId, Showing]:
    """Return the screenings that positions admit to, as far as a box office of ours sells them."""
    wanted = {binding.screening for binding in bindings if binding is not None}
    return {each.screening.screening_id: each for each in showings_of(coop, sorted(wanted))}


def offers_of(
    bound: Mapping[Kind, Binding | None], showings: Mapping[ScreeningId, Showing]
) -> dict[Kind, Offer | None]:
    """Return what the positions of each kind get; None where they are no tickets."""
    return {
        kind: None if binding is None else _offer(kind, binding, showings.get(binding.screening))
        for kind, binding in bound.items()
    }


def _offer(kind: Kind, binding: Binding, showing: Showing | None) -> Offer:
    event, _, product, _ = kind
    screening, tier = binding.screening, binding.tier
    if showing is None:
        reason = f"is mapped to screening {screening}, which this box office does not sell"
        return Offer(screening, objections=(("event", event, reason),))
    objections = []
    if showing.sale.cancelled:
        reason = f"is mapped to screening {screening}, which was cancelled"
        objections.append(("event", event, reason))
    if isinstance(tier, TierByIndex):
        named = f"number {tier.index}"
        index = tier.index if tier.index < len(showing.tiers) else None
    else:
        named = f"'{tier.name}'"
        index = showing.tier_named(tier.name)
    if index is None:
        reason = f"is mapped to tier {named}, which screening {screening} does not have"
        objections.append(("product", product, reason))
    return Offer(screening, showing, index, tuple(objections))


def seat_of(
    order_map: OrderMap, position: Position, offer: Offer
) -> tuple[SeatNumber, Iterable[RowProblem]]:
    """Return a position's seat, and what is wrong with it."""
    try:
        seat = order_map.seat_of(position)
    except SeatNotMapped as failure:
        return NO_SEAT, [RowProblem(position.place, "seat", position.seat, failure.reason)]
    if offer.showing is None or offer.objections:
        return seat, ()
    return seat, _seat_problems(position, seat, offer.showing)


def _seat_problems(position: Position, seat: SeatNumber, showing: Showing) -> Iterator[RowProblem]:
    sale = showing.sale
    if sale.seated and not seat:
        yield RowProblem(
            position.place, "seat", "", "is empty, but the screening has numbered seats"
        )
    elif not sale.seated and seat:
        yield RowProblem(position.place, "seat", position.seat, "is given, but seating is free")
    elif sale.seated and seat > sale.capacity:
        reason = f"is beyond the {sale.capacity} seats of the screening"
        yield RowProblem(position.place, "seat", position.seat, reason)
