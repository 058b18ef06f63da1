"""What ticket and card have in common: the cooperative's name, the state, the stamp.

Texts of ours are measured, too, as the two languages differ much in length.
"""

from xml.etree.ElementTree import Element

from coopledger.pictures.colours import PAPER
from coopledger.pictures.drawing import capitals_width, group, shape, small_capitals, text
from coopledger.pictures.lettering import clean, fit

_PILL_SIDES = 44


def draw_house(parent: Element, x: float, y: float, name: str, box: float, fill: str) -> None:
    """Write the cooperative's name: spaced capitals, or a plain smaller line if it is long."""
    if clean(name).isascii() and capitals_width(name) <= box:
        small_capitals(parent, x, y, name, fill, bold=True)
    else:
        text(parent, x, y, fit(name, box, ((15, 1), (13, 1), (12, 1))), fill)


def pill_width(words: str) -> float:
    """Return how wide :func:`draw_pill` draws."""
    return capitals_width(words) + _PILL_SIDES


def draw_pill(parent: Element, x: float, y: float, words: str, fill: str, ink: str = PAPER) -> None:
    """Show a state in a rounded field; ``y`` is the text's baseline."""
    width = pill_width(words)
    shape(parent, "rect", x=x, y=y - 20, width=width, height=30, rx=15, fill=fill)
    shape(parent, "circle", cx=x + 18, cy=y - 5, r=4, fill=ink)
    small_capitals(parent, x + 31, y, words, ink, bold=True)


def draw_stamp(
    parent: Element, words: str, colour: str, middle: tuple[float, float], box: float
) -> None:
    """Stamp words across a pattern, on paper of their own so that they can be read."""
    size = min(34.0, 34.0 * (box - 44) / capitals_width(words, 34))
    width, height = capitals_width(words, size) + 44, size + 42
    stamp = group(parent, transform=f"translate({middle[0]:g} {middle[1]:g}) rotate(-7)")
    for inset, paint in (
        (0, {"fill": PAPER}),
        (6, {"fill": "none", "stroke": colour, "stroke_width": "2.5"}),
    ):
        shape(
            stamp,
            "rect",
            x=inset - width / 2,
            y=inset - height / 2,
            width=width - 2 * inset,
            height=height - 2 * inset,
            rx=12 - inset / 2,
            **paint,
        )
    # The space after the last letter is not seen; without it the words stand in the middle.
    small_capitals(
        stamp, size * 0.05, size * 0.35, words, colour, size=size, bold=True, anchor="middle"
    )
