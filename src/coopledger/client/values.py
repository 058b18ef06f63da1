"""What the library answers with: frozen values. Times are UTC, accounts carry their checksum."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from eth_utils.address import to_checksum_address
from hexbytes import HexBytes

from coopledger.domain.register import Cause, Consent, Standing
from coopledger.domain.roles import Role
from coopledger.domain.types import (
    Address,
    BylawsVersion,
    MemberNumber,
    ScreeningId,
    SeatNumber,
    TicketId,
    TierIndex,
)


@dataclass(frozen=True)
class Block:
    """A block of the chain. ``time`` is UTC, in whole seconds."""

    number: int
    hash: HexBytes
    time: datetime


@dataclass(frozen=True)
class Member:
    """A record of the register; ``left_at`` is None while it is open."""

    number: MemberNumber
    account: Address
    joined_at: datetime
    left_at: datetime | None
    standing: Standing
    consent: Consent
    cause: Cause


@dataclass(frozen=True)
class Ticket:
    """A ticket. ``seat`` 0 is free seating, ``member`` the record that it carries, if it is a card."""

    ticket_id: TicketId
    owner: Address
    screening: ScreeningId
    seat: SeatNumber
    tier: TierIndex
    member: MemberNumber | None
    redeemed: bool
    void: bool
    non_transferable: bool
    paid_on_chain: bool


@dataclass(frozen=True)
class Tier:
    """A price class. ``price`` and ``deposit`` are in the currency's smallest unit."""

    index: TierIndex
    name: str
    price: int
    deposit: int


@dataclass(frozen=True)
class Bylaws:
    """A version of the by-laws; the newest is in force. ``hash``: Keccak-256 of their text."""

    version: BylawsVersion
    hash: HexBytes


@dataclass(frozen=True)
class RoleHolder:
    """An account that holds a role. ``delay``: how long each of its calls must wait."""

    role: Role
    account: Address
    delay: timedelta


@dataclass(frozen=True)
class Head:
    """The head of the register's hash chain, and how many events it covers."""

    hash: HexBytes
    events: int


def member_of(number: int, word: int) -> Member:
    """Take a record's word apart."""
    account, joined_at, left_at, standing, consent, cause = _fields(word, 160, 40, 40, 8, 4, 4)
    return Member(
        MemberNumber(number),
        _account(account),
        _time(joined_at),
        _time(left_at) if left_at else None,
        Standing(standing),
        Consent(consent),
        Cause(cause),
    )


def ticket_of(ticket_id: int, word: int) -> Ticket:
    """Take a ticket's word apart."""
    owner, screening, seat, member, tier, *flags = _fields(word, 160, 32, 16, 32, 8, 1, 1, 1, 1)
    redeemed, void, non_transferable, paid_on_chain = map(bool, flags)
    return Ticket(
        TicketId(ticket_id),
        _account(owner),
        ScreeningId(screening),
        SeatNumber(seat),
        TierIndex(tier),
        MemberNumber(member) if member else None,
        redeemed,
        void,
        non_transferable,
        paid_on_chain,
    )


def _fields(word: int, *widths: int) -> Iterator[int]:
    """Yield a word's fields from its lowest bit on (docs/clients.md)."""
    for width in widths:
        yield word % (1 << width)
        word >>= width


def _account(number: int) -> Address:
    return to_checksum_address(number.to_bytes(20))


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
