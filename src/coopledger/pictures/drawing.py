"""The pen: a few shapes and texts of SVG, each put into its parent.

Everything goes through an XML library, so a text cannot become markup, whatever it holds. Styles are
attributes alone, which survive any sanitizer.
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from coopledger.pictures.language import Language
from coopledger.pictures.lettering import Fitted, clean, fit, reads_from_the_right

SANS = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'Noto Sans', sans-serif"
MONO = "'SF Mono', Menlo, Consolas, 'Liberation Mono', 'Noto Sans Mono', monospace"
MONO_ADVANCE = 0.6
"""The width of every letter of such a font, as a share of its size."""
LEADING = 1.16
"""From one line to the next, as a share of the size."""
_SPACING = 0.1


def number(value: float) -> str:
    """Return a number as short as it can be written with two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def canvas(size: tuple[int, int], language: Language, title: str, description: str) -> Element:
    """Return an empty picture (``size``: width, height) that a screen reader can read out."""
    width, height = size
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "height": str(height),
            "role": "img",
            "lang": language.value,
            "aria-labelledby": "title description",
        },
    )
    SubElement(root, "title", {"id": "title"}).text = clean(title)
    SubElement(root, "desc", {"id": "description"}).text = clean(description)
    return root


def written(root: Element) -> str:
    """Return a picture as text."""
    return tostring(root, encoding="unicode", short_empty_elements=True) + "\n"


def group(parent: Element, **attributes: str | float) -> Element:
    """Put things together; attributes as for :func:`shape`."""
    return shape(parent, "g", **attributes)


def shape(parent: Element, tag: str, **attributes: str | float) -> Element:
    """Draw an element. An underscore in an attribute's name stands for a hyphen."""
    given = {
        name.rstrip("_").replace("_", "-"): value if isinstance(value, str) else number(value)
        for name, value in attributes.items()
    }
    return SubElement(parent, tag, given)


def path(parent: Element, data: str, fill: str, **attributes: str | float) -> Element:
    """Draw an outline, filled."""
    return shape(parent, "path", d=data, fill=fill, **attributes)


def text(
    parent: Element,
    x: float,
    y: float,
    fitted: Fitted,
    fill: str,
    *,
    bold: bool = True,
    anchor: str = "start",
) -> float:
    """Write fitted text with its first baseline at ``y``; return where the last one is."""
    step = fitted.size * LEADING
    for index, line in enumerate(fitted.lines):
        element = shape(
            parent,
            "text",
            x=x,
            y=y + index * step,
            font_family=SANS,
            font_size=fitted.size,
            font_weight="700" if bold else "400",
            fill=fill,
        )
        from_the_right = reads_from_the_right(line.text)
        if from_the_right:
            element.set("direction", "rtl")
        if anchor != "start" or from_the_right:
            # Seen from the right, the left edge is where a line ends.
            element.set("text-anchor", "end" if anchor == "start" else anchor)
        if line.pinned:
            element.set("textLength", number(line.width))
            element.set("lengthAdjust", "spacingAndGlyphs")
        element.text = line.text
    return y + (len(fitted.lines) - 1) * step


def small_capitals(
    parent: Element,
    x: float,
    y: float,
    words: str,
    fill: str,
    *,
    size: float = 13,
    bold: bool = False,
    anchor: str = "start",
) -> None:
    """Write a short text of ours in spaced capitals; its width is held in any font."""
    element = shape(
        parent,
        "text",
        x=x,
        y=y,
        font_family=MONO,
        font_size=size,
        font_weight="700" if bold else "400",
        letter_spacing=size * _SPACING,
        fill=fill,
        textLength=capitals_width(words, size),
        lengthAdjust="spacingAndGlyphs",
    )
    if anchor != "start":
        element.set("text-anchor", anchor)
    element.text = clean(words).upper()


def capitals_width(words: str, size: float = 13) -> float:
    """Return how wide :func:`small_capitals` writes a text."""
    return len(clean(words)) * size * (MONO_ADVANCE + _SPACING)


def field(
    parent: Element,
    x: float,
    y: float,
    label: str,
    value: str,
    box: float,
    colours: tuple[str, str],
    sizes: Sequence[tuple[float, int]] = ((20, 1), (17, 2), (15, 2)),
) -> float:
    """Write a value below its label; return the last baseline. ``colours``: label, value."""
    small_capitals(parent, x, y, label, colours[0])
    fitted = fit(value, box, sizes)
    return text(parent, x, y + 10 + fitted.size, fitted, colours[1])
