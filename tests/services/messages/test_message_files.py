"""Message files say to the letter what is signed, and nothing else is read for one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from coopledger.domain.signed_messages import MEMBERS, Message, MessageKind, SigningDomain
from coopledger.domain.types import Address, ChainId
from coopledger.services.messages.files import (
    LARGEST_FILE,
    MOST_TICKETS,
    MessageFileExists,
    MessageFileUnreadable,
    NotAMessage,
    message_bytes,
    parse_message,
    read_message,
    write_message,
)

WALLET = Account.from_key(b"\x17" * 32)
DOMAIN = SigningDomain(ChainId(31337), Address(WALLET.address))
IN_FILES = [kind for kind in MessageKind if kind is not MessageKind.PERMIT]
LARGEST_NUMBER = 2**63 - 1

addresses = st.binary(min_size=20, max_size=20).map(
    lambda raw: Account.from_key(raw.rjust(32, b"\1")).address
)


def values_of(type_: str) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of a Solidity type."""
    if type_ == "address":
        return addresses
    if type_.endswith("[]"):
        return st.lists(values_of(type_[:-2]), max_size=5)
    return st.integers(0, min(2 ** int(type_[4:]) - 1, LARGEST_NUMBER))


messages = st.sampled_from(IN_FILES).flatmap(
    lambda kind: st.fixed_dictionaries(
        {name: values_of(type_) for name, type_ in MEMBERS[kind]}
    ).map(lambda fields: Message(kind, DOMAIN, fields))
)


def leave() -> dict[str, Any]:
    """Return the content of a good file."""
    return Message(MessageKind.LEAVE, DOMAIN, {"number": 7, "deadline": 1_796_000_000}).typed_data()


@given(messages, st.dictionaries(addresses, st.binary(min_size=1, max_size=200), max_size=3))
def test_what_is_written_is_read(message: Message, signatures: dict[Address, bytes]) -> None:
    """Every kind of message comes back as it was, with its signatures."""
    assert parse_message(message_bytes(message, signatures)) == (message, signatures)


@given(messages)
def test_a_file_is_what_wallets_sign(message: Message) -> None:
    """A file without signatures can be given to a wallet as it is; it signs what the contract hashes."""
    content = orjson.loads(message_bytes(message, {}))
    signable = encode_typed_data(full_message=content)
    assert signable == encode_typed_data(full_message=message.typed_data())


@given(messages, st.permutations(["types", "primaryType", "domain", "message"]))
def test_the_order_in_a_file_does_not_matter(message: Message, order: list[str]) -> None:
    """Members in another order are the same message, with its fields in the order of its type."""
    content = message.typed_data()
    content["message"] = dict(reversed(content["message"].items()))
    read = parse_message(orjson.dumps({name: content[name] for name in order})).message
    assert read == message
    assert list(read.fields) == [name for name, _ in MEMBERS[message.kind]]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda c: c.pop("types"), "the file lacks types"),
        (lambda c: c.update(extra=1), "the file has a member that is not known: 'extra'"),
        (lambda c: c.update(primaryType="Permit"), "primaryType is none of"),
        (lambda c: c.update(primaryType=["Leave"]), "primaryType is none of"),
        (lambda c: c.update(primaryType="Give"), "message has a member that is not known"),
        (lambda c: c["types"].pop("EIP712Domain"), "types are not those of a Leave"),
        (lambda c: c["types"]["Leave"].reverse(), "types are not those of a Leave"),
        (lambda c: c["types"].update(Other=[]), "types are not those of a Leave"),
        (lambda c: c.update(domain=[]), "domain is not an object"),
        (lambda c: c["domain"].update(salt="0x00"), "domain has a member that is not known"),
        (lambda c: c["domain"].update(chainId="31337"), "domain.chainId is not a whole number"),
        (lambda c: c["domain"].update(chainId=-1), "domain.chainId is out of range"),
        (lambda c: c["domain"].update(name=7), "domain.name is not a text"),
        (lambda c: c["domain"].update(version="1" * 101), "domain.version is not a text"),
        (
            lambda c: c["domain"].update(verifyingContract="0x12"),
            "domain.verifyingContract is not an account",
        ),
        (
            lambda c: c["domain"].update(verifyingContract="0x" + "aB" * 20),
            "mistyped (its checksum is wrong)",
        ),
        (lambda c: c.update(message="all"), "message is not an object"),
        (lambda c: c["message"].pop("deadline"), "message lacks deadline"),
        (lambda c: c["message"].update(number=2**32), "message.number is out of range"),
        (lambda c: c["message"].update(number=True), "message.number is not a whole number"),
        (lambda c: c["message"].update(number=1.0), "message.number is not a whole number"),
        (lambda c: c["message"].update(deadline=None), "message.deadline is not a whole number"),
        (lambda c: c.update(signatures=[]), "signatures is not an object"),
        (lambda c: c.update(signatures={"me": "0x12"}), "signatures.me is not an account"),
        (
            lambda c: c.update(signatures={WALLET.address: "12"}),
            "is not 0x and hexadecimal digits",
        ),
        (lambda c: c.update(signatures={WALLET.address: "0x" + "00" * 9_999}), "is too long"),
        (
            lambda c: c.update(signatures={f"0x{i:040x}": "0x00" for i in range(9)}),
            "signatures are more than 8",
        ),
    ],
)
def test_whatever_is_not_a_message_is_named(change: Any, place: str) -> None:
    """Each member that is missing, unknown, of another type or out of range is refused by its place."""
    content = leave()
    change(content)
    with pytest.raises(NotAMessage) as refused:
        parse_message(orjson.dumps(content))
    assert place in str(refused.value)


