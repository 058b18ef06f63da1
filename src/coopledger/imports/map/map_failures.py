"""What can be wrong with a ``--map`` file, or be missing from it.

What is missing is told as lines to paste. A screening's id is written there as 0, which no screening has,
so that a line pasted without thought is refused by name.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from coopledger.domain.orders import FilePlace
from coopledger.errors import BadInput
from coopledger.imports.orders.problems import quoted


class NotToml(BadInput):
    """The map breaks TOML's rules."""

    place: FilePlace
    reason: str
    says = "{place}: not valid TOML ({reason})"
    advice = 'Write names in quotation marks: "Tiket reguler" = "Tiket reguler".'


class UnknownMapTable(BadInput):
    """A table of the map means nothing."""

    place: FilePlace
    says = "{place}: no such table or key is known"
    advice = "A map has the tables [events], [products] and [seats], no others."


class MapEntryWrong(BadInput):
    """An entry of the map is not what stands there."""

    place: FilePlace
    value: str
    expected: str
    advice = "Correct the entry; examples/kinarya-map.toml shows each kind."

    def __str__(self) -> str:
        return f"{self.place}: {self.expected} expected, not {quoted(self.value)}"


class SeatNotMapped(BadInput):
    """A seat has a name that is no number, and the map does not give it one."""

    place: FilePlace
    seat: str
    advice = "Give the seat its number under [seats] in the map."
    reason: ClassVar[str] = "is no seat number, and the map gives it none under [seats]"

    def __str__(self) -> str:
        return f"{self.place}, seat: {quoted(self.seat)} {self.reason}"


class SeriesAsOneScreening(BadInput):
    """An event with several dates is bound to a single screening."""

    map: Path
    event: str
    dates: tuple[datetime, ...]
    advice = 'Give the event a table with a line a date: "2026-12-05 19:00" = 4.'

    def __str__(self) -> str:
        dates = ", ".join(_date(day) for day in self.dates)
        return (
            f"{self.map.name} binds the event {quoted(self.event)} to one screening, "
            f"but tickets were sold for several dates: {dates}"
        )


class NotMapped(BadInput):
    """The map lacks events or products that tickets were sold for."""

    map: Path
    events: tuple[tuple[str, datetime | None], ...]
    """Each with its date, where the event is a series."""
    products: tuple[tuple[str, str], ...]
    """Each with its variation, or an empty one."""

    def __str__(self) -> str:
        missing = [
            quoted(event) + (f" on {_date(starts_at)}" if starts_at else "")
            for event, starts_at in self.events
        ]
        missing += [
            quoted(product) + (f" ({variation})" if variation else "")
            for product, variation in self.products
        ]
        return f"{self.map.name} does not say what these are: {', '.join(missing)}"

    @property
    def advice(self) -> str:  # type: ignore[override]  # here the advice depends on the facts
        """What to add to the map, ready to paste."""
        return (
            f"Add these lines to {self.map.name}, below the headings where it has them already, "
            f"and fill in each screening's id and each tier:\n\n{self.snippet}"
        )

    @property
    def snippet(self) -> str:
        """The missing lines as TOML."""
        tables: dict[str, list[str]] = {}
        for event, starts_at in self.events:
            if starts_at is None:
                table, name = "[events]", event
            else:
                table, name = f"[events.{_toml(event)}]", _date(starts_at)
            tables.setdefault(table, []).append(f"{_toml(name)} = 0  # the screening's id")
        for product, variation in self.products:
            table = f"[products.{_toml(product)}]" if variation else "[products]"
            name = variation or product
            line = f'{_toml(name)} = {_toml(name)}  # a tier, or "no ticket"'
            tables.setdefault(table, []).append(line)
        return "\n\n".join("\n".join([table, *lines]) for table, lines in tables.items())


def _date(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _toml(name: str) -> str:
    """Return a name as a TOML string, whose escapes are those of JSON."""
    return json.dumps(name, ensure_ascii=False)
