"""Transactions as plain values: what is to be sent, what is known before sending, what came of it.

An :class:`Announcement` holds all that is needed to find a transaction again, and is complete before
anything is broadcast; the signed bytes are not part of it.
"""

from dataclasses import dataclass
from typing import Any

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

    def as_fields(self) -> dict[str, int]:
        """Return the fields of a transaction that say this."""
        if self.priority is None:
            return {"gasPrice": self.max_fee}
        return {"type": 2, "maxFeePerGas": self.max_fee, "maxPriorityFeePerGas": self.priority}


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
