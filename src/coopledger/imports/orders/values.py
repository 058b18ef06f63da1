"""What one field says: text into status, amount, moment, address or number, or why it cannot.

Nothing is guessed. ``35.000`` is 35 with three decimals to one reader and thirty-five thousand to
another, so it is refused, and so is a date that names its day in another order than year-month-day.
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from coopledger.domain.addresses import NotAnEmail, email_of
from coopledger.domain.orders import PositionStatus
from coopledger.domain.tickets import LONGEST_TICKET_ID
from coopledger.domain.types import Email, Rupiah
from coopledger.errors import BadInput
from coopledger.imports.orders.problems import quoted


class UnusableValue(BadInput):
    """A field's value does not say what the field must say."""

    value: str
    reason: str
    advice = "Correct it where the order was taken, and export again."

    def __str__(self) -> str:
        return f"{quoted(self.value)} {self.reason}" if self.value else self.reason


_STATUSES = {
    word: status
    for status, words in {
        PositionStatus.PAID: ("p", "paid", "dibayar", "lunas"),
        PositionStatus.PENDING: (
            *("n", "pending", "tertunda", "pending (confirmed)"),
            *("approval pending", "persetujuan tertunda"),
        ),
        PositionStatus.CANCELLED: (
            *("c", "canceled", "cancelled", "dibatalkan", "batal", "canceled (paid fee)"),
        ),
        PositionStatus.EXPIRED: ("e", "expired", "kedaluwarsa"),
    }.items()
    for word in words
}

_YES = frozenset({"yes", "ya", "iya", "true", "1"})
_NO = frozenset({"", "no", "tidak", "false", "0"})

#: Control characters except tab and line ends; PostgreSQL refuses NUL, terminals obey others.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_WHOLE_AMOUNT = re.compile(r"([0-9]{1,15})(?:[.,]0{1,2})?")
_AMOUNT_WITH_CENTS = re.compile(r"[0-9]+[.,][0-9]{1,2}")
_AMOUNT_WITH_MARKS = re.compile(r"[0-9]{1,3}(?:[ .,'][0-9]{3})+(?:[.,][0-9]{1,2})?")
_POSITION_NUMBER = re.compile(r"[0-9]{1,9}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}"
    r"(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)
_PLAUSIBLE_YEARS = range(2000, 2200)


def text(value: object) -> str:
    """Return a field as text without space around it; a missing one as the empty text.

    Raises:
        UnusableValue: it is no text, or holds control characters.
    """
    if value is None:
        return ""
    if isinstance(value, str) and value.isprintable():
        return value.strip()  # as nearly all are
    if isinstance(value, UnusableValue):
        raise value
    if not isinstance(value, str):
        shown = "[…]" if isinstance(value, list) else "{…}" if isinstance(value, dict) else value
        raise UnusableValue(str(shown), "is not text")
    if _CONTROL.search(value):
        raise UnusableValue(value, "holds a control character")
    return value.strip()


def required_text(value: object) -> str:
    """Return a field that must not be empty, as text.

    Raises:
        UnusableValue: it is empty, no text, or holds control characters.
    """
    said = text(value)
    if not said:
        raise UnusableValue("", "is empty")
    return said


def position_number(value: object) -> str:
    """Return pretix's number of a position within its order, from 1, as its plain digits.

    Raises:
        UnusableValue: it is no such number.
    """
    digits = str(value) if type(value) is int else required_text(value)
    if not _POSITION_NUMBER.fullmatch(digits) or int(digits) == 0:
        raise UnusableValue(digits, "is not a position number (1, 2, 3 …)")
    return str(int(digits))


def status(value: object) -> PositionStatus:
    """Return where an order stands.

    Raises:
        UnusableValue: the word is not known.
    """
    word = required_text(value)
    try:
        return _STATUSES[word.casefold()]
    except KeyError:
        raise UnusableValue(word, "is not a known status") from None


def amount(value: object) -> Rupiah:
    """Return an amount such as ``35000``, ``35000,00`` or ``35000.00`` in rupiah.

    Raises:
        UnusableValue: it is no amount, is negative, has a thousands mark, or has cents.
    """
    said = str(value) if type(value) is int else required_text(value)
    if match := _WHOLE_AMOUNT.fullmatch(said):
        return Rupiah(int(match[1]))
    if said.startswith(("-", "−")):
        raise UnusableValue(said, "is negative")
    if _AMOUNT_WITH_MARKS.fullmatch(said):
        raise UnusableValue(said, "has a thousands mark; write 35000 or 35000,00")
    if _AMOUNT_WITH_CENTS.fullmatch(said):
        raise UnusableValue(said, "has cents, and rupiah have none")
    raise UnusableValue(said, "is not an amount in rupiah (35000 or 35000,00)")


def moment(value: object, zone: ZoneInfo) -> datetime:
    """Return a date and time, to the second, in ``zone``, which is also taken where none is named.

    Raises:
        UnusableValue: it is not year-month-day and a time, no such day exists, or the year is
            not between 2000 and 2199.
    """
    said = required_text(value)
    if not _MOMENT.fullmatch(said):
        raise UnusableValue(said, "is not a date and time (2026-12-05 19:00)")
    try:
        read = datetime.fromisoformat(said)
    except ValueError:
        raise UnusableValue(said, "is not a date and time that exists") from None
    if read.year not in _PLAUSIBLE_YEARS:
        raise UnusableValue(said, "is not a plausible date")
    # Fractions go: pretix writes them in its JSON alone, and both exports must agree.
    if read.microsecond:
        read = read.replace(microsecond=0)
    return read.replace(tzinfo=zone) if read.tzinfo is None else read.astimezone(zone)


def ticket_secret(value: object) -> str:
    """Return what a seller's own ticket shows as its code; the empty text where it has none.

    Raises:
        UnusableValue: it reads like the id of one of our tickets, which it could be taken for.
    """
    said = text(value)
    if said.isascii() and said.isdigit() and len(said) <= LONGEST_TICKET_ID:
        raise UnusableValue(
            said,
            f"is a number of up to {LONGEST_TICKET_ID} digits, which the door takes for a ticket's id;"
            " leave the field empty",
        )
    return said


def email(value: object) -> Email | None:
    """Return a normalised e-mail address, or None where the field is empty.

    Raises:
        UnusableValue: it is no e-mail address.
    """
    said = text(value)
    if not said:
        return None
    try:
        return email_of(said)
    except NotAnEmail as failure:
        raise UnusableValue(said, f"is not an e-mail address ({failure.reason})") from failure


def says_yes(answer: str) -> bool:
    """Return whether an answer to a yes-or-no question is yes; no answer is no.

    Raises:
        UnusableValue: the answer is neither yes nor no in Indonesian or English.
    """
    word = answer.strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise UnusableValue(answer, "is neither yes nor no (ya, iya, yes, true; tidak, no, false)")
