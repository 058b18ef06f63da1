"""A member's card: number, since when, standing and state, in every state."""

from __future__ import annotations

import pytest

from coopledger.domain.register import Cause, Consent, Record, Standing
from coopledger.domain.types import MemberNumber, Timestamp
from coopledger.pictures.card import draw_card
from coopledger.pictures.colours import WARNING, faded, palette_of
from coopledger.pictures.emblem import draw_emblem
from coopledger.pictures.faces import CardFace
from coopledger.pictures.language import House, Language, words_of
from tests.pictures.conftest import ACCOUNT, HOSTILE, STARTS, parsed

KINARYA = House("Kinarya")


def card_face(
    number: int = 90, standing: Standing = Standing.ASSOCIATE, cause: Cause = Cause.NONE
) -> CardFace:
    """Return a card; closed a day after it was opened if a cause is named."""
    left_at = Timestamp(STARTS + 86_400) if cause else None
    record = Record(
        *(MemberNumber(number), ACCOUNT, STARTS, left_at, standing, Consent.ATTESTED, cause)
    )
    return CardFace(record, Timestamp(STARTS - 86_400))


def test_what_a_card_says() -> None:
    """Number, standing, since when with the zone, state and account are there."""
    picture = parsed(draw_card(card_face(), Language.ID, KINARYA))
    lines = {line.text for line in picture.lines()}
    assert lines >= {
        *("KINARYA", "AKTIF", "KARTU ANGGOTA NO.", "90", "Anggota luar biasa"),
        *("ANGGOTA SEJAK", "4 Desember 2026, 19.00 WIB", "0x5f36…64c1"),
    }
    assert picture.elements("title")[0].text == "Kartu anggota No. 90"
    assert picture.root.attrib["role"] == "img"
    picture.check_safe()


@pytest.mark.parametrize("cause", list(Cause), ids=lambda cause: cause.name)
@pytest.mark.parametrize("number", [1, 4_294_967_295])
@pytest.mark.parametrize("standing", [Standing.ASSOCIATE, Standing.FULL])
def test_every_state_is_shown_and_fits(
    cause: Cause, number: int, standing: Standing, language: str
) -> None:
    """Open or closed for whichever cause, with any number: it is said, fits, and says until when."""
    words = words_of(Language(language))
    picture = parsed(draw_card(card_face(number, standing, cause), Language(language), KINARYA))
    picture.check_layout()
    lines = {line.text for line in picture.lines()}
    assert str(number) in lines
    assert words.standings[standing] in lines
    state = words.causes[cause] if cause else words.open
    assert state.upper() in lines
    told = picture.elements("desc")[0].text or ""
    assert state in told
    assert (words.until in told) == bool(cause)


@pytest.mark.parametrize("cause", list(Cause)[1:], ids=lambda cause: cause.name)
def test_a_closed_card_cannot_be_taken_for_an_open_one(cause: Cause) -> None:
    """A closed card is grey and stamped; the card of a member who died is grey and not stamped."""
    closed = draw_card(card_face(cause=cause), Language.ID, KINARYA)
    assert palette_of("Kinarya").deep not in closed
    assert faded().deep in closed
    assert ("rotate(-7)" in closed) == (cause is not Cause.DECEASED)
    assert (WARNING in closed) == (cause in {Cause.EXPELLED, Cause.ANNULLED})


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_of_the_cooperative(name: str) -> None:
    """Whatever the cooperative calls itself is written as text and fits."""
    for cause in (Cause.NONE, Cause.MOVED):
        picture = parsed(draw_card(card_face(cause=cause), Language.EN, House(name)))
        picture.check_safe()
        picture.check_layout()
    parsed(draw_emblem(House(name))).check_safe()


def test_members_have_patterns_of_their_own() -> None:
    """Two members' cards differ in more than the number."""
    one, other = (draw_card(card_face(number), Language.ID, KINARYA) for number in (11, 12))
    assert one.replace("11", "12") != other.replace("11", "12")
