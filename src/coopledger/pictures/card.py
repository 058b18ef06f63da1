"""A member's card: the number, since when, the standing and the state, beside a pattern.

The colours are the cooperative's and the same on every card; the pattern grows from the member's number,
so each member has one of their own.
"""

from xml.etree.ElementTree import Element

from coopledger.domain.register import Cause
from coopledger.pictures.colours import INK, PAPER, WARNING, Palette, faded, palette_of
from coopledger.pictures.drawing import canvas, field, group, shape, small_capitals, text, written
from coopledger.pictures.faces import (
    CardFace,
    card_state,
    card_title,
    house_name,
    moment_name,
    tell_card,
)
from coopledger.pictures.language import House, Language, Words, words_of
from coopledger.pictures.lettering import fit
from coopledger.pictures.motif import draw_motif
from coopledger.pictures.parts import draw_house, draw_pill, draw_stamp, pill_width

WIDTH, HEIGHT = 860, 540
"""A bank card's shape."""
MARGIN = 52
BOX = 448
NUMBER_SIZES = ((150, 1), (118, 1), (92, 1), (70, 1))

#: Nobody stamps a card in red because its member moved, left or died; the dead get no stamp.
_GRAVE = {Cause.EXPELLED, Cause.ANNULLED}

_COLUMNS, _ROWS, _SIDE = 3, 5, 108
_PATTERN = _COLUMNS * _SIDE


def draw_card(face: CardFace, language: Language, house: House) -> str:
    """Return a member's card as SVG."""
    words = words_of(language)
    closed = face.record.left_at is not None
    palette = faded() if closed else palette_of(house.name)
    root = canvas((WIDTH, HEIGHT), language, card_title(face, words), tell_card(face, words, house))
    clip = shape(shape(root, "defs"), "clipPath", id="card")
    shape(clip, "rect", width=WIDTH, height=HEIGHT, rx=36)
    card = group(root, clip_path="url(#card)")
    shape(card, "rect", width=WIDTH, height=HEIGHT, fill=palette.deep)
    pattern = group(card, transform=f"translate({WIDTH - _PATTERN} 0)")
    draw_motif(pattern, f"member {face.record.number}", palette, _COLUMNS, _ROWS, _SIDE)
    _draw_head(card, face, palette, words, house)
    _draw_facts(card, face, palette, words, house)
    cause = face.record.cause
    if closed and cause is not Cause.DECEASED:
        middle = (WIDTH - _PATTERN / 2, HEIGHT / 2)
        colour = WARNING if cause in _GRAVE else INK
        draw_stamp(card, words.causes[cause], colour, middle, _PATTERN - 28)
    return written(root)


def _draw_head(card: Element, face: CardFace, palette: Palette, words: Words, house: House) -> None:
    state = card_state(face.record, words)
    width = pill_width(state)
    draw_house(card, MARGIN, 70, house_name(words, house), BOX - width - 16, PAPER)
    grave = face.record.cause in _GRAVE
    fill, ink = (WARNING, PAPER) if grave else (palette.spark, INK)
    draw_pill(card, MARGIN + BOX - width, 70, state, fill, ink)
    small_capitals(card, MARGIN, 142, f"{words.card} {words.number}", palette.pale, size=14)
    number = fit(str(face.record.number), BOX, NUMBER_SIZES)
    text(card, MARGIN - number.size * 0.04, 160 + number.size * 0.76, number, PAPER)


def _draw_facts(
    card: Element, face: CardFace, palette: Palette, words: Words, house: House
) -> None:
    colours = (palette.pale, PAPER)
    record, sizes = face.record, ((21, 1), (18, 1), (16, 1))
    standing = words.standings[record.standing]
    field(card, MARGIN, 334, words.standing, standing, BOX, colours, sizes)
    since = moment_name(face.since, words, house)
    field(card, MARGIN, 400, words.since, since, BOX, colours, sizes)
    if record.left_at is not None:
        until = moment_name(record.left_at, words, house)
        field(card, MARGIN, 466, words.until, until, BOX, colours, sizes)
    else:
        account = f"{record.account[:6]}…{record.account[-4:]}"
        field(card, MARGIN, 466, words.account, account, BOX / 2, colours, sizes)
        small_capitals(
            *(card, MARGIN + BOX, 496, words.motto, palette.spark), size=14, anchor="end"
        )
