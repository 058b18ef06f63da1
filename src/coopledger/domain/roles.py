"""The roles that decide who may do what."""

from enum import IntEnum


class Role(IntEnum):
    """The roles, by their ids in the manager. ADMIN is OpenZeppelin's own."""

    ADMIN = 0
    BOARD = 1
    BOX_OFFICE = 2
    GATE = 3
    REGISTRAR = 4
    CLOSING = 5
    TREASURER = 6
    RECOVERY = 7
    GUARDIAN = 8
    MINTER = 9
