"""What happened on the chain, as plain values: one class for each event that the contracts emit.

The five kinds under the register's hash chain each give back, to the bit, what the ledger hashed
(``register_event``), so that whoever holds the events can prove them complete.
"""

from typing import TypeAlias

from coopledger.domain.moves import MoveKind
from coopledger.domain.register import (
    Cause,
    Consent,
    RegisterEvent,
    RegisterKind,
    Standing,
    joined_argument,
    left_argument,
    moved_argument,
    standing_argument,
)
from coopledger.domain.tickets import GateRefusal
from coopledger.domain.types import (
    Address,
    Attestation,
    BlockNumber,
    BylawsVersion,
    FilmId,
    MemberNumber,
    OrderReference,
    Rupiah,
    ScreeningId,
    TicketId,
    TierIndex,
    Timestamp,
)
from coopledger.domain.values import value


@value
class Place:
    """Where on the chain an event stands. Events of one chain are ordered by block and log index."""

    block: BlockNumber
    block_hash: bytes
    transaction: bytes
    log_index: int

    @property
    def order(self) -> tuple[BlockNumber, int]:
        """What sorts events."""
        return self.block, self.log_index


# -- the register, under the hash chain --


@value
class Joined:
    """An account joined."""

    place: Place
    number: MemberNumber
    account: Address
    ticket_id: TicketId
    consent: Consent
    bylaws: BylawsVersion
    consented_at: Timestamp
    previous: MemberNumber | None
    attestation: Attestation
    timestamp: Timestamp
    head: bytes

    def register_event(self) -> RegisterEvent:
        """Return what the hash chain covers of it."""
        argument = joined_argument(
            self.consent, self.bylaws, self.consented_at, self.previous, self.attestation
        )
        return RegisterEvent(
            RegisterKind.JOINED,
            self.number,
            self.account,
            self.ticket_id,
            argument,
            self.timestamp,
        )


@value
class Left:
    """A record was closed."""

    place: Place
    number: MemberNumber
    account: Address
    ticket_id: TicketId
    cause: Cause
    document: Attestation
    timestamp: Timestamp
    head: bytes

    def register_event(self) -> RegisterEvent:
        """Return what the hash chain covers of it."""
        argument = left_argument(self.cause, self.document)
        return RegisterEvent(
            RegisterKind.LEFT, self.number, self.account, self.ticket_id, argument, self.timestamp
        )


@value
class StandingSet:
    """The registrar set a standing."""

    place: Place
    number: MemberNumber
    account: Address
    standing: Standing
    document: Attestation
    timestamp: Timestamp
    head: bytes

    def register_event(self) -> RegisterEvent:
        """Return what the hash chain covers of it."""
        argument = standing_argument(self.standing, self.document)
        return RegisterEvent(
            RegisterKind.STANDING_SET, self.number, self.account, None, argument, self.timestamp
        )


@value
class Moved:
    """A membership moved: record ``old_number`` closed as moved, record ``number`` opened."""

    place: Place
    number: MemberNumber
    account: Address
    old_number: MemberNumber
    ticket_id: TicketId
    kind: MoveKind
    timestamp: Timestamp
    head: bytes

    def register_event(self) -> RegisterEvent:
        """Return what the hash chain covers of it."""
        argument = moved_argument(self.old_number, self.kind)
        return RegisterEvent(
            RegisterKind.MOVED, self.number, self.account, self.ticket_id, argument, self.timestamp
        )


@value
class BylawsSet:
    """The board recorded a version of the by-laws."""

    place: Place
    version: BylawsVersion
    hash: bytes
    timestamp: Timestamp
    head: bytes

    def register_event(self) -> RegisterEvent:
        """Return what the hash chain covers of it."""
        argument = int.from_bytes(self.hash)
        return RegisterEvent(
            RegisterKind.BYLAWS_SET, self.version, None, None, argument, self.timestamp
        )


RegisterChange: TypeAlias = Joined | Left | StandingSet | Moved | BylawsSet


# -- tickets and screenings --


@value
class TicketTransferred:
    """A ticket was issued (``sender`` is None), given, sold on, or moved."""

    place: Place
    sender: Address | None
    to: Address
    ticket_id: TicketId


@value
class ScreeningOpened:
    """A screening was opened; ``issuer`` alone issues and voids its tickets."""

    place: Place
    screening: ScreeningId
    issuer: Address
    starts_at: Timestamp
    ends_at: Timestamp


