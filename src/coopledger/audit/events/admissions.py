"""How each record was opened, as its event tells: what a list may say of a member beside the record itself.

A record that a move opened has its consent, and all that belongs to it, from the record that the move
closed. The register's hash chain covers all of it but the place on the chain.
"""

from typing import NamedTuple

from coopledger.domain.events import Joined, Moved


class RecordOpening(NamedTuple):
    """How a record was opened, as numbers; 0 where there is none."""

    card: int
    bylaws: int
    consented: int
    attestation: int
    previous: int
    moved_from: int
    origin: int
    block: int
    transaction: int


_UNKNOWN = RecordOpening(0, 0, 0, 0, 0, 0, 0, 0, 0)


class Admissions:
    """How all records were opened. Kept only where a list is to be compared that says so."""

    def __init__(self) -> None:
        self._by_number: dict[int, RecordOpening] = {}
        self._latest: dict[str, int] = {}

    def take(self, event: Joined | Moved) -> None:
        """Take the next event that opens a record."""
        card, block = event.ticket_id, event.place.block
        transaction = int.from_bytes(event.place.transaction)
        if isinstance(event, Joined):
            given = int.from_bytes(event.attestation)
            admission = RecordOpening(
                *(card, event.bylaws, event.consented_at, given),
                *(event.previous or 0, 0, event.number, block, transaction),
            )
        else:
            # A liar's move may name a record that was never opened.
            old = self._by_number.get(event.old_number, _UNKNOWN)
            admission = RecordOpening(
                *(card, old.bylaws, old.consented, old.attestation),
                *(self._latest.get(event.account, 0), event.old_number, old.origin),
                *(block, transaction),
            )
        self._by_number[event.number] = admission
        self._latest[event.account] = event.number

    def of(self, number: int) -> RecordOpening:
        """Return how a record was opened."""
        return self._by_number.get(number, _UNKNOWN)
