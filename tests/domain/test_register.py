"""The hash chain against committed vectors and against a second, independent reckoning."""

import json
from pathlib import Path
from typing import Any

import pytest
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from coopledger.domain.register import (
    Cause,
    Consent,
    Record,
    RegisterEvent,
    RegisterKind,
    Standing,
    genesis_head,
    joined_argument,
    left_argument,
    moved_argument,
    next_head,
    replay,
    standing_argument,
)
from coopledger.domain.types import (
    Attestation,
    BylawsVersion,
    ChainId,
    MemberNumber,
    TicketId,
    Timestamp,
)

VECTORS = Path(__file__).parents[2] / "contracts" / "test" / "vectors" / "register-head.json"

Json = dict[str, Any]


@pytest.fixture(scope="module")
def vectors() -> Json:
    """The committed vectors."""
    read: Json = json.loads(VECTORS.read_text(encoding="utf-8"))
    return read


def argument_of(event: Json) -> int:
    """Pack the fields of a vector's event as the register does."""
    document = Attestation(bytes.fromhex(event.get("document", "")[2:]))
    match event["kind"]:
        case "JOINED":
            return joined_argument(
                Consent[event["consent"]],
                BylawsVersion(event["bylaws"]),
                Timestamp(event["consented_at"]),
                MemberNumber(event["previous"]) if event["previous"] else None,
                document,
            )
        case "LEFT":
            return left_argument(Cause[event["cause"]], document)
        case "STANDING_SET":
            return standing_argument(Standing[event["standing"]], document)
        case "MOVED":
            return moved_argument(MemberNumber(event["old_number"]), event["move_kind"])
        case _:
            return int(event["hash"], 16)


def read_event(event: Json) -> RegisterEvent:
    """Read a vector's event."""
    return RegisterEvent(
        RegisterKind[event["kind"]],
        event["number"],
        to_checksum_address(event["account"]) if event["account"] else None,
        TicketId(event["ticket_id"]) if event["ticket_id"] else None,
        argument_of(event),
        Timestamp(event["timestamp"]),
    )


def test_the_vectors_are_reckoned_again(vectors: Json) -> None:
    """Each committed argument and head is what the fields give, from the genesis on."""
    ledger = to_checksum_address(vectors["ledger"])
    head = genesis = genesis_head(ChainId(vectors["chain_id"]), ledger)
    assert "0x" + genesis.hex() == vectors["genesis"]
    events = [read_event(event) for event in vectors["events"]]
    for event, written in zip(events, vectors["events"], strict=True):
        assert f"0x{event.argument:064x}" == written["argument"]
        head = next_head(head, event)
        assert "0x" + head.hex() == written["head"]
    assert replay(genesis, events) == head
    assert {event.kind for event in events} == set(RegisterKind)


def by_hand(head: bytes, written: Json) -> bytes:
    """Reckon a head from the committed words alone, without any ABI library."""
    kinds = {"JOINED": 1, "LEFT": 2, "STANDING_SET": 3, "MOVED": 4, "BYLAWS_SET": 5}
    words = [
        int.from_bytes(head, "big"),
        kinds[written["kind"]],
        written["number"],
        int(written["account"] or "0x0", 16),
        written["ticket_id"],
        int(written["argument"], 16),
        written["timestamp"],
    ]
    return keccak(b"".join(word.to_bytes(32, "big") for word in words))


def test_the_vectors_stand_without_our_code(vectors: Json) -> None:
    """A second implementation, from the specification's words alone, finds the same heads."""
    label = b"coopledger/register/1"
    packed = (
        (0x60).to_bytes(32, "big")
        + vectors["chain_id"].to_bytes(32, "big")
        + bytes(12)
        + bytes.fromhex(vectors["ledger"][2:])
        + len(label).to_bytes(32, "big")
        + label.ljust(32, b"\0")
    )
    head = keccak(packed)
    assert "0x" + head.hex() == vectors["genesis"]
    for written in vectors["events"]:
        head = by_hand(head, written)
        assert "0x" + head.hex() == written["head"]


def test_the_arguments_are_laid_out_as_specified() -> None:
    """Each field of an argument stands at the bits that the ledger's interface names."""
    ones = Attestation(b"\xff" * 16)
    joined = joined_argument(
        Consent.ATTESTED, BylawsVersion(5), Timestamp(7), MemberNumber(9), ones
    )
    assert joined == 3 | 5 << 8 | 7 << 40 | 9 << 80 | ((1 << 128) - 1) << 128
    assert left_argument(Cause.ANNULLED, ones) == 5 | ((1 << 128) - 1) << 128
    assert standing_argument(Standing.FULL, ones) == 2 | ((1 << 128) - 1) << 128
    assert moved_argument(MemberNumber(9), 3) == 9 | 3 << 32


events = st.builds(
    RegisterEvent,
    st.sampled_from(RegisterKind),
    st.integers(0, 2**32 - 1),
    st.binary(min_size=20, max_size=20).map(to_checksum_address),
    st.integers(0, 2**40).map(TicketId),
    st.integers(0, 2**256 - 1),
    st.integers(0, 2**40 - 1).map(Timestamp),
)


@given(st.lists(events, max_size=6), st.lists(events, max_size=6))
def test_histories_that_differ_have_different_heads(
    one: list[RegisterEvent], other: list[RegisterEvent]
) -> None:
    """Two histories have the same head only if they are the same history."""
    genesis = genesis_head(ChainId(1), to_checksum_address("0x" + "11" * 20))
    assert (replay(genesis, one) == replay(genesis, other)) is (one == other)


def test_each_ledger_begins_differently() -> None:
    """Another chain or another ledger has another genesis."""
    here, there = (to_checksum_address("0x" + byte * 20) for byte in ("11", "22"))
    heads = {genesis_head(ChainId(chain), ledger) for chain in (1, 2) for ledger in (here, there)}
    assert len(heads) == 4


def test_a_record_is_open_from_its_first_second_to_before_its_last() -> None:
    """A record is open at its first second and closed at its last one (half-open)."""
    account = to_checksum_address("0x" + "11" * 20)
    record = Record(
        MemberNumber(1),
        account,
        Timestamp(100),
        Timestamp(200),
        Standing.FULL,
        Consent.SIGNED,
        Cause.LEFT,
    )
    assert [record.was_open(Timestamp(t)) for t in (99, 100, 199, 200)] == [
        False,
        True,
        True,
        False,
    ]
