"""A meter for gas: sends transactions one after the other and tells what each took.

A figure must come out the same on every machine and every day. So accounts, references and the chain's
clock are all derived from names and a fixed start, and never from chance or the time of day; what a
value's bytes cost in calldata is then fixed, too.
"""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_typing import ABIElement
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3 import Web3
from web3.contract import Contract as Web3Contract

from coopledger.chain.artifacts import Artifact
from coopledger.chain.development import DevChain
from coopledger.chain.sending.sender import Sender
from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.client import Chain
from coopledger.chain.wire.transactions import Call, Creation, Receipt
from coopledger.domain.types import Address, Gas, Timestamp, Wei
from coopledger.settings import TRANSACTION_GAS_CAP, Settings

START = Timestamp(2_000_000_000)
"""When the measured chain's clock starts: 2033, later than any chain that was started today."""

TRANSACTION_GAS = 21_000
_PATIENCE_S = 60
_WEALTH = Wei(10**24)
_PACE_S = 60

Runs = dict[str, list[float]]
"""What each piece of work took, run by run: gas, a ticket where it is about many."""


@dataclass(frozen=True)
class Contract:
    """A deployed contract, and what its deployment took."""

    address: Address
    face: type[Web3Contract]
    deployment_gas: Gas


def median(runs: Sequence[float]) -> float:
    """Return the middle run."""
    return statistics.median(runs)


def number(gas: float) -> int | float:
    """Return gas as it is written down: whole, or to one decimal."""
    rounded = round(gas, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def word(name: str) -> bytes:
    """Return 32 bytes that look random and are the same each time."""
    return keccak(text=f"coopledger/bench/{name}")


def accounts(name: str, count: int) -> list[Address]:
    """Return accounts that never did anything and hold no money."""
    return [to_checksum_address(word(f"{name}/{i}")[12:]) for i in range(count)]


class Meter:
    """Sends work to a local chain, a minute of the chain's clock apart, and reads the gas used."""

    def __init__(self, chain: Chain) -> None:
        """Take a local chain whose clock has not passed ``START``.

        Raises:
            NotALocalChain: the chain is not local.
        """
        self.chain = chain
        self.now = START
        self._dev = DevChain(chain)
        self._settings = Settings.model_construct(receipt_timeout_s=_PATIENCE_S)
        self._senders: dict[Address, Sender] = {}

    def person(self, name: str) -> Signer:
        """Return a person with a key and money; a name stands for the same person each time."""
        signer = Signer(word(f"person/{name}"))
        if signer.address not in self._senders:
            self._dev.set_balance(signer.address, _WEALTH)
            self._senders[signer.address] = Sender(self.chain, signer, self._settings)
        return signer

    def deploy(self, who: Signer, artifact: Artifact, *arguments: Any) -> Contract:
        """Deploy one of the project's contracts."""
        return self.deploy_code(who, artifact.abi, artifact.creation_code(*arguments))

    def deploy_code(self, who: Signer, abi: Sequence[ABIElement], code: bytes) -> Contract:
        """Deploy a contract from its creation code."""
        receipt = self._send(who, Creation(code, TRANSACTION_GAS_CAP))
        assert receipt.created is not None  # noqa: S101  a creation that succeeded
        face = Web3().eth.contract(abi=abi)
        return Contract(receipt.created, face, receipt.gas_used)

    def send(
        self, who: Signer, contract: Contract, function: str, *arguments: Any, value: int = 0
    ) -> Receipt:
        """Call a function, by name or full signature, that must succeed.

        Raises:
            ContractRefusal: the contract refuses it.
        """
        data = _encode(contract, function, arguments)
        return self._send(who, Call(contract.address, data, TRANSACTION_GAS_CAP, Wei(value)))

    def ask(self, contract: Contract, function: str, *arguments: Any) -> int:
        """Return the first word that a view answers."""
        data = _encode(contract, function, arguments)
        return int.from_bytes(self.chain.call(contract.address, data)[:32])

    def overwrite(self, contract: Contract, slot: int, value: int) -> None:
        """Put a word into a contract's storage."""
        words = (f"0x{slot:064x}", f"0x{value:064x}")
        self.chain.rpc.request("anvil_setStorageAt", contract.address, *words)

    def wait(self, seconds: int) -> None:
        """Let time pass on the chain."""
        self.now = Timestamp(self.now + seconds)

    def _send(self, who: Signer, work: Call | Creation) -> Receipt:
        self.wait(_PACE_S)
        self._dev.set_time(self.now)
        return self._senders[who.address].send(work)


def _encode(contract: Contract, function: str, arguments: Sequence[Any]) -> bytes:
    return bytes.fromhex(contract.face.encode_abi(function, args=arguments)[2:])


def spending(chain: Chain, receipt: Receipt) -> dict[str, int]:
    """Return what a transaction spent its gas on; the parts add up to the gas used.

    It is replayed on the block before its own. Only for transactions that earn no refund.
    """
    sent = chain.rpc.request("eth_getTransactionByHash", "0x" + receipt.hash.hex())
    data = bytes.fromhex(sent["input"][2:])
    zeros = data.count(0)
    calldata = 4 * zeros + 16 * (len(data) - zeros)
    parts = Counter({"transaction": TRANSACTION_GAS, "calldata": calldata})
    call = {key: sent[key] for key in ("from", "to", "input", "value", "gas")}
    options = {"disableStack": True, "disableStorage": True}
    before = hex(receipt.block_number - 1)
    trace = chain.rpc.request("debug_traceCall", call, before, options)
    for step in trace["structLogs"]:
        if step["op"] in _PART_OF:
            parts[_PART_OF[step["op"]]] += step["gasCost"]
    parts["computing and calls"] = receipt.gas_used - parts.total()
    return dict(parts)


_PART_OF: Mapping[str, str] = {
    "SSTORE": "storage written",
    "SLOAD": "storage read",
    **{f"LOG{topics}": "events" for topics in range(5)},
}
