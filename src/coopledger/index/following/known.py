"""What the projections must know of the rows that are there already, and how it changes by events.

Running numbers (sequence, ordinal, totals) are taken up where the last row of the database left them, so
a batch gives the same rows however the blocks before it were cut up.
"""

from dataclasses import dataclass, field

from coopledger.domain.register import Cause, Consent, Standing
from coopledger.domain.types import (
    Address,
    Attestation,
    BylawsVersion,
    MemberNumber,
    ScreeningId,
    TicketId,
    Timestamp,
)

_NO_TICKET, _NO_SCREENING = TicketId(0), ScreeningId(0)


@dataclass(slots=True)
class Member:
    """What later events need of a record."""

    standing: Standing
    consent: Consent
    bylaws: BylawsVersion
    consented_at: Timestamp
    attestation: Attestation
    origin: MemberNumber


@dataclass(slots=True)
class Totals:
    """The counts of table ``tally``, in the order of its columns."""

    opened: int = 0
    closed: int = 0
    moved: int = 0
    annulled: int = 0
    expelled: int = 0
    deceased: int = 0
    associate: int = 0
    full: int = 0
    signed: int = 0
    purchased: int = 0
    attested: int = 0

    def count_opened(self, standing: Standing, consent: Consent) -> None:
        """Count a record that was opened."""
        self.opened += 1
        self._count_open(standing, consent, 1)

    def count_closed(self, standing: Standing, consent: Consent, cause: Cause) -> None:
        """Count a record that was closed."""
        self.closed += 1
        self.moved += cause is Cause.MOVED
        self.annulled += cause is Cause.ANNULLED
        self.expelled += cause is Cause.EXPELLED
        self.deceased += cause is Cause.DECEASED
        self._count_open(standing, consent, -1)

    def count_standing(self, was: Standing, standing: Standing) -> None:
        """Count an open record whose standing was set."""
        step = (standing is Standing.FULL) - (was is Standing.FULL)
        self.full += step
        self.associate -= step

    def _count_open(self, standing: Standing, consent: Consent, step: int) -> None:
        if standing is Standing.FULL:
            self.full += step
        else:
            self.associate += step
        if consent is Consent.SIGNED:
            self.signed += step
        elif consent is Consent.PURCHASED:
            self.purchased += step
        else:
            self.attested += step

    def row(self) -> tuple[int, ...]:
        """Return the counts in the order of the columns."""
        return (
            *(self.opened, self.closed, self.moved, self.annulled, self.expelled, self.deceased),
            *(self.associate, self.full, self.signed, self.purchased, self.attested),
        )


@dataclass
class KnownState:
    """The state that a batch begins with. The projections carry it on."""

    head: bytes
    """The register's hash chain so far."""
    sequence: int = 0
    tickets: TicketId = _NO_TICKET
    """The newest ticket."""
    screenings: ScreeningId = _NO_SCREENING
    totals: Totals = field(default_factory=Totals)
    issuers: set[Address] = field(default_factory=set)
    """The box offices that opened screenings."""
    members: dict[MemberNumber, Member] = field(default_factory=dict)
    """Those that the batch's events name, and those that it opens."""
    latest: dict[Address, MemberNumber] = field(default_factory=dict)
    """The newest record of accounts that the batch's moves lead to, and of those that join in it."""
