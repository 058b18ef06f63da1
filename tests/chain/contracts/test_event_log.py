"""Raw logs become typed events, word for word what the ABI says."""

from __future__ import annotations

from dataclasses import fields
from enum import Enum
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from hypothesis import given, settings
from hypothesis import strategies as st

from coopledger.chain import artifacts
from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.event_log import block_time_of, decode_logs, topics_of
from coopledger.domain import events

LEDGER = to_checksum_address("0x" + "5b" * 20)
NOBODY = "0x" + "00" * 20
#: Numbers that stand for one of a few words, and how many there are in all.
WORDS = {"consent": 3, "cause": 5, "standing": 2, "kind": 3, "reason": 3}
NOT_READ = {
    # Who may move a ticket, and where metadata is, is nobody's history here.
    *("Approval", "ApprovalForAll", "Locked", "Unlocked", "MetadataUpdate"),
    *("BatchMetadataUpdate", "ContractURIUpdated", "AuthorityUpdated", "EIP712DomainChanged"),
}
KNOWN = [
    (contract, entry)
    for contract in ("TicketLedger", "BoxOffice")
    for entry in artifacts.load(contract).abi
    if entry["type"] == "event" and entry["name"] not in NOT_READ
]


def values_of(name: str, kind: str) -> st.SearchStrategy[Any]:
    """Return values of an ABI type."""
    if kind.endswith("[]"):
        return st.lists(values_of(name, kind[:-2]), max_size=4)
    if kind == "address":
        return st.binary(min_size=20, max_size=20).map(to_checksum_address)
    if kind == "bool":
        return st.booleans()
    if kind == "string":
        return st.text(st.characters(codec="utf-8"), max_size=80)
    if kind.startswith("bytes"):
        size = int(kind.removeprefix("bytes"))
        return st.binary(min_size=size, max_size=size)
    return st.integers(0, WORDS.get(name, 2 ** int(kind.removeprefix("uint")) - 1))


def raw_log(topic: bytes, inputs: list[dict[str, Any]], values: list[Any]) -> dict[str, Any]:
    """Return a log as a node gives it."""
    pairs = list(zip(inputs, values, strict=True))
    topics = [encode([i["type"]], [value]) for i, value in pairs if i["indexed"]]
    others = [(i["type"], value) for i, value in pairs if not i["indexed"]]
    return {
        "address": LEDGER.lower(),
        "topics": ["0x" + word.hex() for word in (topic, *topics)],
        "data": "0x" + encode([t for t, _ in others], [v for _, v in others]).hex(),
        "blockNumber": "0x10",
        "blockHash": "0x" + "aa" * 32,
        "transactionHash": "0x" + "bb" * 32,
        "logIndex": "0x3",
    }


def plain(value: Any) -> Any:
    """Return a value as the ABI has it."""
    if value is None:
        return 0
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize(("contract", "entry"), KNOWN, ids=[e["name"] for _, e in KNOWN])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_an_event_is_read_as_the_abi_writes_it(
    contract: str, entry: dict[str, Any], data: st.DataObject
) -> None:
    """Whatever an event holds, its fields hold the same in the same order."""
    inputs = entry["inputs"]
    values = [data.draw(values_of(i["name"], i["type"]), i["name"]) for i in inputs]
    log = raw_log(events_of(contract)[entry["name"]].topic, inputs, values)
    (read,) = decode_logs([log])
    assert read.place.order == (16, 3)
    named = [f.name for f in fields(read) if f.name not in {"place", "office"}]
    expected = [
        0 if value == NOBODY and f == "sender" else value
        for f, value in zip(named, values, strict=True)
    ]
    assert [plain(getattr(read, name)) for name in named] == expected


def test_no_event_is_forgotten() -> None:
    """Every event of the contracts is read, or is on the list of those that are not."""
    assert len(topics_of([*events.LedgerEvent.__args__, *events.OfficeEvent.__args__])) == len(
        KNOWN
    )


def test_other_logs_are_left_out() -> None:
    """A log of a topic that is not ours, or of none, is no event."""
    log = raw_log(bytes(32), [], [])
    assert list(decode_logs([log, {**log, "topics": []}])) == []
    assert block_time_of(log) is None
    assert block_time_of({**log, "blockTimestamp": "0x5"}) == 5
