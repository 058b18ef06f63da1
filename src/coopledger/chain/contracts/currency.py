"""The currency's typed face: an ERC-20 that buyers pay in, or its play-money stand-in.

Any ERC-20 can be the currency, so only what all of them have is asked for, except where a method says
that it is for play money or for a currency with permits (ERC-2612).
"""

from typing import ClassVar

from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address

from coopledger.chain.contracts.contract import Contract
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.wire.client import BlockId
from coopledger.chain.wire.rpc import NodeRefused
from coopledger.chain.wire.transactions import Call
from coopledger.domain.purchases import Permit
from coopledger.domain.signed_messages import SigningDomain
from coopledger.domain.types import Address, Rupiah

#: ERC-5267's mark for a domain of name, version, chain and contract, and no salt.
_DOMAIN_PARTS = b"\x0f"


class CurrencyContract(Contract):
    """An ERC-20 at an address. Every method raises ``ContractRefusal`` as ``ask`` does."""

    artifact: ClassVar[str] = "LocalRupiah"

    def symbol(self) -> str:
        """Return the currency's short name."""
        return str(self.ask("symbol"))

    def decimals(self) -> int:
        """Return how many decimals the currency has; rupiah have none."""
        return int(self.ask("decimals"))

    def balance_of(self, account: Address, at: BlockId = "latest") -> Rupiah:
        """Return what an account has."""
        return Rupiah(self.ask("balanceOf", account, at=at))

    def allowance(self, owner: Address, spender: Address) -> Rupiah:
        """Return what an account lets another one take."""
        return Rupiah(self.ask("allowance", owner, spender))

    def permit_domain(self) -> SigningDomain | None:
        """Return what a permit is signed for (ERC-5267), or None if the currency does not tell.

        One that names another contract or chain than its own is not believed: a signature for that
        could be used there.
        """
        try:
            parts, name, version, chain_id, contract, *_ = self.ask("eip712Domain")
        except (ContractRefusal, NodeRefused, DecodingError, UnicodeDecodeError):
            return None
        ours = parts == _DOMAIN_PARTS and (chain_id, to_checksum_address(contract)) == (
            self.chain.chain_id,
            self.address,
        )
        return SigningDomain(self.chain.chain_id, self.address, name, version) if ours else None

    def permit_nonce(self, owner: Address) -> int:
        """Return the number of an account's next permit."""
        return int(self.ask("nonces", owner))

    def permit_call(self, owner: Address, spender: Address, permit: Permit) -> Call:
        """Let another account take as much as its owner signed. Needs ERC-2612."""
        return self.call("permit", owner, spender, *permit.words())

    def approve_call(self, spender: Address, amount: Rupiah) -> Call:
        """Let another account take this much."""
        return self.call("approve", spender, amount)

    def mint_call(self, to: Address, amount: Rupiah) -> Call:
        """Make play money. Only the stand-in of local chains has it."""
        return self.call("mint", to, amount)
