"""The pattern: kawung petals, film reels and beams of light on a grid, grown from a name.

Kawung is an old batik pattern of four petals around a point; seen by a projectionist it is a reel. A
tile's kind, turn and tones come from its own bytes of the name's seed, so the same name is drawn the same
on every machine.
"""

from xml.etree.ElementTree import Element

from coopledger.pictures.colours import Palette, seed_of
from coopledger.pictures.drawing import group, number, path, shape

_QUARTER = 90


def draw_motif(
    parent: Element, name: str, palette: Palette, columns: int, rows: int, side: float
) -> None:
    """Fill columns and rows of tiles, each as wide as ``side``, from the parent's origin on."""
    shape(parent, "rect", width=columns * side, height=rows * side, fill=palette.deep)
    seed = seed_of(name, 3 * columns * rows)
    for index in range(columns * rows):
        kind, turn, tone = seed[3 * index : 3 * index + 3]
        x, y = index % columns * side, index // columns * side
        tile = group(parent, transform=f"translate({number(x)} {number(y)}) scale({number(side)})")
        _draw_tile(tile, kind, turn, tone, palette)


def draw_medallion(parent: Element, palette: Palette, ground: str) -> None:
    """Draw a reel with kawung petals in a circle of radius 1 around the parent's origin."""
    shape(parent, "circle", r=1, fill=palette.deep)
    shape(parent, "circle", r=0.93, fill="none", stroke=palette.soft, stroke_width=0.02)
    for quarter in range(4):
        turned = group(parent, transform=f"rotate({45 + quarter * _QUARTER})")
        path(turned, _petal(0.10, 0.80), palette.pale if quarter % 2 else palette.spark)
        shape(turned, "circle", cx=0.56, cy=-0.56, r=0.09, fill=palette.soft)
    shape(parent, "circle", r=0.09, fill=ground)


def _draw_tile(tile: Element, kind: int, turn: int, tone: int, palette: Palette) -> None:
    grounds = (palette.deep, palette.deep, palette.main, palette.main, palette.soft)
    ground = grounds[tone % len(grounds)]
    light = palette.deep if ground == palette.soft else palette.pale
    middle = palette.soft if ground != palette.soft else palette.main
    shape(tile, "rect", width=1, height=1, fill=ground, shape_rendering="crispEdges")
    if kind < 118:
        _kawung(tile, light if turn & 1 else middle, palette.spark if turn & 2 else middle)
    elif kind < 172:
        _reel(tile, middle if turn & 1 else light, ground)
    elif kind < 226:
        _beam(tile, turn % 4, light, middle)
    else:
        _moon(tile, palette.spark, middle)


def _kawung(tile: Element, petals: str, heart: str) -> None:
    for quarter in range(4):
        turned = group(tile, transform=f"translate(.5 .5) rotate({45 + quarter * _QUARTER})")
        path(turned, _petal(0.10, 0.64), petals)
    shape(tile, "circle", cx=0.5, cy=0.5, r=0.055, fill=heart)


def _reel(tile: Element, rim: str, hole: str) -> None:
    shape(tile, "circle", cx=0.5, cy=0.5, r=0.42, fill=rim)
    for spoke in range(5):
        turned = group(tile, transform=f"translate(.5 .5) rotate({spoke * 72})")
        shape(turned, "circle", cy=-0.245, r=0.105, fill=hole)
    shape(tile, "circle", cx=0.5, cy=0.5, r=0.06, fill=hole)


def _beam(tile: Element, quarter: int, outer: str, inner: str) -> None:
    turned = group(tile, transform=f"rotate({quarter * _QUARTER} .5 .5)")
    for radius, fill in ((1.0, inner), (0.66, outer), (0.33, inner)):
        path(
            turned,
            f"M0 0H{number(radius)}A{number(radius)} {number(radius)} 0 0 1 0 {number(radius)}z",
            fill,
        )


def _moon(tile: Element, full: str, ring: str) -> None:
    shape(tile, "circle", cx=0.5, cy=0.5, r=0.44, fill=ring)
    shape(tile, "circle", cx=0.5, cy=0.5, r=0.30, fill=full)


def _petal(start: float, end: float) -> str:
    """Return a pointed oval that stands upwards, from and to these distances."""
    length, radius = end - start, (end - start) * 0.68
    arc = f"{number(radius)} {number(radius)} 0 0 1"
    return f"M0 {number(-start)}A{arc} 0 {number(-start - length)}A{arc} 0 {number(-start)}z"
