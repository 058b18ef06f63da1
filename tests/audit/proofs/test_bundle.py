"""A bundle proves the register to whoever knows a block's hash, and nothing altered is believed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
import pytest
import rlp  # type: ignore[import-untyped]  # ships no types
from eth_utils.crypto import keccak

from coopledger.audit.events.register import RegisterBroken
from coopledger.audit.proofs.bundle import NotABundle
from coopledger.audit.proofs.proving import write_member_proof, write_register_bundle
from coopledger.audit.proofs.state_proof import ProofBroken, prove_slot
from coopledger.audit.proofs.verifying import EventsDoNotMatch, verify_bundle
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.domain.register import Cause, Standing
from coopledger.domain.types import Attestation, BlockNumber, MemberNumber

if TYPE_CHECKING:
    from pathlib import Path

    from coopledger.audit.proofs.verifying import Proven
    from tests.services.conftest import Office

DOCUMENT = Attestation(b"a decision of 7.")
REFUSALS = (NotABundle, ProofBroken, RegisterBroken, EventsDoNotMatch)


@dataclass
class Written:
    """A bundle in a file, and the hash that it is about."""

    path: Path
    block_hash: bytes

    def verify(self) -> Proven:
        """Verify the file as it is now."""
        return verify_bundle(self.path, self.block_hash)

    def altered(self, line: int, content: bytes | None) -> None:
        """Replace a line (None: leave it out)."""
        lines = self.path.read_bytes().splitlines(keepends=True)
        lines[line : line + 1] = [] if content is None else [content]
        self.path.write_bytes(b"".join(lines))


@pytest.fixture
def written(busy: Office, tmp_path: Path) -> Written:
    """A bundle of the busy chain, with a standing, an exit and two proven members in it."""
    ledger = busy.coop.ledger
    busy.sender().send(ledger.set_standing_call(MemberNumber(3), Standing.FULL, DOCUMENT))
    path = tmp_path / "register.bundle"
    with path.open("wb") as file:
        numbers = [MemberNumber(3), MemberNumber(251)]
        first, head = busy.coop.first_block, busy.chain.head()
        block_hash = write_register_bundle(file, busy.chain, ledger, first, head, numbers)
    return Written(path, block_hash)


def test_a_bundle_proves_the_whole_register(busy: Office, written: Written) -> None:
    """Without the chain, the file gives every record, the counts and the head, as the chain has them."""
    ledger = busy.coop.ledger
    verdict = written.verify()
    assert verdict.block.number == busy.chain.head()
    assert verdict.head == ledger.register_head()
    assert verdict.counters.events == ledger.event_count() == 253
    assert verdict.counters.active == 251
    assert [record.number for record in verdict.records] == [3, 251]
    assert verdict.records[0].standing is Standing.FULL
    assert verdict.book is not None
    numbers = [MemberNumber(number) for number in range(1, 252)]
    assert [verdict.book.record(n) for n in numbers] == ledger.members(MemberNumber(1), 500)


def test_a_member_proves_a_membership_with_a_small_file(busy: Office, tmp_path: Path) -> None:
    """One record is proven by some kilobytes, also as of a block before it was closed."""
    path, ledger = tmp_path / "member.proof", busy.coop.ledger
    before = busy.chain.head()
    busy.dev.increase_time(60)
    with path.open("wb") as file:
        block_hash = write_member_proof(file, busy.chain, ledger, before, [MemberNumber(7)])
    assert path.stat().st_size < 40_000
    verdict = verify_bundle(path, block_hash)
    assert verdict.records == (ledger.member(MemberNumber(7)),)
    assert verdict.book is None
    assert verdict.records[0].cause is Cause.NONE


def test_a_record_that_is_not_there_is_not_proven(busy: Office, tmp_path: Path) -> None:
    """Nobody gets a proof of a membership that the block does not have."""
    with (tmp_path / "x").open("wb") as file, pytest.raises(ContractRefusal) as refusal:
        write_member_proof(
            file, busy.chain, busy.coop.ledger, busy.chain.head(), [MemberNumber(252)]
        )
    assert refusal.value.name == "UnknownMember"


def test_another_block_is_not_proven(busy: Office, written: Written) -> None:
    """The hash of the block before, or a hash of nothing, is refused."""
    other = busy.chain.block(BlockNumber(busy.chain.head() - 1)).hash
    for block_hash in (other, bytes(32)):
        with pytest.raises(ProofBroken):
            verify_bundle(written.path, block_hash)


@pytest.mark.parametrize("line", [1, 2, 100, 253])
def test_an_event_that_is_missing_is_noticed(written: Written, line: int) -> None:
    """Leaving out any event, the first and the last too, is refused."""
    written.altered(line, None)
    with pytest.raises((RegisterBroken, EventsDoNotMatch)):
        written.verify()


@pytest.mark.parametrize("member", range(6))
def test_an_altered_event_is_noticed(written: Written, member: int) -> None:
    """A change to any member of an event is refused."""
    event = orjson.loads(written.path.read_bytes().splitlines()[50])
    event[member] = (
        "0x" + "5b" * 20
        if member == 2
        else hex(int(event[4], 16) + 1)
        if member == 4
        else event[member] + 1
    )
    written.altered(50, orjson.dumps(event) + b"\n")
    with pytest.raises(REFUSALS):
        written.verify()


@pytest.mark.parametrize(
    "part", ["header", "ledger", "chain_id", "members", "account_proof", "slots"]
)
def test_an_altered_first_line_is_noticed(written: Written, part: str) -> None:
    """No part of the first line can be changed into another that is believed."""
    first = orjson.loads(written.path.read_bytes().splitlines()[0])
    match first[part]:
        case str(text):
            first[part] = text[:-1] + ("0" if text[-1] != "0" else "1")
        case int(number):
            first[part] = number + 1
        case dict(slots):
            first[part] = dict(zip(slots, [*list(slots.values())[1:], []], strict=True))
        case list(entries):
            first[part] = [99] if part == "members" else entries[1:]
    written.altered(0, orjson.dumps(first) + b"\n")
    with pytest.raises(REFUSALS):
        written.verify()


@pytest.mark.parametrize("node", [[], [b"a"] * 3, [b"a"] * 17, [[], b""], [b"", [b""]]])
def test_a_node_that_is_none(node: object) -> None:
    """A trie's node of another shape than nodes have is refused, not a crash."""
    encoded = rlp.encode(node)
    with pytest.raises(ProofBroken):
        prove_slot(keccak(encoded), 1, [encoded])


def test_no_flipped_bit_makes_another_verdict(written: Written) -> None:
    """Whatever single byte is changed, the file is refused or proves exactly the same."""
    whole, chosen = written.path.read_bytes(), random.Random(5)
    honest = written.verify()
    facts = (honest.block, honest.head, honest.counters, honest.records)
    refused = 0
    for _ in range(150):
        place = chosen.randrange(len(whole))
        changed = whole[place] ^ 1 << chosen.randrange(7)
        written.path.write_bytes(whole[:place] + bytes([changed]) + whole[place + 1 :])
        try:
            verdict = written.verify()
        except REFUSALS:
            refused += 1
            continue
        assert (verdict.block, verdict.head, verdict.counters, verdict.records) == facts
        assert verdict.book is None or verdict.book.head == verdict.head
    assert refused > 100
