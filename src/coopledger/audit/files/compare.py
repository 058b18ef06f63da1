"""A list of members from elsewhere, compared with the register as the chain has it.

The list may be years old. It is held against the register as of its own moment: who left since then was
open, whose standing changed since then had the earlier one.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from coopledger.audit.events.admissions import RecordOpening
from coopledger.audit.files.register_file import NUMBER, ListedRecord, RegisterFile
from coopledger.audit.files.stated import Stated
from coopledger.audit.run import Verdict
from coopledger.audit.views.lists import FIELDS, field_text
from coopledger.domain.types import WIB, MemberNumber, Timestamp, to_datetime
from coopledger.domain.words import bits

COMPARED = (*(name for name, _, _ in FIELDS), *RecordOpening._fields)
"""The columns that are compared; a file need not have all, and may have others."""

_RULE = "the list and the chain"
_TIMES = {"joined", "left", "consented"}
_DIGITS = {"attestation": 32, "transaction": 64}
_OF_THE_RECORD = {name for name, _, _ in FIELDS} - _TIMES
_ZONES = (ZoneInfo("UTC"), WIB, ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jayapura"))
_LONGEST_NUMBER = 10
_LONGEST_TIME = 20
_LAST_TIME = 253_402_214_400
"""A second that a calendar can still write, in every zone."""


@dataclass(frozen=True)
class Listing:
    """What a list claims to hold beside the members as of its moment, and how it writes times."""

    closed: bool
    """Also records that were closed by then."""
    annulled: bool
    """Also entries made in error, whenever they were annulled."""
    zone: ZoneInfo
    """Of times that name none."""


def asks_for_admissions(file: RegisterFile) -> bool:
    """Say whether a file tells how records were opened, so that the audit has to keep that."""
    return any(name in file.columns for name in RecordOpening._fields)


def compare_file(verdict: Verdict, file: RegisterFile, listing: Listing) -> int:
    """Compare a file with the register as of the verdict's moment; return how many rows it has.

    Differences are added to the verdict's findings.

    Raises:
        NotARegisterFile: it cannot be read to its end.
    """
    chain_hash = "0x" + verdict.moment.block.hash.hex()
    if file.block_hash is not None and file.block == verdict.moment.block.number:
        verdict.findings.compare(_RULE, f"block {file.block}", chain_hash, file.block_hash)
    stated = Stated(verdict, file)
    count = compare_list(verdict, stated.over(file.rows()), listing)
    stated.compare(count)
    return count


def compare_list(
    verdict: Verdict, rows: Iterable[ListedRecord], listing: Listing, rule: str = _RULE
) -> int:
    """Compare any list, a file's or a database's, in the same way; return how many rows it has.

    A list that has one closed record is taken to have all of them, as 'members --closed' writes it.

    Args:
        verdict: of the list's moment; differences are added to its findings.
        rows: the list.
        listing: what it claims to hold.
        rule: what is compared with what, in few words.
    """
    work = _Comparison(verdict, listing, rule)
    count = 0
    for row in rows:
        count += 1
        work.take(row)
    work.find_missing()
    return count


class _Comparison:
    def __init__(self, verdict: Verdict, listing: Listing, rule: str) -> None:
        self._rule = rule
        self._words = verdict.register.words
        self._admissions = verdict.admissions
        self._annulled = verdict.annulled
        self._listing = listing
        self._findings = verdict.findings
        self._seen = bytearray(len(self._words))
        self._lists_closed = listing.closed

    def take(self, row: ListedRecord) -> None:
        """Compare one row."""
        text = (row.cells.get(NUMBER) or "").strip()
        if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
            self._findings.add(self._rule, row.where, "a member's number", text or "none")
            return
        number = int(text)
        what = f"member {number}"
        if not 1 <= number <= len(self._words) or not self._words[number - 1]:
            self._findings.add(
                self._rule, what, "not in the register then", f"listed in {row.where}"
            )
            return
        if self._seen[number - 1]:
            self._findings.add(self._rule, what, "listed once", f"listed again in {row.where}")
        self._seen[number - 1] = 1
        word = self._words[number - 1]
        self._lists_closed |= bool(bits(word, 200, 40))
        for name, start, length in FIELDS:
            if name in row.cells:
                self._compare_cell(what, name, bits(word, start, length), row.cells[name])
        if self._admissions is not None:
            for name, value in self._admissions.of(number)._asdict().items():
                if name in row.cells:
                    self._compare_cell(what, name, value, row.cells[name])

    def find_missing(self) -> None:
        """Note every member who should be listed and is not."""
        for index, word in enumerate(self._words):
            if self._seen[index] or not word:
                continue
            closed = bool(bits(word, 200, 40))
            annulled = MemberNumber(index + 1) in self._annulled
            if annulled and not self._listing.annulled:
                continue
            if not closed or self._lists_closed:
                self._findings.add(
                    self._rule, f"member {index + 1}", self._described(word), "not listed"
                )

    def _compare_cell(self, what: str, name: str, value: int, cell: str | None) -> None:
        text = (cell or "").strip()
        found = _READERS[name](text, self._listing.zone)
        if found != value:
            expected = self._text(name, value) or "nothing"
            if name in _TIMES and text.isdigit() and found is not None and found <= _LAST_TIME:
                text = self._text(name, found)
            self._findings.add(self._rule, f"{what}, {name}", expected, text or "nothing")

    def _text(self, name: str, value: int) -> str:
        if name in _OF_THE_RECORD:
            return "" if name == "cause" and not value else field_text(name, value)
        if not value:
            return ""
        if name in _TIMES:
            moment = to_datetime(Timestamp(value), self._listing.zone)
            return f"{moment:%Y-%m-%d %H:%M:%S %Z}"
        return f"0x{value:0{_DIGITS[name]}x}" if name in _DIGITS else str(value)

    def _described(self, word: int) -> str:
        account, joined = bits(word, 0, 160), self._text("joined", bits(word, 160, 40))
        return f"{field_text('account', account)}, joined {joined}"


def read_moment(text: str, zone: ZoneInfo) -> int | None:
    """Return the seconds since 1970 UTC that a cell means; 0 for an empty one, None for no time."""
    if not text:
        return 0
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_TIME:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _with_abbreviation(text, zone)
    return _seconds(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _with_abbreviation(text: str, zone: ZoneInfo) -> int | None:
    plain, _, abbreviation = text.rpartition(" ")
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        return None
    for choice in (zone, *_ZONES):
        there = moment.replace(tzinfo=choice)
        if there.tzname() == abbreviation:
            return _seconds(there)
    return None


def _seconds(moment: datetime) -> int | None:
    try:
        return int(moment.timestamp())
    except OverflowError:
        return None


def _number(text: str, _zone: ZoneInfo) -> int | None:
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_TIME else None


def _digits(length: int) -> Callable[[str, ZoneInfo], int | None]:
    """Return what reads so many hexadecimal digits."""
    form = re.compile(rf"0x[0-9a-f]{{{length}}}", re.IGNORECASE)

    def read(text: str, _zone: ZoneInfo) -> int | None:
        if not text:
            return 0
        return int(text, 16) if form.fullmatch(text) else None

    return read


def _named(field: str) -> Callable[[str, ZoneInfo], int | None]:
    values = {field_text(field, value): value for value in range(1, 8)}
    empty = {"": 0, "none": 0}
    return lambda text, _zone: {**values, **empty}.get(text.lower())


_READERS: dict[str, Callable[[str, ZoneInfo], int | None]] = {
    "account": _digits(40),
    "joined": read_moment,
    "left": read_moment,
    "standing": _named("standing"),
    "consent": _named("consent"),
    "cause": _named("cause"),
    **dict.fromkeys(RecordOpening._fields, _number),
    "consented": read_moment,
    **{name: _digits(length) for name, length in _DIGITS.items()},
}
