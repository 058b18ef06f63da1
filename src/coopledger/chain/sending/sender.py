"""Sends transactions: simulates, signs here, sends, and waits for what came of it.

A transaction that was broadcast once is never broadcast under another nonce. Whatever goes wrong after
that point is reported with the hash, and is looked up, not sent again. When many are sent in a row, each
builds on the ones before it, which are not mined yet: only the first is simulated, and every receipt is
checked.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NoReturn

from eth_utils.crypto import keccak

from coopledger.chain.contracts.reverts import ContractRefusal, decode_revert
from coopledger.chain.sending.batches import Batch, Cost, Item, batched, split
from coopledger.chain.sending.send_failures import (
    Facts,
    NonceTooLow,
    NotMinedInTime,
    OutcomeUnknown,
    RanOutOfGas,
    SendingStopped,
    SentByAnother,
    TransactionDropped,
    TransactionOverGasCap,
    TransactionReverted,
    is_known_already,
    why_refused,
)
from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.client import Chain
from coopledger.chain.wire.rpc import AnswerLost, NodeRefused, NodeUnreachable
from coopledger.chain.wire.transactions import (
    Call,
    Creation,
    Fees,
    Receipt,
    SignedTransaction,
    UnsignedTransaction,
    contract_address,
)
from coopledger.domain.types import BlockNumber, Gas, Wei
from coopledger.errors import CoopledgerError
from coopledger.settings import Settings

BeforeBroadcast = Callable[[SignedTransaction], None]
"""Called with a transaction's facts before anybody else hears of it; raising keeps it back."""

_ESTIMATE_MARGIN = 1.2
_NEXT_SECOND = 2 * 22_100
"""Gas. What overwrites a checkpoint in the second of the estimate takes a fresh slot in the next; a
call of the register may write two."""
_IN_A_ROW = 3
"""Times the base fee: the last of 16 waits for eight blocks that the others fill, and each makes gas dearer."""
_STEADY = 0.99
"""Of a block's gas limit, which may become a little less with each block."""
_LOOKED_AT = 4
"""Receipts at once: a batch's is some 300 kB, and nothing is sent while they are read."""
_FIRST_POLL_S = 0.005
_PATIENT_POLL_S, _SLOWEST_POLL_S = 0.1, 0.5


@dataclass(frozen=True)
class Prepared:
    """A signed transaction. The bytes can be sent again without harm: they are one transaction."""

    call: Call | Creation
    announcement: SignedTransaction
    fees: Fees
    raw: bytes = field(repr=False)


