"""What the typed faces of the contracts have in common: asking, calling, reading events.

Names are the contract's own (``memberCount``), and are found in the committed artifact, so a face cannot
ask for what the contract does not have.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_typing import ABIElement
from eth_utils.abi import abi_to_signature, event_signature_to_log_topic, get_abi_input_types
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from coopledger.chain import artifacts
from coopledger.chain.contracts.reverts import decode_revert
from coopledger.chain.wire.client import BlockId, Chain, EthCall, Log
from coopledger.chain.wire.rpc import AnswerUnreadable, NodeRefused
from coopledger.chain.wire.transactions import Call
from coopledger.domain.types import Address, Gas, Wei
from coopledger.errors import BadInput, Untrusted

_NO_VALUE = Wei(0)
_WORD = 32


class ArgumentOutOfRange(BadInput):
    """A number is larger, or a text longer, than a contract can take."""

    reason: str

    says = "a contract cannot take this: {reason}"
    advice = "Check the numbers; ids and amounts on the chain have an end."


class CallUnreadable(BadInput):
    """The arguments of a call do not have the shape that its function asks for."""

    selector: bytes
    reason: str

    says = "a call of function {selector:hex} cannot be read: {reason}"
    advice = "Such a call can only fail; have whoever scheduled it cancel it."


class LogUnreadable(Untrusted):
    """The node gave as an event's log what is none."""

    event: str
    reason: str

    says = "the node gave a log of {event} that cannot be read: {reason}"
    advice = "Ask another node; this one gives wrong logs."


@dataclass(frozen=True)
class Function:
    """How one function is encoded."""

    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameters: tuple[str, ...]
    """The names of the inputs."""

    def encode(self, *arguments: Any) -> bytes:
        """Return the call's bytes.

        Raises:
            ArgumentOutOfRange: an argument does not fit into its type.
        """
        try:
            return self.selector + encode(self.inputs, arguments)
        except EncodingError as error:
            raise ArgumentOutOfRange(str(error)) from None

    def arguments_in(self, data: bytes) -> dict[str, Any]:
        """Return the arguments of a call's bytes by name, accounts with their checksums.

        Raises:
            CallUnreadable: the bytes are no call of this function.
        """
        try:
            values = decode(self.inputs, data[4:])
        except DecodingError as error:
            raise CallUnreadable(data[:4], str(error)) from None
        return {
            name: to_checksum_address(value) if kind == "address" else value
            for name, kind, value in zip(self.parameters, self.inputs, values, strict=True)
        }

    def decode(self, answer: bytes) -> Any:
        """Return what the answer's bytes say: a value, or a tuple of several."""
        values = decode(self.outputs, answer)
        return values[0] if len(values) == 1 else values


