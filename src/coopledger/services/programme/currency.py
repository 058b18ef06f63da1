"""The currency that a box office sells for: what it is called, and who has how much of it.

Any ERC-20 can be the currency, and what one says about itself is its maker's text, so its short name is
cut down to what cannot mislead on a screen.
"""

from eth_abi.exceptions import DecodingError

from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.chain.contracts.deployments import NATIVE_COIN, Cooperative, ForeignCode, check_code
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.development import why_not_local
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.client import Chain
from coopledger.chain.wire.rpc import NodeRefused
from coopledger.domain.money import Currency
from coopledger.domain.types import Address, Rupiah
from coopledger.errors import Refused

_NATIVE = Currency(None, "coins", 18)
_LONGEST_SYMBOL = 12
_MOST_DECIMALS = 36


class NoPlayMoney(Refused):
    """Play money cannot be made for this box office."""

    reason: str

    says = "there is no play money here: {reason}"
    advice = "Play money is for trials on a local chain: coopledger up"


def currency_of(coop: Cooperative) -> Currency:
    """Return what buyers pay the present box office in."""
    return currency_at(coop.chain, coop.box_office.currency())


def currency_at(chain: Chain, address: Address) -> Currency:
    """Return an ERC-20, or the native coin for the zero address, by what it says of itself.

    One that does not say what it is shows in its smallest unit.
    """
    if address == NATIVE_COIN:
        return _NATIVE
    contract = CurrencyContract(chain, address)
    try:
        decimals = contract.decimals()
    except (ContractRefusal, NodeRefused, DecodingError):
        decimals = 0
    try:
        said = contract.symbol()
    except (ContractRefusal, NodeRefused, DecodingError, UnicodeDecodeError):
        said = ""
    symbol = "".join(c for c in said if c.isascii() and (c.isalnum() or c in "-_.$"))
    return Currency(
        address,
        symbol[:_LONGEST_SYMBOL] or "units",
        decimals if decimals <= _MOST_DECIMALS else 0,
    )


def balance_of(coop: Cooperative, currency: Currency, account: Address) -> Rupiah:
    """Return how much of the currency an account has, in its smallest unit."""
    if currency.address is None:
        return Rupiah(coop.chain.balance_of(account))
    return CurrencyContract(coop.chain, currency.address).balance_of(account)


def make_play_money(coop: Cooperative, sender: Sender, to: Address, amount: Rupiah) -> None:
    """Give an account play money, on a local chain whose box office sells for it.

    Raises:
        NoPlayMoney: the chain is not local, or buyers pay in something else.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    reason = why_not_local(coop.chain)
    if reason:
        raise NoPlayMoney(f"chain {coop.chain.chain_id} is not local: {reason}")
    currency = currency_of(coop)
    if currency.address is None:
        raise NoPlayMoney("this box office sells for the chain's own coin")
    try:
        check_code(coop.chain, "LocalRupiah", currency.address)
    except ForeignCode:
        raise NoPlayMoney(f"this box office sells for {currency.symbol}") from None
    sender.send(CurrencyContract(coop.chain, currency.address).mint_call(to, amount))
