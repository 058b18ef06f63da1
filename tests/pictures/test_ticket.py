"""A ticket's picture: safe, readable, and without a word about the screening where none is due."""

from __future__ import annotations

import pytest

from coopledger.domain.types import NO_SEAT, MemberNumber, ScreeningId, SeatNumber, TicketId
from coopledger.domain.visits import Visit
from coopledger.pictures.codes import outline_of
from coopledger.pictures.colours import PAPER, contrast, palette_of
from coopledger.pictures.language import House, Language
from coopledger.pictures.lettering import clean
from coopledger.pictures.ticket import draw_ticket
from tests.pictures.conftest import (
    HOSTILE,
    STARTS,
    parsed,
    ticket_face,
    visit,
)

KINARYA = House("Kinarya")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_title_is_a_text_like_any_other(text: str, language: str) -> None:
    """Whatever title, venue, tier and house say is written as text, fits, and meets no other."""
    shown = visit(text, venue=text, tier=text, seat=SeatNumber(65_535))
    face = ticket_face(
        shown, ticket_id=TicketId(2**63), member=MemberNumber(2**32 - 1), code="9" * 19
    )
    picture = parsed(draw_ticket(face, Language(language), House(text)))
    picture.check_safe()
    picture.check_layout()
    assert not set(picture.says()) & set("\u202e\x00\x0b\ufffe\ud800")


@pytest.mark.parametrize("state", ["valid", "redeemed", "void"])
@pytest.mark.parametrize("cancelled", [False, True])
def test_every_state_is_shown_and_fits(state: str, cancelled: bool, language: str) -> None:
    """Each state is said in the picture and to screen readers; only a valid ticket has a code."""
    said = {
        ("valid", "id"): "Berlaku",
        ("valid", "en"): "Valid",
        ("redeemed", "id"): "Sudah dipakai",
        ("redeemed", "en"): "Used",
        ("void", "id"): "Batal",
        ("void", "en"): "Void",
        ("cancelled", "id"): "Penayangan dibatalkan",
        ("cancelled", "en"): "Screening cancelled",
    }[("cancelled" if cancelled and state != "void" else state, language)]
    face = ticket_face(visit(cancelled=cancelled), state=state)
    picture = parsed(draw_ticket(face, Language(language), KINARYA))
    picture.check_layout()
    assert said.upper() in [line.text for line in picture.lines()]
    assert said in (picture.elements("desc")[0].text or "")
    codes = [each for each in picture.elements("path") if each.get("id") == "code"]
    assert bool(codes) == (state == "valid" and not cancelled)
    if codes:
        assert codes[0].attrib["d"] == outline_of("237")[0]


def test_a_picture_without_a_visit_gives_nothing_away() -> None:
    """It tells no time, has no code, says that it admits nobody, and has the house's colours."""
    face = ticket_face(None, code=None)
    assert palette_of("Kinarya").deep in draw_ticket(face, Language.ID, KINARYA)
    picture = parsed(draw_ticket(face, Language.EN, KINARYA))
    picture.check_layout()
    assert not [each for each in picture.elements("path") if each.get("id") == "code"]
    assert "WIB" not in picture.says()
    assert "Not an entry pass" in picture.says()


def test_what_a_ticket_says() -> None:
    """Film, year, minutes, day, time with zone, venue, tier, seat, number and member are there."""
    picture = parsed(draw_ticket(ticket_face(visit()), Language.ID, KINARYA))
    lines = {line.text for line in picture.lines()}
    assert lines >= {
        *("KINARYA", "BERLAKU", "Turah", "2016 · 83 MENIT"),
        *("MULAI", "Sabtu, 5 Desember 2026", "19.00 WIB"),
        *("TEMPAT", "Gedung Kesenian Tegal", "KELAS", "Tiket reguler", "KURSI", "7"),
        *("TIKET NO.", "237", "ANGGOTA NO. 90", "Tunjukkan di pintu"),
    }
    assert picture.root.attrib["role"] == "img"
    assert picture.root.attrib["lang"] == "id"
    assert picture.elements("title")[0].text == "Turah, Tiket 237"
    free = parsed(draw_ticket(ticket_face(visit(seat=NO_SEAT)), Language.EN, KINARYA))
    assert "Free seating" in {line.text for line in free.lines()}


def test_another_box_offices_ticket(language: str) -> None:
    """Where film, venue and tier are not known, the screening's number, time and seat are shown."""
    foreign = Visit(ScreeningId(12), STARTS, STARTS, SeatNumber(3))
    picture = parsed(draw_ticket(ticket_face(foreign), Language(language), KINARYA))
    picture.check_layout()
    said = picture.says()
    assert "12" in said
    assert "WIB" in said
    assert "None" not in said


def test_every_text_on_paper_can_be_read() -> None:
    """Every text below the art has AA's contrast, for a hundred films and all states."""
    for state in ("valid", "redeemed", "void"):
        for number in range(100):
            face = ticket_face(visit(f"Film {number}"), state=state)
            for line in parsed(draw_ticket(face, Language.ID, KINARYA)).lines():
                if line.fill != PAPER:
                    assert contrast(line.fill, PAPER) >= 4.5


def test_a_picture_is_always_the_same() -> None:
    """The same facts give the same bytes; another film, other colours and another pattern."""
    one, again, other = (
        draw_ticket(ticket_face(visit(title)), Language.ID, KINARYA)
        for title in ("Turah", "Turah", "Siti")
    )
    assert one == again
    assert one.replace("Turah", "Siti") != other


def test_a_title_from_the_right_starts_at_the_same_margin() -> None:
    """An Arabic title is written from right to left and ends at the left margin."""
    picture = parsed(draw_ticket(ticket_face(visit("مدينة")), Language.ID, KINARYA))
    (title,) = [each for each in picture.elements("text") if each.text == clean("مدينة")]
    assert (title.get("direction"), title.get("text-anchor")) == ("rtl", "end")
    picture.check_layout()