@dataclass(frozen=True)
class Event:
    """How one event is encoded: its topic, and the types of its indexed and other arguments."""

    name: str
    topic: bytes
    indexed: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]

    def decode(self, log: Log) -> dict[str, Any]:
        """Return a log's arguments by name.

        Raises:
            LogUnreadable: the log is not one of this event.
        """
        try:
            values = decode([kind for _, kind in self.others], log.data)
            arguments = dict(zip((name for name, _ in self.others), values, strict=True))
            for (name, kind), topic in zip(self.indexed, log.topics[1:], strict=True):
                arguments[name] = decode([kind], topic)[0]
        except (DecodingError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise LogUnreadable(self.name, type(error).__name__) from None
        return arguments


@cache
def functions_of(contract: str) -> dict[str, Function]:
    """Return a contract's functions by name (overloaded ones: the one that stands last)."""
    return {
        entry["name"]: Function(
            keccak(text=abi_to_signature(entry))[:4],
            tuple(get_abi_input_types(entry)),
            tuple(_type_of(output) for output in entry.get("outputs", ())),
            tuple(parameter["name"] for parameter in entry["inputs"]),
        )
        for entry in artifacts.load(contract).abi
        if entry["type"] == "function"
    }


@cache
def events_of(contract: str) -> dict[str, Event]:
    """Return a contract's events by name."""
    return {
        entry["name"]: _event(entry)
        for entry in artifacts.load(contract).abi
        if entry["type"] == "event"
    }


@dataclass(frozen=True)
class Contract:
    """A contract of a known artifact at an address."""

    chain: Chain
    address: Address

    artifact: ClassVar[str]

    def ask(self, function: str, *arguments: Any, at: BlockId = "latest") -> Any:
        """Ask a view for its answer.

        Raises:
            ContractRefusal: the contract's own error, decoded.
            NodeRefused: the node did not answer the call.
            AnswerUnreadable: it answered with nothing, or with something else.
        """
        return self._read(function, self._answer(function, arguments, at))

    def ask_many(
        self, function: str, arguments: list[tuple[Any, ...]], at: BlockId = "latest"
    ) -> list[Any]:
        """Ask one view for many arguments in few requests.

        Raises: see :meth:`ask`; the first failure stands for all.
        """
        face = functions_of(self.artifact)[function]
        calls = [EthCall(self.address, face.encode(*each)) for each in arguments]
        answers = []
        for answer in self.chain.call_many(calls, at):
            if isinstance(answer, NodeRefused):
                raise _reason(answer)
            answers.append(self._read(function, answer))
        return answers

    def _answer(self, function: str, arguments: tuple[Any, ...], at: BlockId) -> bytes:
        data = functions_of(self.artifact)[function].encode(*arguments)
        try:
            return self.chain.call(self.address, data, at)
        except NodeRefused as refused:
            raise _reason(refused) from None

    def _read(self, function: str, answer: bytes) -> Any:
        try:
            return functions_of(self.artifact)[function].decode(answer)
        except DecodingError:
            raise self._unreadable(function) from None

    def _unreadable(self, function: str) -> AnswerUnreadable:
        # So a node answers that has lost the state of that block.
        detail = "the answer is cut short, or of another shape"
        return AnswerUnreadable(self.chain.rpc.node, f"{function}()", detail)

    def ask_words(self, function: str, *arguments: Any, at: BlockId = "latest") -> list[int]:
        """Ask a view that answers a list of words; cut here, since general decoding takes longer.

        Raises: see :meth:`ask`.
        """
        answer = self._answer(function, arguments, at)
        places = range(0, len(answer), _WORD)
        words = [int.from_bytes(answer[place : place + _WORD]) for place in places]
        if len(answer) % _WORD or words[:2] != [_WORD, len(words) - 2]:
            raise self._unreadable(function)
        return words[2:]

    def events(self, name: str, logs: Iterable[Log]) -> list[dict[str, Any]]:
        """Return the arguments of this contract's events of one name among some logs."""
        event = events_of(self.artifact)[name]
        return [event.decode(log) for log in self.logs_of(name, logs)]

    def logs_of(self, name: str, logs: Iterable[Log]) -> list[Log]:
        """Return this contract's events of one name among some logs, undecoded."""
        first = "0x" + events_of(self.artifact)[name].topic.hex()
        alike = (log for log in logs if log.raw["topics"][:1] == [first])
        return [log for log in alike if log.address == self.address]

    def call(
        self, function: str, *arguments: Any, gas: Gas | None = None, value: Wei = _NO_VALUE
    ) -> Call:
        """Return a call that changes something, ready to be sent."""
        data = functions_of(self.artifact)[function].encode(*arguments)
        return Call(self.address, data, gas, value)


def _reason(refused: NodeRefused) -> Exception:
    return refused if refused.data is None else decode_revert(refused.data)


def _type_of(parameter: Any) -> str:
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(_type_of(component) for component in parameter["components"])
    return f"({inner}){kind.removeprefix('tuple')}"


def _event(entry: ABIElement) -> Event:
    inputs: Any = entry["inputs"]  # type: ignore[typeddict-item]  # events alone come here
    named = [(each["name"], _type_of(each), each["indexed"]) for each in inputs]
    return Event(
        entry["name"],  # type: ignore[typeddict-item]  # events have names
        event_signature_to_log_topic(abi_to_signature(entry)),
        tuple((name, kind) for name, kind, indexed in named if indexed),
        tuple((name, kind) for name, kind, indexed in named if not indexed),
    )
