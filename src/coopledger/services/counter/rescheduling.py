"""Changes to a screening that was announced: cancelling, putting off, its tiers.

Cancelling and putting off are the board's, who may have a delay; what the screening owes its viewers is
read beforehand, for whoever decides to see.
"""

from dataclasses import dataclass

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.sender import Sender
from coopledger.domain.screenings import Sale, Screening, Tier
from coopledger.domain.types import Address, ScreeningId, TierIndex, Timestamp, to_datetime
from coopledger.errors import BadInput, Refused
from coopledger.services.authority.delays import Scheduled, send_or_schedule
from coopledger.services.money.refunds import Debts, debts_of
from coopledger.services.programme.offices import office_at, office_of


class OnlyLater(BadInput):
    """A screening would start, or end, earlier than it was announced."""

    what: str
    announced: Timestamp
    wanted: Timestamp

    advice = "A screening can only be put off. To have it earlier, cancel it and announce another."

    def __str__(self) -> str:
        return (
            f"the {self.what} cannot move from {to_datetime(self.announced):%Y-%m-%d %H:%M %Z} "
            f"back to {to_datetime(self.wanted):%Y-%m-%d %H:%M %Z}"
        )


class TierExists(Refused):
    """The screening has a tier of that name."""

    screening: ScreeningId
    tier: str

    says = "screening {screening} has a tier '{tier}' already"
    advice = "Change it while nothing of it is sold: coopledger screening set-tier"


class TierUnknown(BadInput):
    """The screening has no tier of that name."""

    screening: ScreeningId
    tier: str
    names: tuple[str, ...]

    advice = "Name one of its tiers, or add one: coopledger screening add-tier"

    def __str__(self) -> str:
        return (
            f"screening {self.screening} has no tier '{self.tier}'; "
            f"there are: {', '.join(self.names)}"
        )


@dataclass(frozen=True)
class Cancelled:
    """A screening that was cancelled, and what it owes its viewers."""

    screening: ScreeningId
    debts: Debts


@dataclass(frozen=True)
class NewTimes:
    """When a screening is to take place instead. None keeps what follows from the start."""

    starts_at: Timestamp
    ends_at: Timestamp | None = None
    closes_at: Timestamp | None = None


@dataclass(frozen=True)
class Postponed:
    """A screening that was put off. Tickets paid on the chain are refundable until it starts."""

    screening: ScreeningId
    starts_at: Timestamp
    ends_at: Timestamp
    closes_at: Timestamp


def cancel_screening(
    coop: Cooperative, sender: Sender, operator: Address, screening: ScreeningId
) -> Cancelled | Scheduled:
    """Cancel a screening; tickets that were paid on the chain become refundable by anybody.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role BOARD.
        screening: of a former box office, too.

    Raises:
        NoSuchScreening, UnknownIssuer: see ``office_of``.
        ScreeningIsCancelled: it was cancelled before.
        TooLate: its takings are the cooperative's already.
        AccessManagedUnauthorized: the operator lacks the role.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    office = office_of(coop, screening)
    call = office.cancel_screening_call(screening)
    done = send_or_schedule(coop, sender, operator, call)
    if isinstance(done, Scheduled):
        return done
    return Cancelled(screening, debts_of(coop, screening))


def postpone(
    coop: Cooperative,
    sender: Sender,
    operator: Address,
    screening: ScreeningId,
    wanted: NewTimes,
) -> Postponed | Scheduled:
    """Put a screening off. Its length, and how long before the start the sale ends, are kept.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role BOARD.
        screening: of a former box office, too.
        wanted: the new times.

    Raises:
        NoSuchScreening, UnknownIssuer: see ``office_of``.
        OnlyLater: it would start or end earlier.
        ScreeningIsCancelled, TooLate: it was cancelled, or is over.
        BadAnnouncement: the sale would end after the screening, or before it opens.
        AccessManagedUnauthorized: the operator lacks the role.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    (found,) = coop.ledger.screenings([screening])
    office = office_at(coop, screening, found.issuer)
    times = _new_times(found, office.sale(screening), wanted)
    call = office.postpone_call(screening, times.starts_at, times.ends_at, times.closes_at)
    done = send_or_schedule(coop, sender, operator, call)
    return done if isinstance(done, Scheduled) else times


def add_tier(coop: Cooperative, sender: Sender, screening: ScreeningId, terms: Tier) -> TierIndex:
    """Add a price class to a screening and return its index.

    Raises:
        NoSuchScreening, UnknownIssuer: see ``office_of``.
        TierExists: there is one of that name.
        ContractRefusal: the amounts do not fit, or the operator lacks the role BOX_OFFICE.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    office = office_of(coop, screening)
    tiers = office.tiers(screening)
    if any(tier.name == terms.name for tier in tiers):
        raise TierExists(screening, terms.name)
    index = TierIndex(len(tiers))
    sender.send(office.set_tier_call(screening, index, terms))
    return index


def set_tier(coop: Cooperative, sender: Sender, screening: ScreeningId, terms: Tier) -> TierIndex:
    """Change the amounts of a price class of which nothing was sold, and return its index.

    Raises:
        NoSuchScreening, UnknownIssuer: see ``office_of``.
        TierUnknown: there is none of that name.
        TierFixed: tickets of it were sold.
        ContractRefusal: the amounts do not fit, or the operator lacks the role BOX_OFFICE.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    office = office_of(coop, screening)
    names = [tier.name for tier in office.tiers(screening)]
    if terms.name not in names:
        raise TierUnknown(screening, terms.name, tuple(names))
    index = TierIndex(names.index(terms.name))
    sender.send(office.set_tier_call(screening, index, terms))
    return index


def _new_times(found: Screening, sale: Sale, wanted: NewTimes) -> Postponed:
    later = wanted.starts_at - found.starts_at
    ends_at = wanted.ends_at or Timestamp(found.ends_at + later)
    closes_at = wanted.closes_at or Timestamp(sale.closes_at + later)
    if later < 0:
        raise OnlyLater("start", found.starts_at, wanted.starts_at)
    if ends_at < found.ends_at:
        raise OnlyLater("end", found.ends_at, ends_at)
    return Postponed(found.screening_id, wanted.starts_at, ends_at, closes_at)
