"""The currency's typed face: an ERC-20 that buyers pay in, or its play-money stand-in.

The one subtlety: any ERC-20 can be the currency, so only what all of them have is asked for, except
where a method says that it is for play money or for a currency with permits (ERC-2612).
"""

from typing import Any, ClassVar

from coopledger.chain.contract import Contract
from coopledger.chain.transactions import Call
from coopledger.domain.signed_messages import SigningDomain
from coopledger.domain.types import Address, ChainId, Rupiah


class CurrencyContract(Contract):
    """An ERC-20 at an address. Every method raises ``ContractRefusal`` as ``ask`` does."""

    artifact: ClassVar[str] = "LocalRupiah"

    def symbol(self) -> str:
        """Return the currency's short name."""
        return str(self.ask("symbol"))

    def decimals(self) -> int:
        """Return how many decimals the currency has; rupiah have none."""
        return int(self.ask("decimals"))

    def balance_of(self, account: Address) -> Rupiah:
        """Return what an account has."""
        return Rupiah(self.ask("balanceOf", account))

    def allowance(self, owner: Address, spender: Address) -> Rupiah:
        """Return what an account lets another one take."""
        return Rupiah(self.ask("allowance", owner, spender))

    def permit_domain(self) -> SigningDomain:
        """Return what a permit is signed for (ERC-5267).

        Raises:
            ContractRefusal, NodeRefused: the currency does not tell, and may have no permits.
        """
        answer: Any = self.ask("eip712Domain")
        _, name, version, chain_id, contract, *_ = answer
        return SigningDomain(ChainId(chain_id), Address(contract), name, version)

    def permit_nonce(self, owner: Address) -> int:
        """Return the number of an account's next permit."""
        return int(self.ask("nonces", owner))

    def approve_call(self, spender: Address, amount: Rupiah) -> Call:
        """Let another account take this much."""
        return self.call("approve", spender, amount)

    def mint_call(self, to: Address, amount: Rupiah) -> Call:
        """Make play money. Only the stand-in of local chains has it."""
        return self.call("mint", to, amount)
