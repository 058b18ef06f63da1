"""Colours: each name its own, and all of them can be read."""

from __future__ import annotations

import pytest

from coopledger.pictures.colours import (
    INK,
    PAPER,
    QUIET_INK,
    WARNING,
    contrast,
    faded,
    palette_at,
    palette_of,
)

AA = 4.5


def test_contrast_is_wcags() -> None:
    """Black on white is 21, a colour on itself 1, and a known grey what others compute."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#123456", "#123456") == 1
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_every_hue_can_be_read() -> None:
    """Each pair of colours in which something is written has AA's contrast, at every hue."""
    for palette in [faded(), *(palette_at(hue) for hue in range(360))]:
        for written, ground in (
            (palette.main, PAPER),
            (PAPER, palette.main),
            (PAPER, palette.deep),
            (palette.pale, palette.deep),
            (palette.spark, palette.deep),
            (INK, palette.spark),
        ):
            assert contrast(written, ground) >= AA, (palette, written, ground)
    for written, ground in ((INK, PAPER), (QUIET_INK, PAPER), (WARNING, PAPER), (PAPER, INK)):
        assert contrast(written, ground) >= AA


def test_films_differ_and_stay_the_same() -> None:
    """The examples' films have colours of their own, the same on every day."""
    palettes = {title: palette_of(title) for title in ("Turah", "Siti", "Ziarah")}
    assert len({palette.main for palette in palettes.values()}) == 3
    assert palettes["Turah"] == palette_of("Turah")
    assert palettes["Turah"].main == "#0b663c"
