"""The cooperative's own picture, square, as marketplaces show it beside its tickets.

It is cropped to a circle in some places, so nothing stands in the corners.
"""

from coopledger.pictures.colours import PAPER, palette_of
from coopledger.pictures.drawing import canvas, group, shape, written
from coopledger.pictures.language import House, Language, words_of
from coopledger.pictures.motif import draw_medallion, draw_motif

SIDE = 600


def draw_emblem(house: House) -> str:
    """Return the cooperative's picture as SVG. It holds no text, so it has no language."""
    words = words_of(Language.ID)
    palette = palette_of(house.name)
    root = canvas((SIDE, SIDE), Language.ID, house.name or words.cooperative, words.contract)
    draw_motif(root, house.name, palette, 4, 4, SIDE / 4)
    middle = group(root, transform=f"translate({SIDE / 2:g} {SIDE / 2:g}) scale(190)")
    shape(middle, "circle", r=1.12, fill=PAPER)
    draw_medallion(middle, palette, PAPER)
    return written(root)
