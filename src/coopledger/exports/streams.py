"""The exports that are written while they are read: CSV and JSON, as pieces of bytes.

What is only known at the end (rows and SHA-256) stands at the end of the JSON, and is said beside the
CSV. So a million members pass through the memory of one page.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import orjson

from coopledger.domain.types import Address
from coopledger.exports.data import (
    COLUMNS,
    NAMES,
    About,
    Fingerprint,
    header_line,
    line_with,
    utc_text,
)
from coopledger.index.asking.entries import Entry

NamesOf = Callable[[Address], tuple[str, ...]]
"""Gives all attendees' names of an account, for the registrar to choose from."""

_PIECE = 64 * 1024
_SEPARATOR = "; "


def csv_pieces(
    entries: Iterable[Entry], fingerprint: Fingerprint, names: NamesOf | None = None
) -> Iterator[bytes]:
    """Yield the CSV. Its SHA-256 is the fingerprint's, unless it has names."""
    return _in_pieces(_csv_lines(entries, fingerprint, names))


def json_pieces(
    about: About, entries: Iterable[Entry], fingerprint: Fingerprint, names: NamesOf | None = None
) -> Iterator[bytes]:
    """Yield the JSON: what it is about, the members, and at its end rows and SHA-256."""
    return _in_pieces(_json_lines(about, entries, fingerprint, names))


def joined_names(names: NamesOf, account: Address) -> str:
    """Return all names of an account as one text."""
    return _SEPARATOR.join(names(account))


def _csv_lines(
    entries: Iterable[Entry], fingerprint: Fingerprint, names: NamesOf | None
) -> Iterator[bytes]:
    yield header_line() if names is None else header_line(NAMES)
    for entry, cells, line in fingerprint.over(entries):
        yield line if names is None else line_with(cells, joined_names(names, entry.account))


def _json_lines(
    about: About, entries: Iterable[Entry], fingerprint: Fingerprint, names: NamesOf | None
) -> Iterator[bytes]:
    yield b"{\n"
    for name, value in _facts(about).items():
        yield orjson.dumps(name) + b": " + orjson.dumps(value) + b",\n"
    yield b'"members": ['
    before = b"\n"
    for entry, cells, _ in fingerprint.over(entries):
        member: dict[str, object] = dict(zip(COLUMNS, cells, strict=True))
        if names is not None:
            member[NAMES] = names(entry.account)
        yield before + orjson.dumps(member)
        before = b",\n"
    yield b"\n],\n"
    yield b'"rows": %d,\n"sha256": "%s"\n}\n' % (fingerprint.rows, fingerprint.sha256.encode())


def _facts(about: About) -> dict[str, object]:
    as_of, counts = about.as_of, about.counts
    return {
        "cooperative": about.cooperative,
        "chain_id": about.chain_id,
        "ledger": about.ledger,
        "as_of": {
            "time": utc_text(as_of.time),
            "block": as_of.block.number,
            "hash": "0x" + as_of.block.hash.hex(),
            "final": as_of.final,
        },
        "wanted": _wanted(about),
        "counts": {name: getattr(counts, name) for name in counts.__dataclass_fields__},
        "register_events": about.events,
        "register_head": "0x" + about.head.hex(),
        "verify": about.verify(Path("FILE.json")),
    }


def _wanted(about: About) -> dict[str, object]:
    wanted = about.wanted
    return {
        "state": wanted.state,
        "standing": None if wanted.standing is None else wanted.standing.name.lower(),
        "consent": None if wanted.consent is None else wanted.consent.name.lower(),
        "joined_from": None if wanted.joined_from is None else utc_text(wanted.joined_from),
        "joined_to": None if wanted.joined_to is None else utc_text(wanted.joined_to),
        "annulled": wanted.annulled,
    }


def _in_pieces(lines: Iterator[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for line in lines:
        held += line
        if len(held) >= _PIECE:
            yield bytes(held)
            held.clear()
    yield bytes(held)
