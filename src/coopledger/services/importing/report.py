"""What an import did, and the ways in which it can fail as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from coopledger.domain.types import Gas, TicketId
from coopledger.errors import BadInput, Refused
from coopledger.imports.orders.problems import RowProblem
from coopledger.services.importing.withdrawn import WithdrawnPosition


class RowsUnusable(BadInput):
    """Rows cannot be imported. ``sent`` tickets were issued before others took a place of theirs."""

    problems: tuple[RowProblem, ...]
    sent: int = 0

    advice = (
        "Correct the rows in the system that sold them and export again; where a screening is missing "
        "or full, add one or correct the map. Or send the others with --skip-bad."
    )

    @property
    def rows(self) -> int:
        """How many rows there are with problems; a row may have several."""
        return len({problem.place for problem in self.problems})

    def __str__(self) -> str:
        rows = "1 row" if self.rows == 1 else f"{self.rows} rows"
        issued = "1 ticket was" if self.sent == 1 else f"{self.sent} tickets were"
        sent = f"after {issued} issued" if self.sent else "and nothing was sent"
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        return f"{rows} cannot be imported, {sent}:\n{lines}"


class StillRacing(Refused):
    """Others kept selling the same screenings at the same time."""

    attempts: int

    says = "others sold the same screenings first, {attempts} times in a row"
    advice = "Run the import again; nothing is sold twice."


@dataclass(frozen=True)
class ImportReport:
    """What an import did. Counts are of this run; ``skipped`` is by reason."""

    orders: int = 0
    tickets: int = 0
    joined: int = 0
    gas: Gas = Gas(0)
    skipped: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[RowProblem, ...] = ()
    to_collect: tuple[tuple[str, TicketId], ...] = ()
    """Order positions without any address, and the tickets that wait for them."""
    paid_but_void: tuple[tuple[str, TicketId], ...] = ()
    """Order positions that are paid, and their tickets, which were voided."""
    outdated: tuple[str, ...] = ()
    """Order positions whose holders' consent is older than the end of their membership."""
    withdrawn: tuple[WithdrawnPosition, ...] = ()
    """Tickets whose positions are no longer sold, and that are not void."""
