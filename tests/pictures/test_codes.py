"""The QR codes are what a scanner reads, by a reader of the tests' own."""

from __future__ import annotations

import re

import pytest

from coopledger.domain.types import TicketId
from coopledger.pictures.codes import gate_code, outline_of
from coopledger.pictures.language import House, Language
from coopledger.pictures.ticket import draw_ticket
from tests.pictures.conftest import parsed, ticket_face, visit
from tests.pictures.qr_reader import read_code


def drawn(outline: str) -> set[tuple[int, int]]:
    """Return the squares that a path fills."""
    squares = set()
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", outline):
        squares |= {(int(x) + step, int(y)) for step in range(int(length))}
    return squares


@pytest.mark.parametrize(
    "payload", ["1", "12", "237", "749000", "https://tiket.example.org/tickets/237"]
)
def test_the_path_is_read_as_what_it_holds(payload: str) -> None:
    """A scanner that sees the filled squares reads the payload; a seventh of the code may be dirty."""
    outline, width = outline_of(payload)
    text, level = read_code(drawn(outline), width)
    assert text == payload
    assert level in {"M", "Q", "H"}
    assert re.sub(r"M\d+ \d+h\d+v1h-\d+z", "", outline) == ""


def test_a_code_has_white_around_it() -> None:
    """The standard wants four modules of white on each side; the picture's rectangle gives them."""
    picture = parsed(draw_ticket(ticket_face(visit()), Language.EN, House("Kinarya")))
    (code,) = (each for each in picture.elements("path") if each.get("id") == "code")
    place = re.fullmatch(r"translate\((.+) (.+)\) scale\((.+)\)", code.attrib["transform"])
    assert place is not None
    left, top, unit = map(float, place.groups())
    squares = drawn(code.attrib["d"])
    right, bottom = (
        left + unit * (max(x for x, _ in squares) + 1),
        top + unit * (max(y for _, y in squares) + 1),
    )
    (white,) = (each for each in picture.elements("rect") if each.get("fill") == "#ffffff")
    x, y, width, height = (float(white.attrib[name]) for name in ("x", "y", "width", "height"))
    sides = (left - x, top - y, x + width - right, y + height - bottom)
    assert min(sides) >= 4 * unit - 0.01


def test_the_gate_takes_the_ticket_id() -> None:
    """What the code holds in this version is the id that ``coopledger redeem`` takes."""
    assert gate_code(TicketId(237)) == "237"
