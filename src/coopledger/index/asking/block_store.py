"""All SQL about the blocks that the index remembers: those that hold events, and the newest ones."""

from collections.abc import Collection

from sqlalchemy import Connection, func, select, text, true

from coopledger.domain.moments import BlockMark
from coopledger.domain.types import BlockNumber, Timestamp
from coopledger.index import schema


def reach(connection: Connection) -> tuple[BlockMark, BlockNumber, BlockMark | None] | None:
    """Return the index's newest block, its last final one, and the last remembered of the final ones.

    None where it has not begun.
    """
    c, b = schema.cursor.c, schema.block.c
    until = select(b.number, b.hash, b.time).where(b.number <= c.final_block)
    final = until.order_by(b.number.desc()).limit(1).lateral()
    query = select(c.block, c.hash, c.time, c.final_block, final).select_from(
        schema.cursor.outerjoin(final, true())
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return BlockMark(*row[:3]), row[3], None if row[4] is None else BlockMark(*row[4:])


def among(connection: Connection, numbers: Collection[BlockNumber]) -> list[BlockMark]:
    """Return which of some blocks are remembered."""
    c = schema.block.c
    query = select(c.number, c.hash, c.time).where(c.number == func.any(sorted(numbers)))
    return [BlockMark(*row) for row in connection.execute(query)]


def first_from(connection: Connection, number: BlockNumber, count: int) -> list[BlockMark]:
    """Return the first remembered blocks from one on."""
    c = schema.block.c
    query = select(c.number, c.hash, c.time).where(c.number >= number)
    rows = connection.execute(query.order_by(c.number).limit(count))
    return [BlockMark(*row) for row in rows]


def around(connection: Connection, moment: Timestamp) -> list[BlockMark]:
    """Return the last remembered block that is not later than a moment, and the next one remembered."""
    return [BlockMark(*row) for row in connection.execute(text(_AROUND), {"moment": moment})]


_AROUND = """
SELECT number, hash, time FROM index.block
WHERE number >= (SELECT number FROM index.block WHERE time <= :moment
                 ORDER BY time DESC, number DESC LIMIT 1)
ORDER BY number LIMIT 2
"""
