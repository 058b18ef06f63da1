"""What people type: times, blocks, accounts, e-mails; and how such things are shown.

A time without a zone is read in the zone of the settings, Jakarta's (WIB) unless changed, and every time
is shown with its zone.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from coopledger.domain.moments import At, AtBlock, AtTime
from coopledger.domain.types import (
    BlockNumber,
    Rupiah,
    Timestamp,
    to_datetime,
    to_timestamp,
)
from coopledger.errors import BadInput


class NotATime(BadInput):
    """What was typed is no time."""

    text: str

    says = "'{text}' is not a time"
    advice = 'Write it like "2026-12-05 19:00" or "2026-12-05T19:00+07:00".'


class NotATier(BadInput):
    """What was typed is no tier."""

    text: str

    says = "'{text}' is not a tier"
    advice = 'Write it like "Tiket reguler=35000/10000": name, price, deposit.'


def parse_time(text: str, zone: ZoneInfo) -> Timestamp:
    """Read an ISO time; without a zone it is meant in ``zone``.

    Raises:
        NotATime: it is none.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise NotATime(text) from None
    return to_timestamp(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def parse_at(text: str | None, zone: ZoneInfo) -> At | None:
    """Read ``--at``: a block's number or a time; None where it was left out.

    Raises:
        NotATime: it is neither.
    """
    if text is None:
        return None
    if text.strip().isascii() and text.strip().isdigit():
        return AtBlock(BlockNumber(int(text)))
    return AtTime(parse_time(text, zone))


def parse_tier(text: str) -> tuple[str, Rupiah, Rupiah]:
    """Read a tier: NAME=PRICE/DEPOSIT, the deposit 0 where it is left out.

    Raises:
        NotATier: it is none.
    """
    name, equals, amounts = text.rpartition("=")
    price, _, deposit = amounts.partition("/")
    if not (equals and name.strip() and price.isdecimal() and (deposit or "0").isdecimal()):
        raise NotATier(text)
    return name.strip(), Rupiah(int(price)), Rupiah(int(deposit or "0"))


def show_time(moment: Timestamp | None, zone: ZoneInfo) -> str | None:
    """Return a time as people read it, with its zone; None for none."""
    return None if moment is None else f"{to_datetime(moment, zone):%Y-%m-%d %H:%M:%S %Z}"


def show_day(moment: Timestamp, zone: ZoneInfo) -> str:
    """Return a time as :func:`parse_time` reads it back: the day alone at its beginning."""
    shown = to_datetime(moment, zone)
    is_day = (shown.hour, shown.minute, shown.second) == (0, 0, 0)
    return f"{shown:%Y-%m-%d}" if is_day else f"{shown:%Y-%m-%d %H:%M:%S}"
