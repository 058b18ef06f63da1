"""Importing what another system sold: tickets for paid positions, each exactly once.

Nothing here remembers what was sent. Each batch names the screening's sequence as it was read together
with what was sold so far, and the chain refuses a batch that comes second. So after a crash, a second
clerk or a lost answer the import reads the chain again and goes on.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.sending.batches import Cost
from coopledger.chain.sending.send_failures import (
    NonceTooLow,
    ReplacementUnderpriced,
    SendingStopped,
    SentByAnother,
    TransactionDropped,
    TransactionReverted,
)
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.transactions import Call, Receipt
from coopledger.domain.register import Record
from coopledger.domain.types import (
    NO_ATTESTATION,
    Address,
    BlockNumber,
    BylawsVersion,
    Email,
    Gas,
    OrderReference,
    TicketId,
    Timestamp,
)
from coopledger.domain.values import value
from coopledger.domain.words import pack_line
from coopledger.errors import CoopledgerError
from coopledger.imports.map.mapping import OrderMap
from coopledger.imports.orders.files import ImportedFile
from coopledger.index.look import Look
from coopledger.people.desk import People
from coopledger.people.positions import IssuedPosition
from coopledger.services.importing.consents import Consents
from coopledger.services.importing.planning import ImportPlan, PlannedTicket, plan_import
from coopledger.services.importing.report import ImportReport, RowsUnusable, StillRacing
from coopledger.services.importing.withdrawn import still_valid, void_among
from coopledger.services.programme.offices import office_at, offices
from coopledger.services.register.bylaws import NoBylaws
from coopledger.services.register.successors import followed, newest_records
from coopledger.settings import Settings

#: What a ticket adds to a batch, rounded up from docs/gas.json: to who joins, joins again, joins not, or is
#: a member already; and what its seat may add, where no seat near it was sold.
_BATCH = Cost(Gas(150_000), 400)
_JOINS, _JOINS_AGAIN, _JOINS_NOT, _IS_MEMBER = Gas(81_000), Gas(90_000), Gas(52_000), Gas(37_000)
_SEAT = Gas(23_000)
_BYTES, _SHARE = 64, 0.95

_ATTEMPTS = 20
_POLL_S = 0.05
_AHEAD = 8

#: For how many tickets people are looked up at once.
_FIRST_PART, _LARGEST_PART = 160, 1280

Given = TypeVar("Given")
Made = TypeVar("Made")

Progress = Callable[[int, int], None]
"""Called with the number of tickets confirmed so far, and of those there will be."""


def _quietly(_done: int, _total: int) -> None:
    """Tell nobody."""


def import_orders(
    coop: Cooperative,
    sender: Sender,
    office: Address,
    people: People,
    settings: Settings,
    files: list[ImportedFile],
    order_map: OrderMap,
    consents: Consents,
    *,
    look: Look | None = None,
    skip_bad: bool = False,
    dry_run: bool = False,
    progress: Progress = _quietly,
) -> ImportReport:
    """Issue a ticket for every paid position that has none yet.

    Args:
        coop: the deployed contracts.
        sender: sends the box office's transactions.
        office: the box office's account; it keeps tickets that nobody can be found for.
        people: who is behind an address.
        settings: the gas cap.
        files: what was read.
        order_map: binds events to screenings and products to tiers.
        consents: who joins.
        look: gives a look at the index, where there is one.
        skip_bad: send the good rows although others are bad.
        dry_run: send nothing, and say what would be sent.
        progress: told of confirmed tickets.

    Raises:
        RowsUnusable: rows are bad and ``skip_bad`` is off; nothing was sent, unless they became
            bad on the way, because others took their places.
        NotMapped, SeriesAsOneScreening, NoSuchQuestion: see ``plan_import``.
        NoBylaws: somebody would join, but no by-laws are recorded.
        StillRacing: others sold first again and again.
        CoopledgerError: sending failed; what is confirmed stays, run the import again.
    """
    run = _Run(coop, sender, office, people, settings, consents, progress)
    attempts = 0
    while True:
        attempts += 1
        read_at = coop.chain.head()
        plan = plan_import(coop, people, files, order_map, consents, look)
        if plan.problems and not skip_bad:
            raise RowsUnusable(plan.problems, len(run.issued))
        if dry_run or run.send(plan):
            return run.report(plan, dry_run=dry_run)
        # What came first may still be on its way: reading the same block again would not help.
        if attempts == _ATTEMPTS or not run.saw_block_after(read_at):
            raise StillRacing(attempts)


@value
class _Line:
    """A ticket to sell, as the box office takes it, and what it adds to a batch."""

    reference: OrderReference
    word: int
    cost: Cost


@dataclass
class _Run:
    coop: Cooperative
    sender: Sender
    office: Address
    people: People
    settings: Settings
    consents: Consents
    progress: Progress
    issued: dict[bytes, TicketId] = field(default_factory=dict)
    orders: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    joined: int = 0
    gas: int = 0
    collect: dict[bytes, PlannedTicket] = field(default_factory=dict)
    outdated: dict[bytes, PlannedTicket] = field(default_factory=dict)

    def send(self, plan: ImportPlan) -> bool:
        """Send what is planned; answer False where somebody else was first."""
        for tickets in plan.tickets.values():
            self.orders |= {t.reference: t.position.key.of_order for t in tickets}
        expected = len(self.issued) + sum(map(len, plan.tickets.values()))
        bylaws = self._bylaws(plan)
        try:
            for receipt in self.sender.send_all(self._calls(plan, bylaws)):
                self._note(receipt)
                self.progress(len(self.issued), expected)
        except (CoopledgerError, ContractRefusal) as failure:
            if isinstance(failure, SendingStopped):
                for receipt in failure.mined:
                    self._note(receipt)
            if not somebody_was_first(failure):
                raise
            return False
        return True

    def report(self, plan: ImportPlan, *, dry_run: bool) -> ImportReport:
        planned = {t.reference for tickets in plan.tickets.values() for t in tickets}
        # What this run itself issued in an earlier attempt was not issued before it.
        skipped = Counter(plan.skipped)
        skipped["issued before"] -= len(self.issued.keys() - planned)
        return ImportReport(
            orders=len(plan.orders if dry_run else {self.orders[r] for r in self.issued}),
            tickets=len(planned) if dry_run else len(self.issued),
            joined=self.joined,
            gas=Gas(self.gas),
            skipped=+skipped,
            problems=plan.problems,
            to_collect=tuple(
                (str(each.position.key), self.issued[reference])
                for reference, each in self.collect.items()
                if reference in self.issued
            ),
            paid_but_void=tuple(
                (str(key), ticket) for key, ticket in void_among(self.coop, plan.issued)
            ),
            outdated=tuple(
                str(each.position.key)
                for reference, each in self.outdated.items()
                if reference in self.issued
            ),
            withdrawn=tuple(still_valid(self.coop, plan.withdrawn)),
        )

    def saw_block_after(self, block: BlockNumber) -> bool:
        """Wait for a newer block; answer False where none comes in time."""
        deadline = time.monotonic() + self.settings.receipt_timeout_s
        while self.coop.chain.head() == block:
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
        return True

    def _bylaws(self, plan: ImportPlan) -> BylawsVersion:
        joins = any(t.consented_at is not None for ts in plan.tickets.values() for t in ts)
        version = self.coop.ledger.bylaws_version() if joins else BylawsVersion(0)
        if joins and not version:
            raise NoBylaws
        return version

    def _calls(self, plan: ImportPlan, bylaws: BylawsVersion) -> Iterator[Call]:
        """Yield the batches. The database finds people while the node works on what was sent."""
        lines = self._lines([ticket for tickets in plan.tickets.values() for ticket in tickets])
        for screening, tickets in plan.tickets.items():
            showing = plan.showings[screening]
            seller = office_at(self.coop, screening, showing.screening.issuer)
            ours = islice(lines, len(tickets))
            batches = self.sender.fill_blocks(ours, lambda line: line.cost, _BATCH, _SHARE)
            for sequence, batch in enumerate(batches, showing.sale.sequence):
                yield seller.sell_call(
                    screening,
                    sequence,
                    [line.word for line in batch.items],
                    [line.reference for line in batch.items],
                    bylaws,
                    self.consents.attestation if bylaws else NO_ATTESTATION,
                    gas=batch.gas_limit,
                )

    def _lines(self, tickets: Sequence[PlannedTicket]) -> Iterator[_Line]:
        """Yield what is sold, a line a ticket, with what it takes as the register stands now."""
        nobody_joined_yet = self.coop.ledger.member_count() == 0
        members: set[Address] = set()
        ended_at: dict[Address, Timestamp] = {}
        waiting = iter(tickets)
        for accounts in _ahead(self._accounts, _growing(tickets)):
            if not nobody_joined_yet:
                moved, newest = self._memberships(accounts)
                # Whoever has claimed a membership, or moved it on, gets tickets where it is now.
                accounts = [moved.get(account, account) for account in accounts]
                members |= {a for a, record in newest.items() if record.left_at is None}
                ended_at |= {a: r.left_at for a, r in newest.items() if r.left_at is not None}
            for ticket, account in zip(islice(waiting, len(accounts)), accounts, strict=True):
                # The first ticket founds the membership; the ledger skips the others anyway.
                consented_at = None if account in members else ticket.consented_at
                if consented_at is not None and consented_at <= ended_at.get(account, 0):
                    # Nobody comes back by what they said before they left or were expelled.
                    self.outdated[ticket.reference] = ticket
                    consented_at = None
                if consented_at is not None:
                    gas = _JOINS_AGAIN if account in ended_at else _JOINS
                    members.add(account)
                else:
                    gas = _IS_MEMBER if account in members else _JOINS_NOT
                cost = Cost(Gas(gas + (_SEAT if ticket.seat else 0)), _BYTES)
                word = pack_line(account, ticket.seat, ticket.tier, consented_at)
                yield _Line(ticket.reference, word, cost)

    def _memberships(
        self, accounts: Sequence[Address]
    ) -> tuple[Mapping[Address, Address], Mapping[Address, Record]]:
        """Return where memberships moved, and the newest records of all these accounts."""
        newest = newest_records(self.coop, accounts)
        moved = followed(self.coop, newest)
        return moved, newest | newest_records(self.coop, moved.values())

    def _accounts(self, tickets: Sequence[PlannedTicket]) -> list[Address]:
        """Return each ticket's account, making persons where there are none yet."""
        names: dict[Email, set[str]] = {}
        for ticket in tickets:
            position = ticket.position
            if position.holder_email is None:
                self.collect[ticket.reference] = ticket
                continue
            seen = names.setdefault(position.holder_email, set())
            seen |= {position.attendee_name} if position.attendee_name else set()
            if position.held_by_buyer and position.buyer_name:
                seen.add(position.buyer_name)
        chain_id, ledger = self.coop.chain.chain_id, self.coop.ledger.address
        accounts = self.people.persons_for(
            names,
            chain_id,
            ledger,
            [IssuedPosition(t.reference, str(t.position.key), t.position.secret) for t in tickets],
        )
        emails = [ticket.position.holder_email for ticket in tickets]
        return [self.office if email is None else accounts[email] for email in emails]

    def _note(self, receipt: Receipt) -> None:
        """Count what a confirmed batch did, from its own events; a second time counts once."""
        fresh = [
            sold
            for office in offices(self.coop)
            for sold in office.sold_tickets(iter(office.logs_of("Sold", receipt.logs)))
            if sold.reference not in self.issued
        ]
        if fresh:
            self.joined += len(self.coop.ledger.logs_of("Joined", receipt.logs))
            self.gas += receipt.gas_used
        self.issued |= {sold.reference: sold.ticket_id for sold in fresh}


def _growing(items: Sequence[Given]) -> Iterator[Sequence[Given]]:
    """Yield items in parts. A small first one is soon done; a large one costs less an item."""
    start, size = 0, _FIRST_PART
    while start < len(items):
        yield items[start : start + size]
        start, size = start + size, min(2 * size, _LARGEST_PART)


def _ahead(work: Callable[[Given], Made], items: Iterable[Given]) -> Iterator[Made]:
    """Yield what is made of each item, in order, made some items ahead in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        under_way = deque[Future[Made]]()
        for item in items:
            under_way.append(pool.submit(work, item))
            if len(under_way) > _AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def somebody_was_first(failure: BaseException) -> bool:
    """Say whether a failure means that the chain moved on, so that reading it again helps."""
    if isinstance(failure, SendingStopped):
        return somebody_was_first(failure.cause)
    if isinstance(failure, TransactionReverted):
        return failure.refusal is not None and somebody_was_first(failure.refusal)
    if isinstance(failure, ContractRefusal):
        return failure.name in {"WrongSequence", "SeatTaken", "SoldOut", "ScreeningIsCancelled"}
    return isinstance(
        failure, NonceTooLow | ReplacementUnderpriced | SentByAnother | TransactionDropped
    )
