"""What an export in JSON says of the whole list, held against the chain and against its own rows.

Its SHA-256 is of its rows as the CSV has them. Where a cell was found to differ already, that says
nothing new, and is left out.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from coopledger.audit.files.register_file import ListedRecord, RegisterFile
from coopledger.audit.run import Verdict
from coopledger.domain.register import Cause, Consent, Standing
from coopledger.domain.words import bits
from coopledger.exports.data import COLUMNS, line_of

_RULE = "what the list says of itself"
_LONGEST = 200


class Stated:
    """What a file says of its list."""

    def __init__(self, verdict: Verdict, file: RegisterFile) -> None:
        self._verdict, self._file = verdict, file
        self._hash = hashlib.sha256(line_of(COLUMNS))
        self._before = verdict.findings.count

    def over(self, rows: Iterable[ListedRecord]) -> Iterator[ListedRecord]:
        """Yield the rows, and take their SHA-256 as they go by, where the file names one."""
        hashed = "sha256" in self._file.stated
        for row in rows:
            if hashed:
                self._hash.update(line_of([row.cells.get(name) for name in COLUMNS]))
            yield row

    def compare(self, rows: int) -> None:
        """Compare what the file says, after its rows have gone by."""
        cells_agree = self._verdict.findings.count == self._before
        ledger = self._verdict.ledger
        expected: dict[str, Any] = {
            "chain_id": ledger.chain.chain_id,
            "ledger": ledger.address.lower(),
            "rows": rows,
        }
        if self._file.block == self._verdict.moment.block.number:
            then = self._verdict.register
            expected["register_events"] = then.events
            expected["register_head"] = "0x" + then.head.hex()
            expected["counts"] = counts_of(then.words)
        if cells_agree:
            expected["sha256"] = self._hash.hexdigest()
        for name, value in expected.items():
            if name in self._file.stated:
                self._compare(name, value, self._file.stated[name])

    def _compare(self, name: str, expected: Any, found: Any) -> None:
        if isinstance(expected, dict) and isinstance(found, dict):
            for part in expected.keys() & found.keys():
                self._compare(f"{name}, {part}", expected[part], found[part])
            return
        said = found.lower() if isinstance(found, str) else found
        if said != expected:
            self._verdict.findings.add(_RULE, name, expected, str(found)[:_LONGEST])


def counts_of(words: Iterable[int]) -> dict[str, int]:
    """Return how many records there are in a register, as exports count them."""
    names = (*_STANDINGS.values(), *_CONSENTS.values(), *_CAUSES.values())
    counts = dict.fromkeys(names, 0)
    records = closed = 0
    for word in words:
        if not word:
            continue
        records += 1
        if bits(word, 200, 40):
            closed += 1
            found = [_CAUSES.get(bits(word, 252, 4))]
        else:
            found = [_STANDINGS.get(bits(word, 240, 8)), _CONSENTS.get(bits(word, 248, 4))]
        for name in found:
            if name is not None:
                counts[name] += 1
    return {"records": records, "open": records - closed, "closed": closed, **counts}


_STANDINGS = {int(Standing.ASSOCIATE): "associate", int(Standing.FULL): "full"}
_CONSENTS = {
    int(Consent.SIGNED): "signed",
    int(Consent.PURCHASED): "purchased",
    int(Consent.ATTESTED): "attested",
}
_CAUSES = {int(Cause.MOVED): "moved", int(Cause.ANNULLED): "annulled"}
