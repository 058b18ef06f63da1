"""What contracts say no with, as exceptions: one class for each error of the artifacts' ABIs.

The classes are made from the ABIs when they are first needed, so none can be missing or out of date. They
are attributes of this module (``reverts.SeatTaken``), are told apart by the error's four-byte selector
whichever contract raised it, and take family, sentence and advice from
:mod:`coopledger.chain.contracts.refusals`.
"""

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, make_dataclass
from functools import cache
from typing import Any, ClassVar, cast

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_typing import ABIError
from eth_utils.abi import (
    abi_to_signature,
    function_signature_to_4byte_selector,
    get_abi_input_types,
)
from eth_utils.address import to_checksum_address

from coopledger.chain import artifacts
from coopledger.chain.contracts.refusals import REFUSALS, Refusal, fill_in
from coopledger.errors import Refused

_TEXT_SELECTOR = function_signature_to_4byte_selector("Error(string)")
_PANIC_SELECTOR = function_signature_to_4byte_selector("Panic(uint256)")

_PANICS = {
    0x01: "an assertion failed",
    0x11: "a number left its range",
    0x12: "a division by zero",
    0x21: "a value that its enumeration does not have",
    0x31: "an empty list was shortened",
    0x32: "an index outside its list",
    0x41: "too much memory was asked for",
}


class ContractRefusal(Exception):
    """Whatever a contract reverts with; every such exception also belongs to one family."""

    advice: ClassVar[str]
    signature: ClassVar[str] = ""
    """The Solidity error with its types, such as ``SeatTaken(uint32,uint16)``."""

    @property
    def name(self) -> str:
        """The Solidity error's own name."""
        return self.signature.partition("(")[0]

    @property
    def arguments(self) -> dict[str, Any]:
        """The error's arguments by their names here (``ticketId`` is ``ticket_id``)."""
        return {f.name: getattr(self, f.name) for f in fields(cast("Any", self))}


class UnknownRevert(ContractRefusal, Refused):
    """A contract reverted with something that no artifact describes."""

    data: bytes

    says = "a contract refused for a reason that is not known here: {data:hex}"
    advice = "Check that the addresses are those of this version's contracts."


class RevertedSilently(ContractRefusal, Refused):
    """A contract reverted without saying why."""

    says = "a contract refused without a reason"
    advice = "Check that the address is that of this version's contract."


class RevertedWithText(ContractRefusal, Refused):
    """A contract reverted with a text (``Error(string)``)."""

    text: str

    says = "a contract refused: {text}"
    advice = "The text is the contract's own; act on what it says."
    signature: ClassVar[str] = "Error(string)"


class Panicked(ContractRefusal, Refused):
    """A contract met something that it takes for impossible (``Panic(uint256)``)."""

    code: int

    advice = "This is a fault of the contract or of the call: report it."
    signature: ClassVar[str] = "Panic(uint256)"

    def __str__(self) -> str:
        return f"a contract stopped: {_PANICS.get(self.code, 'panic')} (0x{self.code:02x})"


def decode_revert(data: bytes) -> ContractRefusal:
    """Return the exception for the bytes that a call reverted with, ready to be raised."""
    if not data:
        return RevertedSilently()
    selector, body = data[:4], data[4:]
    try:
        if selector == _TEXT_SELECTOR:
            return RevertedWithText(*decode(["string"], body))
        if selector == _PANIC_SELECTOR:
            return Panicked(*decode(["uint256"], body))
        known = _errors().get(selector)
        if known is None:
            return UnknownRevert(data)
        types = get_abi_input_types(known.entry)
        values = decode(types, body)
    except (DecodingError, UnicodeDecodeError):
        return UnknownRevert(data)
    readable = (
        to_checksum_address(value) if kind == "address" else value
        for kind, value in zip(types, values, strict=True)
    )
    return known.exception(*readable)


def exception_of(name: str) -> type[ContractRefusal]:
    """Return the exception class of a Solidity error.

    Raises:
        LookupError: no artifact has an error of that name.
    """
    for known in _errors().values():
        if known.exception.__name__ == name:
            return known.exception
    raise LookupError(f"no contract has an error {name}")


def all_exceptions() -> tuple[type[ContractRefusal], ...]:
    """Return the exception classes of all errors in the artifacts, sorted by name."""
    found = (known.exception for known in _errors().values())
    return tuple(sorted(found, key=lambda kind: kind.__name__))


def __getattr__(name: str) -> type[ContractRefusal]:
    """Let callers (and pickle) name the classes as attributes of this module."""
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        return exception_of(name)
    except LookupError as error:
        raise AttributeError(str(error)) from None


@dataclass(frozen=True)
class _KnownError:
    entry: ABIError
    exception: type[ContractRefusal]


@cache
def _errors() -> Mapping[bytes, _KnownError]:
    """Return every error of every artifact by its selector."""
    found: dict[bytes, _KnownError] = {}
    names: set[str] = set()
    for contract in artifacts.available():
        for entry in artifacts.load(contract).abi:
            if entry["type"] != "error":
                continue
            selector = function_signature_to_4byte_selector(abi_to_signature(entry))
            if selector in found:
                continue
            name = entry["name"]
            # Two errors of one name and different arguments: the second is told apart.
            name = f"{name}_{selector.hex()}" if name in names else name
            names.add(name)
            found[selector] = _KnownError(entry, _make_exception(name, entry))
    return found


def _make_exception(name: str, entry: ABIError) -> type[ContractRefusal]:
    signature = abi_to_signature(entry)
    refusal = REFUSALS.get(entry["name"], Refusal(Refused, signature, UnknownRevert.advice))
    members = [_python_name(component["name"]) for component in entry["inputs"]]

    def says(self: ContractRefusal) -> str:
        return fill_in(refusal.says, self.arguments)

    exception = make_dataclass(
        name,
        [(member, Any) for member in members],
        bases=(ContractRefusal, refusal.family),
        namespace={
            "__doc__": f"``{signature}``",
            "__str__": says,
            "advice": refusal.advice,
            "signature": signature,
        },
        eq=False,
    )
    exception.__module__ = __name__
    return exception


def _python_name(name: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return f"{snake}_" if keyword.iskeyword(snake) else snake
