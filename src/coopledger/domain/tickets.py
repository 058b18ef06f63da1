"""Tickets, and why the gate may turn one away."""

from dataclasses import dataclass
from enum import IntEnum

from coopledger.domain.types import (
    Address,
    MemberNumber,
    ScreeningId,
    SeatNumber,
    TicketId,
    TierIndex,
)

LONGEST_TICKET_ID = 9
"""Digits; no ledger has a billion tickets. A longer number is some seller's code."""


class GateRefusal(IntEnum):
    """Why the gate could not redeem a ticket."""

    NONE = 0
    NOT_OF_THIS_SCREENING = 1
    VOID = 2
    ALREADY_REDEEMED = 3


@dataclass(frozen=True, slots=True)
class TicketTerms:
    """What is fixed when a ticket is issued, and stands in its word for good."""

    screening: ScreeningId
    seat: SeatNumber
    tier: TierIndex
    non_transferable: bool
    paid_on_chain: bool


@dataclass(frozen=True)
class Ticket:
    """A ticket as the ledger knows it. ``member`` is the record that it carries, if it is a card."""

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

    @property
    def locked(self) -> bool:
        """Whether it can no longer change owner (ERC-5192)."""
        return self.member is not None or self.redeemed or self.void or self.non_transferable

    @property
    def state(self) -> str:
        """One word for people: void, redeemed, or valid."""
        return "void" if self.void else "redeemed" if self.redeemed else "valid"
