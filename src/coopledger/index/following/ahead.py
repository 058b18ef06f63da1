"""Reads the next range of blocks from the node while the database takes the one before.

What was read ahead is used only if it is what is wanted when its turn comes, or the first blocks of it,
and if its last block is still the chain's. Else it is thrown away and read again.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.index.following.batch import BlockBatch
from coopledger.index.following.gathering import Range, gather


@dataclass(frozen=True)
class Gathered:
    """A range of blocks as a batch, and the seconds that the node and the reading took."""

    range: Range
    batch: BlockBatch
    seconds: float


@dataclass
class Ahead:
    """Gathers ranges of blocks: the one that is wanted, and the next one in a thread of its own."""

    coop: Cooperative
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "reading-ahead"), repr=False
    )
    next: tuple[Range, Future[Gathered]] | None = None

    def begin(self, wanted: Range) -> None:
        """Begin to read what will be wanted next."""
        self.next = wanted, self._thread.submit(self._gather, wanted)

    def take(self, wanted: Range) -> Gathered:
        """Return what was read ahead, which may end before what is wanted, or read it now.

        Raises: see :func:`gather`.
        """
        if self.next is not None:
            (begun, reading), self.next = self.next, None
            gathered = reading.result()  # also of another range: two would load the node
            if begun.begins(wanted) and self._is_there(gathered.batch):
                return gathered
        return self._gather(wanted)

    def _gather(self, wanted: Range) -> Gathered:
        started = time.monotonic()
        batch = gather(self.coop, wanted)
        return Gathered(wanted, batch, time.monotonic() - started)

    def _is_there(self, batch: BlockBatch) -> bool:
        (block,) = self.coop.chain.blocks([batch.end.number])
        return block.hash == batch.end.hash
