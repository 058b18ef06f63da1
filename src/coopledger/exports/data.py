"""The audited data: its columns, its cells, and its SHA-256.

The data is the CSV without names, byte for byte. Every file of whatever format names the SHA-256 of that
CSV, so all of them can be held against one another.
"""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from operator import attrgetter
from pathlib import Path

from coopledger.domain.moments import Moment
from coopledger.domain.safe_csv import Cell, safe_cell
from coopledger.domain.types import BlockNumber, Timestamp
from coopledger.index.asking.entries import Entry, RegisterCounts
from coopledger.index.asking.wanted import State, Wanted

_CELLS: dict[str, Callable[[Entry], Cell]] = {
    "number": attrgetter("number"),
    "account": lambda entry: _hexadecimal(entry.account_bytes),
    "standing": lambda entry: entry.standing.name.lower(),
    "consent": lambda entry: entry.consent.name.lower(),
    "joined": lambda entry: utc_text(entry.joined_at),
    "left": lambda entry: None if entry.left_at is None else utc_text(entry.left_at),
    "cause": lambda entry: entry.cause.name.lower() if entry.cause else None,
    "card": attrgetter("card"),
    "bylaws": attrgetter("bylaws"),
    "consented": lambda entry: utc_text(entry.consented_at),
    "attestation": lambda entry: _hexadecimal(entry.attestation),
    "previous": attrgetter("previous"),
    "moved_from": attrgetter("moved_from"),
    "origin": attrgetter("origin"),
    "block": attrgetter("block"),
    "transaction": lambda entry: _hexadecimal(entry.transaction),
}

COLUMNS = tuple(_CELLS)
NAMES = "names"
"""The column of attendees' names: only where asked for, and never under the SHA-256."""

LAST_TIME = 253_402_300_799
"""The last second that a calendar can write."""


@dataclass(frozen=True)
class About:
    """What an export says of itself."""

    cooperative: str
    chain_id: int
    ledger: str
    as_of: Moment
    first_block: BlockNumber
    wanted: Wanted
    counts: RegisterCounts
    events: int
    """Of the register, up to the moment."""
    head: bytes
    """Of the register's hash chain after them."""

    def verify(self, file: Path) -> str:
        """Return the command that holds the data against the chain itself; it reads CSV and JSON."""
        read = file if file.suffix.lower() in {".csv", ".json"} else file.with_suffix(".csv")
        options = [f"--at {self.as_of.block.number}"]
        options += ["--closed"] if self.wanted.state is not State.OPEN else []
        options += ["--annulled"] if self.wanted.annulled else []
        return f"coopledger audit compare {read} {' '.join(options)} --ledger {self.ledger}"


@dataclass
class Fingerprint:
    """The SHA-256 of the audited data and the number of its rows, as the rows go by."""

    rows: int = 0
    _hash: "hashlib._Hash" = field(default_factory=lambda: hashlib.sha256(line_of(COLUMNS)))

    def over(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, tuple[Cell, ...], bytes]]:
        """Yield each entry with its cells and its line of the CSV."""
        for entry in entries:
            cells = cells_of(entry)
            line = line_of(cells)
            self._hash.update(line)
            self.rows += 1
            yield entry, cells, line

    @property
    def sha256(self) -> str:
        """The SHA-256 of what has gone by, in hexadecimal digits."""
        return self._hash.hexdigest()


def cells_of(entry: Entry) -> tuple[Cell, ...]:
    """Return an entry's cells, in the order of the columns. Times are UTC."""
    return tuple(cell(entry) for cell in _CELLS.values())


def utc_text(moment: Timestamp) -> str:
    """Return a time as every reader of ISO 8601 takes it."""
    return f"{datetime.fromtimestamp(min(moment, LAST_TIME), UTC):%Y-%m-%dT%H:%M:%SZ}"


def header_line(*more: str) -> bytes:
    """Return the CSV's first line."""
    return line_of((*COLUMNS, *more))


def line_with(cells: Sequence[Cell], more: str) -> bytes:
    """Return a line of the CSV with another cell at its end."""
    return line_of((*cells, more))


def line_of(cells: Sequence[Cell]) -> bytes:
    """Return a line of the CSV."""
    out = StringIO()
    csv.writer(out).writerow([safe_cell(cell) for cell in cells])
    return out.getvalue().encode()


def _hexadecimal(value: bytes | None) -> str | None:
    return None if value is None else f"0x{value.hex()}"
