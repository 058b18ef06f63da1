"""What there is: tickets, records, screenings, moves, money and a clock, by names that people read.

Accounts are names ("Budi", "the board", "box office 1"); whoever compares with a chain knows the
addresses. ``now`` is the time of the block in which the next action happens.
"""

from dataclasses import dataclass, field

from coopledger.domain.moves import MoveState
from coopledger.domain.register import Cause, Consent, Standing
from tests.machine.rules.refusing import Check

Account = str
Time = int
NOBODY: Account = "nobody"
"""The zero address."""

HOUR = 3600
DAY = 24 * HOUR


@dataclass
class Ticket:
    """A ticket; ``member`` is the record that it carries as a card."""

    ticket_id: int
    owner: Account
    screening: int
    seat: int
    tier: int
    paid_on_chain: bool
    non_transferable: bool
    member: int | None = None
    redeemed: bool = False
    void: bool = False

    @property
    def locked(self) -> bool:
        """Rule 1: bound, redeemed, void and non-transferable tickets stay where they are."""
        return self.member is not None or self.redeemed or self.void or self.non_transferable


@dataclass
class Record:
    """An entry of the register, and how it hangs together with others."""

    number: int
    account: Account
    joined_at: Time
    consent: Consent
    card: int
    standing: Standing = Standing.ASSOCIATE
    left_at: Time | None = None
    cause: Cause = Cause.NONE
    previous: int | None = None
    moved_from: int | None = None
    standings: list[tuple[Time, Standing]] = field(default_factory=list)

    def was_open(self, time: Time) -> bool:
        """Rule: intervals are half-open."""
        return self.joined_at <= time and (self.left_at is None or time < self.left_at)

    def standing_at(self, time: Time) -> Standing:
        """Return the standing at a time at which the record was open."""
        return [standing for since, standing in self.standings if since <= time][-1]


@dataclass
class Screening:
    """A screening, its sale and its till. ``tiers`` are prices and deposits."""

    number: int
    office: Account
    starts: Time
    ends: Time
    opens: Time
    closes: Time
    refundable_until: Time
    capacity: int
    seated: bool
    non_transferable: bool
    tiers: tuple[tuple[int, int], ...]
    sold: int = 0
    sequence: int = 0
    cancelled: bool = False
    takings: int = 0
    deposits: int = 0

    @property
    def settled(self) -> Time:
        """When the takings become the cooperative's for good."""
        return self.ends + 48 * HOUR


@dataclass
class Move:
    """A pending move of a record."""

    to: Account
    ready_at: Time
    state: MoveState


@dataclass(frozen=True)
class Event:
    """An event of the register: what was hashed, in words. ``argument`` is the packed word."""

    kind: int
    number: int
    account: Account
    ticket: int
    argument: int
    time: Time


@dataclass
class World:
    """All of it."""

    now: Time
    roles: dict[str, set[Account]]
    offices: list[Account]
    films: dict[Account, int]
    """How many films each box office knows."""
    tickets: dict[int, Ticket] = field(default_factory=dict)
    records: dict[int, Record] = field(default_factory=dict)
    screenings: dict[int, Screening] = field(default_factory=dict)
    moves: dict[int, Move] = field(default_factory=dict)
    bylaws: list[bytes] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    wallets: dict[Account, int] = field(default_factory=dict)
    allowances: dict[tuple[Account, Account], int] = field(default_factory=dict)
    permits: dict[Account, int] = field(default_factory=dict)
    """How many permits of each account were used."""
    settled_deposits: dict[int, str] = field(default_factory=dict)
    """Of tickets: "withheld" at a refund, or "returned"."""
    approvals: dict[int, Account] = field(default_factory=dict)
    operators: set[tuple[Account, Account]] = field(default_factory=set)
    used_gifts: set[tuple[Account, int, Account, Time]] = field(default_factory=set)
    scheduled: dict[tuple[object, ...], Time] = field(default_factory=dict)
    """When decisions that wait can be executed."""

    def role(self, check: Check, role: str, caller: Account) -> None:
        """Whoever lacks a role is told so and nothing else."""
        check.first(caller in self.roles[role], "AccessManagedUnauthorized", caller=caller)

    def ticket(self, check: Check, ticket_id: int) -> Ticket:
        """Return a ticket that must exist."""
        check.first(ticket_id in self.tickets, "TokenDoesNotExist")
        return self.tickets[ticket_id]

    def record(self, check: Check, number: int) -> Record:
        """Return a record that must exist."""
        check.first(number in self.records, "UnknownMember", number=number)
        return self.records[number]

    def open_record(self, check: Check, number: int) -> Record:
        """Return a record that must exist; note it as broken where it is closed."""
        record = self.record(check, number)
        closed = record.left_at is not None
        check.that(not closed, "MembershipClosed", number=number, cause=record.cause)
        return record

    def sale(self, check: Check, office: Account, number: int) -> Screening:
        """Return a screening that this box office must have announced."""
        known = number in self.screenings and self.screenings[number].office == office
        check.first(known, "UnknownSale", screening=number)
        return self.screenings[number]

    def latest(self, account: Account) -> int | None:
        """Return an account's newest record, open or closed."""
        numbers = [r.number for r in self.records.values() if r.account == account]
        return max(numbers, default=None)

    def membership(self, account: Account) -> Record | None:
        """Return an account's open record. Rule 3: there is at most one."""
        for record in self.records.values():
            if record.account == account and record.left_at is None:
                return record
        return None

    def frozen(self, account: Account) -> bool:
        """Rule 6: a contested move freezes the old key."""
        record = self.membership(account)
        move = self.moves.get(record.number) if record else None
        return move is not None and move.state is MoveState.CONTESTED

    def origin(self, number: int) -> int:
        """Return the first record of the chain of moves that a record belongs to."""
        while (before := self.records[number].moved_from) is not None:
            number = before
        return number

    def pay(self, payer: Account, payee: Account, amount: int) -> None:
        """Move money."""
        self.wallets[payer] -= amount
        self.wallets[payee] = self.wallets.get(payee, 0) + amount
