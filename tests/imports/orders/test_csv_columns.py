"""Columns are found by name: order, inserted columns, delimiters and languages do not matter."""

from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopledger.domain.orders import Position, PositionKey
from coopledger.domain.types import WIB
from coopledger.imports.orders.columns import PLAIN, FileFormat
from coopledger.imports.orders.failures import ColumnTwice, MissingColumns
from coopledger.imports.orders.files import ImportedFile, read_positions

if TYPE_CHECKING:
    from tests.imports.conftest import Samples


def anywhere(read: ImportedFile) -> list[Position]:
    """Return positions without the file they stand in."""
    assert not read.problems
    return [replace(p, place=replace(p.place, file=Path())) for p in read.positions]


@pytest.mark.parametrize("language", ["indonesian", "english"])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_shuffled_and_inserted_columns_read_the_same(
    samples: "Samples", language: str, data: st.DataObject
) -> None:
    """Any order of columns, with questions among them, gives the same positions."""
    records = samples.records(getattr(samples, language), 12)
    expected = anywhere(read_positions(samples.csv(records, "original.csv")))
    questions = data.draw(
        st.lists(st.sampled_from(["Usia?", "T-shirt", "Kota asal", ""]), max_size=5)
    )
    widened = [
        [*row, *(questions if number == 0 else ["" for _ in questions])]
        for number, row in enumerate(records)
    ]
    order = data.draw(st.permutations(range(len(widened[0]))))
    shuffled = [[row[index] for index in order] for row in widened]
    assert anywhere(read_positions(samples.csv(shuffled, "shuffled.csv"))) == expected


@pytest.mark.parametrize(
    ("delimiter", "mark"), [(",", ""), (",", "\ufeff"), (";", ""), (";", "\ufeff")]
)
def test_delimiters_and_byte_order_marks(samples: "Samples", delimiter: str, mark: str) -> None:
    """Comma or semicolon, with or without a byte-order mark, the positions are the same."""
    records = samples.records(samples.indonesian, 50)
    expected = anywhere(read_positions(samples.csv(records)))
    path = samples.csv(records, delimiter=delimiter)
    path.write_bytes(mark.encode() + path.read_bytes())
    assert anywhere(read_positions(path)) == expected


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_and_lines_within_a_field(samples: "Samples", line_end: str) -> None:
    """A field may hold line ends; places name the line on which the row begins."""
    lines = [
        "order,position,status,event,product,email,note",
        'A,1,paid,turah,reguler,a@example.org,"one',
        'two"',
        "",
        "A,2,paid,turah,reguler,b@example.org,",
        ",,,,,,",
        " , ,,,,, ",
        "",
    ]
    read = read_positions(samples.write(line_end.join(lines)))
    assert [position.place.line for position in read.positions] == [2, 5]
    assert read.positions[0].answers == {"note": f"one{line_end}two"}


def test_the_name_of_the_file_says_nothing(samples: "Samples") -> None:
    """A JSON is told by its content, whatever the file is called."""
    path = samples.write(samples.jsons[0].read_bytes(), "export.csv")
    assert read_positions(path).format is FileFormat.PRETIX_JSON


@pytest.mark.parametrize(
    ("language", "starts"), [("english", "Start date"), ("indonesian", "Mulai tanggal")]
)
def test_a_series_has_its_date(samples: "Samples", language: str, starts: str) -> None:
    """The columns that pretix inserts for a series give the date that the ticket is for."""
    dates = {
        "english": ["Date", starts, "End date"],
        "indonesian": ["Tanggal", starts, "Tanggal akhir"],
    }
    header, *rows = samples.records(getattr(samples, language), 2)
    header[9:9] = dates[language]
    rows[0][9:9] = ["Pekan film", "2026-12-05 19:00:00", ""]
    rows[1][9:9] = ["", "", ""]
    read = read_positions(samples.csv([header, *rows]))
    assert [position.event_starts_at for position in read.positions] == [
        datetime(2026, 12, 5, 19, tzinfo=WIB),
        None,
    ]
    assert read.questions == ()


def test_a_question_is_an_answer_by_its_header(samples: "Samples") -> None:
    """Unknown columns become answers; empty ones and pretix's own columns do not."""
    path = samples.pretix(
        {"Saya mau menjadi anggota": "Iya", "Usia": "", "City": "Tegal"},
        header=["Saya mau menjadi anggota", "Usia"],
    )
    read = read_positions(path)
    assert read.positions[0].answers == {"Saya mau menjadi anggota": "Iya"}
    assert read.questions == ("Saya mau menjadi anggota", "Usia")


