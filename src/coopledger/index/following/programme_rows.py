"""The programme's events into rows: screenings, films, price classes, withdrawals."""

from coopledger.domain import events
from coopledger.domain.events import Place
from coopledger.domain.types import Address, FilmId, ScreeningId, Timestamp
from coopledger.index import schema
from coopledger.index.following.projection import Projection, packed, readable
from coopledger.index.kinds import ScreeningEventKind


def screening_opened(work: Projection, event: events.ScreeningOpened) -> None:
    """Note a screening and, if it is new, its issuer."""
    expected = work.known.screenings + 1
    if event.screening != expected:
        work.refuse(event.place.block, f"screening {event.screening} was opened, not {expected}")
    work.known.screenings = event.screening
    if event.issuer not in work.known.issuers:
        work.known.issuers.add(event.issuer)
        row = (packed(event.issuer), event.screening, event.place.block)
        work.rows.add(schema.issuer, *row)
    work.rows.add(
        schema.screening,
        event.screening,
        packed(event.issuer),
        event.place.block,
        event.starts_at,
        event.ends_at,
        None,
        None,
        False,
        None,
    )
    _note(
        *(work, event.place, event.screening, ScreeningEventKind.OPENED, event.issuer),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
    )


def screening_postponed(work: Projection, event: events.ScreeningPostponed) -> None:
    """Note a screening's new times."""
    _note(
        *(work, event.place, event.screening, ScreeningEventKind.PUT_OFF, None),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
    )


def screening_added(work: Projection, event: events.ScreeningAdded) -> None:
    """Note what a screening shows, and where."""
    _note(
        *(work, event.place, event.screening, ScreeningEventKind.ANNOUNCED, event.office),
        film=event.film,
        venue=readable(event.venue),
    )


def screening_cancelled(work: Projection, event: events.ScreeningCancelled) -> None:
    """Note that a screening does not take place."""
    _note(work, event.place, event.screening, ScreeningEventKind.CANCELLED, event.office)


def refunds_until(work: Projection, event: events.RefundsUntil) -> None:
    """Note until when a screening that was put off is refunded."""
    _note(
        *(work, event.place, event.screening, ScreeningEventKind.REFUNDS_UNTIL, event.office),
        refundable_until=event.refundable_until,
    )


def film_added(work: Projection, event: events.FilmAdded) -> None:
    """Note a film."""
    work.rows.add(
        schema.film,
        packed(event.office),
        event.film,
        readable(event.title),
        event.year,
        event.minutes_long,
        event.place.block,
    )


def tier_set(work: Projection, event: events.TierSet) -> None:
    """Note a price class as it was set."""
    work.rows.add(
        schema.tier,
        event.screening,
        event.tier,
        event.place.block,
        event.place.log_index,
        packed(event.office),
        event.price,
        event.deposit,
        readable(event.name),
    )


def withdrawn(work: Projection, event: events.Withdrawn) -> None:
    """Note what the treasurer paid out."""
    place = event.place
    work.rows.add(
        schema.withdrawal,
        place.block,
        place.log_index,
        place.transaction,
        event.screening,
        packed(event.office),
        packed(event.to),
        event.amount,
    )


def _note(
    work: Projection,
    place: Place,
    screening: ScreeningId,
    kind: ScreeningEventKind,
    office: Address | None,
    *,
    starts_at: Timestamp | None = None,
    ends_at: Timestamp | None = None,
    film: FilmId | None = None,
    venue: str | None = None,
    refundable_until: Timestamp | None = None,
) -> None:
    work.rows.add(
        schema.screening_event,
        place.block,
        place.log_index,
        place.transaction,
        screening,
        kind,
        None if office is None else packed(office),
        starts_at,
        ends_at,
        film,
        venue,
        refundable_until,
    )
    if kind is not ScreeningEventKind.OPENED:
        work.rows.screenings.add(screening)
