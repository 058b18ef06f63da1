"""Text in a box: it always fits, whatever it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopledger.pictures.lettering import clean, fit, reads_from_the_right, width_of

SIZES = ((40.0, 1), (30.0, 2), (20.0, 3))


@given(st.text(max_size=400), st.floats(min_value=30, max_value=600))
def test_every_text_fits(text: str, box: float) -> None:
    """Whatever the text, no line is wider than the box and there are no more than allowed."""
    fitted = fit(text, box, SIZES)
    assert len(fitted.lines) <= dict(SIZES)[fitted.size]
    for line in fitted.lines:
        assert line.width <= box + 1e-6
        assert line.width == pytest.approx(width_of(line.text, fitted.size))
        assert line.pinned == (line.width > box * 0.75)


def test_a_short_text_is_large_and_a_long_one_wraps() -> None:
    """The largest size that holds the whole text is taken."""
    assert fit("Siti", 200, SIZES).size == 40
    wrapped = fit("Perempuan Tanah Jahanam", 200, SIZES)
    assert [line.text for line in wrapped.lines] == ["Perempuan", "Tanah Jahanam"] or (
        wrapped.size < 40 and len(wrapped.lines) > 1
    )
    assert " ".join(line.text for line in wrapped.lines) == "Perempuan Tanah Jahanam"


def test_what_does_not_fit_is_cut_and_says_so() -> None:
    """A text that is too long even for the smallest size ends with an ellipsis."""
    fitted = fit("kata " * 100, 200, SIZES)
    assert (fitted.size, len(fitted.lines)) == (20, 3)
    assert fitted.lines[-1].text.endswith("…")
    broken = fit("W" * 300, 200, SIZES)
    assert broken.lines[-1].text.endswith("…")


def test_a_whole_emoji_is_one_letter() -> None:
    """A family is never cut into persons."""
    family = "👨‍👩‍👧‍👦"
    for line in fit(family * 50, 100, SIZES).lines:
        assert line.text.rstrip("…").replace(family, "") == ""


def test_what_is_invisible_is_left_out() -> None:
    """Controls, direction overrides, surrogates and unassigned characters are dropped."""
    assert clean("a\u202eb\x00\x0bc\ufffe\ud800\u200e  d\n e ") == "ab c d e"
    assert clean("\u0041\u030a") == "\u00c5"


def test_the_direction_is_that_of_the_first_letter() -> None:
    """Arabic and Hebrew titles are read from the right, also after a number."""
    assert reads_from_the_right("12 مدينة")
    assert reads_from_the_right("סרט film")
    assert not reads_from_the_right("film סרט")
    assert not reads_from_the_right("2016")
