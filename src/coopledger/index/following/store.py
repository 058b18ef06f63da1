"""All SQL that writes the index, and what the writer reads of it.

Every function works within the caller's transaction. One function is more than it looks, ``refresh``: what changes
in ``record``, ``ticket`` and ``screening`` is never written as an event says, but computed from the
facts that are there. So adding facts and taking them back are the same to it, and a row after a
reorganisation is what it would be without.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from eth_utils.address import to_checksum_address
from sqlalchemy import (
    Connection,
    delete,
    func,
    select,
    text,
    union,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert

from coopledger.database.copying import copy_new
from coopledger.domain.events import ChainEvent, Left, Moved, StandingSet
from coopledger.domain.moments import BlockMark
from coopledger.domain.register import Consent, Standing, genesis_head
from coopledger.domain.types import (
    NO_ATTESTATION,
    Address,
    Attestation,
    BlockNumber,
    BylawsVersion,
    ChainId,
    MemberNumber,
    ScreeningId,
    TicketId,
    Timestamp,
)
from coopledger.errors import Untrusted
from coopledger.index import schema
from coopledger.index.following.known import KnownState, Member, Totals
from coopledger.index.following.projection import Rows, packed
from coopledger.index.origin import Origin

REMEMBERED = 128
"""How many of the newest blocks are remembered, whether they hold events or not."""


@dataclass(frozen=True)
class Cursor:
    """How far the index is. ``final_block`` and what is below will not be taken back."""

    block: BlockMark
    final_block: BlockNumber


class OtherOrigin(Untrusted):
    """The index in the database was made for another chain or another ledger."""

    chain_id: ChainId
    ledger: str

    says = "the index is of ledger {ledger} on chain {chain_id}, not of this one"
    advice = (
        "Use another database for this chain, or drop the index with 'coopledger index rebuild'."
    )


# -- what it is of, and how far it is --


def claim(connection: Connection, origin: Origin) -> None:
    """Take the tables for a ledger, unless they have one.

    Raises:
        OtherOrigin: they were made for another one.
    """
    row = (origin.chain_id, packed(origin.ledger), origin.first_block)
    columns = ("chain_id", "ledger", "first_block")
    new = postgresql_insert(schema.origin).values(dict(zip(columns, row, strict=True)))
    connection.execute(new.on_conflict_do_nothing())
    check_origin(connection, origin.chain_id, origin.ledger)


def check_origin(connection: Connection, chain_id: ChainId, ledger: Address) -> None:
    """Check that the tables, if they were taken at all, were taken for this ledger.

    Raises:
        OtherOrigin: they were made for another one.
    """
    found = connection.execute(select(schema.origin.c.chain_id, schema.origin.c.ledger)).first()
    if found is not None and tuple(found) != (chain_id, packed(ledger)):
        raise OtherOrigin(ChainId(found[0]), "0x" + found[1].hex())


def read_cursor(connection: Connection) -> Cursor | None:
    """Return how far the index is, or None where it has not begun."""
    c = schema.cursor.c
    row = connection.execute(select(c.block, c.hash, c.time, c.final_block)).first()
    return None if row is None else Cursor(BlockMark(*row[:3]), row.final_block)


def move_cursor(connection: Connection, mark: BlockMark, final: BlockNumber) -> None:
    """Set how far the index is, and forget blocks that can no longer be needed."""
    values = {
        "block": mark.number,
        "hash": mark.hash,
        "time": mark.time,
        "final_block": min(final, mark.number),
    }
    new = postgresql_insert(schema.cursor).values(values)
    connection.execute(new.on_conflict_do_update(index_elements=["one"], set_=values))
    c = schema.block.c
    old = c.number <= mark.number - REMEMBERED
    connection.execute(delete(schema.block).where(old, ~c.holds_events))


def remembered(connection: Connection, first: BlockNumber) -> list[BlockMark]:
    """Return the blocks that are known from ``first`` on, in order."""
    c = schema.block.c
    query = select(c.number, c.hash, c.time).where(c.number >= first).order_by(c.number)
    return [BlockMark(*row) for row in connection.execute(query)]


def issuers(connection: Connection) -> list[Address]:
    """Return the box offices that opened screenings."""
    rows = connection.scalars(select(schema.issuer.c.address))
    return [_address(row) for row in rows]


# -- forwards --


def load_known(connection: Connection, events: Iterable[ChainEvent] = ()) -> KnownState:
    """Return what the projections must know before these events."""
    event, totals = schema.register_event.c, schema.tally.c
    c = schema.origin.c
    chain_id, ledger = connection.execute(select(c.chain_id, c.ledger)).one()
    known = KnownState(head=genesis_head(ChainId(chain_id), _address(ledger)))
    last = select(event.sequence, event.head).order_by(event.sequence.desc()).limit(1)
    for sequence, head in connection.execute(last):
        known.sequence, known.head = sequence, head
    known.tickets = connection.scalar(select(func.max(schema.ticket.c.id))) or TicketId(0)
    newest = select(func.max(schema.screening.c.id))
    known.screenings = connection.scalar(newest) or ScreeningId(0)
    names = [totals[column.name] for column in schema.tally.columns][2:]
    for row in connection.execute(select(*names).order_by(totals.block.desc()).limit(1)):
        known.totals = Totals(*row)
    known.issuers = set(issuers(connection))
    numbers: set[MemberNumber] = set()
    accounts: set[Address] = set()
    for each in events:
        if isinstance(each, Left | StandingSet):
            numbers.add(each.number)
        elif isinstance(each, Moved):
            numbers.add(each.old_number)
            accounts.add(each.account)
    known.members = _members(connection, numbers)
    known.latest = _latest(connection, accounts)
    return known


def add(connection: Connection, rows: Rows) -> None:
    """Add facts, and bring what they touch up to date."""
    for table, added in rows.added.items():
        copy_new(connection, tuple(table.columns), added)
    refresh(connection, rows.records, rows.tickets, rows.screenings)


def refresh(
    connection: Connection,
    records: Collection[MemberNumber],
    tickets: Collection[TicketId],
    screenings: Collection[ScreeningId],
) -> None:
    """Compute the state of some rows from the facts: records first, tickets look at them."""
    place = connection.schema_for_object(schema.record)
    for statement, keys in (
        (_REFRESH_RECORDS, records),
        (_REFRESH_TICKETS, tickets),
        (_REFRESH_SCREENINGS, screenings),
    ):
        if keys:
            connection.execute(text(statement.format(index=place)), {"keys": sorted(keys)})


_REFRESH_RECORDS = """
UPDATE {index}.record AS r
SET left_at = x.time,
    cause = coalesce(x.cause, 0),
    left_block = x.block,
    standing = coalesce(
        (SELECT s.standing FROM {index}.standing_change AS s
         WHERE s.number = r.number ORDER BY s.sequence DESC LIMIT 1), 1)
