"""The QR codes: what they hold, and how they are drawn.

A code is one path of squares, so that no renderer leaves hairlines between them.
"""

import segno

from coopledger.domain.types import TicketId

QUIET_ZONE = 4
"""Modules of white that the standard wants around a code."""


def gate_code(ticket_id: TicketId) -> str:
    """Return what the gate scans from a holder's ticket: its id, as ``coopledger redeem`` takes it.

    A bare id proves nothing. Ids are counted from 1, so whoever can count can make this code, and
    the gate admits who comes first. What can be verified without the chain will stand here instead.
    """
    return str(ticket_id)


def modules_of(payload: str) -> tuple[tuple[bool, ...], ...]:
    """Return the dark (True) and light squares of a code, row by row, without the quiet zone."""
    code = segno.make_qr(payload, error="m")
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)


def outline_of(payload: str) -> tuple[str, int]:
    """Return a code as path data in units of a module, and how many modules it is wide."""
    rows = modules_of(payload)
    runs: list[str] = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            length = 0
            while x + length < len(row) and row[x + length]:
                length += 1
            if length:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length or 1
    return "".join(runs), len(rows)
