"""Which holders join by an import, and since when they consent."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from coopledger.domain.orders import Position
from coopledger.domain.types import NO_ATTESTATION, Attestation, Timestamp, to_timestamp
from coopledger.errors import BadInput
from coopledger.imports.orders.problems import RowProblem
from coopledger.imports.orders.values import UnusableValue, says_yes


class NoSuchQuestion(BadInput):
    """The file has no such column of answers."""

    column: str
    questions: tuple[str, ...]

    advice = "Name the column as the file's first line writes it."

    def __str__(self) -> str:
        known = ", ".join(self.questions) or "none"
        return f"no file has a question '{self.column}'; there are: {known}"


class ConsentRule(StrEnum):
    """Whose consent to joining an import takes as given."""

    NONE = "none"
    BUYERS = "buyers"
    """Of those who hold a ticket of their own order."""
    COLUMN = "column"
    """Of those whose position answers a question with yes."""
    HOLDERS = "holders"
    """Of every holder; the attestation names the paper that shows it."""


@dataclass(frozen=True)
class Consents:
    """How an import decides who joins, and where the consents are written down."""

    rule: ConsentRule = ConsentRule.NONE
    column: str = ""
    attestation: Attestation = NO_ATTESTATION

    def check_asked(self, questions: Iterable[str]) -> None:
        """Check that the column that consents are read from is one of the files' questions.

        Raises:
            NoSuchQuestion: it is not.
        """
        known = tuple(sorted(set(questions)))
        if self.rule is ConsentRule.COLUMN and self.column not in known:
            raise NoSuchQuestion(self.column, known)

    def of(self, position: Position, now: Timestamp) -> tuple[Timestamp | None, list[RowProblem]]:
        """Return when a position's holder consented, or None if the holder does not join.

        ``now`` is the time by the chain's clock, in seconds since 1970.
        """
        rule = self.rule
        if rule is ConsentRule.NONE or position.holder_email is None:
            return None, []
        if rule is ConsentRule.BUYERS and not position.held_by_buyer:
            return None, []
        if rule is ConsentRule.COLUMN:
            answer = position.answers.get(self.column, "")
            try:
                if not says_yes(answer):
                    return None, []
            except UnusableValue as unclear:
                problem = RowProblem(position.place, self.column, answer, unclear.reason)
                return None, [problem]
        if position.ordered_at is None:
            reason = "is empty, but says when the holder consented to joining"
            return None, [RowProblem(position.place, "ordered_at", "", reason)]
        consented_at = to_timestamp(position.ordered_at)
        if consented_at > now:
            reason = "lies in the future of the chain's clock"
            shown = position.ordered_at.isoformat()
            return None, [RowProblem(position.place, "ordered_at", shown, reason)]
        return consented_at, []
