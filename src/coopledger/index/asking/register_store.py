"""All SQL that answers questions about the register, the moment given.

Records are numbered in the order in which they were opened, so every question about when somebody joined
is a range of numbers, found in ``tally`` by two look-ups; no question counts rows.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, text

from coopledger.domain.moments import BlockMark
from coopledger.domain.register import Standing
from coopledger.domain.types import Address, BlockNumber, ChainId, MemberNumber, Timestamp
from coopledger.index import schema
from coopledger.index.asking.wanted import State, Wanted
from coopledger.index.following.known import Totals
from coopledger.index.following.projection import packed

Rows = Sequence[Row[Any]]

# -- how far the index is --


def origin(connection: Connection) -> tuple[ChainId, bytes] | None:
    """Return the chain and the ledger that the index is of, or None where nobody took it yet."""
    c = schema.origin.c
    row = connection.execute(select(c.chain_id, c.ledger)).first()
    return None if row is None else (row.chain_id, row.ledger)


def cursor(connection: Connection) -> tuple[BlockMark, BlockNumber] | None:
    """Return the index's newest block and its last final one, or None where it has not begun."""
    c = schema.cursor.c
    row = connection.execute(select(c.block, c.hash, c.time, c.final_block)).first()
    return None if row is None else (BlockMark(*row[:3]), row.final_block)


def known_block(connection: Connection, number: BlockNumber) -> BlockMark | None:
    """Return a block, if it is one that the index remembers."""
    c = schema.block.c
    row = connection.execute(select(c.number, c.hash, c.time).where(c.number == number)).first()
    return None if row is None else BlockMark(*row)


def head_at(connection: Connection, block: BlockNumber) -> tuple[int, bytes] | None:
    """Return how many events the register had after a block and its head, or None for no event."""
    c = schema.register_event.c
    newest = select(c.sequence, c.head).where(c.block <= block)
    row = connection.execute(newest.order_by(c.block.desc(), c.sequence.desc()).limit(1)).first()
    return None if row is None else (row.sequence, row.head)


# -- counts --


def totals_at(connection: Connection, moments: Iterable[Timestamp]) -> list[Totals]:
    """Return the running totals at each of the moments: one look-up each."""
    rows = connection.execute(text(_TOTALS), {"moments": list(moments)})
    return [Totals(*row) for row in rows]


_TOTALS = f"""
SELECT {", ".join(f"coalesce(t.{each.name}, 0)" for each in list(schema.tally.columns)[2:])}
FROM unnest(CAST(:moments AS bigint[])) WITH ORDINALITY AS asked (moment, place)
LEFT JOIN LATERAL (
    SELECT * FROM index.tally WHERE time <= asked.moment ORDER BY time DESC, block DESC LIMIT 1
) AS t ON true
ORDER BY asked.place
"""  # noqa: S608  # the names are those of the table's columns


def first_time(connection: Connection) -> Timestamp | None:
    """Return when the first record was opened, if any was."""
    c = schema.tally.c
    return connection.scalar(select(c.time).order_by(c.time, c.block).limit(1))


# -- records --

#: Its columns are in the order of the fields of ``entries.Entry``.
_RECORD = """
SELECT r.number, r.account, r.joined_at,
       CASE WHEN r.left_at <= :moment THEN r.left_at END AS left_at,
       coalesce((SELECT s.standing FROM index.standing_change AS s
                 WHERE s.number = r.number AND s.time <= :moment
                 ORDER BY s.sequence DESC LIMIT 1), 1) AS standing,
       r.consent,
       CASE WHEN r.left_at <= :moment THEN r.cause ELSE 0 END AS cause,
       r.ticket, r.bylaws, r.consented_at, r.attestation, r.previous, r.moved_from, r.origin, r.block,
       (SELECT e.transaction FROM index.register_event AS e
        WHERE e.number = r.number AND e.kind IN (1, 4)
        ORDER BY e.sequence LIMIT 1) AS transaction
FROM index.record AS r
"""

_STANDING = """
coalesce((SELECT s.standing FROM index.standing_change AS s
          WHERE s.number = r.number AND s.time <= :moment ORDER BY s.sequence DESC LIMIT 1), 1)
"""

# Where few are wanted among many, only such are looked at, in the order of their numbers. OFFSET 0 keeps the
# planner, who cannot know how many it takes, from reading all of them at once.
_OF_FEW = """
SELECT told.* FROM ({few}) AS few
JOIN LATERAL ({record} WHERE r.number = few.number AND {conditions} OFFSET 0) AS told ON true
ORDER BY few.number LIMIT :count
"""

_OF_MANY = """
{record} WHERE r.number > :after AND r.number <= :last AND {conditions} ORDER BY r.number LIMIT :count
"""

_CLOSED = """
SELECT x.number FROM index.exit AS x
WHERE x.number > :after AND x.number <= :last AND x.time <= :moment
"""

#: Who was full at a moment was made full before it.
_ONCE_FULL = """
SELECT DISTINCT f.number FROM index.standing_change AS f
WHERE f.number > :after AND f.number <= :last AND f.time <= :moment AND f.standing = 2
"""


