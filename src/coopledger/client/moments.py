"""As of when: a block as web3.py names one, or a time, of which the last block not later is meant."""

from bisect import bisect_right
from datetime import UTC, datetime

from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import BlockNotFound
from web3.types import BlockIdentifier

from coopledger.client.asking import failures_named
from coopledger.client.values import Block
from coopledger.errors import BadInput, NotFound

At = Block | datetime | BlockIdentifier | None
"""A moment: None is now, an int a block's number, a text "finalized" or a hash, a datetime a time."""


class BlockMissing(NotFound):
    """The chain has no such block, or began after that time."""

    at: str

    says = "the chain has no block {at}"
    advice = "Name a block that this chain has, or a time since its first block."


class MomentToCome(BadInput):
    """The time has not come yet, so nothing is known about it."""

    at: datetime

    says = "{at} is still to come"
    advice = "Ask as of a time that has passed, or as of now."


class MomentWithoutZone(BadInput):
    """The time names no zone, so it means another moment everywhere."""

    at: datetime

    says = "{at} names no time zone"
    advice = "Give it one, such as datetime(2026, 12, 5, 19, tzinfo=UTC)."


def block_at(web3: Web3, at: At) -> Block:
    """Return the block that a moment is about.

    A block is meant exactly, as web3.py's ``block_identifier`` means it. Of a time, the last block
    that is not later is looked for among all of them: about 25 requests on a long chain. A time
    after the newest block that has passed is answered as of the newest.

    Raises:
        BlockMissing: there is none.
        MomentToCome: the time has not come, by the chain's clock nor by this machine's.
        MomentWithoutZone: the time names no zone.
        NodeSaysNo, NodeAway: see :func:`failures_named`.
    """
    if isinstance(at, Block):
        return at
    if not isinstance(at, datetime):
        return _block(web3, "latest" if at is None else at)
    if at.tzinfo is None:
        raise MomentWithoutZone(at)
    newest = _block(web3, "latest")
    if at > max(newest.time, datetime.now(UTC)):
        raise MomentToCome(at)
    numbers = range(newest.number + 1)
    later = bisect_right(numbers, at, key=lambda number: _block(web3, number).time)
    if later == 0:
        raise BlockMissing(f"as early as {at.isoformat()}")
    return _block(web3, later - 1)


def _block(web3: Web3, identifier: BlockIdentifier) -> Block:
    with failures_named():
        try:
            found = web3.eth.get_block(identifier)
        except BlockNotFound:
            named = identifier.hex() if isinstance(identifier, bytes) else identifier
            raise BlockMissing(str(named)) from None
    time = datetime.fromtimestamp(found["timestamp"], UTC)
    return Block(found["number"], HexBytes(found["hash"]), time)
