"""All SQL that answers questions about tickets, the block given.

A ticket's owner, whether it was used and whether it is void are read from its events up to the block,
never from the columns of ``ticket``, which are as of the cursor.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, exists, select, text

from coopledger.domain.types import Address, BlockNumber, ScreeningId, TicketId, Timestamp
from coopledger.index import schema
from coopledger.index.following.projection import packed

Rows = Sequence[Row[Any]]

_TICKET = """
SELECT t.id, t.screening, t.seat, t.tier, t.non_transferable, t.paid_on_chain, t.issued_to,
       t.issued_at, t.reference, t.buyer, t.price, t.block, t.log_index, t.transaction,
       coalesce((SELECT e.account FROM index.ticket_event AS e
                 WHERE e.ticket = t.id AND e.kind IN (1, 2) AND e.block <= :block
                 ORDER BY e.block DESC, e.log_index DESC LIMIT 1), t.issued_to) AS owner,
       coalesce((SELECT e.kind = 3 FROM index.ticket_event AS e
                 WHERE e.ticket = t.id AND e.kind IN (3, 4) AND e.block <= :block
                 ORDER BY e.block DESC, e.log_index DESC LIMIT 1), false) AS redeemed,
       EXISTS (SELECT FROM index.ticket_event AS e
               WHERE e.ticket = t.id AND e.kind = 5 AND e.block <= :block) AS void,
       (SELECT CASE WHEN r.cause = 5 AND r.left_at <= :moment THEN NULL ELSE r.number END
        FROM index.record AS r WHERE r.ticket = t.id AND r.joined_at <= :moment
        ORDER BY r.number DESC LIMIT 1) AS member,
       (SELECT e.ends_at FROM index.screening_event AS e
        WHERE e.screening = t.screening AND e.kind IN (1, 2) AND e.block <= :block
        ORDER BY e.block DESC, e.log_index DESC LIMIT 1) AS ends_at
FROM index.ticket AS t
"""

_IN_ORDER = " AND t.id > :after AND t.block <= :block ORDER BY t.id LIMIT :count"

#: Tickets that an account had at some time, and had at the moment.
_OF_ACCOUNT = f"""
SELECT * FROM (
    {_TICKET}
    WHERE t.id IN (
        SELECT i.id FROM index.ticket AS i WHERE i.issued_to = :account AND i.id > :after
        UNION
        SELECT e.ticket FROM index.ticket_event AS e
        WHERE e.account = :account AND e.kind IN (1, 2) AND e.ticket > :after)
    AND t.block <= :block
) AS told
WHERE told.owner = :account ORDER BY told.id LIMIT :count
"""  # noqa: S608  # every part of it stands in this module


def was_opened(connection: Connection, screening: ScreeningId, block: BlockNumber) -> bool:
    """Say whether a screening had been opened by a block."""
    c = schema.screening.c
    there = exists().where(c.id == screening, c.block <= block)
    return bool(connection.scalar(select(there)))


def tickets(
    connection: Connection, moment: Timestamp, block: BlockNumber, after: TicketId, count: int
) -> Rows:
    """Return tickets by id as they stood after a block."""
    return _rows(connection, f"{_TICKET} WHERE true {_IN_ORDER}", moment, block, after, count)


def tickets_of_account(
    connection: Connection,
    moment: Timestamp,
    block: BlockNumber,
    account: Address,
    after: TicketId,
    count: int,
) -> Rows:
    """Return the tickets that an account had after a block, by id."""
    held = {"account": packed(account)}
    return _rows(connection, _OF_ACCOUNT, moment, block, after, count, **held)


def tickets_of_screening(
    connection: Connection,
    moment: Timestamp,
    block: BlockNumber,
    screening: ScreeningId,
    after: TicketId,
    count: int,
) -> Rows:
    """Return a screening's tickets as they stood after a block, by id."""
    query = f"{_TICKET} WHERE t.screening = :screening {_IN_ORDER}"
    return _rows(connection, query, moment, block, after, count, screening=screening)


def ticket_events(
    connection: Connection, account: Address, since: Timestamp, until: Timestamp, block: BlockNumber
) -> Rows:
    """Return what happened to an account's tickets between two moments, up to a block."""
    values = {"account": packed(account), "since": since, "until": until, "block": block}
    return connection.execute(text(_EVENTS), values).all()


#: Kind 0 is the issue itself, which is a row of ``ticket``.
_EVENTS = """
SELECT told.*, b.time, b.hash AS block_hash, x.sender FROM (
    SELECT 0 AS kind, t.id AS ticket, t.issued_to AS account, NULL::bytea AS former,
           NULL::bytea AS document, t.price AS amount, t.block, t.log_index, t.transaction
    FROM index.ticket AS t WHERE t.issued_to = :account
    UNION ALL
    SELECT e.kind, e.ticket, e.account, e.former, e.document, e.amount, e.block, e.log_index,
           e.transaction
    FROM index.ticket_event AS e
    WHERE e.ticket IN (SELECT i.id FROM index.ticket AS i WHERE i.issued_to = :account
                       UNION SELECT g.ticket FROM index.ticket_event AS g WHERE g.account = :account)
) AS told
JOIN index.block AS b ON b.number = told.block
JOIN index.transaction AS x ON x.hash = told.transaction
WHERE b.time >= :since AND b.time <= :until AND told.block <= :block
ORDER BY told.block, told.log_index, told.ticket
"""


def _rows(
    connection: Connection,
    query: str,
    moment: Timestamp,
    block: BlockNumber,
    after: TicketId,
    count: int,
    **values: Any,
) -> Rows:
    common = {"moment": moment, "block": block, "after": after, "count": count}
    return connection.execute(text(query), common | values).all()
