"""No listing holds a cell that a spreadsheet would run, and none loses what it said."""

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coopledger.domain.safe_csv import plain_cell, safe_cell, write_rows
from coopledger.imports.orders.files import read_positions

if TYPE_CHECKING:
    from tests.imports.conftest import Samples

DANGEROUS = [
    "=1+1",
    '=HYPERLINK("http://example.org","x")',
    "+62812",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\ttext",
    " =1",
    "\u00a0=1",
    "\u200b =1",
    "\ufeff=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_a_cell_that_would_run_gets_an_apostrophe(cell: str) -> None:
    """Every beginning that some spreadsheet takes for a formula is marked."""
    assert safe_cell(cell) == f"'{cell}"
    assert plain_cell(f"'{cell}") == cell


@pytest.mark.parametrize("cell", ["Ani", "a=1", "", "'Abdul", "1-2", "ʼ=1", 7, None])
def test_other_cells_stay_as_they_are(cell: str | int | None) -> None:
    """Text that no spreadsheet runs is written unchanged."""
    assert safe_cell(cell) == ("" if cell is None else str(cell))


def test_negative_numbers_are_marked() -> None:
    """The rule has no exception for numbers."""
    assert safe_cell(-5) == "'-5"


@given(st.text())
@example("'=1")
@example("''=1")
@example("'")
def test_nothing_is_lost(cell: str) -> None:
    """What was marked can be read back, also where it began with an apostrophe itself."""
    assert plain_cell(safe_cell(cell)) == cell
    assert safe_cell(cell)[:1] not in ("=", "+", "-", "@", "\t", "\r")


def test_rows_are_csv_with_every_cell_made_safe() -> None:
    """Header and rows are quoted where needed, and marked."""
    stream = io.StringIO()
    write_rows(stream, ["name", "=header"], [["Ani, S.Pd", 3], ["=1+1", None]])
    assert stream.getvalue() == "name,'=header\r\n\"Ani, S.Pd\",3\r\n'=1+1,\r\n"
    with pytest.raises(ValueError, match="1 cells under 2 columns"):
        write_rows(stream, ["a", "b"], [["1"]])


@pytest.mark.parametrize("cell", [each for each in DANGEROUS if each.strip() == each])
def test_our_own_csv_is_read_back(samples: "Samples", cell: str) -> None:
    """A name that would run as a formula survives being written and imported."""
    stream = io.StringIO(newline="")
    header = ["order", "position", "status", "event", "product", "email", "buyer_name"]
    write_rows(stream, header, [["A", "1", "paid", "turah", "Tiket", "", cell]])
    assert list(csv.reader(io.StringIO(stream.getvalue(), newline="")))[1][6] == f"'{cell}"
    [position] = read_positions(samples.write(stream.getvalue())).positions
    assert position.buyer_name == cell
