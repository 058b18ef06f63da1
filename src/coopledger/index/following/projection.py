"""A batch on its way into rows: what it has made so far, and what of it follows on what.

An event that does not follow on what is known (a head that is not the next one, a number that leaves a
gap) stops everything. A node that leaves out logs must not go unnoticed, and nothing after a gap can be
trusted.
"""

from dataclasses import dataclass, field
from typing import Any, NoReturn

from sqlalchemy import Table

from coopledger.domain.events import Moved, Place, RegisterChange
from coopledger.domain.register import next_head
from coopledger.domain.types import (
    NO_ATTESTATION,
    Address,
    Attestation,
    BlockNumber,
    MemberNumber,
    OrderReference,
    Rupiah,
    ScreeningId,
    TicketId,
)
from coopledger.errors import Untrusted
from coopledger.index import schema
from coopledger.index.following.batch import BlockBatch
from coopledger.index.following.known import KnownState, Member

Row = tuple[Any, ...]


class LogsIncomplete(Untrusted):
    """The node's logs do not follow on each other: one is missing, altered, or out of its order."""

    block: BlockNumber
    """In which it showed."""
    since: BlockNumber
    """Up to which everything was right."""
    what: str

    says = (
        "the node's logs are incomplete or altered from block {since} on: in block {block} {what}"
    )
    advice = (
        "Nothing of it was written. Point COOPLEDGER_RPC_URL to another node and start the worker"
        " again; it goes on where it stopped."
    )


@dataclass
class Rows:
    """The rows that a batch adds, and which state rows its events touch."""

    added: dict[Table, list[Row]] = field(default_factory=dict)
    records: set[MemberNumber] = field(default_factory=set)
    tickets: set[TicketId] = field(default_factory=set)
    screenings: set[ScreeningId] = field(default_factory=set)

    def add(self, table: Table, *values: object) -> None:
        """Add a row: a value for each column of the table."""
        self.added.setdefault(table, []).append(values)


@dataclass(slots=True)
class NewTicket:
    """A ticket that was issued in the batch."""

    issued_to: bytes
    place: Place
    member: MemberNumber | None
    reference: OrderReference | None = None
    buyer: bytes | None = None
    price: Rupiah | None = None


@dataclass
class Projection:
    """A batch on its way into rows."""

    batch: BlockBatch
    known: KnownState
    rows: Rows = field(default_factory=Rows)
    good_until: BlockNumber = field(init=False)
    """The last block of which everything followed on what was before."""
    cards: dict[TicketId, MemberNumber] = field(default_factory=dict)
    """Tickets by which somebody joined in this batch, and that are not issued yet."""
    issued: dict[TicketId, NewTicket] = field(default_factory=dict)
    totals: dict[BlockNumber, tuple[int, ...]] = field(default_factory=dict)
    """The running totals after each block."""
    move: Moved | None = None
    """The last finished move: the transfers of its transaction belong to it."""

    def __post_init__(self) -> None:
        self.good_until = BlockNumber(self.batch.first - 1)

    def follows(self, event: RegisterChange) -> None:
        """Take an event as the next of the register's hash chain.

        Raises:
            LogsIncomplete: it is not.
        """
        covered = event.register_event()
        head = next_head(self.known.head, covered)
        if head != event.head:
            count = self.known.sequence
            self.refuse(event.place.block, f"the register's hash chain breaks after event {count}")
        self.known.head = head
        self.known.sequence += 1
        self.good_until = event.place.block
        place = event.place
        self.rows.add(
            schema.register_event,
            self.known.sequence,
            covered.kind,
            covered.number,
            None if covered.account is None else packed(covered.account),
            covered.ticket_id,
            covered.argument.to_bytes(32),
            covered.timestamp,
            head,
            place.block,
            place.log_index,
            place.transaction,
        )

    def member(self, number: MemberNumber, block: BlockNumber) -> Member:
        """Return what is known of a record.

        Raises:
            LogsIncomplete: it was never opened.
        """
        member = self.known.members.get(number)
        if member is None:
            self.refuse(block, f"record {number} is named, which was never opened")
        return member

    def count(self, block: BlockNumber) -> None:
        """Note the totals as they are now as those after a block."""
        self.totals[block] = self.known.totals.row()

    def refuse(self, block: BlockNumber, what: str) -> NoReturn:
        """Stop at something that cannot be.

        Raises:
            LogsIncomplete: always.
        """
        raise LogsIncomplete(block, self.good_until, what)


def packed(address: Address) -> bytes:
    """Return an account as its 20 bytes."""
    return bytes.fromhex(address[2:])


def named(document: Attestation) -> bytes | None:
    """Return the keyed hash of a paper, or None where none was named."""
    return None if document == NO_ATTESTATION else document


def readable(text: str) -> str:
    """Return a text as PostgreSQL takes it: without the one character that it refuses."""
    return text.replace("\0", "\ufffd")
