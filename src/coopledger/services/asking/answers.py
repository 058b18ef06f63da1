"""What the open API's questions are answered with, whoever answers them."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from coopledger.domain.tickets import Ticket
from coopledger.domain.types import Address, BlockNumber, BylawsVersion, ChainId, Timestamp
from coopledger.services.authority.powers import RoleHolder

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some of a list, in order. ``next`` is the number that the next page starts with, if any."""

    items: tuple[Item, ...]
    next: int | None


@dataclass(frozen=True)
class Addresses:
    """Where the cooperative's contracts are. ``currency`` is zero for the native coin."""

    ledger: Address
    box_office: Address
    former_box_offices: tuple[Address, ...]
    lens: Address
    access_manager: Address
    currency: Address


@dataclass(frozen=True)
class Counts:
    """How many there are of everything. ``members`` counts all records, closed ones too."""

    members: int
    members_open: int
    tickets: int
    screenings: int
    films: int
    register_events: int


@dataclass(frozen=True)
class CooperativeFacts:
    """What there is to say of the cooperative as a whole."""

    chain_id: ChainId
    first_block: BlockNumber
    addresses: Addresses
    counts: Counts
    bylaws_version: BylawsVersion
    bylaws_hash: bytes | None
    """None as long as no by-laws were recorded."""
    register_head: bytes
    roles: tuple[RoleHolder, ...]


@dataclass(frozen=True)
class TicketSeen:
    """A ticket with its screening's end, which decides what of it is shown."""

    ticket: Ticket
    ends_at: Timestamp
