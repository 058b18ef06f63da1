"""Work that reads everything at one block, done anew at a newer one as often as the node loses it.

A node that keeps the newest states only may drop the pinned block's midway, and a reorganisation may
replace it. Then all is read again at a newer block, from the beginning.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from coopledger.chain.wire.client import BlockUnknown, Chain
from coopledger.chain.wire.moments import pin
from coopledger.chain.wire.rpc import NodeRefused
from coopledger.domain.moments import At, BlockMark, Moment
from coopledger.errors import Unavailable

MOST_PINS = 5
"""How often an audit begins anew before it gives up."""

#: How nodes say that they do not have a block's state (any more); there is no code for it.
_LOST = re.compile(
    r"missing trie node|header not found|block ?not ?found|unknown block|out ?of ?range"
    r"|state.*(not available|unavailable|pruned)|no state available|historical state",
    re.IGNORECASE,
)

Answer = TypeVar("Answer")


class BlockDoesNotLast(Unavailable):
    """The node dropped each block that an audit was reading at, before it was done."""

    times: int
    reason: str

    says = "the node dropped the block that was read, {times} times: {reason}"
    advice = "Use a node that keeps states for longer (--rpc), or one that is nearer."


class _PinLost(Exception):
    """The pinned block is gone; the text says how."""


def at_one_block(
    chain: Chain, at: At | None, work: Callable[[Moment], Answer]
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
        pinned = pin(chain, at)
        try:
            answer = work(pinned)
            _check_still_there(chain, pinned.read)
        except NodeRefused as refused:
            if not _LOST.search(refused.message):
                raise
            reason = refused.message
        except _PinLost as lost:
            reason = str(lost)
        else:
            return answer, times
    raise BlockDoesNotLast(MOST_PINS, reason)


def _check_still_there(chain: Chain, pinned: BlockMark) -> None:
    try:
        now = chain.block(pinned.number)
    except BlockUnknown as unknown:
        raise _PinLost(str(unknown)) from None
    if now.hash != pinned.hash:
        raise _PinLost(f"block {pinned.number} was replaced by a reorganisation")