def records(
    connection: Connection,
    moment: Timestamp,
    wanted: Wanted,
    after: MemberNumber,
    last: MemberNumber,
    count: int,
) -> Rows:
    """Return records by number as they stood at a moment: some after ``after``, up to ``last``."""
    conditions = ["true"]
    if wanted.state is State.OPEN:
        conditions.append("(r.left_at IS NULL OR r.left_at > :moment)")
    elif wanted.state is State.CLOSED:
        conditions.append("r.left_at <= :moment")
    if not wanted.annulled and wanted.state is not State.OPEN:
        conditions.append("NOT (r.cause = 5 AND r.left_at <= :moment)")
    if not wanted.annulled and wanted.annulled_until is not None:
        conditions.append("NOT (r.cause = 5 AND r.left_block <= :known_block)")
    if wanted.consent is not None:
        conditions.append("r.consent = :consent")
    if wanted.standing is not None:
        conditions.append(f"{_STANDING} = :standing")
    few = _few(wanted)
    query = (_OF_FEW if few else _OF_MANY).format(
        few=few, record=_RECORD, conditions=" AND ".join(conditions)
    )
    values = {
        "moment": moment,
        "after": after,
        "last": last,
        "count": count,
        "known_block": wanted.annulled_until,
        "consent": wanted.consent,
        "standing": wanted.standing,
    }
    return connection.execute(text(query), values).all()


def _few(wanted: Wanted) -> str:
    """Return what finds the numbers of those that are wanted, and of few others; "" where many are."""
    if wanted.state is State.CLOSED:
        standing = "" if wanted.standing is None else " AND x.standing = :standing"
        consent = "" if wanted.consent is None else " AND x.consent = :consent"
        return _CLOSED + standing + consent
    return _ONCE_FULL if wanted.standing is Standing.FULL else ""


def records_after(
    connection: Connection, block: BlockNumber, after: MemberNumber, count: int
) -> Rows:
    """Return records by number as they stood after a block, without any bound but ``after``.

    Not as of a second: another block may follow within it. What was opened later is there, too.
    """
    values = {"block": block, "after": after, "count": count}
    return connection.execute(text(_RECORDS_AFTER), values).all()


_RECORDS_AFTER = """
SELECT r.number, r.account, r.joined_at, r.consent, r.block,
       CASE WHEN r.left_block <= :block THEN r.left_at END AS left_at,
       CASE WHEN r.left_block <= :block THEN r.cause ELSE 0 END AS cause,
       coalesce((SELECT s.standing FROM index.standing_change AS s
                 WHERE s.number = r.number AND s.block <= :block
                 ORDER BY s.sequence DESC LIMIT 1), 1) AS standing
FROM index.record AS r WHERE r.number > :after ORDER BY r.number LIMIT :count
"""


def records_of_account(connection: Connection, moment: Timestamp, account: Address) -> Rows:
    """Return an account's records that were opened by a moment, the newest first."""
    query = (
        f"{_RECORD} WHERE r.account = :account AND r.joined_at <= :moment ORDER BY r.number DESC"
    )
    return connection.execute(text(query), {"moment": moment, "account": packed(account)}).all()


def record(connection: Connection, moment: Timestamp, number: MemberNumber) -> Row[Any] | None:
    """Return a record, if it was opened by a moment."""
    query = f"{_RECORD} WHERE r.number = :number AND r.joined_at <= :moment"
    return connection.execute(text(query), {"moment": moment, "number": number}).first()


def exits(
    connection: Connection, after: int, until: int, moment: Timestamp, annulled: bool, count: int
) -> Rows:
    """Return closed records in the order of closing: exits by ordinal, after one, until one."""
    left_out = "" if annulled else "AND x.cause <> 5"
    query = f"""
SELECT x.ordinal, x.document, told.* FROM index.exit AS x
JOIN LATERAL ({_RECORD} WHERE r.number = x.number) AS told ON true
WHERE x.ordinal > :after AND x.ordinal <= :until {left_out} ORDER BY x.ordinal LIMIT :count
"""  # noqa: S608  # every part of it stands in this module
    values = {"after": after, "until": until, "moment": moment, "count": count}
    return connection.execute(text(query), values).all()


# -- what happened to a record --


def register_events(connection: Connection, number: MemberNumber, block: BlockNumber) -> Rows:
    """Return the register's events of a record up to a block, also the move that closed it."""
    return connection.execute(text(_EVENTS), {"number": number, "block": block}).all()


_EVENTS = """
SELECT e.kind, e.number, e.account, e.ticket, e.argument, e.time, e.head, e.block, e.log_index,
       e.transaction, b.hash AS block_hash, t.sender
FROM index.register_event AS e
JOIN index.block AS b ON b.number = e.block
JOIN index.transaction AS t ON t.hash = e.transaction
WHERE e.block <= :block AND e.kind <> 5
  AND (e.number = :number
       OR e.sequence = (SELECT x.sequence FROM index.exit AS x
                        WHERE x.number = :number AND x.cause = 4))
ORDER BY e.sequence
"""


def move_events(connection: Connection, number: MemberNumber, block: BlockNumber) -> Rows:
    """Return what happened to moves of a record that were under way, up to a block."""
    return connection.execute(text(_MOVES), {"number": number, "block": block}).all()


_MOVES = """
SELECT m.state, m.number, m.target, m.ready_at, b.time, m.block, m.log_index, m.transaction,
       b.hash AS block_hash, t.sender
FROM index.move_event AS m
JOIN index.block AS b ON b.number = m.block
JOIN index.transaction AS t ON t.hash = m.transaction
WHERE m.number = :number AND m.block <= :block
ORDER BY m.block, m.log_index
"""
