"""What a question to the register leaves out, as plain values.

The one subtlety: all of it is judged as of the moment of the question. A record that was closed later
was open then, and an entry that was annulled later was a member by the register of that day.
"""

from dataclasses import dataclass
from enum import StrEnum

from coopledger.domain.register import Consent, Standing
from coopledger.domain.types import MemberNumber, Timestamp


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
    not_yet_annulled: bool = True
    """List an entry that was annulled only after the moment. Lists by the ledger's views do not."""


ALL = Wanted(State.ALL, annulled=True)
BEFORE_THE_FIRST = MemberNumber(0)
