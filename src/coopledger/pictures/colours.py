"""Colours that go together, grown from a name: each film has its own.

A hue is turned into colours in Oklab, where equal lightness looks equally light. So every hue keeps the
same contrast (WCAG AA for text), which sRGB's own hues would not.
"""

import hashlib
import math
from dataclasses import dataclass

PAPER = "#f7f2e8"
INK = "#1d1a22"
QUIET_INK = "#5d5866"
RULE = "#d9d1c1"
WARNING = "#a3201d"

_SPARK_TURN = 165
"""Degrees from the main hue to the one that is set against it."""


@dataclass(frozen=True)
class Palette:
    """Five tones of a picture, dark to light, and one that is set against them."""

    deep: str
    main: str
    soft: str
    pale: str
    spark: str


def seed_of(name: str, length: int) -> bytes:
    """Return as many bytes as asked, always the same for a name."""
    return hashlib.shake_256(b"coopledger/picture/1\0" + name.encode("utf-8", "replace")).digest(
        length
    )


def palette_of(name: str) -> Palette:
    """Return the colours of a name."""
    return palette_at(int.from_bytes(seed_of(name, 2)) % 360)


def palette_at(hue: float) -> Palette:
    """Return the colours around a hue in degrees."""
    return Palette(
        deep=_colour(0.27, 0.07, hue),
        main=_colour(0.45, 0.13, hue),
        soft=_colour(0.68, 0.12, hue),
        pale=_colour(0.90, 0.04, hue),
        spark=_colour(0.82, 0.14, hue + _SPARK_TURN),
    )


def faded() -> Palette:
    """Return the greys of what counts no more."""
    return Palette(
        deep=_colour(0.33, 0, 0),
        main=_colour(0.46, 0, 0),
        soft=_colour(0.68, 0, 0),
        pale=_colour(0.88, 0, 0),
        spark=_colour(0.80, 0, 0),
    )


def contrast(one: str, other: str) -> float:
    """Return WCAG's contrast ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _encoded(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _colour(lightness: float, chroma: float, hue: float) -> str:
    """Return the sRGB colour; less of the chroma where a screen cannot show it all."""
    channels = _linear_srgb(lightness, chroma, hue)
    while not all(-0.0005 <= channel <= 1.0005 for channel in channels):
        chroma -= 0.005
        channels = _linear_srgb(lightness, chroma, hue)
    whole = (round(255 * _encoded(min(max(channel, 0.0), 1.0))) for channel in channels)
    return "#" + "".join(f"{channel:02x}" for channel in whole)


def _linear_srgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """Turn Oklch into linear sRGB, by the matrices that Oklab is defined with."""
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
