"""A ticket's picture: a poster above, a stub below, and a perforation between them.

Where the screening is not to be told, the colours grow from the cooperative's name, so that they give
nothing away either.
"""

from xml.etree.ElementTree import Element

from coopledger.domain.visits import Visit
from coopledger.pictures.codes import QUIET_ZONE, outline_of
from coopledger.pictures.colours import (
    INK,
    PAPER,
    QUIET_INK,
    RULE,
    WARNING,
    Palette,
    faded,
    palette_of,
)
from coopledger.pictures.drawing import (
    canvas,
    field,
    group,
    path,
    shape,
    small_capitals,
    text,
    written,
)
from coopledger.pictures.faces import (
    TicketFace,
    film_name,
    house_name,
    seat_name,
    tell_ticket,
    ticket_state,
    ticket_title,
)
from coopledger.pictures.language import House, Language, Words, day_of, time_of, words_of
from coopledger.pictures.lettering import fit
from coopledger.pictures.motif import draw_medallion, draw_motif
from coopledger.pictures.parts import draw_house, draw_pill, draw_stamp, pill_width

WIDTH, HEIGHT = 600, 920
MARGIN = 44
TITLE_BOX = WIDTH - 2 * MARGIN
TITLE_SIZES = ((92, 1), (76, 1), (62, 1), (54, 2), (44, 3), (36, 3), (30, 4), (25, 4))
FIELD_BOX, FIELD_GAP = 248, 16
STUB_BOX = 268

_ART_COLUMNS, _ART_ROWS, _TILE = 6, 3, 100
_ART = _ART_ROWS * _TILE
_FACTS = 570
"""How far down time and venue stand."""
_TEAR = 668
"""How far down the perforation runs."""
_CODE = 184
"""The side of the QR code with its quiet zone."""
_LABELLED = (QUIET_INK, INK)


def draw_ticket(face: TicketFace, language: Language, house: House) -> str:
    """Return a ticket's picture as SVG."""
    words = words_of(language)
    seed = _seed_of(face.visit, house)
    palette = faded() if face.state == "void" or face.called_off else palette_of(seed)
    root = canvas(
        (WIDTH, HEIGHT), language, ticket_title(face, words), tell_ticket(face, words, house)
    )
    path(root, _paper(), PAPER)
    _draw_art(root, seed, palette)
    _draw_stamp(root, face, words)
    _draw_head(root, face, palette, words, house)
    if face.visit is None:
        end = text(root, MARGIN, 444, fit(words.veiled_title, TITLE_BOX, TITLE_SIZES), INK)
        veiled = fit(words.veiled, TITLE_BOX, ((20, 3), (18, 4)))
        text(root, MARGIN, end + 52, veiled, QUIET_INK, bold=False)
    else:
        _draw_visit(root, face.visit, palette, words, house)
    _draw_tear(root)
    _draw_stub(root, face, palette, words)
    _draw_code(root, face, palette, words)
    return written(root)


def _seed_of(visit: Visit | None, house: House) -> str:
    if visit is None:
        return house.name
    return visit.film.title if visit.film else f"screening {visit.screening}"


def _draw_art(root: Element, seed: str, palette: Palette) -> None:
    clip = shape(shape(root, "defs"), "clipPath", id="art")
    shape(clip, "path", d=f"M0 28A28 28 0 0 1 28 0H{WIDTH - 28}A28 28 0 0 1 {WIDTH} 28V{_ART}H0z")
    art = group(root, clip_path="url(#art)")
    draw_motif(art, seed, palette, _ART_COLUMNS, _ART_ROWS, _TILE)


def _draw_stamp(root: Element, face: TicketFace, words: Words) -> None:
    middle, box = (WIDTH / 2, _ART / 2), WIDTH - 60
    if face.state == "void":
        draw_stamp(root, words.void, WARNING, middle, box)
    elif face.called_off:
        draw_stamp(root, words.stamp_cancelled, WARNING, middle, box)
    elif face.state == "redeemed":
        draw_stamp(root, words.redeemed, INK, middle, box)


def _draw_head(
    root: Element, face: TicketFace, palette: Palette, words: Words, house: House
) -> None:
    state, y = ticket_state(face, words), _ART + 44
    ended = face.state == "void" or face.called_off
    fill = WARNING if ended else palette.main if face.state == "valid" else INK
    width = pill_width(state)
    draw_house(root, MARGIN, y, house_name(words, house), TITLE_BOX - width - 16, QUIET_INK)
    draw_pill(root, WIDTH - MARGIN - width, y, state, fill)


