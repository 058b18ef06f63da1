"""Reads a QR code as a scanner does, by ISO/IEC 18004: of versions 1 to 3, whose data is in one block.

Errors are not mended: a code that was drawn has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

Squares = set[tuple[int, int]]

_LEVELS = {1: "L", 0: "M", 3: "Q", 2: "H"}
_FORMAT_MASK = 0b101010000010010
_NUMERIC, _BYTES = 1, 4
_MASKS: tuple[Callable[[int, int], int], ...] = (
    lambda x, y: (y + x) % 2,
    lambda _, y: y % 2,
    lambda x, _: x % 3,
    lambda x, y: (y + x) % 3,
    lambda x, y: (y // 2 + x // 3) % 2,
    lambda x, y: y * x % 2 + y * x % 3,
    lambda x, y: (y * x % 2 + y * x % 3) % 2,
    lambda x, y: ((y + x) % 2 + y * x % 3) % 2,
)


def read_code(dark: Squares, width: int) -> tuple[str, str]:
    """Return a code's text and the level of its error correction: L, M, Q or H."""
    version = (width - 17) // 4
    assert width in (21, 25, 29)
    around = [(x, 8) for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [(8, y) for y in (7, 5, 4, 3, 2, 1, 0)]
    told = _number(place in dark for place in around) ^ _FORMAT_MASK
    is_turned = _MASKS[told >> 10 & 7]
    bits = ((place in dark) ^ (not is_turned(*place)) for place in _places(width, version))
    mode = _take(bits, 4)
    if mode == _NUMERIC:
        digits = _take(bits, 10)
        text = ""
        while digits:
            some = min(digits, 3)
            text += f"{_take(bits, 3 * some + 1):0{some}}"
            digits -= some
    else:
        assert mode == _BYTES
        text = bytes(_take(bits, 8) for _ in range(_take(bits, 8))).decode()
    return text, _LEVELS[told >> 13]


def _places(width: int, version: int) -> Iterator[tuple[int, int]]:
    """Yield where data stands: two columns at a time from the right, up and down in turns."""
    for turn, right in enumerate((*range(width - 1, 6, -2), 5, 3, 1)):
        rows = range(width) if turn % 2 else range(width - 1, -1, -1)
        yield from (
            (x, y)
            for y in rows
            for x in (right, right - 1)
            if not _is_pattern(x, y, width, version)
        )


def _is_pattern(x: int, y: int, width: int, version: int) -> bool:
    """Say whether a square is there for finding and aligning the code, or tells its format."""
    in_a_corner = (x < 9 and (y < 9 or y >= width - 8)) or (x >= width - 8 and y < 9)
    aligns = version > 1 and abs(x - (width - 7)) <= 2 and abs(y - (width - 7)) <= 2
    return in_a_corner or aligns or x == 6 or y == 6


def _take(bits: Iterator[bool], count: int) -> int:
    return _number(next(bits) for _ in range(count))


def _number(bits: Iterator[bool]) -> int:
    number = 0
    for bit in bits:
        number = number * 2 + bit
    return number
