"""What the rows of events are called: the numbers that stand in their columns ``kind``."""

from enum import IntEnum


class TicketEventKind(IntEnum):
    """What happened to a ticket after it was issued."""

    GIVEN = 1
    MOVED = 2
    """Taken along by a finished move of its holder's membership."""
    REDEEMED = 3
    UNREDEEMED = 4
    VOIDED = 5
    """The ledger's own word; beside it stands who voided it and why."""
    VOIDED_OUTSIDE = 6
    """The box office took back a ticket that was sold outside; ``document`` names why."""
    REFUNDED = 7
    DEPOSIT_RETURNED = 8
    DEPOSIT_RETURNED_OUTSIDE = 9


class ScreeningEventKind(IntEnum):
    """What happened to a screening."""

    OPENED = 1
    PUT_OFF = 2
    ANNOUNCED = 3
    CANCELLED = 4
    REFUNDS_UNTIL = 5
