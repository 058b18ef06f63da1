"""Facts and differences in words: names for accounts, days and hours for moments.

Of two values that differ only the parts that differ are told.
"""

from collections.abc import Iterator
from dataclasses import fields
from enum import Enum
from typing import Any

from coopledger.domain.register import Record
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import Timestamp, to_datetime
from tests.machine.stage import Stage


def when(moment: int) -> str:
    """Return a moment in Jakarta's time, to the second."""
    return f"{to_datetime(Timestamp(moment)):%a %d %b %H:%M:%S}"


def in_words(stage: Stage, subject: str, found: Any, expected: Any) -> Iterator[str]:
    """Yield what differs between the chain's answer and the rules' own; nothing if they agree."""
    if found == expected:
        return
    if isinstance(found, list) and len(found) == len(expected):
        for number, (one, other) in enumerate(zip(found, expected, strict=True), start=1):
            yield from in_words(stage, f"{subject}, number {number}", one, other)
    elif isinstance(found, Record | Ticket):
        for each in fields(found):
            part = f"{subject}, its {each.name}"
            yield from in_words(
                stage, part, getattr(found, each.name), getattr(expected, each.name)
            )
    else:
        says, say = fact(stage, found), fact(stage, expected)
        yield f"{subject}: the chain says {says}, the rules say {say}"


def fact(stage: Stage, value: Any) -> str:
    """Return a value as people read it."""
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return str(stage.by_name(value))
