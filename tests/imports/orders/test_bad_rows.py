"""What is wrong with single rows is named, all of it, and the good rows are read."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coopledger.domain.orders import FilePlace, PositionKey, PositionStatus
from coopledger.imports.orders.files import read_positions
from coopledger.imports.orders.problems import RowProblem
from coopledger.imports.orders.values import UnusableValue, says_yes

if TYPE_CHECKING:
    from tests.imports.conftest import Samples

AMOUNT = "is not an amount in rupiah (35000 or 35000,00)"
MARK = "has a thousands mark; write 35000 or 35000,00"
MOMENT = "is not a date and time (2026-12-05 19:00)"
POSITION = "is not a position number (1, 2, 3 …)"

BAD_FIELDS = [
    ("Order code", "", "", "is empty"),
    ("Position ID", "", "", "is empty"),
    ("Position ID", "0", "0", POSITION),
    ("Position ID", "-1", "-1", POSITION),
    ("Position ID", "1.0", "1.0", POSITION),
    ("Position ID", "١", "١", POSITION),
    ("Status", "", "", "is empty"),
    ("Status", "bezahlt", "bezahlt", "is not a known status"),
    ("Event slug", " ", "", "is empty"),
    ("Product", "", "", "is empty"),
    ("Price", "", "", "is empty"),
    ("Price", "35.000", "35.000", MARK),
    ("Price", "35,000", "35,000", MARK),
    ("Price", "1.035.000,00", "1.035.000,00", MARK),
    ("Price", "35 000", "35 000", MARK),
    ("Price", "35000,50", "35000,50", "has cents, and rupiah have none"),
    ("Price", "0.5", "0.5", "has cents, and rupiah have none"),
    ("Price", "-35000,00", "-35000,00", "is negative"),
    ("Price", "Rp 35000", "Rp 35000", AMOUNT),
    ("Price", "3.5E4", "3.5E4", AMOUNT),
    ("Price", "٣٥٠٠٠", "٣٥٠٠٠", AMOUNT),
    ("Price", "9" * 16, "9" * 16, AMOUNT),
    ("Order date", "", "11:02:10", MOMENT),
    ("Order date", "19/10/2026", "19/10/2026 11:02:10", MOMENT),
    ("Order date", "2026-02-30", "2026-02-30 11:02:10", "is not a date and time that exists"),
    ("Order date", "1926-10-19", "1926-10-19 11:02:10", "is not a plausible date"),
    ("Order time", "", "2026-10-19", MOMENT),
    ("Order time", "25:00:00", "2026-10-19 25:00:00", "is not a date and time that exists"),
    ("Start date", "besok", "besok", MOMENT),
    ("Attendee name", "Ani\x1b[2J", "Ani\x1b[2J", "holds a control character"),
    ("Anggota?", "ya\x7f", "ya\x7f", "holds a control character"),
]


@pytest.mark.parametrize(("column", "cell", "value", "reason"), BAD_FIELDS)
def test_a_bad_field_names_place_field_value_and_reason(
    samples: "Samples", column: str, cell: str, value: str, reason: str
) -> None:
    """A field that cannot be used is named, and the row after it is read."""
    good = {"Order code": "GOOD1"}
    path = samples.pretix({column: cell}, good, header=["Start date", "Anggota?"])
    read = read_positions(path)
    named = "Order date" if column == "Order time" else column
    assert read.problems == (RowProblem(FilePlace(path, line=2), named, value, reason),)
    assert [position.key.order for position in read.positions] == ["GOOD1"]


def test_a_secret_is_not_to_be_taken_for_a_ticket_id(samples: "Samples") -> None:
    """A shop's code that the door would read as a ticket's id is named; a longer number is a code."""
    path = samples.pretix(
        {"Ticket secret": "123456789"}, {"Order code": "GOOD1", "Ticket secret": "1234567890"}
    )
    read = read_positions(path)
    [problem] = read.problems
    assert (problem.place, problem.field) == (FilePlace(path, line=2), "Ticket secret")
    assert problem.value == "123456789"
    assert [position.secret for position in read.positions] == ["1234567890"]


@pytest.mark.parametrize("column", ["Email", "Attendee email"])
@pytest.mark.parametrize("address", ["abc@", "ani", "a b@example.org", "ani@-example.org"])
def test_a_bad_address(samples: "Samples", column: str, address: str) -> None:
    """An address that is none is named with what is wrong about it."""
    path = samples.pretix({column: address})
    read = read_positions(path)
    assert not read.positions
    [problem] = read.problems
    assert (problem.place, problem.field, problem.value) == (
        FilePlace(path, line=2),
        column,
        address,
    )
    assert problem.reason.startswith("is not an e-mail address (")
    start = f"orders.csv, line 2, {column}: '{address}' is not an e-mail address ("
    assert str(problem).startswith(start)


def test_all_problems_are_named_at_once(samples: "Samples") -> None:
    """A row with three bad fields and another with one give four problems."""
    bad = {"Price": "x", "Email": "abc@", "Order date": "?"}
    read = read_positions(samples.pretix(bad, {"Order code": "B", "Product": ""}))
    assert sorted((p.place.line, p.field) for p in read.problems) == [
        (2, "Email"),
        (2, "Order date"),
        (2, "Price"),
        (3, "Product"),
    ]


@pytest.mark.parametrize("status", ["pending", "canceled", "expired"])
def test_rows_not_to_be_issued_are_checked_on_key_and_status_alone(
    samples: "Samples", status: str
) -> None:
    """What is wrong in a row that is not paid does not matter."""
    bad = {
        "Status": status,
        "Price": "x",
        "Email": "abc@",
        "Order date": "?",
        "Event slug": "",
        "Product": "\x07",
        "Attendee email": "@",
    }
    read = read_positions(samples.pretix(bad))
    assert not read.problems
    assert len(read.positions) == 1
    read = read_positions(samples.pretix({**bad, "Position ID": "x"}))
    assert [problem.field for problem in read.problems] == ["Position ID"]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("paid", PositionStatus.PAID),
        ("Dibayar", PositionStatus.PAID),
        ("p", PositionStatus.PAID),
        ("pending", PositionStatus.PENDING),
        ("approval pending", PositionStatus.PENDING),
        ("Persetujuan Tertunda", PositionStatus.PENDING),
        ("pending (confirmed)", PositionStatus.PENDING),
        ("tertunda", PositionStatus.PENDING),
        ("canceled", PositionStatus.CANCELLED),
        ("canceled (paid fee)", PositionStatus.CANCELLED),
        ("dibatalkan", PositionStatus.CANCELLED),
        ("expired", PositionStatus.EXPIRED),
        ("kedaluwarsa", PositionStatus.EXPIRED),
    ],
)
def test_every_status_that_pretix_writes(
    samples: "Samples", word: str, status: PositionStatus
) -> None:
    """Each word that pretix has for an order's state is known in both languages."""
    read = read_positions(samples.pretix({"Status": word}))
    assert [position.status for position in read.positions] == [status]


