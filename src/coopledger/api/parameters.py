"""What a question may be asked with. Everything else is refused, with the parameter's name.

Pydantic reads more spellings than one would think (``1_000``, ``1.0``, ``yes``). A register is quoted in
minutes and in court, so one thing is written in one way here.
"""

import re
from datetime import datetime
from typing import Annotated, Any, NewType

from fastapi import Path, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from coopledger.domain.accounts import NotAnAccount, account_of
from coopledger.domain.moments import At, AtBlock, AtTime
from coopledger.domain.types import Address, BlockNumber, to_timestamp
from coopledger.errors import BadInput
from coopledger.pictures.language import Language

LARGEST_PAGE = 500
_LARGEST_32 = 2**32 - 1
#: The largest whole number that JavaScript holds exactly; no ledger will get there.
LARGEST_SAFE = 2**53 - 1
_DIGITS = re.compile(r"[0-9]{1,16}")

AtText = NewType("AtText", str)


class ParameterRepeated(BadInput):
    """A parameter was given more than once."""

    parameter: str

    says = "the parameter {parameter!r} was given more than once"
    advice = "Give each parameter once."


def refuse_repeated(request: Request) -> None:
    """Refuse a question in which a parameter stands twice.

    Raises:
        ParameterRepeated: one does.
    """
    names = [name for name, _ in request.query_params.multi_items()]
    for name in names:
        if names.count(name) > 1:
            raise ParameterRepeated(name[:50])


def read_at(text: AtText | None) -> At | None:
    """Read ``at``: a block's number, or a time with its zone; None for now.

    Raises:
        ValueError: it is neither.
    """
    if text is None:
        return None
    if _DIGITS.fullmatch(text):
        return AtBlock(BlockNumber(int(text)))
    try:
        moment = datetime.fromisoformat(text) if text.isascii() else None
    except ValueError:
        moment = None
    if moment is None:
        raise ValueError(
            "write a block's number, or a time such as 2026-12-05T19:00:00+07:00 "
            "(in an address, the + is %2B)"
        )
    if moment.tzinfo is None:
        raise ValueError("the time names no zone: end it with Z or, for WIB, %2B07:00")
    if not 1970 < moment.year < 9999:
        raise ValueError("name a year from 1971 to 9998")
    return AtTime(to_timestamp(moment))


def _digits(value: Any) -> Any:
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise ValueError("write a whole number, with the digits 0 to 9 alone")
    return value


def _truth(value: Any) -> Any:
    if isinstance(value, str) and value not in {"true", "false"}:
        raise ValueError("write true or false")
    return value


def checked_at(text: AtText) -> AtText:
    """Return the text of a moment as it came, if it is one.

    Raises:
        ValueError: it is none.
    """
    read_at(text)
    return text


def _checksummed(text: str) -> str:
    try:
        return account_of(text)
    except NotAnAccount as mistyped:
        raise ValueError(mistyped.reason) from None


Whole = Annotated[int, BeforeValidator(_digits)]
Truth = Annotated[bool, BeforeValidator(_truth)]

# The range stands before the check of the digits: only there does it get into the description.
Number32 = Annotated[
    int,
    Field(ge=1, le=_LARGEST_32),
    BeforeValidator(_digits),
    Path(description="A whole number, from 1.", examples=[1]),
]
"""An id that the ledger keeps in 32 bits: a member, a film, a screening."""
TicketNumber = Annotated[
    int,
    Field(ge=1, le=LARGEST_SAFE),
    BeforeValidator(_digits),
    Path(description="A whole number, from 1.", examples=[1]),
]
AccountText = Annotated[
    Address,
    Path(
        pattern="^0x[0-9a-fA-F]{40}$",
        description="0x and 40 hexadecimal digits; mixed case is checked (EIP-55)",
    ),
    AfterValidator(_checksummed),
]


class Nothing(BaseModel):
    """A question without parameters."""

    model_config = ConfigDict(extra="forbid")


class LanguageAsked(Nothing):
    """Which language the texts are to be in."""

    language: Language = Field(Language.ID, description="Indonesian (id) or English (en).")


class PageAsked(Nothing):
    """Which part of a list is asked for."""

    start: Whole = Field(1, ge=1, le=_LARGEST_32, description="The first number to list.")
    count: Whole = Field(50, ge=1, le=LARGEST_PAGE, description="How many to list at most.")


class TicketsAsked(PageAsked):
    """Which tickets are asked for."""

    start: Whole = Field(1, ge=1, le=LARGEST_SAFE, description="The first id to list.")


class MembersAsked(PageAsked):
    """Which members are asked for, as of when."""

    at: Annotated[AtText, AfterValidator(checked_at)] | None = Field(
        None,
        max_length=40,
        description=(
            "A block's number, or a time with its zone, such as 2026-12-05T19:00:00+07:00 (the + is "
            "%2B in an address). Without it: now."
        ),
    )
    closed: Truth = Field(False, description="List records that were closed by then, too.")
    annulled: Truth = Field(False, description="List entries that were made in error, too.")
