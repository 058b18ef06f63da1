"""What the queries hand over, as plain values: entries of the register, counts, tickets.

An entry keeps its account as the 20 bytes that the table holds. Its checksum costs more than reading the
row, and an export of a million does not need it.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from eth_utils.address import to_checksum_address

from coopledger.domain.register import Cause, Consent, Link, Record, Standing
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import (
    Address,
    Attestation,
    BlockNumber,
    BylawsVersion,
    MemberNumber,
    OrderReference,
    Rupiah,
    TicketId,
    Timestamp,
)


@dataclass(frozen=True)
class Entry:
    """An entry of the register as it stood at a moment, with what the auditor needs beside it."""

    number: MemberNumber
    account_bytes: bytes
    joined_at: Timestamp
    left_at: Timestamp | None
    standing: Standing
    consent: Consent
    cause: Cause
    card: TicketId
    """The ticket that it was opened with."""
    bylaws: BylawsVersion
    consented_at: Timestamp
    attestation: Attestation | None
    previous: MemberNumber | None
    moved_from: MemberNumber | None
    origin: MemberNumber
    block: BlockNumber
    transaction: bytes
    """Of the admission."""

    @cached_property
    def account(self) -> Address:
        """The account, with its checksum."""
        return to_checksum_address(self.account_bytes)

    @property
    def record(self) -> Record:
        """What the ledger's own views say of it."""
        return Record(
            self.number,
            self.account,
            self.joined_at,
            self.left_at,
            self.standing,
            self.consent,
            self.cause,
        )

    @property
    def link(self) -> Link:
        """How it hangs together with others."""
        return Link(self.previous, self.moved_from, self.origin)


@dataclass(frozen=True)
class Exit:
    """A record that was closed, and the keyed hash of the paper behind it, if one was named."""

    ordinal: int
    entry: Entry
    document: Attestation | None


@dataclass(frozen=True)
class RegisterCounts:
    """How many there were at a moment. Open ones are counted by standing and by consent."""

    records: int
    open: int
    associate: int
    full: int
    signed: int
    purchased: int
    attested: int
    closed: int
    """Moved and annulled ones included."""
    moved: int
    annulled: int


@dataclass(frozen=True)
class Changes:
    """What changed after one moment up to another: opening + joins - exits = closing."""

    since: Timestamp
    until: Timestamp
    opening: int
    joined: int
    """New memberships."""
    moved_in: int
    """Records opened because a membership moved to another account."""
    left: int
    expelled: int
    deceased: int
    annulled: int
    moved_out: int
    closing: int

    @property
    def joins(self) -> int:
        """All records that were opened."""
        return self.joined + self.moved_in

    @property
    def exits(self) -> int:
        """All records that were closed."""
        return self.left + self.expelled + self.deceased + self.annulled + self.moved_out

    @property
    def balanced(self) -> bool:
        """Whether the sum is right."""
        return self.opening + self.joins - self.exits == self.closing


@dataclass(frozen=True)
class Day:
    """How the register grew on one day of the cooperative's zone."""

    day: date
    joins: int
    exits: int
    open: int
    """At its end, or at the moment that was asked for."""


@dataclass(frozen=True)
class TicketEntry:
    """A ticket as it stood at a moment, and how it was issued."""

    ticket: Ticket
    ends_at: Timestamp
    """Of its screening, as it was announced then."""
    issued_to: Address
    issued_at: Timestamp
    reference: OrderReference | None
    """The keyed order reference, where it was sold outside the chain."""
    price: Rupiah | None
    """What was paid on the chain, in the currency's smallest unit."""
    block: BlockNumber
    transaction: bytes
