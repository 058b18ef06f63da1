"""How the rules say no: with every rule that an action breaks, by the contracts' names for them.

An action may break several rules at once, and nothing says which of them is named first. So all are
collected, and a refusal is right if it names one of them, with its facts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Broken:
    """A rule that an action breaks: the refusal's name, and those of its facts that are known."""

    name: str
    facts: dict[str, Any]

    def __str__(self) -> str:
        facts = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        return f"{self.name}({facts})"


class Refused(Exception):
    """The rules do not allow an action."""

    def __init__(self, broken: list[Broken]) -> None:
        super().__init__(" and ".join(map(str, broken)))
        self.broken = tuple(broken)


@dataclass
class Check:
    """Collects what an action breaks."""

    broken: list[Broken] = field(default_factory=list)

    def that(self, holds: bool, otherwise: str, **facts: Any) -> None:
        """Note a rule as broken unless it holds."""
        if not holds:
            self.broken.append(Broken(otherwise, facts))

    def first(self, holds: bool, otherwise: str, **facts: Any) -> None:
        """Refuse at once unless it holds: nothing more can be asked then."""
        self.that(holds, otherwise, **facts)
        if not holds:
            raise Refused(self.broken)


@contextmanager
def checking() -> Iterator[Check]:
    """Check an action; refuse it at the end of the block if it breaks anything."""
    check = Check()
    yield check
    if check.broken:
        raise Refused(check.broken)
