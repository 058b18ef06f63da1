"""Contract errors come back as exceptions of their own, with arguments and a sentence."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from eth_abi.abi import encode
from eth_utils.abi import (
    abi_to_signature,
    function_signature_to_4byte_selector,
    get_abi_input_types,
)

from coopledger.chain import artifacts
from coopledger.chain.contracts import reverts
from coopledger.chain.contracts.refusals import REFUSALS
from coopledger.chain.development import development_signer
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.rpc import NodeRefused
from coopledger.chain.wire.transactions import Creation
from coopledger.errors import NotAllowed, handling_of

if TYPE_CHECKING:
    from eth_typing import ABIError

    from coopledger.chain.artifacts import Artifact
    from coopledger.chain.wire.client import Chain
    from coopledger.settings import Settings

ADDRESS = "0x" + "ab" * 20


def contract_errors() -> list[ABIError]:
    """Return every error of every artifact, each signature once."""
    found = {
        abi_to_signature(entry): entry
        for name in artifacts.available()
        for entry in artifacts.load(name).abi
        if entry["type"] == "error"
    }
    return [found[signature] for signature in sorted(found)]


def a_value(kind: str) -> object:
    """Return some value of a Solidity type."""
    if kind == "address":
        return ADDRESS
    if kind == "string":
        return "text"
    if kind.startswith("bytes"):
        return bytes(range(1, 1 + int(kind.removeprefix("bytes") or 5)))
    return kind == "bool" or 2


def revert_data(entry: ABIError) -> bytes:
    """Return the bytes that a contract reverts with for an error."""
    types = get_abi_input_types(entry)
    selector = function_signature_to_4byte_selector(abi_to_signature(entry))
    return selector + encode(types, [a_value(kind) for kind in types])


def test_there_are_contract_errors() -> None:
    """The tests below have something to go through."""
    assert len(contract_errors()) > 50


@pytest.mark.parametrize("entry", contract_errors(), ids=abi_to_signature)
def test_every_contract_error_has_its_exception_and_sentence(entry: ABIError) -> None:
    """Each error decodes to its own class, in one family, with a sentence, advice and arguments."""
    refusal = reverts.decode_revert(revert_data(entry))
    assert refusal.signature == abi_to_signature(entry)
    assert refusal.name == entry["name"]
    assert entry["name"] in REFUSALS
    assert handling_of(type(refusal)).exit_code
    assert str(refusal)
    assert "{" not in str(refusal)
    assert refusal.advice
    assert len(refusal.arguments) == len(entry["inputs"])
    again = pickle.loads(pickle.dumps(refusal))  # noqa: S301  our own
    assert (type(again), str(again)) == (type(refusal), str(refusal))


def test_no_sentence_is_kept_for_an_error_that_is_gone() -> None:
    """The table of sentences holds the artifacts' errors and no others."""
    assert set(REFUSALS) == {entry["name"] for entry in contract_errors()}


def test_arguments_are_fields_and_addresses_are_checksummed() -> None:
    """Callers read the facts from the exception, and catch it by its name."""
    entry = next(e for e in contract_errors() if e["name"] == "NotTheHolder")
    with pytest.raises(reverts.exception_of("NotTheHolder")) as caught:
        raise reverts.decode_revert(revert_data(entry))
    assert caught.value.arguments["ticket_id"] == 2
    assert caught.value.arguments["holder"].lower() == ADDRESS
    assert caught.value.arguments["holder"] != ADDRESS
    assert isinstance(caught.value, reverts.ContractRefusal)
    assert isinstance(caught.value, NotAllowed)
    assert reverts.NotTheHolder is reverts.exception_of("NotTheHolder")


def test_a_name_that_no_contract_knows_is_an_error() -> None:
    """A misspelt error is found when it is named, not never."""
    with pytest.raises(LookupError):
        reverts.exception_of("SeatTakn")
    with pytest.raises(AttributeError):
        reverts.SeatTakn  # noqa: B018  the access is what is tested


def test_a_missing_role_is_not_allowed_rather_than_refused() -> None:
    """Roles and keys that are missing belong to the NotAllowed family."""
    for name in (
        "AccessManagedUnauthorized",
        "AccessManagerUnauthorizedAccount",
        "AccessManagerUnauthorizedCall",
    ):
        assert issubclass(reverts.exception_of(name), NotAllowed)


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", reverts.RevertedSilently, "without a reason"),
        (bytes.fromhex("08c379a0") + encode(["string"], ["no"]), reverts.RevertedWithText, "no"),
        (bytes.fromhex("4e487b71") + encode(["uint256"], [0x11]), reverts.Panicked, "0x11"),
        (bytes.fromhex("deadbeef01"), reverts.UnknownRevert, "0xdeadbeef01"),
        (b"\1\2", reverts.UnknownRevert, "0x0102"),
        (bytes.fromhex("4e487b71"), reverts.UnknownRevert, "0x4e487b71"),
    ],
    ids=["empty", "text", "panic", "unknown", "short", "cut-off"],
)
def test_reverts_without_an_error_of_the_contracts_are_told_apart(
    data: bytes, kind: type[reverts.ContractRefusal], words: str
) -> None:
    """Nothing, a text, a panic and unknown bytes are each an exception, never a crash."""
    refusal = reverts.decode_revert(data)
    assert type(refusal) is kind
    assert words in str(refusal)


def test_both_nodes_pass_on_what_a_contract_reverts_with(
    either_chain: Chain, settings: Settings, probe: Artifact
) -> None:
    """Errors decode from the real answers of anvil and of Hardhat's node."""
    sender = Sender(either_chain, development_signer(either_chain), settings)
    at = sender.send(Creation(probe.creation_code(0))).created
    assert at is not None
    refuse = bytes.fromhex(probe.method_identifiers["refuse(bytes)"])
    for entry in contract_errors()[:5]:
        with pytest.raises(NodeRefused) as refused:
            either_chain.call(at, refuse + encode(["bytes"], [revert_data(entry)]))
        assert refused.value.data == revert_data(entry)
        assert reverts.decode_revert(refused.value.data).name == entry["name"]
    with pytest.raises(NodeRefused) as silent:
        either_chain.call(at, refuse + encode(["bytes"], [b""]))
    assert silent.value.data == b""
