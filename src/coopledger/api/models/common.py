"""What all answers have in common: the moment that they are about, and the shape of a refusal.

The chain's times may lie beyond what a calendar can write (uint40 reaches the year 36812); such a time is
given as the last second of the year 9999.
"""

from datetime import UTC, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from coopledger.domain.moments import Moment
from coopledger.domain.types import Timestamp, to_datetime

_LAST_SECOND = 253_402_300_799

HEX_32 = r"^0x[0-9a-f]{64}$"
HEX_16 = r"^0x[0-9a-f]{32}$"
ADDRESS = r"^0x[0-9a-fA-F]{40}$"


class Shape(BaseModel):
    """Base of everything that the API answers."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class MomentShape(Shape):
    """The moment that an answer is about. Quote block and hash."""

    time: datetime
    """The moment, in UTC."""
    local_time: datetime
    """The same moment in the cooperative's zone."""
    zone: str
    """The cooperative's time zone."""
    block: int
    """The last block that is not later than the moment."""
    block_hash: str = Field(pattern=HEX_32)
    """That block's hash."""
    final: bool
    """Whether nothing of it can be taken back any more."""

    @classmethod
    def of(cls, moment: Moment, zone: ZoneInfo) -> Self:
        """Return the shape of a moment."""
        return cls(**cls._facts(moment, zone))

    @classmethod
    def _facts(cls, moment: Moment, zone: ZoneInfo) -> dict[str, Any]:
        return {
            "time": utc(moment.time),
            "local_time": local(moment.time, zone),
            "zone": zone.key,
            "block": moment.block.number,
            "block_hash": hexadecimal(moment.block.hash),
            "final": moment.final,
        }


class ReadMomentShape(MomentShape):
    """The moment that an answer is about, and the block that it was read at. Quote both hashes."""

    final: bool | None = None  # type: ignore[assignment]  # the chain alone does not say
    """Whether nothing of it can be taken back any more; null where the chain alone was asked."""
    read_at_block: int
    """The block at which it was read: the newest one, or the last final one where all of it is final."""
    read_at_hash: str = Field(pattern=HEX_32)
    """That block's hash."""
    answered_by: str = Field("chain", pattern="^(chain|index)$")
    """Whether members and tickets come from the chain itself or from the index, its copy."""

    @classmethod
    def _facts(cls, moment: Moment, zone: ZoneInfo) -> dict[str, Any]:
        return {
            **super()._facts(moment, zone),
            "read_at_block": moment.read.number,
            "read_at_hash": hexadecimal(moment.read.hash),
            "answered_by": moment.answered_by,
        }


class Answer(Shape):
    """An answer of the ledger's."""

    as_of: ReadMomentShape
    """What moment it is about, and at which block it was read."""


class ParameterProblem(Shape):
    """What is wrong with one parameter."""

    parameter: str
    """Its name."""
    place: str
    """Where it stands: path, query or header."""
    message: str
    """What is wrong with it."""


class Problem(Shape):
    """A refusal (RFC 9457): what happened, and what to do next."""

    type: str
    """Names the kind of refusal. It stays the same; texts may change."""
    title: str
    """The kind of refusal in words."""
    status: int = Field(ge=400, le=599)
    """The HTTP status."""
    detail: str
    """What happened."""
    advice: str
    """What to do next."""
    parameters: list[ParameterProblem] = []
    """The parameters that are to blame, if any are."""


def utc(moment: Timestamp) -> datetime:
    """Return a chain's time as UTC."""
    return datetime.fromtimestamp(min(moment, _LAST_SECOND), UTC)


def local(moment: Timestamp, zone: ZoneInfo) -> datetime:
    """Return a chain's time in a zone."""
    return to_datetime(Timestamp(min(moment, _LAST_SECOND - 86_400)), zone)


def hexadecimal(raw: bytes) -> str:
    """Return bytes as 0x and hexadecimal digits."""
    return f"0x{raw.hex()}"
