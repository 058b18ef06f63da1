"""Amounts of the currency that tickets are paid in, as people read and write them.

An amount is an integer of the currency's smallest unit everywhere but here. It is shown as Indonesians
write it, with points between the thousands and a comma before the decimals; it is read without points
between the thousands, since ``35.000`` could be meant either way.
"""

import re
from dataclasses import dataclass

from coopledger.domain.types import Address, Rupiah
from coopledger.errors import BadInput

_PLAY_MONEY = "IDRL"
"""What local chains' stand-in for rupiah calls itself."""
_AMOUNT = re.compile(r"([0-9]{1,40})(?:[.,]([0-9]{1,40}))?")


@dataclass(frozen=True)
class Currency:
    """What buyers pay in. ``address`` is the ERC-20's; None for the chain's own coin."""

    address: Address | None
    symbol: str
    decimals: int

    def shown(self, amount: int) -> str:
        """Return an amount with the currency's name."""
        return show_money(amount, self.symbol, self.decimals)


class NotAnAmount(BadInput):
    """What was typed is no amount of the currency."""

    text: str
    symbol: str
    decimals: int

    advice = "Write it without signs between the thousands: 35000"

    def __str__(self) -> str:
        end = f"at most {self.decimals} decimals" if self.decimals else "no decimals"
        return f"'{self.text}' is no amount of {self.symbol}, which has {end}"


def show_money(amount: int, symbol: str, decimals: int) -> str:
    """Return an amount of the smallest unit as people read it: ``Rp 35.000``, ``0,05 USDC``."""
    if amount < 0:
        return f"-{show_money(-amount, symbol, decimals)}"
    whole, rest = divmod(amount, 10**decimals)
    digits = f"{rest:0{decimals}}".rstrip("0") if decimals else ""
    number = f"{whole:,}".replace(",", ".") + ("," + digits if digits else "")
    return f"Rp {number}" if symbol == _PLAY_MONEY else f"{number} {symbol}"


def parse_money(text: str, currency: Currency) -> Rupiah:
    """Read an amount as a person writes it, with a point or comma before the decimals.

    Raises:
        NotAnAmount: it is none, or has more decimals than the currency.
    """
    written = _AMOUNT.fullmatch(text.strip())
    decimals = (written[2] or "") if written else ""
    if written is None or len(decimals) > currency.decimals:
        raise NotAnAmount(text, currency.symbol, currency.decimals)
    return Rupiah(int(written[1] + decimals.ljust(currency.decimals, "0")))
