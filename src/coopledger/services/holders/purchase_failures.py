"""Why a ticket cannot be bought: all that can be known before anything is sent.

The one subtlety: the box office checks the same again when the purchase is sent, and may say no in
its own words where somebody was faster.
"""

from dataclasses import dataclass
from typing import ClassVar

from coopledger.domain.money import Currency
from coopledger.domain.types import (
    Address,
    BylawsVersion,
    MemberNumber,
    Rupiah,
    ScreeningId,
    SeatNumber,
    Timestamp,
    to_datetime,
)
from coopledger.errors import BadInput, NotAllowed, Refused


def _time(moment: Timestamp) -> str:
    return f"{to_datetime(moment):%Y-%m-%d %H:%M:%S %Z}"


@dataclass(eq=False)
class ScreeningCancelled(Refused):
    """The screening does not take place."""

    screening: ScreeningId

    advice: ClassVar[str] = "See what else is shown: coopledger screening list"

    def __str__(self) -> str:
        return f"screening {self.screening} was cancelled"


@dataclass(eq=False)
class SaleNotOpen(Refused):
    """The sale has not begun."""

    screening: ScreeningId
    opens_at: Timestamp

    advice: ClassVar[str] = "Come back then."

    def __str__(self) -> str:
        return f"tickets for screening {self.screening} are sold from {_time(self.opens_at)} on"


@dataclass(eq=False)
class SaleOver(Refused):
    """The sale has ended."""

    screening: ScreeningId
    closed_at: Timestamp

    advice: ClassVar[str] = "Ask at the counter, or choose another screening."

    def __str__(self) -> str:
        return f"tickets for screening {self.screening} were sold until {_time(self.closed_at)}"


@dataclass(eq=False)
class NoPlaceLeft(Refused):
    """All places are sold."""

    screening: ScreeningId
    capacity: int

    advice: ClassVar[str] = "Choose another screening: coopledger screening list"

    def __str__(self) -> str:
        return f"all {self.capacity} places of screening {self.screening} are sold"


@dataclass(eq=False)
class SeatNeeded(BadInput):
    """The screening has numbered seats, and none was chosen that it has."""

    screening: ScreeningId
    capacity: int

    advice: ClassVar[str] = "Choose one with --seat."

    def __str__(self) -> str:
        return f"screening {self.screening} has numbered seats, from 1 to {self.capacity}"


@dataclass(eq=False)
class NoNumberedSeats(BadInput):
    """A seat was chosen where seating is free."""

    screening: ScreeningId

    advice: ClassVar[str] = "Leave --seat out."

    def __str__(self) -> str:
        return f"screening {self.screening} has no numbered seats"


@dataclass(eq=False)
class SeatNotFree(Refused):
    """Somebody has the seat."""

    screening: ScreeningId
    seat: SeatNumber

    advice: ClassVar[str] = "Choose another seat."

    def __str__(self) -> str:
        return f"seat {self.seat} of screening {self.screening} is taken"


@dataclass(eq=False)
class PriceTooHigh(Refused):
    """The price is more than the buyer wants to pay."""

    price: Rupiah
    max_price: Rupiah
    currency: Currency

    advice: ClassVar[str] = "Choose another tier, or raise --max-price."

    def __str__(self) -> str:
        shown = self.currency.shown
        return f"the ticket costs {shown(self.price)}, more than {shown(self.max_price)}"


@dataclass(eq=False)
class NotEnoughMoney(NotAllowed):
    """The buyer's account has less than the price."""

    account: Address
    has: Rupiah
    needed: Rupiah
    currency: Currency

    advice: ClassVar[str] = (
        "Have money sent to the account. On a local chain: coopledger play-money AMOUNT"
    )

    def __str__(self) -> str:
        shown = self.currency.shown
        return (
            f"the ticket costs {shown(self.needed)} and {self.account} has {shown(self.has)}: "
            f"{shown(self.needed - self.has)} are missing"
        )


@dataclass(eq=False)
class MemberAlready(Refused):
    """Somebody who is a member cannot join again."""

    account: Address
    number: MemberNumber

    advice: ClassVar[str] = "Buy without --join; nothing else needs to be done."

    def __str__(self) -> str:
        return f"{self.account} is already member {self.number}"


@dataclass(eq=False)
class ConsentForAnother(Refused):
    """The ticket is bought for somebody else, and only that person can join with it."""

    holder: Address

    advice: ClassVar[str] = "Buy it without --join; the holder can join with it later."

    def __str__(self) -> str:
        return f"only {self.holder} can consent to becoming a member with this ticket"


@dataclass(eq=False)
class OtherBylawsInForce(Refused):
    """The consent names another version of the by-laws than the one in force."""

    given: BylawsVersion
    in_force: BylawsVersion

    advice: ClassVar[str] = "Read the version that is in force, and decide again."

    def __str__(self) -> str:
        return f"version {self.in_force} of the by-laws is in force, not version {self.given}"
