"""Where the ledger keeps the register, for storage proofs (``docs/storage-layout.md``)."""

from dataclasses import dataclass
from typing import Final

from eth_utils.crypto import keccak

from coopledger.domain.types import MemberNumber
from coopledger.domain.words import bits

_NAMESPACE = int.from_bytes(keccak(text="coopledger.register")) - 1
REGISTER_SLOT: Final = int.from_bytes(keccak(_NAMESPACE.to_bytes(32))) & ~0xFF
"""Namespaced by ERC-7201."""

HEAD_SLOT: Final = REGISTER_SLOT
COUNTERS_SLOT: Final = REGISTER_SLOT + 1
_RECORDS: Final = REGISTER_SLOT + 2


@dataclass(frozen=True)
class Counters:
    """What the ledger counts, from one slot."""

    tickets: int
    screenings: int
    members: int
    active: int
    bylaws: int
    events: int


def record_slot(number: MemberNumber) -> int:
    """Return the slot that holds a record's word."""
    return int.from_bytes(keccak(number.to_bytes(32) + _RECORDS.to_bytes(32)))


def unpack_counters(word: int) -> Counters:
    """Read the counters' word: tickets 64, screenings 32, members 32, active 32, by-laws 32, events 64."""
    return Counters(
        bits(word, 0, 64),
        bits(word, 64, 32),
        bits(word, 96, 32),
        bits(word, 128, 32),
        bits(word, 160, 32),
        bits(word, 192, 64),
    )