@value
class ScreeningPostponed:
    """A screening was put off."""

    place: Place
    screening: ScreeningId
    starts_at: Timestamp
    ends_at: Timestamp


@value
class Redeemed:
    """The gate let in the bearers of these tickets."""

    place: Place
    screening: ScreeningId
    ticket_ids: tuple[TicketId, ...]


@value
class RedeemRefused:
    """The gate tried a ticket that could not be redeemed."""

    place: Place
    screening: ScreeningId
    ticket_id: TicketId
    reason: GateRefusal


@value
class Unredeemed:
    """The box office took a redemption back."""

    place: Place
    screening: ScreeningId
    ticket_id: TicketId


@value
class Voided:
    """The issuer voided these tickets."""

    place: Place
    screening: ScreeningId
    ticket_ids: tuple[TicketId, ...]


# -- moves under way --


@value
class MoveProposed:
    """A move was proposed."""

    place: Place
    number: MemberNumber
    to: Address
    ready_at: Timestamp


@value
class MoveContested:
    """The board opened a contested move; the old account is frozen."""

    place: Place
    number: MemberNumber
    to: Address
    ready_at: Timestamp


@value
class MoveVetoed:
    """The old key said no."""

    place: Place
    number: MemberNumber


@value
class MoveCancelled:
    """A move was stopped, or had nothing left to move."""

    place: Place
    number: MemberNumber


# -- the box office --


@value
class FilmAdded:
    """A film was added to a box office's programme."""

    place: Place
    office: Address
    film: FilmId
    title: str
    year: int
    minutes_long: int


@value
class ScreeningAdded:
    """A box office announced a screening."""

    place: Place
    office: Address
    screening: ScreeningId
    film: FilmId
    venue: str


@value
class TierSet:
    """A price class was set."""

    place: Place
    office: Address
    screening: ScreeningId
    tier: TierIndex
    price: Rupiah
    deposit: Rupiah
    name: str


@value
class ScreeningCancelled:
    """A screening was cancelled."""

    place: Place
    office: Address
    screening: ScreeningId


@value
class RefundsUntil:
    """A screening was put off by its box office: its tickets are refundable until then."""

    place: Place
    office: Address
    screening: ScreeningId
    refundable_until: Timestamp


@value
class Purchased:
    """A ticket was bought on the chain."""

    place: Place
    office: Address
    screening: ScreeningId
    buyer: Address
    holder: Address
    ticket_id: TicketId
    price: Rupiah


@value
class Sold:
    """Tickets ``first`` and following were sold outside the chain, one a reference."""

    place: Place
    office: Address
    screening: ScreeningId
    sequence: int
    first: TicketId
    attestation: Attestation
    references: tuple[OrderReference, ...]


@value
class VoidedWithReason:
    """Tickets that were sold outside were voided; ``document`` names why."""

    place: Place
    office: Address
    screening: ScreeningId
    document: Attestation
    ticket_ids: tuple[TicketId, ...]


@value
class Refunded:
    """A ticket came back and its holder got the amount."""

    place: Place
    office: Address
    screening: ScreeningId
    ticket_id: TicketId
    holder: Address
    amount: Rupiah


@value
class Withdrawn:
    """The treasurer paid a screening's takings out."""

    place: Place
    office: Address
    screening: ScreeningId
    to: Address
    amount: Rupiah


@value
class DepositReturned:
    """A principal deposit went back: on the chain, or outside of it."""

    place: Place
    office: Address
    number: MemberNumber
    ticket_id: TicketId
    to: Address
    amount: Rupiah
    on_chain: bool
    document: Attestation


RecordEvent: TypeAlias = (
    Joined | Left | StandingSet | Moved | MoveProposed | MoveContested | MoveVetoed | MoveCancelled
)
"""What can happen to a record. Each names its place on the chain."""
LedgerEvent: TypeAlias = (
    RegisterChange
    | TicketTransferred
    | ScreeningOpened
    | ScreeningPostponed
    | Redeemed
    | RedeemRefused
    | Unredeemed
    | Voided
    | MoveProposed
    | MoveContested
    | MoveVetoed
    | MoveCancelled
)
OfficeEvent: TypeAlias = (
    FilmAdded
    | ScreeningAdded
    | TierSet
    | ScreeningCancelled
    | RefundsUntil
    | Purchased
    | Sold
    | VoidedWithReason
    | Refunded
    | Withdrawn
    | DepositReturned
)
ChainEvent: TypeAlias = LedgerEvent | OfficeEvent