class Sender:
    """Sends one account's transactions to one chain. Not for use by several threads."""

    def __init__(self, chain: Chain, signer: Signer, settings: Settings) -> None:
        self._chain = chain
        self._signer = signer
        self._settings = settings

    def send(
        self, call: Call | Creation, before_broadcast: BeforeBroadcast | None = None
    ) -> Receipt:
        """Simulate, sign and send one transaction; return once it is mined and succeeded.

        Raises:
            ContractRefusal: the simulation was refused; nothing was sent.
            TransactionOverGasCap, InsufficientFunds, NonceTooLow, NonceTooHigh,
                ReplacementUnderpriced, FeeTooLow, TransactionRejected: the node did not take
                it; nothing was sent.
            SentByAnother: somebody else has sent the very same; what comes of it is theirs.
            NotMinedInTime, TransactionDropped, OutcomeUnknown: it was sent; they carry its hash.
            TransactionReverted, RanOutOfGas: it was mined and failed.
            NodeUnreachable, AnswerLost: the node failed before anything was sent.
        """
        gas = self._checked_gas(call)
        prepared = self.prepare(call, gas, self.next_nonce(), self.fees())
        if before_broadcast is not None:
            before_broadcast(prepared.announcement)
        self._broadcast_first(prepared)
        return self.wait_for(prepared)

    def send_all(
        self, calls: Iterable[Call], before_broadcast: BeforeBroadcast | None = None
    ) -> Iterator[Receipt]:
        """Send many calls in order, several under way at once; yield their receipts in order.

        The calls may be computed as they are asked for. Each should carry its gas limit: a call
        without one is estimated, and its estimate cannot see what the calls before it do.

        Raises:
            SendingStopped: one failed after others were sent; names what is mined and what not.
            CoopledgerError: the very first failed, as in :meth:`send`; nothing was sent.
        """
        waiting = iter(calls)
        in_flight: deque[Prepared] = deque()
        mined: list[Receipt] = []
        most = self._settings.transactions_in_flight
        nonce = self.next_nonce()
        sent = 0
        more = True
        try:
            while more or in_flight:
                while more and len(in_flight) < most:
                    call = next(waiting, None)
                    if call is None:
                        more = False
                        break
                    gas = self._checked_gas(call) if sent == 0 or call.gas is None else call.gas
                    if sent % -(-most // 4) == 0:
                        fees = self.fees(_IN_A_ROW)
                    prepared = self.prepare(call, gas, nonce + sent, fees)
                    if before_broadcast is not None:
                        before_broadcast(prepared.announcement)
                    try:
                        self._broadcast_first(prepared)
                    except OutcomeUnknown:
                        in_flight.append(prepared)
                        sent += 1
                        raise
                    in_flight.append(prepared)
                    sent += 1
                    if len(in_flight) > most // 2:
                        # In between, so that the node is not without work while many are read.
                        for receipt in self._take_mined(in_flight):
                            mined.append(receipt)
                            yield receipt
                for receipt in self._wait_for_oldest(in_flight):
                    mined.append(receipt)
                    yield receipt
        except (CoopledgerError, ContractRefusal) as failure:
            if sent == 0:
                raise
            self._stop(failure, sent, mined, in_flight)

    def split(
        self, items: Sequence[Item], cost_of: Callable[[Item], Cost], base: Cost
    ) -> list[Batch[Item]]:
        """Split items into batches that this sender may send; see :func:`batches.split`.

        Raises:
            ItemOverGasCap: an item does not fit even alone.
        """
        cap, share = self._settings.transaction_gas_cap, self._settings.batch_gas_share
        return split(items, cost_of, base, gas_cap=cap, share=share)

    def fill_blocks(
        self, items: Iterable[Item], cost_of: Callable[[Item], Cost], base: Cost, share: float
    ) -> Iterator[Batch[Item]]:
        """Yield items in batches of which a whole number fills a block of the chain.

        A block takes a transaction only where its whole limit fits, so batches that are as large as a
        transaction may be leave much of a block empty. See :func:`batches.batched`; ``share`` counts where
        the settings name none.

        Raises:
            ItemOverGasCap: an item does not fit even alone.
        """
        cap = self._settings.transaction_gas_cap
        block = int(self._chain.block("latest").gas_limit * _STEADY)
        fitting = Gas(block // -(-block // cap))
        if "batch_gas_share" in self._settings.model_fields_set:
            share = self._settings.batch_gas_share
        return batched(items, cost_of, base, gas_cap=fitting, share=share)

    def simulate(self, call: Call | Creation) -> bytes:
        """Ask the node what a call would do after all that is under way, and return its result.

        Raises:
            ContractRefusal: a contract would refuse it.
            TransactionRejected, InsufficientFunds, ...: the node would not take it.
        """
        try:
            answer: str = self._chain.rpc.request("eth_call", self._as_json(call), "pending")
        except NodeRefused as refused:
            self._raise_refusal(refused, call)
        return bytes.fromhex(answer[2:])

    def estimate(self, call: Call | Creation) -> Gas:
        """Return a gas limit for a call: the node's estimate and a margin, at most the cap.

        Raises: see :meth:`simulate`.
        """
        try:
            answer = self._chain.rpc.request("eth_estimateGas", self._as_json(call), "pending")
        except NodeRefused as refused:
            self._raise_refusal(refused, call)
        estimate = int(answer, 16)
        # An estimate over the cap stays as it is, so that the refusal names it.
        cap = max(estimate, self._settings.transaction_gas_cap)
        return Gas(min(int(estimate * _ESTIMATE_MARGIN) + _NEXT_SECOND, cap))

    def fees(self, times: int = 2) -> Fees:
        """Return what to offer now: twice the base fee, so that six full blocks do not outbid it.

        Args:
            times: so many times the base fee instead.
        """
        base_fee = self._chain.block("latest").base_fee
        if base_fee is None:
            return Fees(Wei(int(self._chain.rpc.request("eth_gasPrice"), 16)), None)
        priority = Wei(int(self._chain.rpc.request("eth_maxPriorityFeePerGas"), 16))
        return Fees(Wei(times * base_fee + priority), priority)

    def next_nonce(self) -> int:
        """Return the nonce after all of the account's transactions that the node knows of."""
        return self._chain.nonce_of(self._signer.address, "pending")

    def prepare(self, call: Call | Creation, gas: Gas, nonce: int, fees: Fees) -> Prepared:
        """Sign a transaction without telling anybody.

        Raises:
            TransactionOverGasCap: it asks for more gas than a transaction may use.
        """
        cap = self._settings.transaction_gas_cap
        if gas > cap:
            raise TransactionOverGasCap(gas, cap)
        to = call.to if isinstance(call, Call) else None
        raw = self._signer.sign(
            UnsignedTransaction(self._chain.chain_id, nonce, fees, gas, to, call.value, call.data)
        )
        sender = self._signer.address
        created = None if to else contract_address(sender, nonce)
        announcement = SignedTransaction(
            keccak(raw), self._chain.chain_id, sender, nonce, gas, to, created
        )
        return Prepared(call, announcement, fees, raw)

    def broadcast(self, prepared: Prepared) -> bool:
        """Hand a signed transaction to the node; say whether it was new to it.

        Harmless when the node has it already.

        Raises: see :meth:`send`.
        """
        announced = prepared.announcement
        try:
            self._chain.rpc.request(
                "eth_sendRawTransaction", "0x" + prepared.raw.hex(), repeat=False
            )
        except AnswerLost as lost:
            raise OutcomeUnknown(announced.hash, announced.nonce, str(lost)) from None
        except NodeRefused as refused:
            if is_known_already(refused):
                return False
            failure = why_refused(refused, self._facts(prepared))
            if not self._is_known(announced.hash):
                raise failure from None
            # Hardhat's node mines what reverts, and answers the sending with the revert.
            return not isinstance(failure, NonceTooLow)
        return True

    def wait_for(self, prepared: Prepared) -> Receipt:
        """Wait until a broadcast transaction is mined and succeeded.

        Raises: see :meth:`send`.
        """
        return self._wait_for_oldest(deque([prepared]))[0]

    def _broadcast_first(self, prepared: Prepared) -> None:
        """Broadcast what was signed just now; nobody else can have it unless they hold the key."""
        if not self.broadcast(prepared):
            raise SentByAnother(prepared.announcement.sender, prepared.announcement.nonce)

    def _wait_for_oldest(self, in_flight: deque[Prepared]) -> list[Receipt]:
        """Wait for the oldest, then take and return its receipt, and of those behind it some."""
        if not in_flight:
            return []
        oldest = in_flight[0].announcement
        started = time.monotonic()
        pause = _FIRST_POLL_S
        while not (done := self._take_mined(in_flight)):
            waited = time.monotonic() - started
            if waited > self._settings.receipt_timeout_s:
                if self._is_known(oldest.hash):
                    raise NotMinedInTime(oldest.hash, oldest.nonce, waited)
                raise TransactionDropped(oldest.hash, oldest.nonce)
            if pause > _PATIENT_POLL_S:
                self._hand_in_forgotten(in_flight)
            time.sleep(pause)
            pause = min(pause * 1.5, _SLOWEST_POLL_S)
        return done

    def _hand_in_forgotten(self, in_flight: Iterable[Prepared]) -> None:
        """Give the node again what it has lost: the same bytes are the same transaction.

        What it says of that does not matter: whether it is mined is looked up as before.
        """
        with suppress(CoopledgerError):
            expected = self.next_nonce()
            for prepared in in_flight:
                if prepared.announcement.nonce == expected:
                    self.broadcast(prepared)

    def _take_mined(self, in_flight: deque[Prepared]) -> list[Receipt]:
        """Take and return the receipts of the oldest few, as far as they are mined."""
        looked_at = list(islice(in_flight, _LOOKED_AT))
        try:
            receipts = self._receipts([each.announcement.hash for each in looked_at])
        except (NodeUnreachable, AnswerLost) as lost:
            oldest = in_flight[0].announcement
            raise OutcomeUnknown(oldest.hash, oldest.nonce, str(lost)) from None
        done: list[Receipt] = []
        for receipt in receipts:
            if receipt is None or (done and not receipt.succeeded):
                break
            if not receipt.succeeded:
                self._raise_failed(receipt, in_flight[0])
            done.append(receipt)
            in_flight.popleft()
        return done

    def _receipts(self, hashes: Sequence[bytes]) -> list[Receipt | None]:
        """Return the receipts of transactions that have enough confirmations, None for others."""
        questions: list[tuple[str, Sequence[Any]]] = [
            ("eth_getTransactionReceipt", ("0x" + hash_.hex(),)) for hash_ in hashes
        ]
        *answers, head = self._chain.rpc.batch([*questions, ("eth_blockNumber", ())])
        receipts = []
        for answer in answers:
            if isinstance(answer, NodeRefused):
                raise answer
            receipt = Receipt.from_json(answer) if answer else None
            if receipt and self._settings.confirmations > 1:
                depth = int(head, 16) - receipt.block_number + 1
                receipt = receipt if depth >= self._settings.confirmations else None
            receipts.append(receipt)
        return receipts

    def _stop(
        self,
        failure: CoopledgerError | ContractRefusal,
        sent: int,
        mined: list[Receipt],
        in_flight: deque[Prepared],
    ) -> NoReturn:
        """Let what is under way come to its end, where the node answers, and say what is what."""
        hashes = [p.announcement.hash for p in in_flight]
        receipts: list[Receipt | None] = [None] * len(hashes)
        deadline = time.monotonic() + self._settings.receipt_timeout_s
        if not isinstance(failure, OutcomeUnknown | NotMinedInTime | TransactionDropped):
            while None in receipts and time.monotonic() < deadline:
                try:
                    receipts = self._receipts(hashes)
                except CoopledgerError:
                    break
                time.sleep(_FIRST_POLL_S)
        ended = [receipt for receipt in receipts if receipt is not None]
        raise SendingStopped(
            sent,
            (*mined, *(receipt for receipt in ended if receipt.succeeded)),
            tuple(receipt.hash for receipt in ended if not receipt.succeeded),
            tuple(h for h, receipt in zip(hashes, receipts, strict=True) if receipt is None),
            failure,
        ) from failure

    def _checked_gas(self, call: Call | Creation) -> Gas:
        """Return a call's gas limit, after asking the node whether it would pass."""
        if call.gas is None:
            return self.estimate(call)
        self.simulate(call)
        return call.gas

    def _raise_failed(self, receipt: Receipt, prepared: Prepared) -> NoReturn:
        """Raise why a mined transaction failed, asking again at its block and the one before."""
        for block in (receipt.block_number, BlockNumber(receipt.block_number - 1)):
            try:
                self._chain.rpc.request("eth_call", self._as_json(prepared.call), hex(block))
            except NodeRefused as refused:
                if refused.data is not None:
                    refusal = decode_revert(refused.data)
                    raise TransactionReverted(
                        receipt.hash, receipt.block_number, refusal
                    ) from refusal
        if receipt.gas_used >= prepared.announcement.gas:
            raise RanOutOfGas(receipt.hash, receipt.block_number, prepared.announcement.gas)
        raise TransactionReverted(receipt.hash, receipt.block_number, None)

    def _raise_refusal(self, refused: NodeRefused, call: Call | Creation) -> NoReturn:
        if refused.data is not None:
            raise decode_revert(refused.data) from None
        nonce, gas = self.next_nonce(), call.gas or self._settings.transaction_gas_cap
        prepared = self.prepare(call, gas, nonce, self.fees())
        raise why_refused(refused, self._facts(prepared)) from None

    def _facts(self, prepared: Prepared) -> Facts:
        announced = prepared.announcement
        return Facts(
            announcement=announced,
            max_fee=prepared.fees.max_fee,
            gas_cap=self._settings.transaction_gas_cap,
            balance=lambda: self._chain.balance_of(announced.sender),
            needed=Wei(announced.gas * prepared.fees.max_fee + prepared.call.value),
        )

    def _is_known(self, transaction_hash: bytes) -> bool:
        found = self._chain.rpc.request("eth_getTransactionByHash", "0x" + transaction_hash.hex())
        return found is not None

    def _as_json(self, call: Call | Creation) -> dict[str, str]:
        question = {
            "from": self._signer.address,
            "data": "0x" + call.data.hex(),
            "value": hex(call.value),
        }
        if isinstance(call, Call):
            question["to"] = call.to
        if call.gas is not None:
            question["gas"] = hex(call.gas)
        return question
