"""From a block's hash to a word in a contract's storage, by proof alone.

hash → header → state root → account → storage root → slot. Nothing is believed but the hash. The header
is what hashes to it; every node of the Merkle-Patricia tries is what hashes to the reference above it
(``eth_getProof``, EIP-1186); the tries and RLP are read by their own libraries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rlp  # type: ignore[import-untyped]  # ships no types
from eth_utils.crypto import keccak
from rlp.exceptions import RLPException  # type: ignore[import-untyped]
from trie.exceptions import BadTrieProof, InvalidNode, ValidationError
from trie.hexary import HexaryTrie

from coopledger.domain.types import Address, BlockNumber, Timestamp
from coopledger.errors import Untrusted

#: The members of a header in their order, as JSON-RPC names them; the later ones came by forks.
_HEADER = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot"),
    *("logsBloom", "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData"),
    *("mixHash", "nonce", "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas"),
    *("parentBeaconBlockRoot", "requestsHash"),
)
_QUANTITIES = {
    *("difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas"),
    *("blobGasUsed", "excessBlobGas"),
}
_STATE_ROOT, _NUMBER, _TIMESTAMP = 3, 8, 11
_OLDEST_HEADER = 15
_ACCOUNT_MEMBERS = 4
_STORAGE_ROOT = 2

#: What the libraries raise for nodes that are none.
_UNREADABLE = (
    *(BadTrieProof, InvalidNode, ValidationError, RLPException),
    *(ValueError, TypeError, IndexError),
)


class ProofBroken(Untrusted):
    """A proof does not lead from the block's hash to what it is said to prove."""

    part: str
    reason: str

    says = "the proof is broken at {part}: {reason}"
    advice = "Do not believe the file. Ask for a new one, and take the block's hash from a source of your own."


@dataclass(frozen=True)
class ProvenBlock:
    """A block whose header hashes to the hash that is trusted."""

    number: BlockNumber
    hash: bytes
    timestamp: Timestamp
    state_root: bytes


def header_rlp(block: Mapping[str, Any]) -> bytes:
    """Return the header of a block (JSON of ``eth_getBlockByNumber``) as the bytes that are hashed."""
    present = [name for name in _HEADER if block.get(name) is not None]
    return bytes(
        rlp.encode(
            [
                int(block[name], 16) if name in _QUANTITIES else bytes.fromhex(block[name][2:])
                for name in present
            ]
        )
    )


def prove_header(header: bytes, block_hash: bytes) -> ProvenBlock:
    """Return what a header says, once it is known to be the one with this hash.

    Raises:
        ProofBroken: it is another block's, or no header.
    """
    if keccak(header) != block_hash:
        raise ProofBroken("the block", "the header does not have the hash that is trusted")
    try:
        members = rlp.decode(header)
        if len(members) < _OLDEST_HEADER:
            raise ProofBroken("the block", "the header is too short")
        number, timestamp = (int.from_bytes(members[place]) for place in (_NUMBER, _TIMESTAMP))
    except (RLPException, TypeError):
        raise ProofBroken("the block", "the header cannot be read") from None
    return ProvenBlock(
        BlockNumber(number), block_hash, Timestamp(timestamp), bytes(members[_STATE_ROOT])
    )


def prove_storage_root(block: ProvenBlock, account: Address, proof: Sequence[bytes]) -> bytes:
    """Return the root of a contract's storage (32 bytes) as of a block.

    Raises:
        ProofBroken: the proof does not show it, or shows that there is no such contract.
    """
    part = f"the contract {account}"
    found = _get(block.state_root, keccak(bytes.fromhex(account[2:])), proof, part)
    if not found:
        raise ProofBroken(part, "there is none in that block")
    try:
        members = rlp.decode(found)
    except RLPException:
        raise ProofBroken(part, "the account cannot be read") from None
    if not isinstance(members, list) or len(members) != _ACCOUNT_MEMBERS:
        raise ProofBroken(part, "the account cannot be read")
    return bytes(members[_STORAGE_ROOT])


def prove_slot(storage_root: bytes, slot: int, proof: Sequence[bytes]) -> int:
    """Return the word that stands in a storage slot; zero where the proof shows that none does.

    Raises:
        ProofBroken: the proof does not show it.
    """
    part = f"slot {slot:#x}"
    found = _get(storage_root, keccak(slot.to_bytes(32)), proof, part)
    if not found:
        return 0
    try:
        return int.from_bytes(rlp.decode(found))
    except (RLPException, TypeError):
        raise ProofBroken(part, "the word cannot be read") from None


def _get(root: bytes, key: bytes, proof: Sequence[bytes], part: str) -> bytes:
    try:
        nodes = [rlp.decode(node) for node in proof]
        found = HexaryTrie.get_from_proof(root, key, nodes)  # type: ignore[no-untyped-call]
    except _UNREADABLE:
        raise ProofBroken(part, "its nodes do not hang together") from None
    return bytes(found)
