"""Positions from pretix's "Order data (JSON)": one event with its products, dates and orders.

The JSON names by id what the CSV names in words (product, variation, date, question), and both must give
the same position. So ids are looked up here; one that leads nowhere becomes a problem of the position
that uses it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from coopledger.domain.orders import FilePlace
from coopledger.imports.orders.failures import MalformedJson, UnexpectedJson
from coopledger.imports.orders.rows import PRETIX_RULES, Collector, Field, RawRow
from coopledger.imports.orders.values import UnusableValue

_LABELS = {
    Field.ORDER: "code",
    Field.POSITION: "positionid",
    Field.STATUS: "status",
    Field.TEST_ORDER: "testmode",
    Field.EVENT: "event.slug",
    Field.STARTS_AT: "subevent",
    Field.PRODUCT: "item",
    Field.VARIATION: "variation",
    Field.PRICE: "price",
    Field.ORDERED_AT: "datetime",
    Field.BUYER_EMAIL: "email",
    Field.ATTENDEE_EMAIL: "attendee_email",
    Field.ATTENDEE_NAME: "attendee_name",
    Field.SECRET: "secret",
    Field.SEAT: "seat",
}

Json = Mapping[str, Any]
"""A JSON object of which nothing is known yet."""


def read_json(content: str, path: Path, zone: ZoneInfo) -> tuple[tuple[str, ...], Collector]:
    """Return the names of a JSON export's questions, and what its orders hold.

    Args:
        content: the whole text.
        path: the file, for places.
        zone: where moments are to be given; the file's own are UTC.

    Raises:
        MalformedJson: the text is not JSON, or is cut short.
        UnexpectedJson: it is not built as pretix builds it.
    """
    try:
        whole = orjson.loads(content)
    except orjson.JSONDecodeError as failure:
        raise MalformedJson(FilePlace(path, line=failure.lineno), failure.msg) from failure
    file = _File(path)
    event = file.object(file.object(whole, "the file").get("event"), "event")
    names = _Names(file, event)
    collector = Collector(PRETIX_RULES, _LABELS, zone)
    for number, found in enumerate(file.list(event.get("orders"), "event.orders")):
        order_path = f"event.orders[{number}]"
        order = file.object(found, order_path)
        if isinstance(code := order.get("code"), str) and code.strip():
            collector.orders.add((PRETIX_RULES.source, code.strip()))
        for index, row in enumerate(file.list(order.get("positions"), f"{order_path}.positions")):
            row_path = f"{order_path}.positions[{index}]"
            position = file.object(row, row_path)
            fields = _fields(names, event, order, position)
            answers = names.answers(position, row_path)
            collector.add(RawRow(FilePlace(path, path=row_path), fields, answers))
    return tuple(dict.fromkeys(names.questions.values())), collector


def _fields(names: "_Names", event: Json, order: Json, position: Json) -> dict[Field, object]:
    return {
        Field.ORDER: order.get("code"),
        Field.POSITION: position.get("positionid"),
        Field.STATUS: order.get("status"),
        Field.TEST_ORDER: order.get("testmode"),
        Field.EVENT: event.get("slug"),
        Field.STARTS_AT: names.start_of(position.get("subevent")),
        Field.PRODUCT: names.product(position.get("item")),
        Field.VARIATION: names.variation(position.get("variation")),
        Field.PRICE: position.get("price"),
        Field.ORDERED_AT: order.get("datetime"),
        Field.BUYER_EMAIL: order.get("email"),
        Field.ATTENDEE_EMAIL: position.get("attendee_email"),
        Field.ATTENDEE_NAME: position.get("attendee_name"),
        Field.SECRET: position.get("secret"),
        Field.SEAT: position.get("seat"),
    }


class _File:
    """Asks of values to be what pretix writes there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def object(self, value: Any, where: str) -> Json:
        if not isinstance(value, dict):
            raise UnexpectedJson(FilePlace(self._path, path=where), "an object {…}")
        return value

    def list(self, value: Any, where: str) -> list[Any]:
        if not isinstance(value, list):
            raise UnexpectedJson(FilePlace(self._path, path=where), "a list […]")
        return value


class _Names:
    """What the event's ids stand for."""

    def __init__(self, file: _File, event: Json) -> None:
        self._file = file
        self._products: dict[object, object] = {}
        self._variations: dict[object, object] = {}
        for where, item in self._objects(event, "items", "event"):
            self._products[_id(item)] = _shown_name(item)
            for _, variation in self._objects(item, "variations", where, optional=True):
                self._variations[_id(variation)] = variation.get("name")
        self._starts = {
            _id(date): date.get("date_from")
            for _, date in self._objects(event, "subevents", "event", optional=True)
        }
        self.questions = {
            _id(question): str(question.get("question")).strip()
            for _, question in self._objects(event, "questions", "event", optional=True)
        }

    def product(self, item: object) -> object:
        return _look_up(self._products, item, "is no product of the file")

    def variation(self, variation: object) -> object:
        if variation is None:
            return None
        return _look_up(self._variations, variation, "is no variation of the file")

    def start_of(self, subevent: object) -> object:
        if subevent is None:
            return None
        return _look_up(self._starts, subevent, "is no date of the file")

    def answers(self, position: Json, where: str) -> Mapping[str, object]:
        answers: dict[str, object] = {}
        for _, given in self._objects(position, "answers", where, optional=True):
            asked = given.get("question")
            question = self.questions.get(_hashable(asked), f"question {_hashable(asked)}")
            answer = given.get("answer")
            before = answers.get(question)
            both = isinstance(before, str) and isinstance(answer, str) and before != answer
            answers[question] = f"{before} | {answer}" if both else answer
        return answers

    def _objects(
        self, parent: Json, key: str, where: str, *, optional: bool = False
    ) -> list[tuple[str, Json]]:
        value = parent.get(key)
        if value is None and optional:
            return []
        path = f"{where}.{key}"
        return [
            (f"{path}[{number}]", self._file.object(each, f"{path}[{number}]"))
            for number, each in enumerate(self._file.list(value, path))
        ]


def _id(thing: Json) -> object:
    return _hashable(thing.get("id"))


def _hashable(value: object) -> object:
    """Return a value that can be looked up; a list or object in an id's place never is found."""
    return "…" if isinstance(value, (list, dict)) else value


def _look_up(names: Mapping[object, object], wanted: object, otherwise: str) -> object:
    try:
        return names[_hashable(wanted)]
    except KeyError:
        return UnusableValue(str(_hashable(wanted)), otherwise)


def _shown_name(item: Json) -> object:
    """Return what the CSV calls a product: its internal name, where it has one.

    pretix writes a missing internal name as the text ``None``.
    """
    internal = item.get("internal_name")
    return item.get("name") if internal in (None, "", "None") else internal
