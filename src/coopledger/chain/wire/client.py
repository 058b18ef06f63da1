"""A chain that answers: reads in bulk, and the checks that it is the chain that is meant.

Reads go through raw JSON-RPC (:mod:`coopledger.chain.wire.rpc`), because web3.py's formatting costs more
than the node's answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from threading import Event
from typing import Any, Literal

from eth_utils.address import to_checksum_address

from coopledger.chain.wire.rpc import JsonRpc, NodeRefused, Request
from coopledger.domain.types import Address, BlockNumber, ChainId, Timestamp, Wei
from coopledger.errors import NotFound, Untrusted

BlockId = BlockNumber | Literal["latest", "pending", "earliest", "safe", "finalized"]

_CALLS_IN_A_BATCH = 200


class WrongChain(Untrusted):
    """The node serves another chain than the one that is meant."""

    expected: ChainId
    found: ChainId

    says = "the node serves chain {found}, not chain {expected}"
    advice = "Correct COOPLEDGER_RPC_URL or COOPLEDGER_CHAIN_ID; nothing was done."


class BlockUnknown(NotFound):
    """The chain has no such block, or the node does not know it."""

    block: str

    says = "the chain has no block {block}"
    advice = "Name a block or a time within the chain's history."


@dataclass(frozen=True)
class Block:
    """A block's header, as far as it is used here. ``base_fee`` is None before EIP-1559."""

    number: BlockNumber
    hash: bytes
    parent_hash: bytes
    state_root: bytes
    timestamp: Timestamp
    gas_limit: int
    base_fee: Wei | None


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """One event as the node reports it. Its parts are read when asked for: few of many are."""

    raw: Mapping[str, Any] = field(repr=False)
    """The node's JSON, from ``eth_getLogs`` or a receipt."""

    @property
    def address(self) -> Address:
        """The contract that emitted it."""
        return _checksummed(self.raw["address"])

    @property
    def topics(self) -> tuple[bytes, ...]:
        """The event's topic and its indexed arguments."""
        return tuple(bytes.fromhex(topic[2:]) for topic in self.raw["topics"])

    @property
    def data(self) -> bytes:
        """The other arguments, encoded."""
        return bytes.fromhex(self.raw["data"][2:])

    @property
    def block_number(self) -> BlockNumber:
        """The number of its block."""
        return BlockNumber(int(self.raw["blockNumber"], 16))

    @property
    def block_hash(self) -> bytes:
        """The hash of its block."""
        return bytes.fromhex(self.raw["blockHash"][2:])

    @property
    def transaction_hash(self) -> bytes:
        """The hash of its transaction."""
        return bytes.fromhex(self.raw["transactionHash"][2:])

    @property
    def transaction_index(self) -> int:
        """The place of its transaction in the block."""
        return int(self.raw["transactionIndex"], 16)

    @property
    def log_index(self) -> int:
        """Its place among the block's logs."""
        return int(self.raw["logIndex"], 16)

    def __eq__(self, other: object) -> bool:
        """Two are one if they stand at the same place of the same block."""
        return isinstance(other, Log) and self._place == other._place

    def __hash__(self) -> int:
        return hash(self._place)

    @property
    def _place(self) -> tuple[bytes, int]:
        return self.block_hash, self.log_index


@dataclass(frozen=True)
class EthCall:
    """A question to a contract: its address and the encoded call."""

    to: Address
    data: bytes


