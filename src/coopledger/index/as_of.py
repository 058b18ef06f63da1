"""The moment that an answer from the index is about, and the guard that keeps moments apart.

Whatever a query finds is handed over inside :class:`Told`, and comes out of it only for the moment that
it was asked for. So an answer that took one part as of one moment and another part as of another (or from
an index that had moved on meanwhile) is not made: it fails.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from coopledger.domain.types import BlockNumber, Timestamp, to_datetime
from coopledger.errors import Refused

Value = TypeVar("Value")


@dataclass(frozen=True)
class AsOf:
    """A moment of the register. Made by ``pinning.pin``, which checks it against the index."""

    moment: Timestamp
    block: BlockNumber
    """The chain's last block that is not later than the moment."""
    block_hash: bytes
    final: bool
    """Whether nothing of it can be taken back any more."""
    read_at: BlockNumber
    """How far the index was when it was asked."""
    read_hash: bytes

    @property
    def past(self) -> bool:
        """Whether the index knows of later blocks, too."""
        return self.block < self.read_at

    def __str__(self) -> str:
        return f"{to_datetime(self.moment):%Y-%m-%d %H:%M:%S %Z}, block {self.block}"


class MomentsMixed(Refused):
    """An answer would have had parts as of two moments."""

    asked: AsOf
    found: AsOf

    says = (
        "an answer as of {asked} (read at block {asked.read_at}) cannot take a part as of "
        "{found} (read at block {found.read_at})"
    )
    advice = "Ask again: the index may have moved on between two questions."


@dataclass(frozen=True)
class Told(Generic[Value]):
    """What a query found, and the moment that it is about."""

    as_of: AsOf
    _value: Value

    def under(self, as_of: AsOf) -> Value:
        """Give out what was found, to be shown as of this moment.

        Raises:
            MomentsMixed: it was found as of another.
        """
        if as_of != self.as_of:
            raise MomentsMixed(as_of, self.as_of)
        return self._value
