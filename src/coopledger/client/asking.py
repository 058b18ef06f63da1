"""Questions to a contract by web3.py, and by name what can come back instead of an answer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_typing import ABIError
from eth_utils.abi import (
    abi_to_signature,
    function_signature_to_4byte_selector,
    get_abi_input_types,
)
from eth_utils.address import to_checksum_address
from hexbytes import HexBytes
from web3.contract.contract import ContractEvent, ContractFunction
from web3.exceptions import (
    BadFunctionCallOutput,
    BadResponseFormat,
    CannotHandleRequest,
    ContractLogicError,
    ProviderConnectionError,
    TimeExhausted,
    TooManyRequests,
    Web3RPCError,
)
from web3.types import EventData

from coopledger.client.artifacts import NAMES, abi_of
from coopledger.client.values import Block
from coopledger.errors import NotFound, Refused, Unavailable

#: What web3.py raises where no answer came; of HTTP, ``requests`` raises kinds of ``OSError``.
_NO_ANSWER = (
    *(OSError, BadResponseFormat, CannotHandleRequest, ProviderConnectionError),
    *(TimeExhausted, TooManyRequests),
)


class NodeAway(Unavailable):
    """The node did not answer, or not in a way that can be read."""

    reason: str

    says = "the node does not answer: {reason}"
    advice = "See that the node runs and that its address is right; ask again."


class NodeSaysNo(Unavailable):
    """The node answered with an error."""

    reason: str

    says = "the node says no: {reason}"
    advice = (
        "What was asked as of a block needs a node that keeps the states of old blocks (an archive "
        "node); for anything else, act on the node's own words."
    )


class NothingAnswers(NotFound):
    """There was no contract at the address then."""

    function: str
    address: str

    says = "nothing answers {function} at {address} as of that block"
    advice = "Ask as of a block in which the contract was there already."


class CallRefused(Refused):
    """A contract refuses a call; nothing of it happens.

    ``error`` is the Solidity error's name and ``arguments`` its arguments by their names there;
    ``error`` is empty where the contract gave none that is known, and ``reason`` what it gave.
    """

    error: str
    arguments: Mapping[str, Any]
    reason: str

    says = "the contract refuses: {reason}"
    advice = "contracts/interfaces says in a line what each error means."


@contextmanager
def failures_named() -> Iterator[None]:
    """Turn what web3.py raises within the block into failures of this package.

    Raises:
        CallRefused: a contract refuses.
        NodeSaysNo: the node answered with an error.
        NodeAway: it did not answer.
    """
    try:
        yield
    except ContractLogicError as error:
        raise _refusal(error) from error
    except Web3RPCError as error:
        said = (error.rpc_response or {}).get("error", str(error))
        raise NodeSaysNo(str(said["message"] if isinstance(said, dict) else said)) from error
    except _NO_ANSWER as error:
        raise NodeAway(str(error)) from error


def ask(function: ContractFunction, block: Block | None = None) -> Any:
    """Return what a function of a contract answers as of a block, or of the newest.

    Raises:
        CallRefused, NodeSaysNo, NodeAway: see :func:`failures_named`.
        NothingAnswers: the contract was not there.
    """
    with failures_named():
        try:
            return function.call(block_identifier=block.number if block else None)
        except BadFunctionCallOutput:
            raise NothingAnswers(function.fn_name, str(function.address)) from None


def events(event: ContractEvent, first: int, last: int, **arguments: Any) -> list[EventData]:
    """Return a contract's events in a range of blocks, both ends included, in their order.

    A range that the node does not give at once is asked for by halves.

    Raises:
        NodeSaysNo, NodeAway: see :func:`failures_named`.
    """
    try:
        with failures_named():
            return list(event.get_logs(arguments, from_block=first, to_block=last))
    except NodeSaysNo:
        if first >= last:
            raise
    middle = (first + last) // 2
    earlier = events(event, first, middle, **arguments)
    return earlier + events(event, middle + 1, last, **arguments)


def _refusal(error: ContractLogicError) -> CallRefused:
    data = error.data if isinstance(error.data, str) and error.data.startswith("0x") else "0x"
    raw = HexBytes(data)
    entry = _errors().get(bytes(raw[:4]))
    if entry is None:
        return CallRefused("", {}, error.message or data)
    types = get_abi_input_types(entry)
    try:
        values = decode(types, raw[4:])
    except DecodingError:
        return CallRefused("", {}, data)
    named = {
        each["name"]: to_checksum_address(value) if kind == "address" else value
        for each, kind, value in zip(entry["inputs"], types, values, strict=True)
    }
    told = ", ".join(f"{name} {value}" for name, value in named.items())
    return CallRefused(entry["name"], named, f"{entry['name']}({told})")


@cache
def _errors() -> dict[bytes, ABIError]:
    """Return the contracts' errors by selector: one may come through another contract."""
    return {
        bytes(function_signature_to_4byte_selector(abi_to_signature(entry))): entry
        for name in NAMES
        for entry in abi_of(name)
        if entry["type"] == "error"
    }
