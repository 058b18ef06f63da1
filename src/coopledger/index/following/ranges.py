"""How many blocks to ask a node for at once: as many as it gives readily, and never too few.

A refused range costs a request and the next step would try it again. So a size that was refused is not
tried again until many steps have gone well.
"""

from dataclasses import dataclass

_PATIENCE = 50
"""Good steps before a size that was refused is tried again."""


@dataclass
class RangeSize:
    """The number of blocks of the next range."""

    blocks: int = 16
    """Few to begin with: blocks that are full of sales hold a thousand events each."""
    most: int = 50_000
    events_wanted: int = 20_000
    """About how many make one transaction of the database."""
    seconds_wanted: float = 2.0
    """About how long a node may take for one range."""
    refused: int | None = None
    """The smallest size that was refused lately."""
    good_steps: int = 0

    def went_well(self, blocks: int, events: int, seconds: float) -> None:
        """Learn from a range that was answered: grow, unless it was much or slow already."""
        self.good_steps += 1
        if self.good_steps >= _PATIENCE:
            self.refused = None
        if events > 2 * self.events_wanted or seconds > 2 * self.seconds_wanted:
            self.blocks = max(1, blocks // 2)
        elif blocks == self.blocks and events <= self.events_wanted:
            # A shorter range, at the end of the chain, says nothing of a longer one.
            self._grow(seconds)

    def was_refused(self, blocks: int) -> None:
        """Learn from a range that the node would not give, or not in time."""
        self.good_steps = 0
        self.refused = blocks if self.refused is None else min(blocks, self.refused)
        self.blocks = max(1, blocks // 2)

    def _grow(self, seconds: float) -> None:
        if seconds > self.seconds_wanted:
            return
        larger = min(self.most, 2 * self.blocks)
        if self.refused is not None:
            larger = min(larger, max(1, self.refused - 1))
        self.blocks = max(larger, self.blocks)
