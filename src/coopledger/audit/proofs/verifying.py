"""Verifying a bundle with nothing but the file and the hash of a block. No network, no database, no key.

The block's hash must come from where the verifier trusts, not from whoever gave the file: a block
explorer, a node of one's own, a newspaper.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from coopledger.audit.events.register import RegisterBook
from coopledger.audit.proofs.bundle import Preamble, open_bundle, read_events, read_preamble
from coopledger.audit.proofs.slots import (
    COUNTERS_SLOT,
    HEAD_SLOT,
    Counters,
    record_slot,
    unpack_counters,
)
from coopledger.audit.proofs.state_proof import (
    ProofBroken,
    ProvenBlock,
    prove_header,
    prove_slot,
    prove_storage_root,
)
from coopledger.domain.register import Record, RegisterEvent
from coopledger.domain.types import Address, ChainId, MemberNumber
from coopledger.domain.words import unpack_record
from coopledger.errors import Untrusted


class EventsDoNotMatch(Untrusted):
    """The events of the bundle are not those that the ledger's head was made of."""

    what: str
    proven: str
    found: str

    says = "the events give {what} {found}, and the block proves {proven}"
    advice = "Do not believe the file: events are missing, altered or added."


@dataclass(frozen=True)
class Proven:
    """What a bundle proves. Everything here follows from the block's hash."""

    chain_id: ChainId
    """As the file says; it is proven where there are events, whose first head holds it."""
    ledger: Address
    block: ProvenBlock
    head: bytes
    counters: Counters
    records: tuple[Record, ...]
    """Those that were asked to be proven by themselves."""
    book: RegisterBook | None
    """The whole register, if the bundle has its events."""


def verify_bundle(path: Path, block_hash: bytes) -> Proven:
    """Verify a bundle against the hash of a block (32 bytes) and return what it proves.

    Raises:
        NotABundle: the file is no bundle.
        ProofBroken: a proof does not lead from the hash to what it is said to prove.
        RegisterBroken: the events break a rule of the register.
        EventsDoNotMatch: the events are not those of the ledger.
    """
    with open_bundle(path) as file:
        preamble = read_preamble(file)
        block = prove_header(preamble.header, block_hash)
        root = prove_storage_root(block, preamble.ledger, preamble.account_proof)
        head = _slot(preamble, root, HEAD_SLOT).to_bytes(32)
        counters = unpack_counters(_slot(preamble, root, COUNTERS_SLOT))
        words = {n: _slot(preamble, root, record_slot(n)) for n in preamble.members}
        book = None
        if preamble.events:
            book = _replay(preamble, read_events(file))
            _compare(book, head, counters, words)
    records = tuple(unpack_record(number, word) for number, word in words.items())
    for record, word in zip(records, words.values(), strict=True):
        if not word:
            raise ProofBroken(f"member {record.number}", "there is no such record in that block")
    return Proven(preamble.chain_id, preamble.ledger, block, head, counters, records, book)


def _slot(preamble: Preamble, root: bytes, slot: int) -> int:
    if slot not in preamble.slots:
        raise ProofBroken(f"slot {slot:#x}", "its proof is missing")
    return prove_slot(root, slot, preamble.slots[slot])


def _replay(preamble: Preamble, events: Iterable[RegisterEvent]) -> RegisterBook:
    book = RegisterBook(preamble.chain_id, preamble.ledger)
    for event in events:
        book.add(event)
    return book


def _compare(
    book: RegisterBook, head: bytes, counters: Counters, words: dict[MemberNumber, int]
) -> None:
    facts: Sequence[tuple[str, object, object]] = (
        ("a number of events of", counters.events, book.event_count),
        ("the head", "0x" + head.hex(), "0x" + book.head.hex()),
        ("a number of records of", counters.members, book.member_count),
        ("a number of open records of", counters.active, book.active_count),
        ("a number of by-laws of", counters.bylaws, len(book.bylaws)),
        *((f"record {n} as", hex(word), hex(book.word(n))) for n, word in words.items()),
    )
    for what, proven, found in facts:
        if proven != found:
            raise EventsDoNotMatch(what, str(proven), str(found))
