"""How money is shown: rupiah to people where a box office takes rupiah, the bare number to programs.

The one subtlety: each box office has a currency of its own, and a replaced one may have had another.
"""

from coopledger.chain.deployments import NATIVE_COIN, Cooperative
from coopledger.cli.output import Format
from coopledger.cli.values import show_amount
from coopledger.domain.types import Address, ScreeningId
from coopledger.services.offices import office_of


def show_money(amount: int, currency: Address) -> str:
    """Return an amount as people read it: rupiah, or wei of the chain's own coin."""
    return f"{amount:,} wei" if currency == NATIVE_COIN else show_amount(amount)


class Amounts:
    """Shows amounts of screenings; asks for each screening's currency once."""

    def __init__(self, coop: Cooperative, how: Format = Format.TABLE) -> None:
        self._coop = coop
        self._how = how
        self._currencies: dict[ScreeningId, Address] = {}

    def __call__(self, screening: ScreeningId, amount: int) -> int | str:
        """Return an amount of a screening's money: for people, or as it is for programs."""
        if self._how is not Format.TABLE:
            return amount
        if screening not in self._currencies:
            self._currencies[screening] = office_of(self._coop, screening).currency()
        return show_money(amount, self._currencies[screening])
