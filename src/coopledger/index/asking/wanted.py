"""What a question to the register leaves out, as plain values.

All of it is judged as of the moment of the question. A record that was closed later was open then, and an
entry that was annulled later was a member by the register of that day.
"""

from dataclasses import dataclass
from enum import StrEnum

from coopledger.domain.register import Consent, Standing
from coopledger.domain.types import BlockNumber, MemberNumber, Timestamp


class State(StrEnum):
    """Which records are wanted, by whether they were open."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


@dataclass(frozen=True)
class Wanted:
    """Which records are wanted. As it stands: the members, in the narrow sense."""

    state: State = State.OPEN
    standing: Standing | None = None
    consent: Consent | None = None
    joined_from: Timestamp | None = None
    """The first second of joining."""
    joined_to: Timestamp | None = None
    """The second before which they joined."""
    annulled: bool = False
    """List entries that were made in error, too."""
    annulled_until: BlockNumber | None = None
    """Leave out what was annulled up to this block, though after the moment, too: as lists by the
    ledger's own views do, which know of it."""


ALL = Wanted(State.ALL, annulled=True)
BEFORE_THE_FIRST = MemberNumber(0)
