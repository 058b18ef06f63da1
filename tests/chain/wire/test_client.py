"""Reading a chain: the right one, in bulk, and by time."""

from __future__ import annotations

import socket
from threading import Event
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from coopledger.chain.development import DevChain, development_signer
from coopledger.chain.sending.sender import Sender
from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.client import BlockUnknown, Chain, EthCall, Log, WrongChain, connect
from coopledger.chain.wire.rpc import (
    AnswerLost,
    AnswerUnreadable,
    Interrupted,
    JsonRpc,
    NodeRefused,
    NodeUnreachable,
)
from coopledger.chain.wire.transactions import Call, Creation
from coopledger.domain.types import BlockNumber, ChainId, Timestamp
from coopledger.local.chain.node import LocalNode
from coopledger.settings import Settings

if TYPE_CHECKING:
    from coopledger.chain.artifacts import Artifact
    from tests.middleman import Middleman


def test_a_node_of_another_chain_is_refused(node: LocalNode) -> None:
    """A chain id that differs from the expected one is an error that names both."""
    with pytest.raises(WrongChain) as failure:
        connect(node.url, ChainId(1))
    assert (failure.value.expected, failure.value.found) == (1, 31337)


def test_nothing_listening_is_unreachable() -> None:
    """Where nothing listens the node is unreachable, and the URL's key is not shown."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NodeUnreachable) as failure:
        connect(f"http://127.0.0.1:{port}/v3/secret-key", ChainId(31337))
    assert "secret-key" not in str(failure.value)
    assert str(port) in str(failure.value)


def test_what_does_not_speak_json_rpc_is_named(node: LocalNode, middleman: Middleman) -> None:
    """A page instead of an answer is an error of its own."""
    middleman.intercept = lambda _request, _pass_on: b"<html>login</html>"
    with pytest.raises(AnswerUnreadable):
        connect(middleman.url, node.chain_id)


def test_work_that_is_told_to_stop_asks_nothing_more(node: LocalNode) -> None:
    """Once its event is set, no question reaches the node, one by one or many at once."""
    stop = Event()
    chain = connect(node.url, node.chain_id, stop=stop)
    assert chain.head() >= 0
    stop.set()
    for question in (chain.head, lambda: chain.blocks([BlockNumber(0)])):
        with pytest.raises(Interrupted):
            question()
    chain.close()


def test_a_read_is_asked_again_after_a_lost_connection_and_a_write_is_not(
    middleman: Middleman,
) -> None:
    """One lost answer does not fail a read; what must not be done twice is asked for once."""
    asked: list[str] = []

    def lose_the_first(request: Any, pass_on: Any) -> bytes | None:
        asked.append(request["method"])
        return None if len(asked) == 1 else pass_on()

    rpc = JsonRpc(middleman.url)
    middleman.intercept = lose_the_first
    assert rpc.request("eth_chainId") == "0x7a69"
    assert asked == ["eth_chainId", "eth_chainId"]
    asked.clear()
    with pytest.raises(AnswerLost):
        rpc.request("eth_sendRawTransaction", "0x00", repeat=False)
    assert asked == ["eth_sendRawTransaction"]
    rpc.close()


def test_a_batch_keeps_the_order_of_its_questions(middleman: Middleman) -> None:
    """Answers that a node gives in another order come back in the order asked."""
    rpc = JsonRpc(middleman.url)
    height = rpc.request("eth_blockNumber")
    middleman.intercept = lambda _request, pass_on: orjson.dumps(orjson.loads(pass_on())[::-1])
    chain_id, refused, number = rpc.batch(
        [("eth_chainId", ()), ("eth_noSuchThing", ()), ("eth_blockNumber", ())]
    )
    assert (chain_id, number) == ("0x7a69", height)
    assert isinstance(refused, NodeRefused)
    rpc.close()


def test_a_time_leads_to_the_last_block_not_after_it(chain: Chain, dev: DevChain) -> None:
    """At every moment, the block found is the newest that is not later."""
    begin = dev.now()
    for gap in (10, 1, 100, 7):
        dev.increase_time(gap)
    blocks = [chain.block(BlockNumber(n)) for n in range(chain.head() + 1)]
    for moment in range(begin, blocks[-1].timestamp + 5):
        expected = [b for b in blocks if b.timestamp <= moment][-1]
        assert chain.block_at(Timestamp(moment)) == expected
    with pytest.raises(BlockUnknown):
        chain.block_at(Timestamp(blocks[0].timestamp - 1))


def test_a_block_that_is_not_there_is_named(either_chain: Chain) -> None:
    """A block number beyond the head, or a hash of no block, is an error."""
    with pytest.raises(BlockUnknown, match="1000000"):
        either_chain.block(BlockNumber(1_000_000))
    with pytest.raises(BlockUnknown):
        either_chain.block_by_hash(bytes(32))
    newest = either_chain.block("latest")
    assert either_chain.block_by_hash(newest.hash) == newest


def test_logs_come_complete_where_the_node_limits_the_range(
    node: LocalNode,
    chain: Chain,
    signer: Signer,
    settings: Settings,
    probe: Artifact,
    middleman: Middleman,
) -> None:
    """A range that the node refuses is halved until it answers; nothing is missing or doubled."""
    sender = Sender(chain, signer, settings)
    at = sender.send(Creation(probe.creation_code(0))).created
    assert at is not None
    step = bytes.fromhex(probe.method_identifiers["step(uint256)"])
    sent: list[Log] = []
    for number in range(20):
        receipt = sender.send(Call(at, step + number.to_bytes(32)))
        sent += receipt.logs
    refusals: list[int] = []

    def allow_three_blocks(request: Any, pass_on: Any) -> bytes:
        if isinstance(request, dict) and request["method"] == "eth_getLogs":
            span = request["params"][0]
            blocks = int(span["toBlock"], 16) - int(span["fromBlock"], 16) + 1
            if blocks > 3:
                refusals.append(blocks)
                error = {"code": -32005, "message": "query exceeds max block range"}
                return orjson.dumps({"jsonrpc": "2.0", "id": request["id"], "error": error})
        answer: bytes = pass_on()
        return answer

    middleman.intercept = allow_three_blocks
    limited = connect(middleman.url, node.chain_id)
    found = list(limited.logs([at], [sent[0].topics[0]], BlockNumber(0), chain.head()))
    assert found == sent
    assert refusals
    assert list(limited.logs([at], [None, sent[3].topics[1]], BlockNumber(0), chain.head())) == [
        sent[3]
    ]
    limited.close()


def test_many_questions_keep_a_refused_one_in_its_place(
    either_chain: Chain, settings: Settings, probe: Artifact
) -> None:
    """Of many calls in one request, a reverting one is an answer too, with what it reverted."""
    sender = Sender(either_chain, development_signer(either_chain), settings)
    at = sender.send(Creation(probe.creation_code(9))).created
    assert at is not None
    count, fail = (bytes.fromhex(probe.method_identifiers[name]) for name in ("count()", "fail()"))
    answers = either_chain.call_many([EthCall(at, count), EthCall(at, fail), EthCall(at, count)])
    assert answers[0] == answers[2] == (9).to_bytes(32)
    assert isinstance(answers[1], NodeRefused)
    assert answers[1].data is not None
    assert answers[1].data[:4].hex() == "4e487b71"
