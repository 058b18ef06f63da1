"""What a buyer asks for on the chain, and whose the money of a screening is.

Amounts are in the smallest unit of the box office's currency, which for rupiah is the rupiah and for the
native coin the wei.
"""

from dataclasses import dataclass

from coopledger.domain.types import (
    Address,
    BylawsVersion,
    Rupiah,
    ScreeningId,
    SeatNumber,
    TierIndex,
    Timestamp,
)


@dataclass(frozen=True)
class Purchase:
    """One ticket to buy. ``bylaws`` is what the buyer consents to by joining; 0 to not join."""

    screening: ScreeningId
    seat: SeatNumber
    tier: TierIndex
    holder: Address
    max_price: Rupiah
    bylaws: BylawsVersion


@dataclass(frozen=True)
class Permit:
    """A signed allowance (ERC-2612). ``signature`` has 65 bytes: r, s, v."""

    value: Rupiah
    deadline: Timestamp
    signature: bytes

    def words(self) -> tuple[int, int, int, bytes, bytes]:
        """Return it as contracts take it: value, deadline, v, r, s."""
        r, s, v = self.signature[:32], self.signature[32:64], self.signature[64]
        return self.value, self.deadline, v, r, s


@dataclass(frozen=True)
class Held:
    """What of a screening's money, paid on the chain, is held for whom. The three add up to it."""

    refundable: Rupiah
    """Takings that holders may still claim back, or could if the screening were cancelled."""
    deposits: Rupiah
    """What is held for members, and for tickets that may yet found a membership."""
    free: Rupiah
    """What the treasurer may withdraw now."""

    @property
    def total(self) -> Rupiah:
        """All of it."""
        return Rupiah(self.refundable + self.deposits + self.free)

    def __add__(self, other: "Held") -> "Held":
        """Return what is held of both."""
        return Held(
            Rupiah(self.refundable + other.refundable),
            Rupiah(self.deposits + other.deposits),
            Rupiah(self.free + other.free),
        )


NOTHING_HELD = Held(Rupiah(0), Rupiah(0), Rupiah(0))
