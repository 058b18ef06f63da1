"""The reader's side: a consistent look at the index, and how far it is.

A look is one snapshot of the database (REPEATABLE READ, read only). Everything that is asked within it is
as of the same cursor, however long it takes and whatever the worker writes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from coopledger.database.dsn import Dsn
from coopledger.database.engine import transaction
from coopledger.domain.types import Address, BlockNumber, ChainId, Timestamp
from coopledger.errors import NotFound, Unavailable
from coopledger.index import tables
from coopledger.index.following import store


class IndexNotBuilt(NotFound):
    """There is no index in the database, or nothing in it yet."""

    says = "there is no index of the chain in the database yet"
    advice = "Start 'coopledger worker'; it makes the index and follows the chain."


class IndexOfAnotherVersion(Unavailable):
    """The index was made by another version of this program, with other tables."""

    says = "the index in the database was made by another version"
    advice = (
        "Start this version's 'coopledger worker', or run 'coopledger index rebuild': both make the index"
        " anew from the chain. It answers once it has caught up."
    )


@dataclass(frozen=True)
class IndexStatus:
    """How far the index is, and how much is in it."""

    block: BlockNumber
    block_hash: bytes
    time: Timestamp
    final_block: BlockNumber
    """What is above may still be taken back."""
    register_events: int
    register_head: bytes
    records: int
    open_records: int
    tickets: int
    screenings: int


@contextmanager
def reading(engine: Engine, dsn: Dsn, chain_id: ChainId, ledger: Address) -> Iterator[Connection]:
    """Give a consistent look at the index of a ledger.

    Raises:
        IndexNotBuilt: there is none yet.
        IndexOfAnotherVersion: the one that is there has other tables.
        OtherOrigin: the one that is there is of another ledger or chain.
        DatabaseUnreachable: the database does not answer.
    """
    looking = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with transaction(looking, dsn) as connection:
        made_with = tables.found(connection)
        if made_with is None:
            raise IndexNotBuilt
        if made_with != tables.fingerprint():
            raise IndexOfAnotherVersion
        store.check_origin(connection, chain_id, ledger)
        yield connection


def version(connection: Connection) -> str | None:
    """Return what every change of the index changes, and no other is like; None where there is none to read.

    Whatever is written moves the cursor in the same transaction, whose number its row carries.
    """
    try:
        row = connection.execute(_VERSION).first()
    except ProgrammingError:  # no tables, or another version's
        return None
    return None if row is None else ":".join(map(str, row))


_VERSION = text("SELECT cursor.xmin, chain_id, ledger FROM index.cursor, index.origin")


def read_status(connection: Connection) -> IndexStatus:
    """Return how far the index is. No figure is counted: each is one row that is looked up.

    Raises:
        IndexNotBuilt: nothing is in it yet.
    """
    cursor = store.read_cursor(connection)
    if cursor is None:
        raise IndexNotBuilt
    known = store.load_known(connection)
    return IndexStatus(
        block=cursor.block.number,
        block_hash=cursor.block.hash,
        time=cursor.block.time,
        final_block=cursor.final_block,
        register_events=known.sequence,
        register_head=known.head,
        records=known.totals.opened,
        open_records=known.totals.opened - known.totals.closed,
        tickets=known.tickets,
        screenings=known.screenings,
    )
