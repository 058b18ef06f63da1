"""Making bundles: asking a node for a block, the proofs of its state, and the register's events.

Everything is asked for at one block, by number, and the header is checked to hash to the hash that the
node gave, so a bundle that is written can be verified.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from coopledger.audit.events.reading import logs_in_pieces
from coopledger.audit.proofs.bundle import Preamble, write_bundle
from coopledger.audit.proofs.slots import COUNTERS_SLOT, HEAD_SLOT, record_slot
from coopledger.audit.proofs.state_proof import header_rlp, prove_header
from coopledger.chain.contracts.event_log import decode_logs, topics_of
from coopledger.chain.contracts.ledger import LedgerContract
from coopledger.chain.wire.client import Chain, block_id
from coopledger.domain.events import BylawsSet, Joined, Left, Moved, RegisterChange, StandingSet
from coopledger.domain.register import RegisterEvent
from coopledger.domain.types import Address, BlockNumber, MemberNumber

REGISTER_EVENTS: tuple[type[RegisterChange], ...] = (Joined, Left, StandingSet, Moved, BylawsSet)
_SLOTS_A_QUESTION = 200


def register_changes(
    chain: Chain, ledger: Address, first: BlockNumber, last: BlockNumber
) -> Iterator[RegisterChange]:
    """Yield the register's events of a range of blocks, in their order.

    Raises:
        NodeRefused: the node gives no logs.
    """
    topics = [topics_of(REGISTER_EVENTS)]
    for event in decode_logs(logs_in_pieces(chain, [ledger], topics, first, last)):
        if isinstance(event, REGISTER_EVENTS):
            yield event


def write_register_bundle(
    file: BinaryIO,
    chain: Chain,
    ledger: LedgerContract,
    first_block: BlockNumber,
    at: BlockNumber,
    members: Sequence[MemberNumber],
) -> bytes:
    """Write a bundle of the whole register as of a block; return the block's hash (32 bytes).

    Args:
        file: where to.
        chain: the node; it must have the block's state.
        ledger: whose register.
        first_block: the block of the deployment, or an earlier one.
        at: the block.
        members: records to prove by themselves, too.

    Raises:
        NodeRefused: the node has no state of that block any more, or gives no proofs.
        ProofBroken: the node's header does not hash to its hash.
        UnknownMember: a record does not exist at that block.
    """
    events = (
        event.register_event() for event in register_changes(chain, ledger.address, first_block, at)
    )
    return _write(file, chain, ledger, at, members, ledger.event_count(at), events)


def write_member_proof(
    file: BinaryIO,
    chain: Chain,
    ledger: LedgerContract,
    at: BlockNumber,
    members: Sequence[MemberNumber],
) -> bytes:
    """Write a small proof of some records as of a block; return the block's hash (32 bytes).

    Raises: see :func:`write_register_bundle`.
    """
    return _write(file, chain, ledger, at, members, 0, ())


def _write(
    file: BinaryIO,
    chain: Chain,
    ledger: LedgerContract,
    at: BlockNumber,
    members: Sequence[MemberNumber],
    count: int,
    events: Iterable[RegisterEvent],
) -> bytes:
    for number in members:
        ledger.member(number, at)
    block: dict[str, Any] = chain.rpc.request("eth_getBlockByNumber", block_id(at), False)
    header, block_hash = header_rlp(block), bytes.fromhex(block["hash"][2:])
    prove_header(header, block_hash)
    slots = [HEAD_SLOT, COUNTERS_SLOT, *(record_slot(number) for number in members)]
    account_proof, proofs = _proofs(chain, ledger.address, slots, at)
    preamble = Preamble(
        chain.chain_id, ledger.address, header, account_proof, proofs, tuple(members), count
    )
    write_bundle(file, preamble, events)
    return block_hash


def _proofs(
    chain: Chain, account: Address, slots: Sequence[int], at: BlockNumber
) -> tuple[tuple[bytes, ...], dict[int, tuple[bytes, ...]]]:
    account_proof: tuple[bytes, ...] = ()
    proofs: dict[int, tuple[bytes, ...]] = {}
    for start in range(0, len(slots), _SLOTS_A_QUESTION):
        part = slots[start : start + _SLOTS_A_QUESTION]
        # Nodes want the slots padded to 32 bytes.
        keys = [f"0x{slot:064x}" for slot in part]
        answer: dict[str, Any] = chain.rpc.request("eth_getProof", account, keys, block_id(at))
        account_proof = _nodes(answer["accountProof"])
        for slot, entry in zip(part, answer["storageProof"], strict=True):
            proofs[slot] = _nodes(entry["proof"])
    return account_proof, proofs


def _nodes(proof: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(node[2:]) for node in proof)