@pytest.mark.parametrize("amount", ["35000,00", "35000.00", "35000", "35000,0", "035000"])
def test_amounts_that_are_read(samples: "Samples", amount: str) -> None:
    """An amount may have a decimal comma or point, followed by nothing but noughts."""
    assert read_positions(samples.pretix({"Price": amount})).positions[0].price == 35_000


def test_the_same_row_twice_counts_once(samples: "Samples") -> None:
    """A row that stands twice with the same contents gives one position and no problem."""
    read = read_positions(samples.pretix({}, {}))
    assert not read.problems
    assert [position.place.line for position in read.positions] == [2]


def test_the_same_key_with_other_contents(samples: "Samples") -> None:
    """Two rows of one key that differ are a problem that names both; neither is issued."""
    path = samples.pretix({}, {"Order code": "B"}, {"Product": "Tiket pelajar"})
    read = read_positions(path)
    reason = "stands with other contents at orders.csv, line 2, too"
    assert read.problems == (RowProblem(FilePlace(path, line=4), "Position ID", "TW7ZZ-1", reason),)
    assert [position.key.order for position in read.positions] == ["B"]


def test_the_same_key_paid_and_cancelled(samples: "Samples") -> None:
    """Two rows of one key that differ in status alone are a problem as well."""
    read = read_positions(samples.pretix({}, {"Status": "canceled"}))
    assert len(read.problems) == 1
    assert not read.positions


def test_a_bad_row_and_a_good_one_of_the_same_key(samples: "Samples") -> None:
    """A good row is not taken where a bad one of the same key stands before or after it."""
    for changes in ([{"Price": "x"}, {}], [{}, {"Price": "x"}]):
        read = read_positions(samples.pretix(*changes))
        assert not read.positions
        assert {problem.field for problem in read.problems} == {"Price", "Position ID"}


def test_orders_of_which_a_key_is_unreadable_are_not_whole(samples: "Samples") -> None:
    """Of an order with an unreadable key nobody can say that a position is gone."""
    bad, good = {"Price": "x"}, {"Order code": "B"}
    read = read_positions(samples.pretix(bad, good))
    assert read.keys == {PositionKey("pretix", "TW7ZZ", "1"), PositionKey("pretix", "B", "1")}
    assert read.whole_orders == {("pretix", "TW7ZZ"), ("pretix", "B")}
    read = read_positions(samples.pretix({"Position ID": "x"}, good))
    assert read.whole_orders == {("pretix", "B")}
    read = read_positions(samples.pretix({"Order code": ""}, good))
    assert read.whole_orders == frozenset()


def test_a_problem_quotes_no_more_than_sixty_characters() -> None:
    """A long value is cut, and what a terminal would obey is not printed."""
    place = FilePlace(Path("orders.csv"), line=17)
    long = RowProblem(place, "Email", "x" * 10_000, "is too long")
    assert str(long) == f"orders.csv, line 17, Email: '{'x' * 59}…' is too long"
    wild = RowProblem(place, "Email", "a\x1b[2J\nb", "is wild")
    assert str(wild) == "orders.csv, line 17, Email: 'a�[2J�b' is wild"
    assert str(RowProblem(place, "Price", "", "is empty")) == (
        "orders.csv, line 17, Price: the field is empty"
    )


def test_answers_that_say_yes() -> None:
    """Yes and no are known in both languages and in pretix's JSON; nothing else is guessed."""
    assert all(says_yes(word) for word in ("Iya", "ya", "Yes", "True", " YA "))
    assert not any(says_yes(word) for word in ("", "Tidak", "no", "False"))
    with pytest.raises(UnusableValue, match=r"'Iya \| Tidak' is neither yes nor no"):
        says_yes("Iya | Tidak")
