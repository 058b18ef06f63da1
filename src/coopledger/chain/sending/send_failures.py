"""Every way in which sending a transaction can fail, and how a node's words tell which it is.

Nodes answer in prose, each in its own. :data:`_WORDS` holds what geth, anvil and Hardhat say; whatever it
does not know is :class:`TransactionRejected` with the node's words.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.wire.rpc import NodeRefused
from coopledger.chain.wire.transactions import Receipt, SignedTransaction
from coopledger.domain.types import Address, BlockNumber, Gas, Wei
from coopledger.errors import CoopledgerError, NotAllowed, PartlyDone, Refused, Unavailable

_LOOK_UP = "Look the transaction up by its hash before sending anything again."


class InsufficientFunds(NotAllowed):
    """The account cannot pay for the transaction."""

    account: Address
    balance: Wei
    needed: Wei

    says = "{account} has {balance} wei, and up to {needed} are needed"
    advice = "Send the operator's account some of the chain's coin."


class NonceTooLow(Refused):
    """Another transaction of the account took the nonce."""

    account: Address
    nonce: int

    says = "{account} has already sent a transaction with nonce {nonce}"
    advice = "Another command uses the same key: wait for it, then try again."


class NonceTooHigh(Refused):
    """A transaction before this one is missing."""

    account: Address
    nonce: int

    says = "{account} skipped a nonce before {nonce}"
    advice = "A transaction of this key was lost: try again, starting from it."


class ReplacementUnderpriced(Refused):
    """A transaction with the same nonce is waiting, and this one offers too little more."""

    account: Address
    nonce: int

    says = "a transaction of {account} with nonce {nonce} is under way"
    advice = "Wait for the transaction that is under way, or offer a higher fee."


class SentByAnother(Refused):
    """The very same transaction is there already: somebody else signs with the same key."""

    account: Address
    nonce: int

    says = "another command has sent transaction {nonce} of {account}"
    advice = "Let the other command finish, or give each clerk a key of their own."


class FeeTooLow(Refused):
    """The fee offered is below what the chain takes now."""

    max_fee: Wei

    says = "the chain takes more than the {max_fee} wei per gas that were offered"
    advice = "Try again: the fee is taken from the newest block."


class TransactionOverGasCap(Refused):
    """The transaction may use more gas than the chain allows one transaction."""

    gas: Gas
    cap: Gas

    says = "the transaction asks for {gas:,} gas; the chain allows {cap:,}"
    advice = "Split the work into smaller batches."


class TransactionRejected(Refused):
    """The node did not take the transaction, in words of its own."""

    message: str

    says = "the node rejected the transaction: {message}"
    advice = "Nothing was sent. Read the node's words."


class NotMinedInTime(Unavailable):
    """The transaction is known to the node, and in no block yet."""

    hash: bytes
    nonce: int
    waited_s: float

    says = "transaction {hash:hex} is in no block after {waited_s:.0f} s"
    advice = _LOOK_UP


class TransactionDropped(Unavailable):
    """The node took the transaction, and does not know it any more."""

    hash: bytes
    nonce: int

    says = "the node has dropped transaction {hash:hex} (nonce {nonce})"
    advice = _LOOK_UP


class OutcomeUnknown(Unavailable):
    """The connection was lost after sending: the transaction may be mined, or not."""

    hash: bytes
    nonce: int
    reason: str

    says = "what became of transaction {hash:hex} is not known: {reason}"
    advice = _LOOK_UP


class TransactionReverted(Refused):
    """The transaction was mined, and a contract refused it there."""

    hash: bytes
    block: BlockNumber
    refusal: ContractRefusal | None
    """Why, as asked again at that block; None when it would have passed there."""

    advice = "Correct what the reason names, then try again."

    def __str__(self) -> str:
        why = self.refusal or "the state has changed since, so the reason is not known"
        return f"transaction 0x{self.hash.hex()} failed in block {self.block}: {why}"


class RanOutOfGas(Refused):
    """The transaction was mined, and its gas was not enough."""

    hash: bytes
    block: BlockNumber
    gas: Gas

    says = "transaction {hash:hex} used up its {gas:,} gas"
    advice = "Give a higher limit, or split the work into smaller batches."


class SendingStopped(PartlyDone):
    """Some of many transactions were sent when one failed.

    The first ``sent`` calls were broadcast; none after them was. Each of those is in exactly
    one of ``mined``, ``reverted`` and ``in_flight`` (of these the outcome is open).
    """

    sent: int
    mined: tuple[Receipt, ...]
    reverted: tuple[bytes, ...]
    in_flight: tuple[bytes, ...]
    cause: Exception

    advice = "Run the command again: it reads the chain and sends what is missing."

    def __str__(self) -> str:
        return (
            f"sending stopped after {self.sent} transactions ({len(self.mined)} done, "
            f"{len(self.reverted)} refused, {len(self.in_flight)} open): {self.cause}"
        )


@dataclass(frozen=True)
class Facts:
    """What is known of a transaction that a node refused, for the failure to carry."""

    announcement: SignedTransaction
    max_fee: Wei
    gas_cap: Gas
    balance: Callable[[], Wei]
    needed: Wei


_NODE_KNOWS_IT = re.compile(r"already known|already imported|known transaction", re.IGNORECASE)

_WORDS: tuple[tuple[str, Callable[[Facts, str], CoopledgerError]], ...] = (
    (
        r"insufficient (funds|balance)|enough funds",
        lambda f, _: InsufficientFunds(f.announcement.sender, f.balance(), f.needed),
    ),
    (
        r"nonce too low",
        lambda f, _: NonceTooLow(f.announcement.sender, f.announcement.nonce),
    ),
    (
        r"nonce too high|nonce gap",
        lambda f, _: NonceTooHigh(f.announcement.sender, f.announcement.nonce),
    ),
    (
        r"replacement transaction underpriced",
        lambda f, _: ReplacementUnderpriced(f.announcement.sender, f.announcement.nonce),
    ),
    (
        r"less than block base fee|maxFeePerGas.*too low|transaction underpriced",
        lambda f, _: FeeTooLow(f.max_fee),
    ),
    (
        r"gas limit too high|gas_limit_cap|env\.block\.gas_limit|gas cap|exceeds block gas limit",
        lambda f, _: TransactionOverGasCap(f.announcement.gas, f.gas_cap),
    ),
)


def is_known_already(refused: NodeRefused) -> bool:
    """Say whether the node refused a transaction because it has it."""
    return _NODE_KNOWS_IT.search(refused.message) is not None


def why_refused(refused: NodeRefused, facts: Facts) -> CoopledgerError:
    """Return the failure that a node's refusal of a transaction means."""
    for words, failure in _WORDS:
        if re.search(words, refused.message, re.IGNORECASE):
            return failure(facts, refused.message)
    return TransactionRejected(refused.message)
