"""Sending, and each way in which it can fail, provoked on real nodes."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from eth_abi.abi import encode
from eth_account import Account

from coopledger.chain.contracts.reverts import Panicked, RevertedWithText, UnknownRevert
from coopledger.chain.development import DevChain, development_signer
from coopledger.chain.sending.send_failures import (
    FeeTooLow,
    InsufficientFunds,
    NonceTooHigh,
    NonceTooLow,
    NotMinedInTime,
    OutcomeUnknown,
    RanOutOfGas,
    ReplacementUnderpriced,
    SendingStopped,
    TransactionDropped,
    TransactionOverGasCap,
    TransactionRejected,
    TransactionReverted,
)
from coopledger.chain.sending.sender import Sender
from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.client import Chain, connect
from coopledger.chain.wire.rpc import NodeUnreachable
from coopledger.chain.wire.transactions import Call, Creation, Fees, SignedTransaction
from coopledger.domain.types import Address, Gas, Wei
from coopledger.local.chain.node import LocalNode
from coopledger.settings import Settings

if TYPE_CHECKING:
    from coopledger.chain.artifacts import Artifact
    from tests.middleman import Middleman

GAS = Gas(200_000)


def a_call(probe: Artifact, to: Address, method: str, *values: Any, gas: Gas | None = GAS) -> Call:
    """Return a call of the small contract."""
    signature = next(s for s in probe.method_identifiers if s.startswith(f"{method}("))
    types = [kind for kind in signature[len(method) + 1 : -1].split(",") if kind]
    selector = bytes.fromhex(probe.method_identifiers[signature])
    return Call(to, selector + encode(types, values), gas)


def deploy(sender: Sender, probe: Artifact, start: int = 0) -> Address:
    """Deploy the small contract and return its address."""
    created = sender.send(Creation(probe.creation_code(start))).created
    assert created is not None
    return created


def count(chain: Chain, probe: Artifact, at: Address) -> int:
    """Return the small contract's counter."""
    return int.from_bytes(chain.call(at, bytes.fromhex(probe.method_identifiers["count()"])))


@pytest.fixture
def sender(chain: Chain, signer: Signer, settings: Settings) -> Sender:
    """A sender for the first development key."""
    return Sender(chain, signer, settings)


@pytest.fixture
def contract(sender: Sender, probe: Artifact) -> Address:
    """The small contract, deployed, its counter at 0."""
    return deploy(sender, probe)


def test_a_sent_call_is_mined_and_its_receipt_tells_what_happened(
    either_chain: Chain, settings: Settings, probe: Artifact
) -> None:
    """A call is simulated, signed, sent and awaited; the receipt has its block, gas and logs."""
    sender = Sender(either_chain, development_signer(either_chain), settings)
    at = deploy(sender, probe)
    for gas in (GAS, None):
        receipt = sender.send(a_call(probe, at, "step", count(either_chain, probe, at), gas=gas))
        assert receipt.succeeded
        assert receipt.block_number == either_chain.head()
        assert 21_000 < receipt.gas_used < GAS
        assert [log.address for log in receipt.logs] == [at]
    assert count(either_chain, probe, at) == 2


def test_a_creation_announces_its_address_before_anything_is_broadcast(
    chain: Chain, sender: Sender, probe: Artifact
) -> None:
    """The facts handed out first name the hash, the nonce and the address that come true."""
    announced: list[SignedTransaction] = []

    def record(announcement: SignedTransaction) -> None:
        assert announcement.created is not None
        assert chain.code_at(announcement.created) == b""
        announced.append(announcement)

    receipt = sender.send(Creation(probe.creation_code(7)), before_broadcast=record)
    assert receipt.created == announced[0].created
    assert receipt.hash == announced[0].hash
    assert announced[0].nonce + 1 == sender.next_nonce()


def test_a_record_that_fails_keeps_the_transaction_back(
    chain: Chain, sender: Sender, contract: Address, probe: Artifact
) -> None:
    """If the facts cannot be recorded first, nothing is broadcast."""

    def record(_: SignedTransaction) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        sender.send(a_call(probe, contract, "step", 0), before_broadcast=record)
    assert count(chain, probe, contract) == 0


def test_a_call_that_would_revert_is_refused_before_it_is_sent(
    either_chain: Chain, settings: Settings, probe: Artifact
) -> None:
    """The simulation's revert comes back decoded, and no transaction is made."""
    sender = Sender(either_chain, development_signer(either_chain), settings)
    at = deploy(sender, probe)
    nonce = sender.next_nonce()
    for gas in (GAS, None):
        with pytest.raises(UnknownRevert) as unknown:
            sender.send(a_call(probe, at, "step", 5, gas=gas))
        assert unknown.value.data[4:36] == bytes(32)
        with pytest.raises(Panicked) as panicked:
            sender.send(a_call(probe, at, "fail", gas=gas))
        assert panicked.value.code == 1
        with pytest.raises(RevertedWithText, match="unlucky"):
            sender.send(Creation(probe.creation_code(13), None if gas is None else Gas(10**6)))
    assert sender.next_nonce() == nonce


