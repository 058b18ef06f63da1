"""One thing that is wrong in a file: where, in which field, what stood there, and why not.

Problems are values, not exceptions, so that a reader can name all of them at once. The one
subtlety: a value is quoted at most 60 characters long, so that a broken file cannot flood a
terminal or a log.
"""

from dataclasses import dataclass

from coopledger.domain.orders import FilePlace

LONGEST_QUOTE = 60


def quoted(value: str) -> str:
    """Return a value in quotation marks, cut to 60 characters, on one line of visible text."""
    cut = value if len(value) <= LONGEST_QUOTE else value[: LONGEST_QUOTE - 1] + "…"
    visible = "".join(sign if sign.isprintable() else "�" for sign in cut)
    return f"'{visible}'"


@dataclass(frozen=True)
class RowProblem:
    """A field of a position that cannot be used."""

    place: FilePlace
    field: str
    """The column's header, or the key in a JSON, as the file writes it."""
    value: str
    reason: str
    """Completes the sentence "VALUE …": ``is not an amount in rupiah``."""

    def __str__(self) -> str:
        subject = quoted(self.value) if self.value else "the field"
        return f"{self.place}, {self.field}: {subject} {self.reason}"