FROM unnest(CAST(:keys AS bigint[])) AS touched (number)
LEFT JOIN {index}.exit AS x ON x.number = touched.number
WHERE r.number = touched.number
"""

_REFRESH_TICKETS = """
UPDATE {index}.ticket AS t
SET owner = coalesce(
        (SELECT e.account FROM {index}.ticket_event AS e
         WHERE e.ticket = t.id AND e.kind IN (1, 2)
         ORDER BY e.block DESC, e.log_index DESC LIMIT 1), t.issued_to),
    redeemed = coalesce(
        (SELECT e.kind = 3 FROM {index}.ticket_event AS e
         WHERE e.ticket = t.id AND e.kind IN (3, 4)
         ORDER BY e.block DESC, e.log_index DESC LIMIT 1), false),
    void = EXISTS (SELECT FROM {index}.ticket_event AS e WHERE e.ticket = t.id AND e.kind = 5),
    member = (SELECT CASE WHEN r.cause = 5 THEN NULL ELSE r.number END
              FROM {index}.record AS r WHERE r.ticket = t.id ORDER BY r.number DESC LIMIT 1)
WHERE t.id = ANY (CAST(:keys AS bigint[]))
"""

_REFRESH_SCREENINGS = """
UPDATE {index}.screening AS s
SET (starts_at, ends_at) = (
        SELECT e.starts_at, e.ends_at FROM {index}.screening_event AS e
        WHERE e.screening = s.id AND e.kind IN (1, 2)
        ORDER BY e.block DESC, e.log_index DESC LIMIT 1),
    (film, venue) = (
        SELECT e.film, e.venue FROM {index}.screening_event AS e
        WHERE e.screening = s.id AND e.kind = 3 AND e.office = s.issuer
        ORDER BY e.block DESC, e.log_index DESC LIMIT 1),
    cancelled = EXISTS (
        SELECT FROM {index}.screening_event AS e
        WHERE e.screening = s.id AND e.kind = 4 AND e.office = s.issuer),
    refundable_until = (
        SELECT e.refundable_until FROM {index}.screening_event AS e
        WHERE e.screening = s.id AND e.kind = 5 AND e.office = s.issuer
        ORDER BY e.block DESC, e.log_index DESC LIMIT 1)
