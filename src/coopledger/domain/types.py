"""Ids, money and time as types of their own, so that no bare ``int`` crosses a boundary.

Times on the chain are whole seconds since 1970 UTC (``Timestamp``); times that a person reads or writes
are aware ``datetime`` values, Jakarta's (WIB) unless said otherwise. Rupiah have no decimals anywhere.
"""

from datetime import UTC, datetime
from typing import NewType
from zoneinfo import ZoneInfo

from eth_typing import ChecksumAddress

Address = ChecksumAddress
"""A checksummed (EIP-55) account or contract address."""

NOBODY = Address("0x0000000000000000000000000000000000000000")  # type: ignore[arg-type]  # checksummed as it stands
"""The account that nobody has: what the chain answers where there is none."""

ChainId = NewType("ChainId", int)
BlockNumber = NewType("BlockNumber", int)
Timestamp = NewType("Timestamp", int)
"""Seconds since 1970-01-01 UTC."""

MemberNumber = NewType("MemberNumber", int)
"""A number in the register: from 1, never reused. 0 stands for "no member" on the chain."""
TicketId = NewType("TicketId", int)
ScreeningId = NewType("ScreeningId", int)
FilmId = NewType("FilmId", int)
TierIndex = NewType("TierIndex", int)
"""A tier's place within its screening, from 0."""
SeatNumber = NewType("SeatNumber", int)
"""A numbered seat from 1; 0 is free seating."""
BylawsVersion = NewType("BylawsVersion", int)
"""A recorded version of the by-laws, from 1; 0 stands for none."""

Rupiah = NewType("Rupiah", int)
Wei = NewType("Wei", int)
Gas = NewType("Gas", int)

OrderReference = NewType("OrderReference", bytes)
"""32 bytes: the keyed hash of a sold position (rule 7: never the order code itself)."""
Attestation = NewType("Attestation", bytes)
"""16 bytes: the keyed hash of the paper or form on which a consent was given."""
OperationId = NewType("OperationId", bytes)
"""32 bytes: under which the access manager keeps what was scheduled: caller, contract and call."""
Email = NewType("Email", str)
"""A normalised address: validated, NFC, casefolded (see ``domain.addresses``)."""

WIB = ZoneInfo("Asia/Jakarta")

NO_SEAT = SeatNumber(0)
NO_ATTESTATION = Attestation(bytes(16))


def to_timestamp(moment: datetime) -> Timestamp:
    """Return an aware datetime as whole seconds since 1970 UTC.

    Raises:
        ValueError: the datetime names no zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} names no time zone")
    return Timestamp(int(moment.timestamp()))


def to_datetime(moment: Timestamp, zone: ZoneInfo = WIB) -> datetime:
    """Return a timestamp as an aware datetime in ``zone`` (WIB by default)."""
    return datetime.fromtimestamp(moment, UTC).astimezone(zone)