@pytest.mark.parametrize(
    ("cells", "answer"),
    [(["Iya", "", ""], "Iya"), (["", "Iya", "Iya"], "Iya"), (["Iya", "Tidak", ""], "Iya | Tidak")],
)
def test_a_question_that_several_events_ask(
    samples: "Samples", cells: list[str], answer: str
) -> None:
    """Columns of one name are one question; answers that differ are all kept."""
    header, row = samples.records(samples.english, 1)
    path = samples.csv([[*header, *["Anggota?"] * 3], [*row, *cells]])
    assert read_positions(path).positions[0].answers == {"Anggota?": answer}


def test_a_needed_column_that_stands_twice(samples: "Samples") -> None:
    """Which of two columns of the same name is meant is not guessed."""
    header, row = samples.records(samples.english, 1)
    path = samples.csv([[*header, "Product"], [*row, "T-shirt"]])
    with pytest.raises(ColumnTwice) as caught:
        read_positions(path)
    assert (caught.value.place.line, caught.value.column) == (1, "Product")


@pytest.mark.parametrize(
    ("language", "missing"),
    [
        ("english", ("Attendee email",)),
        ("english", ("Position ID", "Variation")),
        ("indonesian", ("Kode pemesanan", "Waktu pemesanan")),
    ],
)
def test_missing_columns_are_all_named(
    samples: "Samples", language: str, missing: tuple[str, ...]
) -> None:
    """Every needed column that is not there is named, in the file's language."""
    header, *rows = samples.records(getattr(samples, language), 3)
    kept = [index for index, name in enumerate(header) if name not in missing]
    path = samples.csv([[row[index] for index in kept] for row in [header, *rows]])
    with pytest.raises(MissingColumns) as caught:
        read_positions(path)
    assert sorted(caught.value.columns) == sorted(missing)
    assert caught.value.format == "pretix positions CSV"


def test_plain_csv_in_full(samples: "Samples") -> None:
    """Every column of the plain format lands in its field, and others are answers."""
    path = samples.write(
        "source,order,position,status,event,starts_at,product,variation,price,ordered_at,"
        "email,buyer_name,attendee_email,attendee_name,secret,seat,Anggota?\n"
        "loket,A 7,b,Lunas,turah,2026-12-05 19:00,Tiket,pelajar,20000,2026-11-02T12:00:00Z,"
        "Ani@Example.org,Ani,budi@example.org,Budi,s3cr3t,A-12,ya\n"
    )
    read = read_positions(path)
    assert read.format is FileFormat.PLAIN_CSV
    [position] = read.positions
    said: dict[str, Any] = {each.name: getattr(position, each.name) for each in fields(position)}
    found = said | {"place": None, "status": position.status.value}
    assert found == {
        "key": PositionKey("loket", "A 7", "b"),
        "status": "paid",
        "place": None,
        "event": "turah",
        "event_starts_at": datetime(2026, 12, 5, 19, tzinfo=WIB),
        "product": "Tiket",
        "variation": "pelajar",
        "price": 20_000,
        "ordered_at": datetime(2026, 11, 2, 19, tzinfo=WIB),
        "buyer_email": "ani@example.org",
        "buyer_name": "Ani",
        "attendee_email": "budi@example.org",
        "attendee_name": "Budi",
        "secret": "s3cr3t",
        "seat": "A-12",
        "answers": {"Anggota?": "ya"},
    }


def test_the_documented_plain_csv_is_read(samples: "Samples") -> None:
    """The example in the documentation is a file that can be imported."""
    page = samples.plain_csv_page.read_text(encoding="utf-8")
    block = page.partition("```csv\n")[2].partition("```")[0]
    read = read_positions(samples.write(block))
    assert not read.problems
    assert [position.held_by_buyer for position in read.positions] == [True, False]
    assert all(f"`{name}`" in page for name in PLAIN.names.values())


def test_plain_csv_with_the_needed_columns_alone(samples: "Samples") -> None:
    """Six columns are enough; the source is then called plain."""
    path = samples.write("order,position,status,event,product,email\nA,1,paid,turah,Tiket,\n")
    read = read_positions(path)
    assert not read.problems
    [position] = read.positions
    assert position.key == PositionKey("plain", "A", "1")
    assert (position.price, position.ordered_at, position.holder_email) == (0, None, None)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("'=1+1", "=1+1"),
        ("'@ni", "@ni"),
        ("'%x\\|y", "%x|y"),
        ("'Abdul", "'Abdul"),
        ("a\\|b", "a\\|b"),
    ],
)
def test_pretix_marks_before_formulas_are_taken_off(
    samples: "Samples", cell: str, name: str
) -> None:
    """What pretix's CSV writer put before a cell that would run as a formula is undone."""
    read = read_positions(samples.pretix({"Attendee name": cell}))
    assert read.positions[0].attendee_name == name


def test_a_marked_address_is_the_same_person(samples: "Samples") -> None:
    """An apostrophe before an address that begins with a plus does not become part of it."""
    read = read_positions(samples.pretix({"Email": "'+ani@example.org"}))
    assert read.positions[0].buyer_email == "+ani@example.org"