def test_an_account_without_money_is_told_what_is_missing(
    either_chain: Chain, settings: Settings
) -> None:
    """A transaction that its account cannot pay for names the balance and what is needed."""
    poor = Sender(either_chain, Signer(Account.create().key), settings)
    to = development_signer(either_chain).address
    prepared = poor.prepare(Call(to, b""), GAS, 0, poor.fees())
    with pytest.raises(InsufficientFunds) as failure:
        poor.broadcast(prepared)
    assert failure.value.balance == 0
    assert failure.value.needed == GAS * prepared.fees.max_fee


def test_a_nonce_that_was_used_is_refused(either_chain: Chain, settings: Settings) -> None:
    """A transaction with an old nonce is another one, and is not taken."""
    signer = development_signer(either_chain)
    sender = Sender(either_chain, signer, settings)
    sender.send(Call(signer.address, b"", GAS))
    with pytest.raises(NonceTooLow):
        sender.broadcast(sender.prepare(Call(signer.address, b"\1"), GAS, 0, sender.fees()))


def test_the_same_transaction_can_be_broadcast_again(chain: Chain, sender: Sender) -> None:
    """The same bytes are the same transaction, also once it is mined: sending them is harmless."""
    to = development_signer(chain, 1).address
    prepared = sender.prepare(Call(to, b"", GAS, Wei(5)), GAS, sender.next_nonce(), sender.fees())
    before = chain.balance_of(to)
    for _ in range(2):
        sender.broadcast(prepared)
        assert sender.wait_for(prepared).hash == prepared.announcement.hash
    assert chain.balance_of(to) == before + 5


def test_a_skipped_nonce_is_refused_where_the_node_does_not_queue(
    hardhat_node: LocalNode, settings: Settings
) -> None:
    """A node that mines at once says that a transaction before this one is missing."""
    chain = connect(hardhat_node.url, hardhat_node.chain_id)
    signer = development_signer(chain)
    sender = Sender(chain, signer, settings)
    nonce = sender.next_nonce() + 3
    with pytest.raises(NonceTooHigh) as failure:
        sender.broadcast(sender.prepare(Call(signer.address, b""), GAS, nonce, sender.fees()))
    assert failure.value.nonce == nonce
    chain.close()


def test_a_second_transaction_of_a_waiting_nonce_is_refused(
    chain: Chain, sender: Sender, dev: DevChain, signer: Signer
) -> None:
    """What is under way is not replaced by accident."""
    dev.set_automine(False)
    nonce, fees = sender.next_nonce(), sender.fees()
    sender.broadcast(sender.prepare(Call(signer.address, b""), GAS, nonce, fees))
    with pytest.raises(ReplacementUnderpriced) as failure:
        sender.broadcast(sender.prepare(Call(signer.address, b"\1"), GAS, nonce, fees))
    assert failure.value.nonce == nonce


def test_a_fee_below_the_chains_is_refused(either_chain: Chain, settings: Settings) -> None:
    """A fee that no block would take is named."""
    signer = development_signer(either_chain)
    sender = Sender(either_chain, signer, settings)
    low = Fees(Wei(1), Wei(1))
    with pytest.raises(FeeTooLow) as failure:
        sender.broadcast(sender.prepare(Call(signer.address, b""), GAS, sender.next_nonce(), low))
    assert failure.value.max_fee == 1


def test_gas_over_the_cap_is_refused_here_and_by_the_node(
    either_chain: Chain, settings: Settings
) -> None:
    """A limit over the settings' cap is not even signed; the node's own cap is recognised."""
    signer = development_signer(either_chain)
    over = Gas(settings.transaction_gas_cap + 1)
    with pytest.raises(TransactionOverGasCap) as here:
        Sender(either_chain, signer, settings).send(Call(signer.address, b"", over))
    assert (here.value.gas, here.value.cap) == (over, settings.transaction_gas_cap)
    lax = Sender(
        either_chain, signer, settings.model_copy(update={"transaction_gas_cap": Gas(10**8)})
    )
    with pytest.raises(TransactionOverGasCap):
        lax.broadcast(lax.prepare(Call(signer.address, b""), over, lax.next_nonce(), lax.fees()))


def test_whatever_else_a_node_says_is_passed_on(either_chain: Chain, settings: Settings) -> None:
    """A refusal for a reason of the node's own keeps the node's words."""
    foreign = replace(either_chain, chain_id=type(either_chain.chain_id)(5))
    signer = development_signer(either_chain)
    sender = Sender(foreign, signer, settings)
    with pytest.raises(TransactionRejected, match=r"(?i)chain ?id"):
        sender.broadcast(
            sender.prepare(Call(signer.address, b""), GAS, sender.next_nonce(), sender.fees())
        )


