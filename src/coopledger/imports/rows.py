"""Rows of any format checked into positions: one rule book for CSV and JSON.

A reader hands each row over as fields (``RawRow``); ``Collector`` turns it into a ``Position``
or into problems. The one subtlety: a row that is not to be issued is checked on key and status
alone, and of its people nothing is kept, because nothing is done for them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from coopledger.domain.orders import Place, Position, PositionKey, PositionStatus
from coopledger.domain.types import Rupiah
from coopledger.imports import values
from coopledger.imports.problems import Problem
from coopledger.imports.values import UnusableValue

T = TypeVar("T")


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

    place: Place
    fields: Mapping[Field, object]
    answers: Mapping[str, object]


@dataclass
class _Seen:
    place: Place
    position: Position | None
    """None where the row had problems."""


@dataclass
class Collector:
    """Gathers the positions and problems of one file."""

    rules: Rules
    labels: Mapping[Field, str]
    """What the file itself calls a field, for problems."""
    zone: ZoneInfo
    problems: list[Problem] = field(default_factory=list)
    orders: set[tuple[str, str]] = field(default_factory=set)
    _seen: dict[PositionKey, _Seen] = field(default_factory=dict)
    _doubtful: set[tuple[str, str]] = field(default_factory=set)
    _an_order_is_unreadable: bool = False

    @property
    def positions(self) -> tuple[Position, ...]:
        """The good positions, in the order of the file."""
        return tuple(seen.position for seen in self._seen.values() if seen.position is not None)

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
        cells = _Cells(row, self.labels, self.problems)
        key = self._key(cells)
        if key is None:
            return
        position = self._position(cells, key)
        before = self._seen.get(key)
        if before is None:
            self._seen[key] = _Seen(row.place, position)
        elif position is None or before.position != replace(position, place=before.place):
            # Nobody can tell which of the two is meant, so neither is.
            before.position = None
            reason = f"stands with other contents at {before.place}, too"
            self.problems.append(Problem(row.place, cells.label(Field.POSITION), str(key), reason))

    def _key(self, cells: "_Cells") -> PositionKey | None:
        source = cells.take(Field.SOURCE, values.text, None)
        order = cells.take(Field.ORDER, values.required_text, None)
        if source is None or order is None:
            self._an_order_is_unreadable = True
            cells.take(Field.POSITION, self.rules.position_number, None)
            return None
        self.orders.add((source or self.rules.source, order))
        position = cells.take(Field.POSITION, self.rules.position_number, None)
        if position is None:
            self._doubtful.add((source or self.rules.source, order))
            return None
        return PositionKey(source or self.rules.source, order, position)

    def _position(self, cells: "_Cells", key: PositionKey) -> Position | None:
        status = cells.take(Field.STATUS, values.status, None)
        if status is None:
            return None
        if status is not PositionStatus.PAID:
            event, product = cells.glance(Field.EVENT), cells.glance(Field.PRODUCT)
            return Position(key, status, cells.row.place, event=event, product=product)
        if cells.row.fields.get(Field.TEST_ORDER) is True:
            cells.object_to(
                Field.TEST_ORDER, "true", "marks a test order; delete it in pretix and export again"
            )
        position = Position(
            key=key,
            status=status,
            place=cells.row.place,
            event=cells.take(Field.EVENT, values.required_text, ""),
            event_starts_at=cells.take(Field.STARTS_AT, self._moment_or_none, None),
            product=cells.take(Field.PRODUCT, values.required_text, ""),
            variation=cells.take(Field.VARIATION, values.text, ""),
            price=cells.take(Field.PRICE, self._price, Rupiah(0)),
            ordered_at=cells.take(Field.ORDERED_AT, self._ordered_at, None),
            buyer_email=cells.take(Field.BUYER_EMAIL, values.email, None),
            buyer_name=cells.take(Field.BUYER_NAME, values.text, ""),
            attendee_email=cells.take(Field.ATTENDEE_EMAIL, values.email, None),
            attendee_name=cells.take(Field.ATTENDEE_NAME, values.text, ""),
            secret=cells.take(Field.SECRET, values.text, ""),
            seat=cells.take(Field.SEAT, values.text, ""),
            answers=cells.answers(),
        )
        return None if cells.objections else position

    def _price(self, value: object) -> Rupiah:
        return values.amount(value) if self._must_be_read(Field.PRICE, value) else Rupiah(0)

    def _ordered_at(self, value: object) -> datetime | None:
        if not self._must_be_read(Field.ORDERED_AT, value):
            return None
        return values.moment(value, self.zone)

    def _moment_or_none(self, value: object) -> datetime | None:
        if not self._must_be_read(Field.STARTS_AT, value):
            return None
        return values.moment(value, self.zone)

    def _must_be_read(self, name: Field, value: object) -> bool:
        return value not in (None, "") or name in self.rules.required


class _Cells:
    """One row's fields, read one by one; what cannot be read becomes a problem."""

    def __init__(self, row: RawRow, labels: Mapping[Field, str], problems: list[Problem]) -> None:
        self.row = row
        self.objections = 0
        self._labels = labels
        self._problems = problems

    def label(self, name: Field) -> str:
        return self._labels.get(name, name.value)

    def object_to(self, name: Field, value: str, reason: str) -> None:
        self._object_to(self.label(name), UnusableValue(value, reason))

    def take(self, name: Field, parse: Callable[[object], T], otherwise: T) -> T:
        try:
            return parse(self.row.fields.get(name))
        except UnusableValue as failure:
            self._object_to(self.label(name), failure)
            return otherwise

    def glance(self, name: Field) -> str:
        try:
            return values.text(self.row.fields.get(name))
        except UnusableValue:
            return ""

    def answers(self) -> Mapping[str, str]:
        """Return the answers that say something."""
        said = {}
        for question, answer in self.row.answers.items():
            try:
                if answered := values.text(answer):
                    said[question] = answered
            except UnusableValue as failure:
                self._object_to(question, failure)
        return said

    def _object_to(self, label: str, failure: UnusableValue) -> None:
        self.objections += 1
        self._problems.append(Problem(self.row.place, label, failure.value, failure.reason))
