"""Rows of any format checked into positions: one rule book for CSV and JSON.

A reader hands each row over as fields (``RawRow``); ``Collector`` turns it into a ``Position`` or into
problems. A row that is not to be issued is checked on key and status alone, and of its people nothing is
kept, because nothing is done for them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from coopledger.domain.orders import FilePlace, Position, PositionKey, PositionStatus
from coopledger.domain.types import Rupiah
from coopledger.imports.orders import values
from coopledger.imports.orders.problems import RowProblem
from coopledger.imports.orders.values import UnusableValue

T = TypeVar("T")

Parser = Callable[[object], object]
"""Reads a field's value; raises ``UnusableValue``."""


class Field(StrEnum):
    """What a row can say of a position."""

    SOURCE = "source"
    ORDER = "order"
    POSITION = "position"
    STATUS = "status"
    TEST_ORDER = "test order"
    EVENT = "event"
    STARTS_AT = "starts at"
    PRODUCT = "product"
    VARIATION = "variation"
    PRICE = "price"
    ORDERED_AT = "ordered at"
    ORDERED_TIME = "ordered time"
    """Only where date and time are two columns; joined to ``ORDERED_AT`` by the reader."""
    BUYER_EMAIL = "buyer e-mail"
    BUYER_NAME = "buyer name"
    ATTENDEE_EMAIL = "attendee e-mail"
    ATTENDEE_NAME = "attendee name"
    SECRET = "secret"  # noqa: S105  the name of a field
    SEAT = "seat"


_OF_FEW_VALUES = {
    *(Field.STATUS, Field.EVENT, Field.STARTS_AT),
    *(Field.PRODUCT, Field.VARIATION, Field.PRICE),
}
_REMEMBERED = 1000


@dataclass(frozen=True)
class Rules:
    """How a source's rows differ from another's."""

    source: str
    """The key's source where the row names none."""
    required: frozenset[Field]
    """What a paid position must have, beside its key and status."""
    position_number: Callable[[object], str]


PRETIX_RULES = Rules(
    source="pretix",
    required=frozenset({Field.PRICE, Field.ORDERED_AT}),
    position_number=values.position_number,
)
PLAIN_RULES = Rules(source="plain", required=frozenset(), position_number=values.required_text)


class RawRow(NamedTuple):
    """A row as its file has it: any value may still be wrong, or a failure itself."""

    place: FilePlace
    fields: Mapping[Field, object]
    answers: Mapping[str, object]