def test_a_transaction_that_is_not_mined_in_time_is_named(
    chain: Chain, signer: Signer, settings: Settings, dev: DevChain
) -> None:
    """What waits too long is reported with its hash, and can be looked up later."""
    dev.set_automine(False)
    hasty = Sender(chain, signer, settings.model_copy(update={"receipt_timeout_s": 0.2}))
    with pytest.raises(NotMinedInTime) as failure:
        hasty.send(Call(signer.address, b"", GAS))
    dev.mine()
    found = chain.rpc.request("eth_getTransactionReceipt", "0x" + failure.value.hash.hex())
    assert int(found["status"], 16) == 1


def test_a_transaction_that_the_node_forgot_is_named(
    chain: Chain, signer: Signer, settings: Settings, dev: DevChain
) -> None:
    """A transaction that left the node's pool is told from one that still waits in it."""
    dev.set_automine(False)
    hasty = Sender(chain, signer, settings.model_copy(update={"receipt_timeout_s": 0.2}))
    prepared = hasty.prepare(Call(signer.address, b""), GAS, hasty.next_nonce(), hasty.fees())
    hasty.broadcast(prepared)
    dev.drop_transaction(prepared.announcement.hash)
    with pytest.raises(TransactionDropped) as failure:
        hasty.wait_for(prepared)
    assert failure.value.hash == prepared.announcement.hash


def test_a_transaction_that_the_node_forgot_is_handed_to_it_again(
    chain: Chain, signer: Signer, settings: Settings, dev: DevChain
) -> None:
    """The very same transaction is mined, where a node has lost it before it came into a block."""
    dev.set_automine(False)
    sender = Sender(chain, signer, settings)
    prepared = sender.prepare(Call(signer.address, b""), GAS, sender.next_nonce(), sender.fees())
    sender.broadcast(prepared)
    dev.drop_transaction(prepared.announcement.hash)
    dev.set_automine(True)
    assert sender.wait_for(prepared).hash == prepared.announcement.hash


def test_a_transaction_waits_for_its_confirmations(
    chain: Chain, signer: Signer, settings: Settings, dev: DevChain
) -> None:
    """With three confirmations, the receipt counts once two blocks have followed, not before."""
    patient = Sender(
        chain, signer, settings.model_copy(update={"confirmations": 3, "receipt_timeout_s": 0.3})
    )
    prepared = patient.prepare(Call(signer.address, b""), GAS, patient.next_nonce(), patient.fees())
    patient.broadcast(prepared)
    dev.mine()
    with pytest.raises(NotMinedInTime):
        patient.wait_for(prepared)
    dev.mine()
    assert patient.wait_for(prepared).block_number == chain.head() - 2


def test_a_mined_failure_says_why(
    chain: Chain, sender: Sender, contract: Address, probe: Artifact, dev: DevChain
) -> None:
    """A call that passed its simulation and failed in its block is asked again there."""
    dev.set_automine(False)
    nonce, fees = sender.next_nonce(), sender.fees()
    for step in range(2):
        twice = sender.prepare(a_call(probe, contract, "step", 0), GAS, nonce + step, fees)
        sender.broadcast(twice)
    dev.mine()
    with pytest.raises(TransactionReverted) as failure:
        sender.wait_for(twice)
    assert isinstance(failure.value.refusal, UnknownRevert)
    assert failure.value.hash == twice.announcement.hash
    assert failure.value.block == chain.head()


def test_a_mined_transaction_without_enough_gas_is_named(
    chain: Chain, sender: Sender, contract: Address, probe: Artifact
) -> None:
    """Running out of gas is told from a contract's refusal."""
    short = a_call(probe, contract, "work", 10_000)
    prepared = sender.prepare(short, GAS, sender.next_nonce(), sender.fees())
    sender.broadcast(prepared)
    with pytest.raises(RanOutOfGas) as failure:
        sender.wait_for(prepared)
    assert failure.value.gas == GAS


def test_a_lost_answer_leaves_the_outcome_open_and_names_the_hash(
    node: LocalNode, chain: Chain, signer: Signer, settings: Settings, middleman: Middleman
) -> None:
    """If the node takes a transaction and its answer is lost, the hash finds what became of it.

    It is not sent again: the second answer would be taken for another sender's transaction.
    """
    sendings: list[Any] = []

    def lose_the_first_answer(request: Any, pass_on: Any) -> bytes | None:
        answer: bytes = pass_on()
        if not isinstance(request, dict) or request["method"] != "eth_sendRawTransaction":
            return answer
        sendings.append(request)
        return None if len(sendings) == 1 else answer

    middleman.intercept = lose_the_first_answer
    between = connect(middleman.url, node.chain_id)
    sender = Sender(between, signer, settings)
    before = sender.next_nonce()
    with pytest.raises(OutcomeUnknown) as failure:
        sender.send(Call(signer.address, b"", GAS))
    assert len(sendings) == 1
    assert sender.next_nonce() == before + 1
    found = chain.rpc.request("eth_getTransactionByHash", "0x" + failure.value.hash.hex())
    assert int(found["nonce"], 16) == failure.value.nonce
    between.close()


