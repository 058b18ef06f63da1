"""The one block at which an audit reads everything, and the moment that it is about.

A node that keeps the newest states only may drop the pinned block's midway, and a reorganisation may
replace it. Then all is read again at a newer block, from the beginning.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from coopledger.chain.wire.client import Block, BlockUnknown, Chain
from coopledger.chain.wire.rpc import NodeRefused
from coopledger.domain.types import BlockNumber, Timestamp, to_datetime
from coopledger.errors import BadInput, Unavailable

MOST_PINS = 5
"""How often an audit begins anew before it gives up."""

#: How nodes say that they do not have a block's state (any more); there is no code for it.
_LOST = re.compile(
    r"missing trie node|header not found|block ?not ?found|unknown block|out ?of ?range"
    r"|state.*(not available|unavailable|pruned)|no state available|historical state",
    re.IGNORECASE,
)

Answer = TypeVar("Answer")


class TimeToCome(BadInput):
    """The question is about a time that has not come."""

    moment: Timestamp

    advice = "Ask for a time that has passed, or leave it out for now."

    def __str__(self) -> str:
        return (
            f"nobody knows yet who will be a member at {to_datetime(self.moment):%Y-%m-%d %H:%M %Z}"
        )


class BlockDoesNotLast(Unavailable):
    """The node dropped each block that an audit was reading at, before it was done."""

    times: int
    reason: str

    says = "the node dropped the block that was read, {times} times: {reason}"
    advice = "Use a node that keeps states for longer (--rpc), or one that is nearer."


class _PinLost(Exception):
    """The pinned block is gone; the text says how."""


@dataclass(frozen=True)
class Pin:
    """Where an audit reads, and what it is about."""

    block: Block
    """All views are answered as of this block."""
    as_of: Block
    """The last block that is not later than the moment."""
    moment: Timestamp

    @property
    def past(self) -> bool:
        """Whether the moment lies before the pinned block."""
        return self.moment < self.block.timestamp


def pin(chain: Chain, at: BlockNumber | Timestamp | None, *, is_block: bool) -> Pin:
    """Pin the newest block, for a question about now, a block or a time.

    Raises:
        BlockUnknown: the chain has no such block, or began later.
        TimeToCome: that time is to come.
    """
    newest = chain.block("latest")
    if at is None:
        return Pin(newest, newest, newest.timestamp)
    if is_block:
        as_of = chain.last_of_its_second(chain.block(BlockNumber(at)), newest)
        return Pin(newest, as_of, as_of.timestamp)
    if at > max(newest.timestamp, time.time()):
        # Where nothing happens no block is made, so the day's clock counts, too.
        raise TimeToCome(Timestamp(at))
    return Pin(newest, chain.block_at(Timestamp(at)), Timestamp(at))


def at_one_block(
    chain: Chain,
    at: BlockNumber | Timestamp | None,
    work: Callable[[Pin], Answer],
    *,
    is_block: bool,
) -> tuple[Answer, int]:
    """Do some work at a pinned block, again at a newer one as often as the block is lost.

    Returns:
        The work's answer, and how many blocks were pinned for it.

    Raises:
        BlockDoesNotLast: each of them was lost.
        CoopledgerError: whatever the work raises.
    """
    reason = ""
    for times in range(1, MOST_PINS + 1):
        pinned = pin(chain, at, is_block=is_block)
        try:
            answer = work(pinned)
            _check_still_there(chain, pinned.block)
        except NodeRefused as refused:
            if not _LOST.search(refused.message):
                raise
            reason = refused.message
        except _PinLost as lost:
            reason = str(lost)
        else:
            return answer, times
    raise BlockDoesNotLast(MOST_PINS, reason)


def _check_still_there(chain: Chain, pinned: Block) -> None:
    try:
        now = chain.block(pinned.number)
    except BlockUnknown as unknown:
        raise _PinLost(str(unknown)) from None
    if now.hash != pinned.hash:
        raise _PinLost(f"block {pinned.number} was replaced by a reorganisation")
