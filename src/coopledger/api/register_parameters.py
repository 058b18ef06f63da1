"""What a question to the index may be asked with: moments, filters, days.

``from`` is a word of Python's, so such a field has another name here than outside.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal, NewType

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.config import JsonDict

from coopledger.api.parameters import (
    LARGEST_SAFE,
    AtText,
    LanguageAsked,
    Nothing,
    PageAsked,
    Truth,
    Whole,
    checked_at,
    read_at,
)
from coopledger.domain.moments import At, AtTime
from coopledger.domain.register import Consent, Standing
from coopledger.domain.types import Timestamp
from coopledger.index.asking.wanted import State, Wanted

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR = 366

_A_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})"
# In the description alone: what does not fit is refused in words that say what would.
_SHAPED_AS_MOMENT: JsonDict = {"pattern": f"^([0-9]{{1,16}}|{_A_TIME})$"}
_SHAPED_AS_TIME: JsonDict = {"pattern": f"^{_A_TIME}$"}

TimeText = NewType("TimeText", str)


def _checked_time(text: str) -> str:
    if text.isdigit():
        raise ValueError("write a time such as 2026-12-05T19:00:00+07:00 (the + is %2B)")
    read_at(AtText(text))
    return text


def _day(value: Any) -> Any:
    if isinstance(value, str):
        if not _DAY.fullmatch(value):
            raise ValueError("write a day such as 2026-12-05")
        day = date.fromisoformat(value)
        if not 1970 < day.year < 9999:
            raise ValueError("name a year from 1971 to 9998")
        return day
    return value


Moment = Annotated[AtText, AfterValidator(checked_at)]
Time = Annotated[TimeText, AfterValidator(_checked_time)]

_A_MOMENT = (
    "A block's number, or a time with its zone, such as 2026-12-05T19:00:00+07:00 (the + is %2B in an "
    "address). "
)
_THE_LAST_FINAL = "Without it: the last final block."


class AsOfAsked(Nothing):
    """As of when the register is asked for."""

    at: Moment | None = Field(
        None,
        max_length=40,
        description=f"As of when. {_A_MOMENT}{_THE_LAST_FINAL}",
        json_schema_extra=_SHAPED_AS_MOMENT,
    )

    @property
    def moment(self) -> At | None:
        """The moment; None for the last final block."""
        return read_at(self.at)


class _Filters(AsOfAsked):
    state: State = Field(State.OPEN, description="Open records, closed ones, or all.")
    standing: Literal["associate", "full"] | None = Field(None, description="Only these.")
    consent: Literal["signed", "purchased", "attested"] | None = Field(
        None, description="Only these."
    )
    joined_from: Time | None = Field(
        None,
        max_length=40,
        description="Joined at this time or later; it names its zone.",
        json_schema_extra=_SHAPED_AS_TIME,
    )
    joined_to: Time | None = Field(
        None,
        max_length=40,
        description="Joined before this time; it names its zone.",
        json_schema_extra=_SHAPED_AS_TIME,
    )
    annulled: Truth = Field(False, description="List entries that were made in error, too.")

    @property
    def wanted(self) -> Wanted:
        """Which records are asked for."""
        return Wanted(
            self.state,
            None if self.standing is None else Standing[self.standing.upper()],
            None if self.consent is None else Consent[self.consent.upper()],
            _seconds(self.joined_from),
            _seconds(self.joined_to),
            self.annulled,
        )


class ExportAsked(_Filters):
    """Which records are to be in a file."""


class DocumentAsked(_Filters, LanguageAsked):
    """Which records are to be in a file, and the language of the texts around them."""


class RegisterAsked(_Filters, PageAsked):
    """Which records are asked for."""


class ChangesAsked(Nothing):
    """Between which two moments something is asked for."""

    since: Moment = Field(
        alias="from",
        max_length=40,
        description=f"The earlier moment. {_A_MOMENT}",
        json_schema_extra=_SHAPED_AS_MOMENT,
    )
    to: Moment | None = Field(
        None,
        max_length=40,
        description=f"The later moment. {_A_MOMENT}{_THE_LAST_FINAL}",
        json_schema_extra=_SHAPED_AS_MOMENT,
    )

    @property
    def begin(self) -> At:
        """The earlier moment."""
        found = read_at(self.since)
        assert found is not None  # noqa: S101  only no text gives None
        return found

    @property
    def end(self) -> At | None:
        """The later one; None for the last final block."""
        return read_at(self.to)


class ListedChangesAsked(ChangesAsked, PageAsked):
    """Which part of those who joined or left is asked for."""

    annulled: Truth = Field(False, description="List entries that were made in error, too.")


class GrowthAsked(AsOfAsked):
    """Which days are asked for."""

    first: Annotated[date, BeforeValidator(_day)] | None = Field(
        None, alias="from", description="The first day. Without it: that of the first member."
    )
    count: Whole = Field(_YEAR, ge=1, le=500, description="How many days to list at most.")


class TicketsThenAsked(AsOfAsked, PageAsked):
    """Which tickets are asked for."""

    start: Whole = Field(1, ge=1, le=LARGEST_SAFE, description="The first id to list.")


def _seconds(text: TimeText | None) -> Timestamp | None:
    read = None if text is None else read_at(AtText(text))
    return read.time if isinstance(read, AtTime) else None