def test_a_node_that_dies_before_sending_is_told_from_one_that_dies_after(
    settings: Settings,
) -> None:
    """Before anything was sent the node is unreachable; afterwards the outcome is unknown."""
    with LocalNode() as own:
        chain = connect(own.url, own.chain_id)
        signer = development_signer(chain)
        DevChain(chain).set_automine(False)
        sender = Sender(chain, signer, settings)
        prepared = sender.prepare(Call(signer.address, b""), GAS, 0, sender.fees())
        sender.broadcast(prepared)
        os.kill(own.pid, signal.SIGKILL)
        own.stop()
        with pytest.raises(OutcomeUnknown) as failure:
            sender.wait_for(prepared)
        assert failure.value.hash == prepared.announcement.hash
        with pytest.raises(NodeUnreachable):
            sender.broadcast(prepared)
        chain.close()


def test_many_calls_that_build_on_each_other_are_sent_in_one_go(
    either_chain: Chain, settings: Settings, probe: Artifact
) -> None:
    """Sequence-guarded calls pass in order, though only the first could be simulated."""
    sender = Sender(either_chain, development_signer(either_chain), settings)
    at = deploy(sender, probe)
    nonces: list[int] = []
    receipts = list(
        sender.send_all(
            (a_call(probe, at, "step", step) for step in range(40)),
            before_broadcast=lambda announced: nonces.append(announced.nonce),
        )
    )
    assert count(either_chain, probe, at) == 40
    assert [int.from_bytes(r.logs[0].topics[1]) for r in receipts] == list(range(1, 41))
    assert nonces == list(range(nonces[0], nonces[0] + 40))


def test_sending_many_stops_at_the_first_failure_and_says_what_is_done(
    either_chain: Chain, settings: Settings, probe: Artifact
) -> None:
    """Each call that was broadcast is mined, refused or open; none after the failure is sent."""
    sender = Sender(
        either_chain,
        development_signer(either_chain),
        settings.model_copy(update={"transactions_in_flight": 4}),
    )
    at = deploy(sender, probe)
    steps = [*range(6), 99, *range(6, 30)]
    yielded = []
    with pytest.raises(SendingStopped) as failure:
        for receipt in sender.send_all(a_call(probe, at, "step", step) for step in steps):
            yielded.append(receipt.hash)  # noqa: PERF401  what was yielded before the failure
    stopped = failure.value
    assert isinstance(stopped.cause, TransactionReverted)
    assert stopped.cause.hash in stopped.reverted
    assert len(stopped.mined) + len(stopped.reverted) + len(stopped.in_flight) == stopped.sent
    assert 7 <= stopped.sent <= 6 + 4
    assert stopped.in_flight == ()
    assert yielded == [receipt.hash for receipt in stopped.mined[:6]]
    assert count(either_chain, probe, at) == len(stopped.mined)


def test_sending_many_refuses_a_bad_first_call_without_sending(
    chain: Chain, sender: Sender, contract: Address, probe: Artifact
) -> None:
    """When the first call would fail, its own failure comes back and nothing was sent."""
    nonce = sender.next_nonce()
    with pytest.raises(UnknownRevert):
        list(sender.send_all([a_call(probe, contract, "step", 3)]))
    assert sender.next_nonce() == nonce


def test_sending_many_names_what_is_open_when_the_connection_is_lost(
    node: LocalNode, signer: Signer, settings: Settings, middleman: Middleman, probe: Artifact
) -> None:
    """A connection lost in the middle leaves the last transaction open, by its hash."""
    between = connect(middleman.url, node.chain_id)
    sender = Sender(between, signer, settings)
    at = deploy(sender, probe)
    sendings: list[str] = []

    def hang_up_on_the_fifth(request: Any, pass_on: Any) -> bytes | None:
        if isinstance(request, dict) and request["method"] == "eth_sendRawTransaction":
            sendings.append(request["params"][0])
        answer: bytes = pass_on()
        return None if len(sendings) >= 5 else answer

    middleman.intercept = hang_up_on_the_fifth
    with pytest.raises(SendingStopped) as failure:
        list(sender.send_all(a_call(probe, at, "step", step) for step in range(20)))
    assert isinstance(failure.value.cause, OutcomeUnknown)
    assert failure.value.sent == 5
    assert failure.value.cause.hash in failure.value.in_flight
    between.close()
