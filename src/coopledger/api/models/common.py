"""What all answers have in common: the moment that they are about, and the shape of a refusal.

The chain's times may lie beyond what a calendar can write (uint40 reaches the year 36812); such a time is
given as the last second of the year 9999.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from coopledger.domain.types import Timestamp, to_datetime
from coopledger.services.register.finding import AsOf

_LAST_SECOND = 253_402_300_799

HEX_32 = r"^0x[0-9a-f]{64}$"
HEX_16 = r"^0x[0-9a-f]{32}$"
ADDRESS = r"^0x[0-9a-fA-F]{40}$"


class Shape(BaseModel):
    """Base of everything that the API answers."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Moment(Shape):
    """The moment that an answer is about, and the block that it was read at. Quote both hashes."""

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
    read_at_block: int
    """The block at which the chain was read: the newest one when the answer was made."""
    read_at_hash: str = Field(pattern=HEX_32)
    """That block's hash."""
    answered_by: str = Field("chain", pattern="^(chain|index)$")
    """Whether members and tickets come from the chain itself or from the index, its copy."""
    final: bool | None = None
    """Whether nothing of it can be taken back any more; null where the chain alone was asked."""

    @classmethod
    def of(cls, when: AsOf, zone: ZoneInfo) -> "Moment":
        """Return the shape of a moment."""
        return cls(
            time=utc(when.moment),
            local_time=local(when.moment, zone),
            zone=zone.key,
            block=when.block,
            block_hash=hexadecimal(when.block_hash),
            read_at_block=when.read_at,
            read_at_hash=hexadecimal(when.read_hash),
            answered_by=when.answered_by,
            final=when.final,
        )


class Answer(Shape):
    """An answer of the ledger's."""

    as_of: Moment
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
