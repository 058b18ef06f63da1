"""Why a ticket cannot be bought: all that can be known before anything is sent.

The box office checks the same again when the purchase is sent, and may say no in its own words where
somebody was faster.
"""

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


class ScreeningIsCancelled(Refused):
    """The screening does not take place."""

    screening: ScreeningId

    says = "screening {screening} was cancelled"
    advice = "See what else is shown: coopledger screening list"


class SaleNotOpen(Refused):
    """The sale has not begun."""

    screening: ScreeningId
    opens_at: Timestamp

    advice = "Come back then."

    def __str__(self) -> str:
        return f"tickets for screening {self.screening} are sold from {_time(self.opens_at)} on"


class SaleOver(Refused):
    """The sale has ended."""

    screening: ScreeningId
    closed_at: Timestamp

    advice = "Ask at the counter, or choose another screening."

    def __str__(self) -> str:
        return f"tickets for screening {self.screening} were sold until {_time(self.closed_at)}"


class NoPlaceLeft(Refused):
    """All places are sold."""

    screening: ScreeningId
    capacity: int

    says = "all {capacity} places of screening {screening} are sold"
    advice = "Choose another screening: coopledger screening list"


class SeatNeeded(BadInput):
    """The screening has numbered seats, and none was chosen that it has."""

    screening: ScreeningId
    capacity: int

    says = "screening {screening} has numbered seats, from 1 to {capacity}"
    advice = "Choose one with --seat."


class NoNumberedSeats(BadInput):
    """A seat was chosen where seating is free."""

    screening: ScreeningId

    says = "screening {screening} has no numbered seats"
    advice = "Leave --seat out."


class SeatNotFree(Refused):
    """Somebody has the seat."""

    screening: ScreeningId
    seat: SeatNumber

    says = "seat {seat} of screening {screening} is taken"
    advice = "Choose another seat."


class PriceTooHigh(Refused):
    """The price is more than the buyer wants to pay."""

    price: Rupiah
    max_price: Rupiah
    currency: Currency

    advice = "Choose another tier, or raise --max-price."

    def __str__(self) -> str:
        shown = self.currency.shown
        return f"the ticket costs {shown(self.price)}, more than {shown(self.max_price)}"


class NotEnoughMoney(NotAllowed):
    """The buyer's account has less than the price."""

    account: Address
    has: Rupiah
    needed: Rupiah
    currency: Currency

    advice = "Have money sent to the account. On a local chain: coopledger play-money AMOUNT"

    def __str__(self) -> str:
        shown = self.currency.shown
        return (
            f"the ticket costs {shown(self.needed)} and {self.account} has {shown(self.has)}: "
            f"{shown(self.needed - self.has)} are missing"
        )


class MemberAlready(Refused):
    """Somebody who is a member cannot join again."""

    account: Address
    number: MemberNumber

    says = "{account} is already member {number}"
    advice = "Buy without --join; nothing else needs to be done."


class ConsentForAnother(Refused):
    """The ticket is bought for somebody else, and only that person can join with it."""

    holder: Address

    says = "only {holder} can consent to becoming a member with this ticket"
    advice = "Buy it without --join; the holder can join with it later."


class OtherBylawsInForce(Refused):
    """The consent names another version of the by-laws than the one in force."""

    given: BylawsVersion
    in_force: BylawsVersion

    says = "version {in_force} of the by-laws is in force, not version {given}"
    advice = "Read the version that is in force, and decide again."