WHERE s.id = ANY (CAST(:keys AS bigint[]))
"""

# -- back --


def rewind(connection: Connection, ancestor: BlockMark, final: BlockNumber) -> None:
    """Take back every block above one, and go on from there."""
    after = ancestor.number
    exits, changes = schema.exit_.c, schema.standing_change.c
    events, happened = schema.register_event.c, schema.ticket_event.c
    shown = schema.screening_event.c
    records = union(
        select(exits.number).where(exits.block > after),
        select(changes.number).where(changes.block > after),
    )
    tickets = union(
        select(happened.ticket).where(happened.block > after),
        select(events.ticket).where(events.block > after, events.ticket.is_not(None)),
    )
    screenings = select(shown.screening).where(shown.block > after).distinct()
    touched = [connection.scalars(each).all() for each in (records, tickets, screenings)]
    gone = select(schema.issuer.c.address).where(schema.issuer.c.block > after)
    connection.execute(delete(schema.film).where(schema.film.c.office.in_(gone)))
    for table in schema.metadata.sorted_tables:
        if table not in (schema.origin, schema.cursor, schema.block):
            connection.execute(delete(table).where(table.c.block > after))
    connection.execute(delete(schema.block).where(schema.block.c.number > after))
    refresh(connection, *touched)
    move_cursor(connection, ancestor, final)


def empty(connection: Connection) -> None:
    """Take back everything: the chain has no block in common with the index."""
    for table in schema.metadata.sorted_tables:
        if table is not schema.origin:
            connection.execute(delete(table))


# -- internal --


def _members(
    connection: Connection, numbers: Collection[MemberNumber]
) -> dict[MemberNumber, Member]:
    c = schema.record.c
    query = select(
        *(c.number, c.standing, c.consent, c.bylaws, c.consented_at, c.attestation, c.origin)
    ).where(c.number == func.any(sorted(numbers)))
    return {
        row.number: Member(
            Standing(row.standing),
            Consent(row.consent),
            BylawsVersion(row.bylaws),
            Timestamp(row.consented_at),
            NO_ATTESTATION if row.attestation is None else Attestation(row.attestation),
            MemberNumber(row.origin),
        )
        for row in (connection.execute(query) if numbers else ())
    }


def _latest(connection: Connection, accounts: Collection[Address]) -> dict[Address, MemberNumber]:
    c = schema.record.c
    query = (
        select(c.account, func.max(c.number))
        .where(c.account == func.any([packed(account) for account in sorted(accounts)]))
        .group_by(c.account)
    )
    rows = connection.execute(query) if accounts else ()
    return {_address(account): MemberNumber(number) for account, number in rows}


def _address(account: bytes) -> Address:
    return to_checksum_address(account)
