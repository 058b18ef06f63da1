"""What an audit finds: where two sources differ, or a rule does not hold.

A single altered event can make thousands of records differ, so the findings are counted without end and
listed up to a limit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from coopledger.domain.events import Place
from coopledger.domain.types import BlockNumber
from coopledger.errors import Differs

LISTED = 200
"""Findings that are kept one by one."""


@dataclass(frozen=True)
class Finding:
    """One difference. ``block`` and ``transaction`` say where, if one event is to blame."""

    rule: str
    what: str
    expected: str
    found: str
    block: BlockNumber | None = None
    transaction: bytes | None = None

    def __str__(self) -> str:
        return f"{self.what}: {self.found}, where {self.expected} was expected ({self.rule})"


class AuditDiffers(Differs):
    """The audit found something; the findings were shown before."""

    count: int
    first: Finding

    advice = (
        "Ask a second node (--rpc). If that finds the same, the cooperative, or whoever made the list, "
        "has to explain it; if not, do not trust the first node."
    )

    def __str__(self) -> str:
        differences = "1 difference" if self.count == 1 else f"{self.count:,} differences"
        return f"the audit found {differences}; the first is {self.first}"


@dataclass
class Findings:
    """All that was found, in the order in which it was."""

    count: int = 0
    listed: list[Finding] = field(default_factory=list)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.listed)

    def add(
        self, rule: str, what: str, expected: object, found: object, place: Place | None = None
    ) -> None:
        """Note a difference.

        Args:
            rule: the rule or comparison in few words.
            what: which record, ticket, screening or event.
            expected: what should be.
            found: what is.
            place: the event that shows it.
        """
        self.count += 1
        if len(self.listed) < LISTED:
            block, transaction = (place.block, place.transaction) if place else (None, None)
            self.listed.append(Finding(rule, what, str(expected), str(found), block, transaction))

    def compare(self, rule: str, what: str, expected: object, found: object) -> None:
        """Note a difference if there is one."""
        if expected != found:
            self.add(rule, what, expected, found)
