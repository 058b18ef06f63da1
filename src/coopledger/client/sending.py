"""What is signed by a key of eth-account: a transaction of its own, or a message for another's."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from eth_account.datastructures import SignedTransaction
from eth_account.signers.local import LocalAccount
from hexbytes import HexBytes
from web3.contract import Contract
from web3.contract.contract import ContractFunction
from web3.eth import Eth
from web3.exceptions import TransactionNotFound, Web3RPCError
from web3.types import TxParams, TxReceipt, Wei

from coopledger.client.asking import NodeAway, NodeSaysNo, failures_named
from coopledger.errors import Refused, Unavailable

if TYPE_CHECKING:
    from eth_account.types import TransactionDictType

Fields = Mapping[str, tuple[str, Any]]
"""A message's members in their order, each with its Solidity type and its value."""

_DOMAIN = {
    "name": "string",
    "version": "string",
    "chainId": "uint256",
    "verifyingContract": "address",
}

_NOTHING = Wei(0)

#: An estimate cannot see what the next second costs more: a checkpoint takes a fresh slot (gas).
_SPARE_GAS = 25_000


class SentAndFailed(Refused):
    """The transaction was mined and changed nothing: somebody else's came before it."""

    hash: str

    says = "transaction {hash} was mined and failed"
    advice = "Look at the chain again, then decide anew; the gas is spent."


class SentAndUnknown(Unavailable):
    """The transaction was sent, and no answer says what became of it."""

    hash: str
    reason: str

    says = "it is unknown what became of transaction {hash}: {reason}"
    advice = "Ask for its receipt by the hash before anything is sent again."


@dataclass(frozen=True)
class Transaction:
    """A call that an account would send. Nothing is sent before :meth:`send`.

    ``function`` is web3.py's, for whoever signs otherwise; ``value`` is paid with it.
    """

    account: LocalAccount
    function: ContractFunction
    value: Wei = _NOTHING

    def build(self) -> TxParams:
        """Return the transaction unsigned: nonce, gas and fees by the node.

        Raises:
            CallRefused: the contract would refuse it.
            NodeSaysNo, NodeAway: see ``failures_named``.
        """
        web3, sender = self.function.w3, self.account.address
        with failures_named():
            nonce = web3.eth.get_transaction_count(sender, "pending")
            built = self.function.build_transaction(
                {"from": sender, "nonce": nonce, "value": self.value}
            )
        return {**built, "gas": built["gas"] + _SPARE_GAS}

    def sign(self) -> SignedTransaction:
        """Return the transaction signed, to be sent by whatever way.

        Raises:
            CallRefused, NodeSaysNo, NodeAway: see :meth:`build`.
        """
        return self.account.sign_transaction(cast("TransactionDictType", self.build()))

    def send(self, timeout_s: float = 120) -> TxReceipt:
        """Sign and send the transaction, and wait for its receipt.

        Args:
            timeout_s: how long to wait, in seconds.

        Raises:
            CallRefused, NodeSaysNo, NodeAway: nothing was sent; see :meth:`build`.
            SentAndFailed: it was mined and failed.
            SentAndUnknown: the node did not answer, or it was not mined in time.
        """
        signed, eth, sent = self.sign(), self.function.w3.eth, False
        named = signed.hash.to_0x_hex()
        try:
            with failures_named():
                _broadcast(eth, signed)
                sent = True
                receipt = eth.wait_for_transaction_receipt(signed.hash, timeout_s)
        except (NodeAway, NodeSaysNo) as error:
            if not sent and isinstance(error, NodeSaysNo):
                raise
            raise SentAndUnknown(named, error.reason) from error
        if not receipt["status"]:
            raise SentAndFailed(named)
        return receipt


@dataclass(frozen=True)
class Message:
    """What one person signs without gas, and anybody sends (EIP-712).

    ``typed_data`` is what a wallet's ``eth_signTypedData_v4`` takes.
    """

    contract: Contract
    typed_data: Mapping[str, Any]
    function: str
    arguments: tuple[Any, ...]

    def sign(self, account: LocalAccount) -> HexBytes:
        """Return an account's signature: 65 bytes. Any wallet's of ``typed_data`` is as good."""
        return HexBytes(account.sign_typed_data(full_message=dict(self.typed_data)).signature)

    def relayed(self, relayer: LocalAccount, signature: bytes) -> Transaction:
        """Return the transaction by which somebody else brings the signed message to the chain."""
        function = self.contract.functions[self.function](*self.arguments, signature)
        return Transaction(relayer, function)


def _broadcast(eth: Eth, signed: SignedTransaction) -> None:
    try:
        eth.send_raw_transaction(signed.raw_transaction)
    except Web3RPCError as refused:
        # web3.py sends again where an answer was lost; a node says no to what it has already.
        try:
            eth.get_transaction(signed.hash)
        except TransactionNotFound:
            raise refused from None


def domain_of(name: str, version: str, chain_id: int, contract: str) -> dict[str, Any]:
    """Return which contract, on which chain, a message is for; it means nothing to any other."""
    return {"name": name, "version": version, "chainId": chain_id, "verifyingContract": contract}


def typed_data(domain: Mapping[str, Any], kind: str, fields: Fields) -> dict[str, Any]:
    """Return a message as wallets take it, its members in the order in which they are hashed."""
    return {
        "types": {
            "EIP712Domain": _members(_DOMAIN),
            kind: _members({name: solidity for name, (solidity, _) in fields.items()}),
        },
        "primaryType": kind,
        "domain": dict(domain),
        "message": {name: value for name, (_, value) in fields.items()},
    }


def _members(types: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": solidity} for name, solidity in types.items()]


def seconds_of(moment: datetime) -> int:
    """Return an aware datetime as whole seconds since 1970 UTC."""
    return int(moment.timestamp())


def in_an_hour(newest: datetime) -> int:
    """Return the second an hour from now, by the later of the chain's clock and this machine's.

    Where nothing happens no block is made, and its newest is long ago.
    """
    return int(max(newest.timestamp(), time.time())) + 3600
