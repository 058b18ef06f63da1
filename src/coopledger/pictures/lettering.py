"""Text that always fits: cleaned, measured, wrapped, made smaller, and cut as the last resort.

Nobody knows which font a viewer will draw with. Widths are those of Helvetica, Arial and their
look-alikes; a line that fills most of its box names its width (``Line.pinned``), so that any other font
is drawn to that width, too. Shorter lines have room enough.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import regex

#: The bold face's advance widths in thousandths of the size; the regular face is narrower.
_WIDTHS = {
    letter: width
    for width, letters in (
        (278, " ',./I\\ijl|"),
        (333, "!()-:;[]`ft"),
        (389, "*r{}"),
        (500, '"z'),
        (556, "#$0123456789J_aceksvxy"),
        (584, "+<=>^~"),
        (611, "?FLTZbdghnopqu"),
        (667, "EPSVXY"),
        (722, "&ABCDHKNRU"),
        (778, "GOQw"),
        (833, "M"),
        (889, "%m"),
        (975, "@W"),
    )
    for letter in letters
}
_OTHER_WIDTH, _JOINED_WIDTH, _WIDE_WIDTH, _PICTOGRAM_WIDTH = 722, 540, 1000, 1300
_PINNED_FROM = 0.75
_ELLIPSIS = "…"
_JOINERS = "\u200c\u200d"
_LONGEST = 1_000
"""Letters that are looked at; no box holds as many."""


@dataclass(frozen=True)
class Line:
    """One line of text. ``width`` is what it is measured to take, in the picture's units."""

    text: str
    width: float
    pinned: bool
    """Whether it fills so much of its box that its width must be held."""


@dataclass(frozen=True)
class Fitted:
    """Text that fits its box: the font size, and the lines from top to bottom."""

    size: float
    lines: tuple[Line, ...]


def clean(text: str) -> str:
    """Return text as it may stand in a picture.

    Spaces and line breaks become one space each. What is invisible and could break XML, or turn the
    direction of what follows (bidirectional controls), is left out.
    """
    spaced = " ".join(unicodedata.normalize("NFC", text[:_LONGEST]).split())
    return "".join(letter for letter in spaced if _may_stand(letter)).strip()


def width_of(text: str, size: float) -> float:
    """Return how wide a text is at a font size, in the picture's units."""
    return sum(map(_width_of_cluster, _clusters(text))) * size / 1000


def reads_from_the_right(text: str) -> bool:
    """Say whether the first letter that has a direction is Arabic, Hebrew, or the like."""
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


def fit(text: str, box: float, sizes: Sequence[tuple[float, int]]) -> Fitted:
    """Return text that fits a box, in the first manner that holds it whole.

    Args:
        text: what to write; cleaned here.
        box: the width of the box.
        sizes: font sizes to try, the largest first, each with how many lines it may take. In the
            last one, what is left over is cut, and an ellipsis says so.
    """
    words = clean(text).split(" ")
    for size, most in sizes:
        if all(width_of(word, size) <= box for word in words):
            lines = _wrap(words, box, size)
            if len(lines) <= most:
                return _fitted(lines, box, size)
    size, most = sizes[-1]
    pieces = [piece for word in words for piece in _broken(word, box, size)]
    lines = _wrap(pieces, box, size)
    if len(lines) > most:
        lines = [*lines[: most - 1], _cut(lines[most - 1], box, size)]
    return _fitted(lines, box, size)


def _may_stand(letter: str) -> bool:
    # Categories: Cc controls, Cf formats, Cs surrogates, Co private, Cn unassigned.
    return letter in _JOINERS or not unicodedata.category(letter).startswith("C")


def _clusters(text: str) -> list[str]:
    """Return what a reader sees as one letter each: an emoji family is one."""
    return regex.findall(r"\X", text)


def _width_of_cluster(cluster: str) -> int:
    first = cluster[0]
    if first in _WIDTHS:
        return _WIDTHS[first]
    plain = unicodedata.normalize("NFD", first)[0]
    if plain in _WIDTHS:
        return _WIDTHS[plain]
    if len(cluster) > 1 or unicodedata.category(first) == "So":
        return _PICTOGRAM_WIDTH
    if unicodedata.bidirectional(first) == "AL":
        return _JOINED_WIDTH
    wide = unicodedata.east_asian_width(first) in {"W", "F"}
    return _WIDE_WIDTH if wide else _OTHER_WIDTH


def _wrap(words: Sequence[str], box: float, size: float) -> list[str]:
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= box:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _broken(word: str, box: float, size: float) -> list[str]:
    """Return a word in pieces of which each fits the box."""
    pieces = [""]
    for cluster in _clusters(word):
        if pieces[-1] and width_of(pieces[-1] + cluster, size) > box:
            pieces.append("")
        pieces[-1] += cluster
    return pieces


def _cut(line: str, box: float, size: float) -> str:
    clusters = _clusters(line)
    while clusters and width_of("".join(clusters) + _ELLIPSIS, size) > box:
        clusters.pop()
    return "".join(clusters).rstrip() + _ELLIPSIS


def _fitted(lines: Sequence[str], box: float, size: float) -> Fitted:
    measured = ((line, width_of(line, size)) for line in lines)
    return Fitted(size, tuple(Line(t, w, pinned=w > box * _PINNED_FROM) for t, w in measured))
