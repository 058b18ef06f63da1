"""The index's rows of events, as the domain's events again.

The index keeps the word that the ledger hashed (``argument``), and nothing else of an event's details.
Unpacked, it gives each detail back; so what is shown is what the hash chain covers.
"""

from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address
from sqlalchemy import Row

from coopledger.domain.events import (
    Joined,
    Left,
    MoveCancelled,
    MoveContested,
    Moved,
    MoveProposed,
    MoveVetoed,
    Place,
    RecordEvent,
    StandingSet,
)
from coopledger.domain.moves import MoveKind, MoveState
from coopledger.domain.register import Cause, Consent, RegisterKind, Standing
from coopledger.domain.types import (
    Address,
    Attestation,
    BylawsVersion,
    MemberNumber,
    TicketId,
    Timestamp,
)
from coopledger.domain.words import bits
from coopledger.index.kinds import TicketEventKind


@dataclass(frozen=True)
class TicketHappening:
    """Something that happened to a ticket. ``kind`` None: it was issued to ``account``."""

    place: Place
    ticket: TicketId
    kind: TicketEventKind | None
    account: Address | None
    former: Address | None
    document: Attestation | None
    amount: int | None
    """What was paid for it, or paid out, in the currency's smallest unit."""


@dataclass(frozen=True)
class Happening:
    """An event of a member's history: what, when, and who sent the transaction."""

    event: RecordEvent | TicketHappening
    moment: Timestamp
    sender: Address

    @property
    def order(self) -> tuple[int, int, int]:
        """What sorts a history. The ids of one event stand in their order."""
        ticket = self.event.ticket if isinstance(self.event, TicketHappening) else 0
        return (*self.event.place.order, ticket)


def register_happening(row: Row[Any]) -> Happening:
    """Return what a row of ``register_event`` says of a record."""
    place, number, account = _place(row), row.number, _address(row.account)
    word = int.from_bytes(row.argument)
    paper = Attestation(bits(word, 128, 128).to_bytes(16))
    tail = (row.time, row.head)
    event: RecordEvent
    match RegisterKind(row.kind):
        case RegisterKind.JOINED:
            event = Joined(
                *(place, number, account, row.ticket, Consent(bits(word, 0, 8))),
                BylawsVersion(bits(word, 8, 32)),
                Timestamp(bits(word, 40, 40)),
                MemberNumber(bits(word, 80, 32)) or None,
                paper,
                *tail,
            )
        case RegisterKind.LEFT:
            cause = Cause(bits(word, 0, 8))
            event = Left(place, number, account, row.ticket, cause, paper, *tail)
        case RegisterKind.STANDING_SET:
            event = StandingSet(place, number, account, Standing(bits(word, 0, 8)), paper, *tail)
        case _:
            old, kind = MemberNumber(bits(word, 0, 32)), MoveKind(bits(word, 32, 8))
            event = Moved(place, number, account, old, row.ticket, kind, *tail)
    return Happening(event, row.time, _address(row.sender))


def move_happening(row: Row[Any]) -> Happening:
    """Return what a row of ``move_event`` says."""
    place, number = _place(row), row.number
    event: RecordEvent
    match MoveState(row.state):
        case MoveState.PROPOSED:
            event = MoveProposed(place, number, _address(row.target), row.ready_at)
        case MoveState.CONTESTED:
            event = MoveContested(place, number, _address(row.target), row.ready_at)
        case MoveState.VETOED:
            event = MoveVetoed(place, number)
        case _:
            event = MoveCancelled(place, number)
    return Happening(event, row.time, _address(row.sender))


def ticket_happening(row: Row[Any]) -> Happening:
    """Return what a row of ``ticket_event`` says, or that a ticket was issued."""
    event = TicketHappening(
        _place(row),
        TicketId(row.ticket),
        TicketEventKind(row.kind) if row.kind else None,
        None if row.account is None else _address(row.account),
        None if row.former is None else _address(row.former),
        None if row.document is None else Attestation(row.document),
        None if row.amount is None else int(row.amount),
    )
    return Happening(event, row.time, _address(row.sender))


def _place(row: Row[Any]) -> Place:
    return Place(row.block, row.block_hash, row.transaction, row.log_index)


def _address(account: bytes) -> Address:
    return to_checksum_address(account)
