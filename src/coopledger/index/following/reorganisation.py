"""When the chain has turned: the newest block that it still has in common with the index.

A block stands for all before it, since its hash covers its parent's. So of the blocks that the index
knows, the common ones come first and the replaced ones after, and the border is found by halving.
"""

from bisect import bisect_left
from collections.abc import Sequence

from coopledger.chain.wire.client import BlockUnknown, Chain
from coopledger.domain.moments import BlockMark
from coopledger.domain.types import BlockNumber
from coopledger.errors import Untrusted


class FinalBlockReplaced(Untrusted):
    """A block that counted as final is no longer of the chain that the node serves."""

    block: BlockNumber

    says = "block {block} counted as final, and the node now has another in its place"
    advice = (
        "Find out whether the node is right. If so, 'coopledger index rebuild' makes the index anew;"
        " if it was right before, raise COOPLEDGER_INDEX_CONFIRMATIONS."
    )


def is_common(chain: Chain, mark: BlockMark) -> bool:
    """Say whether a block is (still) of the chain that the node serves.

    Raises:
        NodeRefused: the node does not say, which is not the same as "no".
    """
    try:
        return chain.blocks([mark.number])[0].hash == mark.hash
    except BlockUnknown:
        return False


def find_ancestor(chain: Chain, marks: Sequence[BlockMark]) -> BlockMark | None:
    """Return the newest of some blocks, given in order, that the chain still has, if any."""
    common = bisect_left(marks, True, key=lambda mark: not is_common(chain, mark))
    return marks[common - 1] if common else None
