"""The register as a document that a board signs: what it is, the members, two signatures.

Beyond 5,000 members the document does not list them. It names the SHA-256 of the CSV, and so still stands
for every single record. Names are shown in Latin letters, as PDF's own fonts have no others.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from fpdf import FPDF
from fpdf.enums import TextEmphasis, WrapMode

from coopledger.domain.register import Cause
from coopledger.domain.types import WIB, Timestamp
from coopledger.exports.data import About, Fingerprint
from coopledger.exports.streams import NamesOf, joined_names
from coopledger.exports.wording import ENGLISH, INDONESIAN, Wording, facts_of, local_time
from coopledger.index.asking.entries import Entry

MOST_LISTED = 5_000

_MARGIN = 18.0
_ROW = 5.2
_WIDTHS = (12, 64, 18, 25, 18, 18, 19)
_INK, _GREY, _RULE, _SHADE = (25, 25, 30), (115, 115, 120), (190, 190, 195), (246, 246, 247)
_LABELS_MM = 60


@dataclass(frozen=True)
class _Listed:
    entry: Entry
    names: str


def write_pdf(
    path: Path,
    about: About,
    entries: Iterable[Entry],
    wording: Wording,
    names: NamesOf | None = None,
    *,
    zone: ZoneInfo = WIB,
    most_listed: int = MOST_LISTED,
) -> Fingerprint:
    """Write the document and return the fingerprint of its data."""
    fingerprint = Fingerprint()
    listed: list[_Listed] = []
    for entry, _, _ in fingerprint.over(entries):
        if len(listed) < most_listed:
            listed.append(_Listed(entry, joined_names(names, entry.account) if names else ""))
    page = _Document(about, wording, zone)
    page.front(fingerprint, path.name)
    if fingerprint.rows > most_listed:
        page.too_many(fingerprint.rows)
    else:
        page.members(listed, with_names=names is not None)
    page.signatures()
    page.output(str(path))
    return fingerprint


class _Document(FPDF):
    def __init__(self, about: About, wording: Wording, zone: ZoneInfo) -> None:
        super().__init__(format="A4")
        self._about, self._wording, self._zone = about, wording, zone
        self._other = ENGLISH if wording is INDONESIAN else INDONESIAN
        self._in_table = False
        self.set_creation_date(datetime.fromtimestamp(about.as_of.time, UTC))
        self.set_title(_latin(f"{wording.title}, {self._house()}"))
        self.set_producer("coopledger")
        self.set_lang("id" if wording is INDONESIAN else "en")
        self.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self.set_auto_page_break(True, margin=24)
        self.alias_nb_pages("{pages}")
        self.add_page()

    def _house(self) -> str:
        return self._about.cooperative or self._wording.house

    def header(self) -> None:
        """Repeat whose register it is, and the columns, on each page after the first."""
        if self.page_no() == 1:
            return
        self._font(8, colour=_GREY)
        as_of = self._about.as_of
        moment = local_time(as_of.time, self._zone)
        self.cell(0, 5, _latin(f"{self._house()} · {self._wording.title} · {moment}"))
        self.ln(8)
        if self._in_table:
            self._columns()

    def footer(self) -> None:
        """Name the block and the page at the foot of each page."""
        self.set_y(-17)
        self._line()
        self._font(7, colour=_GREY)
        as_of = self._about.as_of
        said = f"{self._wording.block} {as_of.block.number} · 0x{as_of.block.hash.hex()}"
        self.cell(140, 5, _latin(said))
        page = self._wording.page.format(page=self.page_no(), pages="{pages}")
        self.cell(0, 5, page, align="R")

    def front(self, fingerprint: Fingerprint, file: str) -> None:
        """Say what the document is, in facts that can be checked."""
        self._font(10, colour=_GREY)
        self.cell(0, 6, _latin(f"{self._wording.title} / {self._other.title}"))
        self.ln(8)
        self._font(20, "B")
        self.multi_cell(0, 9, _latin(self._house()), new_x="LMARGIN", new_y="NEXT")
        self.ln(2)
        self._line()
        self.ln(3)
        there = facts_of(self._about, fingerprint, self._wording, file, self._zone)
        again = facts_of(self._about, fingerprint, self._other, file, self._zone)
        for (label, value), (other, _) in list(zip(there, again, strict=True))[1:]:
            self._fact(label, other, value)
        self.ln(3)

    def _fact(self, label: str, other: str, value: str) -> None:
        if self.get_y() > self.h - 36:
            self.add_page()
        top = self.get_y()
        self._font(8.5, "B")
        self.multi_cell(_LABELS_MM, 3.6, _latin(label), new_x="LMARGIN", new_y="NEXT", align="L")
        self._font(7, "I", _GREY)
        self.multi_cell(_LABELS_MM, 2.8, _latin(other), new_x="LMARGIN", new_y="NEXT", align="L")
        bottom = self.get_y()
        self.set_xy(self.l_margin + _LABELS_MM + 3, top)
        is_code = value.startswith(("0x", "coopledger")) or len(value) == 64
        self._font(7.7 if is_code else 9, family="courier" if is_code else "helvetica")
        self.multi_cell(
            0, 3.6, _latin(value), new_x="LMARGIN", new_y="NEXT", wrapmode=WrapMode.CHAR
        )
        self.set_y(max(bottom, self.get_y()) + 0.7)

    def too_many(self, rows: int) -> None:
        """Say where the members are listed instead."""
        self._font(10)
        for wording in (self._wording, self._other):
            said = wording.too_many.format(rows=rows)
            self.multi_cell(0, 5, said, new_x="LMARGIN", new_y="NEXT", align="L")
            self.ln(2)
            self._font(9, "I", _GREY)

    def members(self, listed: list[_Listed], *, with_names: bool) -> None:
        """List the members."""
        self.add_page()
        self._columns()
        self._in_table = True
        wording = self._wording
        for index, each in enumerate(listed):
            entry = each.entry
            cells = (
                str(entry.number),
                "0x" + entry.account_bytes.hex(),
                wording.standings[entry.standing - 1],
                wording.consents[entry.consent - 1],
                self._day(entry.joined_at),
                self._day(entry.left_at),
                wording.causes[entry.cause - 1] if entry.cause is not Cause.NONE else "",
            )
            if self.will_page_break(_ROW * (2 if each.names else 1)):
                self.add_page()
            shaded = index % 2 == 1
            self.set_fill_color(*_SHADE)
            self._font(7.5)
            for width, text in zip(_WIDTHS, cells, strict=True):
                is_account = text.startswith("0x")
                self._font(
                    7 if is_account else 7.5, family="courier" if is_account else "helvetica"
                )
                self.cell(width, _ROW, text, fill=shaded)
            self.ln(_ROW)
            if each.names:
                self.cell(_WIDTHS[0], _ROW, "", fill=shaded)
                names = _shortened(self, _latin(each.names), sum(_WIDTHS[1:]) - 2)
                self.cell(sum(_WIDTHS[1:]), _ROW, names, fill=shaded)
                self.ln(_ROW)
        self._in_table = False
        self._line()
        if with_names:
            self.ln(2)
            self._font(8, "I", _GREY)
            self.cell(0, 5, wording.no_names_audited)
            self.ln(5)

    def signatures(self) -> None:
        """Leave room for chair and secretary to sign."""
        if self.get_y() > self.h - 94:
            self.add_page()
        self.ln(5)
        self._font(9)
        self.multi_cell(0, 5, self._wording.statement, new_x="LMARGIN", new_y="NEXT", align="L")
        self._font(8, "I", _GREY)
        self.multi_cell(0, 5, self._other.statement, new_x="LMARGIN", new_y="NEXT", align="L")
        self.ln(3)
        self._font(9)
        place = f"{self._wording.place_and_date} / {self._other.place_and_date}:"
        self.cell(0, 6, f"{place}  " + "_" * 40)
        self.ln(12)
        half = self.epw / 2
        top = self.get_y()
        here, other = self._wording, self._other
        for index, role in enumerate(
            (f"{here.chair} / {other.chair}", f"{here.secretary} / {other.secretary}")
        ):
            left = self.l_margin + index * half
            self.set_xy(left, top)
            self._font(9, "B")
            self.cell(half - 10, 5, role)
            self.set_draw_color(*_INK)
            self.line(left, top + 28, left + half - 14, top + 28)
            self.set_xy(left, top + 29)
            self._font(8, colour=_GREY)
            self.cell(half - 10, 5, f"{here.name} / {other.name}")

    def _columns(self) -> None:
        self._font(8, "B")
        for width, name in zip(_WIDTHS, self._wording.columns, strict=True):
            self.cell(width, 6, name)
        self.ln(6)
        self._line()
        self.ln(1)

    def _day(self, moment: Timestamp | None) -> str:
        return "" if moment is None else local_time(moment, self._zone)[:10]

    def _line(self) -> None:
        self.set_draw_color(*_RULE)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())

    def _font(
        self,
        size: float,
        style: str = "",
        colour: tuple[int, int, int] = _INK,
        family: str = "helvetica",
    ) -> None:
        self.set_font(family, TextEmphasis.coerce(style), cast(int, size))
        self.set_text_color(*colour)


def _shortened(page: FPDF, text: str, width: float) -> str:
    if page.get_string_width(text) <= width:
        return text
    while page.get_string_width(text + "...") > width:
        text = text[:-1]
    return text + "..."


def _latin(text: str) -> str:
    """Return a text in the letters of PDF's own fonts; what has no such form becomes a question mark."""
    try:
        return text.encode("latin-1").decode("latin-1")
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFKD", text)
        without_marks = "".join(each for each in plain if not unicodedata.combining(each))
        return without_marks.encode("latin-1", "replace").decode("latin-1")