@dataclass(frozen=True)
class Chain:
    """A connected chain. Made by :func:`connect`, which has checked its id."""

    rpc: JsonRpc
    chain_id: ChainId
    client_version: str

    def close(self) -> None:
        """Close the connections that are kept open."""
        self.rpc.close()

    def code_at(self, address: Address, at: BlockId = "latest") -> bytes:
        """Return the code at an address; empty where there is none."""
        return bytes.fromhex(self.rpc.request("eth_getCode", address, block_id(at))[2:])

    def balance_of(self, address: Address, at: BlockId = "latest") -> Wei:
        """Return an account's balance in the native coin."""
        return Wei(int(self.rpc.request("eth_getBalance", address, block_id(at)), 16))

    def nonce_of(self, address: Address, at: BlockId = "latest") -> int:
        """Return how many transactions an account has sent as of a block."""
        return int(self.rpc.request("eth_getTransactionCount", address, block_id(at)), 16)

    def head(self) -> BlockNumber:
        """Return the number of the newest block."""
        return BlockNumber(int(self.rpc.request("eth_blockNumber"), 16))

    def block(self, at: BlockId) -> Block:
        """Return a block's header.

        Raises:
            BlockUnknown: the chain has no such block.
        """
        try:
            raw = self.rpc.request("eth_getBlockByNumber", block_id(at), False)
        except NodeRefused:
            raise BlockUnknown(str(at)) from None
        if raw is None:
            raise BlockUnknown(str(at))
        return _block(raw)

    def block_by_hash(self, block_hash: bytes) -> Block:
        """Return the header of the block with this hash.

        Raises:
            BlockUnknown: the node does not know it (any more).
        """
        raw = self.rpc.request("eth_getBlockByHash", "0x" + block_hash.hex(), False)
        if raw is None:
            raise BlockUnknown("0x" + block_hash.hex())
        return _block(raw)

    def blocks(self, numbers: Sequence[BlockNumber]) -> list[Block]:
        """Return many blocks' headers in few requests.

        Raises:
            BlockUnknown: the chain has no such block.
            NodeRefused: the node does not say.
        """
        asked = [("eth_getBlockByNumber", (hex(number), False)) for number in numbers]
        answers = self._batches(asked)
        for number, answer in zip(numbers, answers, strict=True):
            if isinstance(answer, NodeRefused):
                raise answer
            if answer is None:
                raise BlockUnknown(str(number))
        return [_block(answer) for answer in answers]

    def senders(self, transactions: Sequence[bytes]) -> dict[bytes, Address]:
        """Return who sent these transactions, by their hash; those that are unknown are left out.

        Raises:
            NodeRefused: the node does not say.
        """
        asked = [("eth_getTransactionByHash", ("0x" + each.hex(),)) for each in transactions]
        senders: dict[bytes, Address] = {}
        for transaction, answer in zip(transactions, self._batches(asked), strict=True):
            if isinstance(answer, NodeRefused):
                raise answer
            if answer is not None:
                senders[transaction] = _checksummed(answer["from"])
        return senders

    def block_at(self, moment: Timestamp) -> Block:
        """Return the last block that is not later than a moment, by binary search.

        Raises:
            BlockUnknown: the chain began after that moment.
        """
        low, high = self.block(BlockNumber(0)), self.block("latest")
        if moment < low.timestamp:
            raise BlockUnknown(f"at {moment} (the chain began at {low.timestamp})")
        if moment >= high.timestamp:
            return high
        while high.number - low.number > 1:
            middle = self.block(BlockNumber((low.number + high.number) // 2))
            if middle.timestamp <= moment:
                low = middle
            else:
                high = middle
        return low

    def last_of_its_second(self, block: Block, newest: BlockNumber) -> Block:
        """Return the last block that shares a block's second, up to the newest one.

        The register knows times, not blocks: what is so as of a block is so as of its whole second.
        """
        while block.number < newest:
            following = self.block(BlockNumber(block.number + 1))
            if following.timestamp != block.timestamp:
                break
            block = following
        return block

    def call(self, to: Address, data: bytes, at: BlockId = "latest") -> bytes:
        """Ask a contract one question.

        Raises:
            NodeRefused: the call reverted (``data`` holds with what), or the node refused it.
        """
        answer: str = self.rpc.request("eth_call", _call_object(to, data), block_id(at))
        return bytes.fromhex(answer[2:])

    def call_many(
        self, calls: Sequence[EthCall], at: BlockId = "latest"
    ) -> list[bytes | NodeRefused]:
        """Ask many questions in few requests; a reverted one has its failure in its place.

        All are answered as of one block: name a number where the chain may move in between.
        """
        results = self._batches(
            [("eth_call", (_call_object(c.to, c.data), block_id(at))) for c in calls]
        )
        return [r if isinstance(r, NodeRefused) else bytes.fromhex(r[2:]) for r in results]

    def _batches(self, requests: Sequence[Request]) -> list[Any]:
        answers: list[Any] = []
        for start in range(0, len(requests), _CALLS_IN_A_BATCH):
            answers += self.rpc.batch(requests[start : start + _CALLS_IN_A_BATCH])
        return answers

    def logs(
        self,
        addresses: Sequence[Address],
        topics: Sequence[bytes | Sequence[bytes] | None],
        first: BlockNumber,
        last: BlockNumber,
    ) -> Iterator[Log]:
        """Yield the logs of a range of blocks in order (see :meth:`raw_logs`)."""
        for part in self.raw_logs(addresses, topics, first, last):
            yield from map(Log, part)

    def raw_logs(
        self,
        addresses: Sequence[Address],
        topics: Sequence[bytes | Sequence[bytes] | None],
        first: BlockNumber,
        last: BlockNumber,
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the logs of blocks ``first`` to ``last`` (both included) as the node's JSON.

        A range that the node refuses is asked for in halves.

        Raises:
            NodeRefused: the node refuses even a single block.
        """
        ranges = [(first, last)]
        while ranges:
            start, end = ranges.pop()
            try:
                yield self.raw_logs_at_once(addresses, topics, start, end)
            except NodeRefused:
                if start >= end:
                    raise
                middle = BlockNumber((start + end) // 2)
                ranges += [(BlockNumber(middle + 1), end), (start, middle)]

    def raw_logs_at_once(
        self,
        addresses: Sequence[Address],
        topics: Sequence[bytes | Sequence[bytes] | None],
        first: BlockNumber,
        last: BlockNumber,
    ) -> list[dict[str, Any]]:
        """Return the logs of blocks ``first`` to ``last`` (both included) from one request.

        Raises:
            NodeRefused: the node refuses, perhaps because it is too much at once.
        """
        question = {
            "address": list(addresses),
            "topics": [_topic(topic) for topic in topics],
            "fromBlock": hex(first),
            "toBlock": hex(last),
        }
        logs: list[dict[str, Any]] = self.rpc.request("eth_getLogs", question)
        return logs


@cache
def _checksummed(address: str) -> Address:
    """Checksumming is slow, and logs come from few contracts."""
    return to_checksum_address(address)


def connect(
    url: str, expected_chain_id: ChainId, timeout_s: float = 30.0, stop: Event | None = None
) -> Chain:
    """Return the chain at a URL, once it is known to be the one that is meant.

    Args:
        url: where its node answers.
        expected_chain_id: which one is meant.
        timeout_s: how long to wait for an answer.
        stop: once it is set, every question fails with ``Interrupted``.

    Raises:
        WrongChain: it serves another chain.
        NodeUnreachable, AnswerLost, AnswerUnreadable, NodeRefused: see :func:`connect_any`.
    """
    chain = connect_any(url, timeout_s, stop)
    if chain.chain_id != expected_chain_id:
        chain.close()
        raise WrongChain(expected_chain_id, chain.chain_id)
    return chain


def connect_any(url: str, timeout_s: float = 30.0, stop: Event | None = None) -> Chain:
    """Return whichever chain answers at a URL; see :func:`connect` for what is given.

    Raises:
        NodeUnreachable: nothing answers there.
        AnswerLost, AnswerUnreadable, NodeRefused: what answers is no usable node.
    """
    rpc = JsonRpc(url, timeout_s, stop)
    served, version = rpc.batch([("eth_chainId", ()), ("web3_clientVersion", ())])
    if isinstance(served, NodeRefused):
        raise served
    # Some providers do not say what they run; a chain like that is no local one.
    known = "" if isinstance(version, NodeRefused) else version
    return Chain(rpc, ChainId(int(served, 16)), known)


def block_id(at: BlockId) -> str:
    """Return a block's number or tag as JSON-RPC writes it."""
    return at if isinstance(at, str) else hex(at)


def _topic(topic: bytes | Sequence[bytes] | None) -> Any:
    if topic is None or isinstance(topic, bytes):
        return topic if topic is None else "0x" + topic.hex()
    return ["0x" + choice.hex() for choice in topic]


def _call_object(to: Address, data: bytes) -> dict[str, str]:
    return {"to": to, "data": "0x" + data.hex()}


def _block(raw: dict[str, Any]) -> Block:
    base_fee = raw.get("baseFeePerGas")
    return Block(
        number=BlockNumber(int(raw["number"], 16)),
        hash=bytes.fromhex(raw["hash"][2:]),
        parent_hash=bytes.fromhex(raw["parentHash"][2:]),
        state_root=bytes.fromhex(raw["stateRoot"][2:]),
        timestamp=Timestamp(int(raw["timestamp"], 16)),
        gas_limit=int(raw["gasLimit"], 16),
        base_fee=None if base_fee is None else Wei(int(base_fee, 16)),
    )
