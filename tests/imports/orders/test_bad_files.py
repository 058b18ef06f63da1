"""A file that cannot be used as such is refused with its own failure, naming the place."""

import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coopledger.errors import BadInput, handling_of
from coopledger.imports.map import map_failures
from coopledger.imports.orders import failures, files, values
from coopledger.imports.orders.files import read_bytes, read_positions

if TYPE_CHECKING:
    from tests.imports.conftest import Samples

PLAIN = "order,position,status,event,product,email\n"


@pytest.mark.parametrize(
    ("content", "failure", "line", "sentence"),
    [
        (b"", failures.FileIsEmpty, None, "orders.csv is empty"),
        (b"\xef\xbb\xbf\r\n \n", failures.FileIsEmpty, None, "orders.csv is empty"),
        (
            b"PK\x03\x04rest",
            failures.IsWorkbook,
            None,
            "orders.csv is an Excel workbook, not a CSV or JSON file",
        ),
        (
            "order,position".encode("utf-16"),
            failures.WrongEncoding,
            1,
            "orders.csv, line 1: not UTF-8 text (it is UTF-16)",
        ),
        (
            PLAIN.encode() + b"A,1,paid,turah,Caf\xe9,a@example.org\n",
            failures.WrongEncoding,
            2,
            "orders.csv, line 2: not UTF-8 text (byte 0xe9)",
        ),
        (
            b"\xef\xbb\xbf" + PLAIN.encode() + b"\xe9\n",
            failures.WrongEncoding,
            2,
            "orders.csv, line 2: not UTF-8 text (byte 0xe9)",
        ),
        (
            PLAIN.encode() + b"A,1,paid\n\0",
            failures.HoldsNulBytes,
            3,
            "orders.csv, line 3: a NUL byte, which no text file has",
        ),
        (
            b"name,age\nAni,20\n",
            failures.UnknownFormat,
            None,
            "orders.csv is in no known format; it begins with 'name,age'",
        ),
        (
            b"Dear sirs, " + b"x" * 200,
            failures.UnknownFormat,
            None,
            f"orders.csv is in no known format; it begins with 'Dear sirs, {'x' * 48}…'",
        ),
        (
            b"order,position,status,event\nA,1,paid,turah\n",
            failures.MissingColumns,
            1,
            "orders.csv, line 1: columns missing for a plain CSV: product, email",
        ),
        (
            b"order;position;status;event;product;email;order\n",
            failures.ColumnTwice,
            1,
            "orders.csv, line 1: the column 'order' stands more than once",
        ),
        (
            PLAIN.encode() + b"A,1,paid,turah,Tiket,a@example.org\nA,2,paid\n",
            failures.WrongFieldCount,
            3,
            "orders.csv, line 3: 3 fields under 6 columns",
        ),
        (
            PLAIN.encode() + b"A,1,paid,turah,Tiket, S.Pd,a@example.org\n",
            failures.WrongFieldCount,
            2,
            "orders.csv, line 2: 7 fields under 6 columns",
        ),
        (
            PLAIN.encode() + b'A,1,paid,turah,Tiket,a@example.org\nA,2,paid,"turah\n\n',
            failures.MalformedCsv,
            3,
            "orders.csv, line 3: not a valid CSV (unexpected end of data)",
        ),
        (
            PLAIN.encode() + b'A,1,paid,"turah"x,Tiket,a@example.org\n',
            failures.MalformedCsv,
            2,
            "orders.csv, line 2: not a valid CSV (',' expected after '\"')",
        ),
        (
            b'"order,position\n',
            failures.MalformedCsv,
            1,
            "orders.csv, line 1: not a valid CSV (unexpected end of data)",
        ),
    ],
)
def test_a_file_that_is_no_good(
    samples: "Samples",
    content: bytes,
    failure: type[BadInput],
    line: int | None,
    sentence: str,
) -> None:
    """Each way for a file to be no good has a failure of its own, with its place."""
    path = samples.write(content)
    with pytest.raises(failure) as caught:
        read_positions(path)
    assert caught.type is failure
    assert vars(caught.value)["place"].file == path
    assert vars(caught.value)["place"].line == line
    assert str(caught.value) == sentence
    assert caught.value.advice
    assert str(pickle.loads(pickle.dumps(caught.value))) == sentence  # noqa: S301  our own bytes


def test_a_json_cut_short(samples: "Samples") -> None:
    """A JSON that ends too early is refused, naming the line."""
    whole = samples.jsons[0].read_bytes()
    with pytest.raises(failures.MalformedJson) as caught:
        read_positions(samples.write(whole[: len(whole) // 2], "orders.json"))
    assert caught.value.place.line == 1
    assert "again" in caught.value.advice


@pytest.mark.parametrize(
    ("content", "path", "sentence"),
    [
        ("[]", "the file", "orders.json, the file: an object {…} expected"),
        ('{"orders": []}', "event", "orders.json, event: an object {…} expected"),
        (
            '{"event": {"items": {}}}',
            "event.items",
            "orders.json, event.items: a list […] expected",
        ),
        (
            '{"event": {"items": [], "orders": [7]}}',
            "event.orders[0]",
            "orders.json, event.orders[0]: an object {…} expected",
        ),
        (
            '{"event": {"items": [], "orders": [{"positions": [{"answers": ""}]}]}}',
            "event.orders[0].positions[0].answers",
            "orders.json, event.orders[0].positions[0].answers: a list […] expected",
        ),
    ],
)
def test_a_json_of_another_kind(samples: "Samples", content: str, path: str, sentence: str) -> None:
    """A JSON that pretix did not write is refused, naming the path where it differs."""
    with pytest.raises(failures.UnexpectedJson) as caught:
        read_positions(samples.write(content, "orders.json"))
    assert caught.value.place.path == path
    assert str(caught.value) == sentence


def test_no_such_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(failures.FileNotThere, match=r"there is no file .*monday\.csv"):
        read_positions(tmp_path / "monday.csv")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    """A folder, and a name that no file can have, are refused with the system's reason."""
    with pytest.raises(failures.CannotReadFile, match="Is a directory"):
        read_positions(tmp_path)
    with pytest.raises(failures.CannotReadFile):
        read_positions(tmp_path / "a\0b")


def test_a_file_over_the_limit(samples: "Samples") -> None:
    """No more bytes are read than the limit; one more is refused."""
    path = samples.write("12345")
    assert read_bytes(path, 5) == b"12345"
    with pytest.raises(failures.FileTooLarge) as caught:
        read_bytes(path, 4)
    assert caught.value.limit == 4
    assert files.LARGEST_FILE == 200_000_000


def test_every_failure_is_bad_input_with_advice() -> None:
    """All failures of the package belong to the family of bad input and say what to do."""
    found = [
        each
        for module in (failures, map_failures, values)
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__
        if issubclass(each, BadInput)
    ]
    assert {failures.UnknownFormat, map_failures.NotMapped, values.UnusableValue} <= set(found)
    for each in found:
        assert handling_of(each).exit_code == 3
        assert each.advice