def _draw_visit(root: Element, visit: Visit, palette: Palette, words: Words, house: House) -> None:
    title = fit(film_name(visit, words), TITLE_BOX, TITLE_SIZES)
    end = text(root, MARGIN, _ART + 78 + title.size * 0.72, title, INK)
    if visit.film:
        about = f"{visit.film.year} · {visit.film.minutes_long} {words.minutes}"
        small_capitals(root, MARGIN, end + 36, about, palette.main, size=16, bold=True)
    day = day_of(visit.starts_at, words, house.zone)
    left = field(
        root, MARGIN, _FACTS, words.starts, day, FIELD_BOX, _LABELLED, ((17, 1), (15, 1), (14, 2))
    )
    clock = fit(time_of(visit.starts_at, words, house.zone), FIELD_BOX, ((28, 1), (18, 1)))
    text(root, MARGIN, left + 32, clock, palette.main)
    venue = visit.venue or words.unknown_venue
    right = MARGIN + FIELD_BOX + FIELD_GAP
    sizes = ((17, 2), (15, 3), (14, 3))
    field(root, right, _FACTS, words.venue, venue, FIELD_BOX, _LABELLED, sizes)


def _draw_tear(root: Element) -> None:
    shape(
        root,
        "line",
        x1=34,
        x2=WIDTH - 34,
        y1=_TEAR,
        y2=_TEAR,
        stroke=RULE,
        stroke_width=5,
        stroke_linecap="round",
        stroke_dasharray="0.1 13.3",
    )


def _draw_stub(root: Element, face: TicketFace, palette: Palette, words: Words) -> None:
    label = f"{words.ticket} {words.number}"
    sizes = ((46, 1), (30, 1), (18, 1))
    y = _TEAR + 48
    field(root, MARGIN, y, label, str(face.ticket_id), STUB_BOX, _LABELLED, sizes)
    y += 90
    if face.visit:
        x, half, sizes = MARGIN, (STUB_BOX - 16) / 2, ((17, 1), (14, 2), (12, 2))
        if face.visit.tier:
            field(root, x, y, words.tier, face.visit.tier, half, _LABELLED, sizes)
            x += round(half) + 16
        seat = seat_name(face.visit, words)
        field(root, x, y, words.seat, seat, half, _LABELLED, sizes)
        y += 76
    if face.member is not None:
        member = f"{words.member} {words.number} {face.member}"
        small_capitals(root, MARGIN, y, member, palette.main, size=14, bold=True)


def _draw_code(root: Element, face: TicketFace, palette: Palette, words: Words) -> None:
    left, top, half = WIDTH - MARGIN - _CODE, _TEAR + 30, _CODE / 2
    if face.admits and face.code is not None:
        outline, modules = outline_of(face.code)
        unit = _CODE / (modules + 2 * QUIET_ZONE)
        inset = QUIET_ZONE * unit
        shape(root, "rect", x=left, y=top, width=_CODE, height=_CODE, rx=10, fill="#ffffff")
        place = f"translate({left + inset:.3f} {top + inset:.3f}) scale({unit:.4f})"
        path(root, outline, INK, transform=place, shape_rendering="crispEdges", id="code")
        told = words.show_at_the_door
    else:
        place = f"translate({left + half:g} {top + half:g}) scale({half - 4:g})"
        draw_medallion(group(root, transform=place), palette, PAPER)
        told = words.thanks if face.state == "redeemed" else words.admits_nobody
    fitted = fit(told, _CODE + 24, ((15, 1), (13, 1)))
    text(root, left + half, top + _CODE + 24, fitted, QUIET_INK, bold=False, anchor="middle")


def _paper() -> str:
    """Return the paper's outline: rounded, with a notch at each end of the perforation."""
    corner, notch = 28, 17
    right, bottom, above, below = WIDTH - corner, HEIGHT - corner, _TEAR - notch, _TEAR + notch
    turn, bite = f"A{corner} {corner} 0 0 1", f"A{notch} {notch} 0 0 0"
    return (
        f"M{corner} 0H{right}{turn} {WIDTH} {corner}V{above}{bite} {WIDTH} {below}V{bottom}"
        f"{turn} {right} {HEIGHT}H{corner}{turn} 0 {bottom}V{below}{bite} 0 {above}V{corner}"
        f"{turn} {corner} 0z"
    )
