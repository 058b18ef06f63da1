"""How the money of screenings is shown: with its currency to people, as a bare number to programs.

Each box office has a currency of its own, and a replaced one may have had another.
"""

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.cli.frame.output import Format
from coopledger.domain.money import Currency
from coopledger.domain.types import Address, ScreeningId
from coopledger.services.programme.currency import currency_at
from coopledger.services.programme.offices import office_of


class Amounts:
    """Shows amounts; asks each currency once what it is called."""

    def __init__(self, coop: Cooperative, how: Format = Format.TABLE) -> None:
        self._coop = coop
        self._how = how
        self._currencies: dict[Address, Currency] = {}
        self._by_screening: dict[ScreeningId, Address] = {}

    def __call__(self, screening: ScreeningId, amount: int) -> int | str:
        """Return an amount of a screening's money."""
        if screening not in self._by_screening:
            self._by_screening[screening] = office_of(self._coop, screening).currency()
        return self.in_currency(self._by_screening[screening], amount)

    def in_currency(self, address: Address, amount: int) -> int | str:
        """Return an amount of a currency."""
        if self._how is not Format.TABLE:
            return amount
        if address not in self._currencies:
            self._currencies[address] = currency_at(self._coop.chain, address)
        return self._currencies[address].shown(amount)