@dataclass
class Collector:
    """Gathers the positions and problems of one file."""

    rules: Rules
    labels: Mapping[Field, str]
    """What the file itself calls a field, for problems."""
    zone: ZoneInfo
    present: Collection[Field] = tuple(Field)
    """The fields that rows may have. A field that none has says nothing of any position."""
    texts_only: bool = False
    """Whether values are always text, as in a CSV: then one that comes again is read once."""
    problems: list[RowProblem] = field(default_factory=list)
    orders: set[tuple[str, str]] = field(default_factory=set)
    _seen: dict[PositionKey, Position | FilePlace] = field(default_factory=dict)
    """What stands under a key; where it stands, if the row had problems."""
    _doubtful: set[tuple[str, str]] = field(default_factory=set)
    _an_order_is_unreadable: bool = False

    def __post_init__(self) -> None:
        parsers: Sequence[tuple[str, Field, Parser]] = (
            ("event", Field.EVENT, values.required_text),
            ("event_starts_at", Field.STARTS_AT, self._starts_at),
            ("product", Field.PRODUCT, values.required_text),
            ("variation", Field.VARIATION, values.text),
            ("price", Field.PRICE, self._price),
            ("ordered_at", Field.ORDERED_AT, self._ordered_at),
            ("buyer_email", Field.BUYER_EMAIL, values.email),
            ("buyer_name", Field.BUYER_NAME, values.text),
            ("attendee_email", Field.ATTENDEE_EMAIL, values.email),
            ("attendee_name", Field.ATTENDEE_NAME, values.text),
            ("secret", Field.SECRET, values.ticket_secret),
            ("seat", Field.SEAT, values.text),
        )
        self._status = self._once_a_value(Field.STATUS, values.status)
        self._parsers = [
            (attribute, name, self._once_a_value(name, parse))
            for attribute, name, parse in parsers
            if name in self.present
        ]

    @property
    def positions(self) -> tuple[Position, ...]:
        """The good positions, in the order of the file."""
        return tuple(seen for seen in self._seen.values() if isinstance(seen, Position))

    @property
    def keys(self) -> frozenset[PositionKey]:
        """The key of every row that has a readable one, good or not."""
        return frozenset(self._seen)

    @property
    def whole_orders(self) -> frozenset[tuple[str, str]]:
        """Source and code of the orders of which every position's key could be read."""
        if self._an_order_is_unreadable:
            return frozenset()
        return frozenset(self.orders - self._doubtful)

    def add(self, row: RawRow) -> None:
        """Check a row and keep what comes of it."""
        key = self._key(row)
        if key is None:
            return
        position = self._position(row, key)
        before = self._seen.get(key)
        if before is None:
            self._seen[key] = position or row.place
            return
        first = before.place if isinstance(before, Position) else before
        if position is None or before != replace(position, place=first):
            # Nobody can tell which of the two is meant, so neither is.
            self._seen[key] = first
            reason = f"stands with other contents at {first}, too"
            self._object_to(row, self._label(Field.POSITION), str(key), reason)

    def _key(self, row: RawRow) -> PositionKey | None:
        source = self._take(row, Field.SOURCE, values.text)
        order = self._take(row, Field.ORDER, values.required_text)
        position = self._take(row, Field.POSITION, self.rules.position_number)
        if source is None or order is None:
            self._an_order_is_unreadable = True
            return None
        of_order = (source or self.rules.source, order)
        self.orders.add(of_order)
        if position is None:
            self._doubtful.add(of_order)
            return None
        return PositionKey(*of_order, position)

    def _position(self, row: RawRow, key: PositionKey) -> Position | None:
        status = self._take(row, Field.STATUS, self._status)
        if status is None:
            return None
        if status is not PositionStatus.PAID:
            event, product = self._glance(row, Field.EVENT), self._glance(row, Field.PRODUCT)
            return Position(key, status, row.place, event=event, product=product)
        problems_before = len(self.problems)
        if row.fields.get(Field.TEST_ORDER) is True:
            reason = "marks a test order; delete it in pretix and export again"
            self._object_to(row, self._label(Field.TEST_ORDER), "true", reason)
        said: dict[str, Any] = {}
        for attribute, name, parse in self._parsers:
            try:
                said[attribute] = parse(row.fields.get(name))
            except UnusableValue as failure:
                self._object_to(row, self._label(name), failure.value, failure.reason)
        answers = self._answers(row)
        if len(self.problems) > problems_before:
            return None
        return Position(key, status, row.place, answers=answers, **said)

    def _take(self, row: RawRow, name: Field, parse: Callable[[object], T]) -> T | None:
        """Return what a field says; where it cannot be read that becomes a problem."""
        try:
            return parse(row.fields.get(name))
        except UnusableValue as failure:
            self._object_to(row, self._label(name), failure.value, failure.reason)
            return None

    def _glance(self, row: RawRow, name: Field) -> str:
        try:
            return values.text(row.fields.get(name))
        except UnusableValue:
            return ""

    def _answers(self, row: RawRow) -> Mapping[str, str]:
        """Return the answers that say something."""
        said = {}
        for question, answer in row.answers.items():
            try:
                if answered := values.text(answer):
                    said[question] = answered
            except UnusableValue as failure:
                self._object_to(row, question, failure.value, failure.reason)
        return said

    def _label(self, name: Field) -> str:
        return self.labels.get(name, name.value)

    def _object_to(self, row: RawRow, label: str, value: str, reason: str) -> None:
        self.problems.append(RowProblem(row.place, label, value, reason))

    def _price(self, value: object) -> Rupiah:
        return values.amount(value) if self._says(Field.PRICE, value) else Rupiah(0)

    def _ordered_at(self, value: object) -> datetime | None:
        return values.moment(value, self.zone) if self._says(Field.ORDERED_AT, value) else None

    def _starts_at(self, value: object) -> datetime | None:
        return values.moment(value, self.zone) if self._says(Field.STARTS_AT, value) else None

    def _says(self, name: Field, value: object) -> bool:
        """Whether a field says something, or must and so is read whatever it holds."""
        return value not in (None, "") or name in self.rules.required

    def _once_a_value(self, name: Field, parse: Callable[[object], T]) -> Callable[[object], T]:
        """Return what reads each value of a field of few values once, where that can be told."""
        return (
            lru_cache(_REMEMBERED)(parse) if self.texts_only and name in _OF_FEW_VALUES else parse
        )