@pytest.mark.parametrize(
    ("tickets", "place"),
    [
        ("7", "message.ticketIds is not a list"),
        ([1, [2]], "message.ticketIds[1] is not a whole number"),
        ([1] * (MOST_TICKETS + 1), "message.ticketIds has more than 500 entries"),
        ([10**30], "message.ticketIds[0] is not a whole number"),
    ],
)
def test_a_bad_list_is_named(tickets: Any, place: str) -> None:
    """A list of tickets holds whole numbers, and not too many."""
    content = Message(
        MessageKind.REFUND, DOMAIN, {"ticketIds": tickets, "deadline": 1}
    ).typed_data()
    with pytest.raises(NotAMessage) as refused:
        parse_message(orjson.dumps(content) if tickets != [10**30] else _with_long_number(content))
    assert place in str(refused.value)


def _with_long_number(content: dict[str, Any]) -> bytes:
    content["message"]["ticketIds"] = [7]
    return orjson.dumps(content).replace(b"[7]", b"[" + b"1" * 31 + b"]")


@pytest.mark.parametrize(
    "content",
    [b"", b"nothing", b"[" * 20_000, b'{"a":' * 5_000, b"\xff\xfe", b"7", b"null", b"[]"],
)
def test_other_files_are_refused(content: bytes) -> None:
    """What is no JSON object at all, however deep, is refused by name."""
    with pytest.raises(NotAMessage):
        parse_message(content)


def test_a_file_has_a_largest_size(tmp_path: Path) -> None:
    """A large file is refused before it is looked into."""
    large = tmp_path / "large.json"
    large.write_bytes(orjson.dumps(leave()) + b" " * LARGEST_FILE)
    with pytest.raises(NotAMessage, match="more than 65536 bytes"):
        read_message(large)


def test_a_file_is_never_overwritten_by_accident(tmp_path: Path) -> None:
    """Writing needs a new name, unless the file is to be replaced; nothing else is left behind."""
    path = tmp_path / "leave.json"
    message = parse_message(orjson.dumps(leave())).message
    write_message(path, message, {})
    with pytest.raises(MessageFileExists):
        write_message(path, message, {})
    signatures = {Address(WALLET.address): b"\1" * 65}
    write_message(path, message, signatures, replace=True)
    assert read_message(path) == (message, signatures)
    assert [each.name for each in tmp_path.iterdir()] == ["leave.json"]


def test_a_path_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A missing file, a folder, and a folder that is not there are refused by their path."""
    message = parse_message(orjson.dumps(leave())).message
    for bad in (tmp_path / "missing.json", tmp_path):
        with pytest.raises(MessageFileUnreadable, match=str(bad)):
            read_message(bad)
    with pytest.raises(MessageFileUnreadable):
        write_message(tmp_path / "missing" / "leave.json", message, {})


def swapped(content: Any, path: list[int], value: Any) -> Any:
    """Return some JSON with the value at a place, found by wandering down, put in."""
    if not path or not isinstance(content, dict | list) or not content:
        return value
    step, *rest = path
    if isinstance(content, dict):
        name = sorted(content)[step % len(content)]
        return {**content, name: swapped(content[name], rest, value)}
    index = step % len(content)
    return [*content[:index], swapped(content[index], rest, value), *content[index + 1 :]]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(messages, st.lists(st.integers(0, 9), max_size=4), json_values)
def test_whatever_stands_in_a_file_is_read_or_refused(
    message: Message, path: list[int], value: Any
) -> None:
    """Any JSON in any place is read as another good message or refused as none, and nothing else."""
    try:
        content = orjson.dumps(swapped(message.typed_data(), path, value))
    except TypeError:
        return  # a text that JSON cannot hold
    try:
        read = parse_message(content)
    except NotAMessage as refused:
        assert str(refused)
        return
    assert parse_message(message_bytes(*read)) == read
