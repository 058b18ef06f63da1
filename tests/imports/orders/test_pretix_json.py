"""pretix's JSON: ids become names, and what is wrong is named by its path."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from coopledger.domain.orders import FilePlace
from coopledger.domain.types import WIB
from coopledger.imports.orders.files import read_positions
from coopledger.imports.orders.problems import RowProblem

if TYPE_CHECKING:
    from tests.imports.conftest import Samples

ORDER_FIELDS: list[tuple[str, object, str, str | None]] = [
    ("code", None, "", "is empty"),
    ("code", 7, "7", "is not text"),
    ("status", "x", "x", "is not a known status"),
    ("email", "abc", "abc", None),
    ("email", ["a@example.org"], "[…]", "is not text"),
    ("datetime", None, "", "is empty"),
    (
        "datetime",
        "2026-13-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "is not a date and time that exists",
    ),
    ("testmode", True, "true", "marks a test order; delete it in pretix and export again"),
]
POSITION_FIELDS: list[tuple[str, object, str, str]] = [
    ("positionid", None, "", "is empty"),
    ("positionid", 0, "0", "is not a position number (1, 2, 3 …)"),
    ("positionid", True, "True", "is not text"),
    ("item", 99, "99", "is no product of the file"),
    ("item", [], "…", "is no product of the file"),
    ("variation", 5, "5", "is no variation of the file"),
    ("subevent", 5, "5", "is no date of the file"),
    ("price", 35000.5, "35000.5", "is not text"),
    ("price", "35000.50", "35000.50", "has cents, and rupiah have none"),
    ("price", -1, "-1", "is negative"),
    ("attendee_email", {"a": 1}, "{…}", "is not text"),
    ("attendee_name", "A\0B", "A\0B", "holds a control character"),
]


@pytest.mark.parametrize(("field", "given", "value", "reason"), ORDER_FIELDS)
def test_a_bad_field_of_an_order(
    samples: "Samples", field: str, given: object, value: str, reason: str | None
) -> None:
    """A bad field of an order is a problem of each of its positions."""
    path = samples.json(lambda event: event["orders"][0].update({field: given}))
    read = read_positions(path)
    assert [problem.place.path for problem in read.problems] == [
        "event.orders[0].positions[0]",
        "event.orders[0].positions[1]",
    ]
    assert {(problem.field, problem.value) for problem in read.problems} == {(field, value)}
    if reason:
        assert {problem.reason for problem in read.problems} == {reason}
    assert {position.key.order for position in read.positions} == {"WLJKA"}


@pytest.mark.parametrize(("field", "given", "value", "reason"), POSITION_FIELDS)
def test_a_bad_field_of_a_position(
    samples: "Samples", field: str, given: object, value: str, reason: str
) -> None:
    """A bad field of a position is named by the position's path, and the next one is read."""
    path = samples.json(lambda event: event["orders"][0]["positions"][0].update({field: given}))
    read = read_positions(path)
    place = FilePlace(path, path="event.orders[0].positions[0]")
    assert read.problems == (RowProblem(place, field, value, reason),)
    assert str(read.problems[0]).startswith(f"orders.json, event.orders[0].positions[0], {field}: ")
    assert str(read.positions[0].key) == "Z9PKC-2"


def test_a_row_that_is_not_paid_may_be_bad(samples: "Samples") -> None:
    """The second order is not paid: nothing but its key and status is checked."""
    broken = {"item": 99, "price": [], "attendee_email": "x", "subevent": 7}
    path = samples.json(lambda event: event["orders"][1]["positions"][0].update(broken))
    read = read_positions(path)
    assert not read.problems
    assert len(read.positions) == 4


def test_two_questions_of_one_name_answer_together(samples: "Samples") -> None:
    """Where answers to questions of one name differ, neither of them counts alone."""

    def change(event: dict[str, Any]) -> None:
        event["questions"] = [
            {"id": each, "identifier": f"Q{each}", "question": "Anggota?", "type": "B"}
            for each in (1, 2)
        ]
        event["orders"][0]["positions"][0]["answers"] = [
            {"question": 1, "answer": "False"},
            {"question": 2, "answer": "True"},
        ]

    read = read_positions(samples.json(change))
    assert read.positions[0].answers == {"Anggota?": "False | True"}


def test_ids_become_the_names_that_the_csv_has(samples: "Samples") -> None:
    """Product, variation, date and question are looked up; the internal name goes first."""

    def change(event: dict[str, Any]) -> None:
        event["items"][0]["internal_name"] = "Reguler"
        event["items"][0]["variations"] = [{"id": 7, "name": "Balkon"}]
        event["subevents"] = [{"id": 8, "name": "Malam", "date_from": "2026-12-05T12:00:00Z"}]
        event["questions"] = [
            {"id": 1, "identifier": "ABC", "question": "Anggota?", "type": "B"},
            {"id": 2, "identifier": "DEF", "question": "Usia", "type": "N"},
        ]
        event["orders"][0]["positions"][0].update(
            variation=7,
            subevent=8,
            seat="A-12",
            answers=[{"question": 1, "answer": "True"}, {"question": 9, "answer": "x"}],
        )

    read = read_positions(samples.json(change))
    assert not read.problems
    first = read.positions[0]
    assert (first.product, first.variation, first.seat) == ("Reguler", "Balkon", "A-12")
    assert first.event_starts_at == datetime(2026, 12, 5, 19, tzinfo=WIB)
    assert first.answers == {"Anggota?": "True", "question 9": "x"}
    assert read.positions[1].product == "Tiket pelajar"
    assert read.questions == ("Anggota?", "Usia")


def test_fractions_of_a_second_are_left_out(samples: "Samples") -> None:
    """The JSON may have milliseconds, which the CSV never has; the moment is the same."""
    stamp = "2026-11-23T15:49:31.123Z"
    read = read_positions(samples.json(lambda event: event["orders"][0].update(datetime=stamp)))
    assert read.positions[0].ordered_at == datetime(2026, 11, 23, 22, 49, 31, tzinfo=WIB)


def test_an_order_without_positions_is_there(samples: "Samples") -> None:
    """An order that lost all its positions is named among the whole orders."""
    read = read_positions(samples.json(lambda event: event["orders"][0].update(positions=[])))
    assert ("pretix", "Z9PKC") in read.whole_orders
    assert {key.order for key in read.keys} == {"WLJKA"}
