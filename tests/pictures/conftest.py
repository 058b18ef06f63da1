"""Faces to draw, and a reader that measures what was drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from coopledger.domain.screenings import Film
from coopledger.domain.types import (
    WIB,
    Address,
    MemberNumber,
    ScreeningId,
    SeatNumber,
    TicketId,
    Timestamp,
    to_timestamp,
)
from coopledger.domain.visits import Visit
from coopledger.pictures.drawing import MONO_ADVANCE
from coopledger.pictures.faces import TicketFace
from coopledger.pictures.lettering import width_of

STARTS = to_timestamp(datetime(2026, 12, 5, 19, 0, tzinfo=WIB))
ACCOUNT = Address("0x5f36884669051F2F40039182f2d0BB999ABf64c1")  # type: ignore[arg-type]  # checksummed as it stands

ALLOWED = {
    *("svg", "title", "desc", "defs", "clipPath", "g"),
    *("rect", "circle", "line", "path", "text"),
}

HOSTILE = (
    "<script>alert('x')</script>",
    "Tom & Jerry \"di\" <Tegal> '2' ]]>",
    "Sebuah judul yang panjang sekali " * 9,
    "W" * 300,
    "👨‍👩‍👧‍👦 Keluarga Cemara 🎬🇮🇩",
    "مدينة الأفلام " * 3,
    "סרט ארוך מאוד " * 20,
    "映画館の夜" * 30,
    "\u202egnp.exe\u0000\u000b\ufffe\ud800",
    "Z\u0310\u0311\u0312" * 40,
    "",
    " \n\t ",
)


def visit(title: str = "Turah", **changes: object) -> Visit:
    """Return an evening at the cinema."""
    usual = {
        "screening": ScreeningId(1),
        "starts_at": STARTS,
        "ends_at": Timestamp(STARTS + 5_400),
        "seat": SeatNumber(7),
        "film": Film(title, 2016, 83),
        "venue": "Gedung Kesenian Tegal",
        "tier": "Tiket reguler",
    }
    return Visit(**(usual | changes))  # type: ignore[arg-type]  # the names are the test's own


def ticket_face(shown: Visit | None = None, **changes: object) -> TicketFace:
    """Return a valid ticket that is a member's card, with a code for the gate."""
    usual = {
        "ticket_id": TicketId(237),
        "state": "valid",
        "member": MemberNumber(90),
        "visit": shown,
        "code": "237",
    }
    return TicketFace(**(usual | changes))  # type: ignore[arg-type]  # the names are the test's own


@dataclass(frozen=True)
class Written:
    """A line of text in a picture and the box that it takes."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    fill: str

    def meets(self, other: Written) -> bool:
        """Say whether the boxes overlap."""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)


@dataclass(frozen=True)
class Picture:
    """A picture that was parsed."""

    root: Element

    @property
    def size(self) -> tuple[float, float]:
        """Width and height."""
        return float(self.root.attrib["width"]), float(self.root.attrib["height"])

    def elements(self, tag: str) -> list[Element]:
        """Return all elements of a tag."""
        return [each for each in self.root.iter() if each.tag.rpartition("}")[2] == tag]

    def lines(self) -> list[Written]:
        """Return every line of text that stands upright."""
        return [_measured(each) for each in _upright(self.root)]

    def says(self) -> str:
        """Return everything that is written, also for screen readers."""
        return "\n".join(self.root.itertext())

    def check_safe(self) -> None:
        """Check that the picture holds nothing that runs, and nothing from outside."""
        for element in self.root.iter():
            assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in ALLOWED
            for name, value in element.attrib.items():
                assert "href" not in name
                assert not name.startswith("on")
                assert "url(" not in value.replace("url(#art)", "").replace("url(#card)", "")

    def check_layout(self) -> None:
        """Check that every line lies in the picture and meets no other."""
        width, height = self.size
        lines = [line for line in self.lines() if line.text]
        assert lines
        for line in lines:
            assert line.left >= 20, line
            assert line.right <= width - 20, line
            assert line.top >= 20, line
            assert line.bottom <= height - 8, line
        for one, other in combinations(lines, 2):
            assert not one.meets(other), (one, other)


def parsed(svg: str) -> Picture:
    """Parse a picture; it must be XML."""
    return Picture(ElementTree.fromstring(svg.encode()))  # noqa: S314  drawn by us


def _upright(element: Element) -> Iterator[Element]:
    if "rotate" in element.get("transform", ""):
        return
    if element.tag.endswith("}text"):
        yield element
    for below in element:
        yield from _upright(below)


def _measured(element: Element) -> Written:
    words, size = element.text or "", float(element.attrib["font-size"])
    spacing = float(element.get("letter-spacing", "0"))
    if "monospace" in element.attrib["font-family"]:
        width = len(words) * (size * MONO_ADVANCE + spacing)
    else:
        width = float(element.get("textLength", width_of(words, size)))
    left, baseline = float(element.attrib["x"]), float(element.attrib["y"])
    rightwards = element.get("direction") == "rtl"
    anchor = element.get("text-anchor", "start")
    if anchor == "middle":
        left -= width / 2
    elif (anchor == "end") != rightwards:
        left -= width
    return Written(
        words,
        left,
        left + width,
        baseline - 0.74 * size,
        baseline + 0.22 * size,
        element.attrib["fill"],
    )


@pytest.fixture(params=["id", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """Each of the languages."""
    return str(request.param)
