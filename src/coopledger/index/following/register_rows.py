"""The register's events into rows: records, exits, standings, running totals, moves.

An event of the ledger tells what changed, not what was. What a record was like before (its standing, its
consent) comes from ``known``, which was read before the batch began.
"""

from coopledger.domain import events
from coopledger.domain.moves import MoveState
from coopledger.domain.register import Cause, Standing
from coopledger.domain.types import Attestation, MemberNumber, Timestamp
from coopledger.index import schema
from coopledger.index.following.known import Member
from coopledger.index.following.projection import Projection, named, packed


def joined(work: Projection, event: events.Joined) -> None:
    """Open a record."""
    work.follows(event)
    _is_next(work, event)
    member = Member(
        Standing.ASSOCIATE,
        event.consent,
        event.bylaws,
        event.consented_at,
        event.attestation,
        event.number,
    )
    _open(work, event, member, event.previous, None)
    work.cards[event.ticket_id] = event.number


def left(work: Projection, event: events.Left) -> None:
    """Close a record."""
    work.follows(event)
    _close(work, event, event.number, event.cause, event.document)
    if event.cause is Cause.ANNULLED:
        work.rows.tickets.add(event.ticket_id)


def standing_set(work: Projection, event: events.StandingSet) -> None:
    """Note a standing."""
    work.follows(event)
    member = work.member(event.number, event.place.block)
    work.known.totals.count_standing(member.standing, event.standing)
    _note_standing(work, event, member.standing, event.standing, event.document)
    member.standing = event.standing
    work.count(event.place.block)


def moved(work: Projection, event: events.Moved) -> None:
    """Close a record, and open another in its place: same standing, same consent, same card."""
    work.follows(event)
    _is_next(work, event)
    old = work.member(event.old_number, event.place.block)
    _close(work, event, event.old_number, Cause.MOVED, None)
    member = Member(
        old.standing,
        old.consent,
        old.bylaws,
        old.consented_at,
        old.attestation,
        old.origin,
    )
    previous = work.known.latest.get(event.account)
    _open(work, event, member, previous, event.old_number)
    if old.standing is Standing.FULL:
        _note_standing(work, event, Standing.NONE, Standing.FULL, None)
    work.rows.tickets.add(event.ticket_id)
    work.move = event


def bylaws_set(work: Projection, event: events.BylawsSet) -> None:
    """Note a version of the by-laws; the register's own event holds all of it."""
    work.follows(event)


def move_proposed(work: Projection, event: events.MoveProposed) -> None:
    """Note that a move was proposed."""
    _note_move(work, event, MoveState.PROPOSED, packed(event.to), event.ready_at)


def move_contested(work: Projection, event: events.MoveContested) -> None:
    """Note that a contested move was opened."""
    _note_move(work, event, MoveState.CONTESTED, packed(event.to), event.ready_at)


def move_vetoed(work: Projection, event: events.MoveVetoed) -> None:
    """Note a veto."""
    _note_move(work, event, MoveState.VETOED, None, None)


def move_cancelled(work: Projection, event: events.MoveCancelled) -> None:
    """Note that a move was stopped."""
    _note_move(work, event, MoveState.NONE, None, None)


def _is_next(work: Projection, event: events.Joined | events.Moved) -> None:
    expected = work.known.totals.opened + 1
    if event.number != expected:
        work.refuse(event.place.block, f"record {event.number} was opened, not {expected}")


def _open(
    work: Projection,
    event: events.Joined | events.Moved,
    member: Member,
    previous: MemberNumber | None,
    moved_from: MemberNumber | None,
) -> None:
    work.rows.add(
        schema.record,
        event.number,
        packed(event.account),
        event.ticket_id,
        event.timestamp,
        member.consent,
        member.bylaws,
        member.consented_at,
        named(member.attestation),
        previous,
        moved_from,
        member.origin,
        event.place.block,
        member.standing,
        None,
        Cause.NONE,
        None,
    )
    work.known.members[event.number] = member
    work.known.latest[event.account] = event.number
    work.known.totals.count_opened(member.standing, member.consent)
    work.count(event.place.block)


def _close(
    work: Projection,
    event: events.Left | events.Moved,
    number: MemberNumber,
    cause: Cause,
    document: Attestation | None,
) -> None:
    member = work.member(number, event.place.block)
    work.known.totals.count_closed(member.standing, member.consent, cause)
    work.rows.add(
        schema.exit_,
        work.known.totals.closed,
        number,
        event.timestamp,
        cause,
        member.standing,
        member.consent,
        None if document is None else named(document),
        work.known.sequence,
        event.place.block,
    )
    work.rows.records.add(number)
    work.count(event.place.block)


def _note_standing(
    work: Projection,
    event: events.StandingSet | events.Moved,
    was: Standing,
    standing: Standing,
    document: Attestation | None,
) -> None:
    work.rows.add(
        schema.standing_change,
        event.number,
        work.known.sequence,
        event.timestamp,
        standing,
        was,
        None if document is None else named(document),
        event.place.block,
    )
    work.rows.records.add(event.number)


_MoveEvent = events.MoveProposed | events.MoveContested | events.MoveVetoed | events.MoveCancelled


def _note_move(
    work: Projection,
    event: _MoveEvent,
    state: MoveState,
    target: bytes | None,
    ready_at: Timestamp | None,
) -> None:
    place = event.place
    work.rows.add(
        schema.move_event,
        place.block,
        place.log_index,
        place.transaction,
        state,
        event.number,
        target,
        ready_at,
    )
