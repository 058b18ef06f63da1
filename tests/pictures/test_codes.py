"""The QR codes are those of the standard's encoder, drawn square by square."""

from __future__ import annotations

import re

import segno

from coopledger.domain.types import TicketId
from coopledger.pictures.codes import gate_code, modules_of, outline_of


def drawn(outline: str) -> set[tuple[int, int]]:
    """Return the squares that a path fills."""
    squares = set()
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", outline):
        squares |= {(int(x) + step, int(y)) for step in range(int(length))}
    return squares


def test_the_path_draws_the_encoders_squares() -> None:
    """Every dark module is filled, and nothing else; nothing of the path is left unread."""
    for payload in ("1", "237", "749000", "https://tiket.example.org/tickets/237"):
        outline, width = outline_of(payload)
        code = segno.make_qr(payload, error="m")
        dark = {
            (x, y) for y, row in enumerate(code.matrix) for x, module in enumerate(row) if module
        }
        assert drawn(outline) == dark
        assert re.sub(r"M\d+ \d+h\d+v1h-\d+z", "", outline) == ""
        assert width == len(code.matrix) == len(modules_of(payload))


def test_the_gate_takes_the_ticket_id() -> None:
    """What the code holds in this version is the id that ``coopledger redeem`` takes."""
    assert gate_code(TicketId(237)) == "237"
