"""Transactions as plain values: what is to be sent, what is known before sending, what came of it.

A :class:`SignedTransaction` holds all that is needed to find a transaction again, and is complete before
anything is broadcast; the signed bytes are not part of it.
"""

from dataclasses import dataclass, field
from typing import Any, cast

import rlp  # type: ignore[import-untyped]  # ships no types
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from coopledger.chain.wire.client import Log
from coopledger.domain.types import Address, BlockNumber, ChainId, Gas, Wei

NO_VALUE = Wei(0)


@dataclass(frozen=True)
class Call:
    """A call of a contract that changes something.

    Without ``gas`` the node is asked what it takes, which costs more than a simulation: give
    the limit where it can be computed.
    """

    to: Address
    data: bytes
    gas: Gas | None = None
    value: Wei = NO_VALUE


@dataclass(frozen=True)
class Creation:
    """The creation of a contract: its creation code with the constructor's arguments."""

    data: bytes
    gas: Gas | None = None
    value: Wei = NO_VALUE


@dataclass(frozen=True)
class SignedTransaction:
    """A signed transaction before it is broadcast. ``created`` is the new contract's address."""

    hash: bytes
    chain_id: ChainId
    sender: Address
    nonce: int
    gas: Gas
    to: Address | None
    created: Address | None


@dataclass(frozen=True)
class Fees:
    """What is offered for gas: EIP-1559's two figures, or one price on an older chain."""

    max_fee: Wei
    priority: Wei | None


@dataclass(frozen=True)
class UnsignedTransaction:
    """All of a transaction but its signature. Without ``to`` it creates a contract."""

    chain_id: ChainId
    nonce: int
    fees: Fees
    gas: Gas
    to: Address | None
    value: Wei
    data: bytes = field(repr=False)

    def encoded(self, signature: tuple[int, int, int] | None = None) -> bytes:
        """Return it as a node takes it, with a signature (parity, r, s); without one, as it is signed."""
        to = bytes.fromhex(self.to[2:]) if self.to else b""
        act = (self.gas, to, self.value, self.data)
        if self.fees.priority is None:  # EIP-155
            v, r, s = signature or (0, 0, 0)
            end = (self.chain_id if signature is None else 2 * self.chain_id + 35 + v, r, s)
            return cast(bytes, rlp.encode([self.nonce, self.fees.max_fee, *act, *end]))
        offered = (self.fees.priority, self.fees.max_fee)  # EIP-1559; no access list
        fields = [self.chain_id, self.nonce, *offered, *act, [], *(signature or ())]
        return b"\x02" + cast(bytes, rlp.encode(fields))


@dataclass(frozen=True)
class Receipt:
    """What came of a mined transaction."""

    hash: bytes
    block_number: BlockNumber
    block_hash: bytes
    index: int
    succeeded: bool
    gas_used: Gas
    gas_price: Wei
    created: Address | None
    logs: tuple[Log, ...]

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Receipt":
        """Read the answer to ``eth_getTransactionReceipt``."""
        created = raw.get("contractAddress")
        return cls(
            hash=bytes.fromhex(raw["transactionHash"][2:]),
            block_number=BlockNumber(int(raw["blockNumber"], 16)),
            block_hash=bytes.fromhex(raw["blockHash"][2:]),
            index=int(raw["transactionIndex"], 16),
            succeeded=int(raw["status"], 16) == 1,
            gas_used=Gas(int(raw["gasUsed"], 16)),
            gas_price=Wei(int(raw.get("effectiveGasPrice") or "0x0", 16)),
            created=to_checksum_address(created) if created else None,
            logs=tuple(map(Log, raw["logs"])),
        )


def contract_address(creator: Address, nonce: int) -> Address:
    """Return the address that a contract gets which an account creates with this nonce."""
    encoded: bytes = rlp.encode([bytes.fromhex(creator[2:]), nonce])
    return to_checksum_address(keccak(encoded)[12:])
