"""Making members full or associate: one by one, and by a file.

Nothing here remembers what was sent. A row whose standing is so already is not sent, so a file that is
given again after a crash sends what is missing, and then nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.contracts.reverts import exception_of
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.transactions import Call
from coopledger.domain.accounts import NotAnAccount, account_of
from coopledger.domain.addresses import NotAnEmail, email_of
from coopledger.domain.register import Record, Standing
from coopledger.domain.types import Address, Attestation, Gas, MemberNumber
from coopledger.errors import BadInput
from coopledger.imports.orders.problems import RowProblem
from coopledger.imports.standings import StandingList, StandingRow
from coopledger.people.desk import People
from coopledger.people.store import EmailUnknown
from coopledger.services.authority.delays import (
    Scheduled,
    StepKind,
    next_steps,
    scheduled_in,
    send_or_schedule,
)
from coopledger.services.register.successors import successors

_GAS = Gas(260_000)
"""A first standing took 148,554, later ones less; the rest is slack."""

_LONGEST_NUMBER = 9

Progress = Callable[[int, int], None]
"""Called with the number of changes confirmed so far, and of those there will be."""


class StandingRowsUnusable(BadInput):
    """Rows of a list cannot be used, and so nothing of it was sent."""

    problems: tuple[RowProblem, ...]

    advice = "Correct the rows, or send the others with --skip-bad."

    def __str__(self) -> str:
        count = len({problem.place for problem in self.problems})
        rows = "1 row" if count == 1 else f"{count} rows"
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        return f"{rows} cannot be used, and nothing was sent:\n{lines}"


@dataclass(frozen=True)
class StandingChange:
    """A member's standing that is to become another one."""

    number: MemberNumber
    standing: Standing
    reference: str


@dataclass(frozen=True)
class StandingsReport:
    """What came of a list. Counts are of this run."""

    changed: int = 0
    unchanged: int = 0
    scheduled: int = 0
    """Changes that wait for the registrar's delay, where there is one."""
    last: Scheduled | None = None
    """The scheduled change that is ready last."""
    problems: tuple[RowProblem, ...] = ()
    gas: Gas = Gas(0)


def set_standing(
    coop: Cooperative,
    sender: Sender,
    operator: Address,
    record: Record,
    standing: Standing,
    document: Attestation,
) -> Scheduled | None:
    """Make a member full or associate; return what waits where the registrar has a delay.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role REGISTRAR.
        record: an open record.
        standing: full or associate.
        document: keyed hash of what shows it.

    Raises:
        StandingUnchanged: it is so already.
        AccessManagedUnauthorized: the operator lacks the role.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    if record.standing is standing:
        raise exception_of("StandingUnchanged")(record.number, standing)
    call = coop.ledger.set_standing_call(record.number, standing, document)
    done = send_or_schedule(coop, sender, operator, call)
    return done if isinstance(done, Scheduled) else None


def set_standings(
    coop: Cooperative,
    sender: Sender,
    operator: Address,
    people: People,
    listed: StandingList,
    progress: Progress,
    *,
    skip_bad: bool = False,
) -> StandingsReport:
    """Give the members of a list the standings that it names.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role REGISTRAR.
        people: knows whose an e-mail is, and hashes the references.
        listed: what the file holds.
        progress: told of each confirmed change.
        skip_bad: send the good rows of a list with bad ones.

    Raises:
        StandingRowsUnusable: names every row that cannot be used; nothing was sent.
        AccessManagedUnauthorized: the operator lacks the role; nothing was sent.
        SendingStopped: a transaction failed after others were sent; give the file again.
    """
    changes, unchanged, problems = _plan(coop, people, listed)
    if problems and not skip_bad:
        raise StandingRowsUnusable(tuple(problems))
    calls = [_call(coop, people, change) for change in changes]
    steps = next_steps(coop, operator, calls)
    waits = [step.waits for step in steps if step.waits is not None]
    sent = [(call, step) for call, step in zip(calls, steps, strict=True) if step.send is not None]
    changed, gas = 0, 0
    receipts = sender.send_all(step.send for _, step in sent if step.send is not None)
    for done, ((call, step), receipt) in enumerate(zip(sent, receipts, strict=True), start=1):
        gas += receipt.gas_used
        if step.kind is StepKind.SCHEDULE:
            waits.append(scheduled_in(coop, call, receipt))
        else:
            changed += 1
        progress(done, len(sent))
    last = max(waits, key=lambda each: each.ready_at, default=None)
    return StandingsReport(changed, unchanged, len(waits), last, tuple(problems), Gas(gas))


def _call(coop: Cooperative, people: People, change: StandingChange) -> Call:
    document = people.attestation_of(change.reference)
    return coop.ledger.set_standing_call(change.number, change.standing, document, _GAS)


def _plan(
    coop: Cooperative, people: People, listed: StandingList
) -> tuple[list[StandingChange], int, list[RowProblem]]:
    """Return what is to change, how much is so already, and what is wrong, in the file's order."""
    problems = list(listed.problems)
    changes: list[StandingChange] = []
    unchanged = 0
    named: dict[MemberNumber, StandingRow] = {}
    for row, found in _records_of(coop, people, listed.rows):
        if isinstance(found, str):
            problems.append(RowProblem(row.place, row.who_header, row.who, found))
        elif found.left_at is not None:
            reason = (
                f"is member {found.number}, whose record is closed ({found.cause.name.lower()})"
            )
            problems.append(RowProblem(row.place, row.who_header, row.who, reason))
        elif found.number in named:
            other = named[found.number].place.line
            reason = f"is member {found.number}, who stands on line {other} already"
            problems.append(RowProblem(row.place, row.who_header, row.who, reason))
        else:
            named[found.number] = row
            if found.standing is row.standing:
                unchanged += 1
            else:
                changes.append(StandingChange(found.number, row.standing, row.reference))
    problems.sort(key=lambda problem: problem.place.line or 0)
    return changes, unchanged, problems


def _records_of(
    coop: Cooperative, people: People, rows: Sequence[StandingRow]
) -> Iterator[tuple[StandingRow, Record | str]]:
    """Yield each row with its record, or with the reason why there is none."""
    named = [(row, *_number_or_account(coop, people, row.who)) for row in rows]
    by_email = [who for row, who, _ in named if isinstance(who, str) and "@" in row.who]
    moved = successors(coop, by_email)

    def account(row: StandingRow, who: Address) -> Address:
        # Whoever moved to a key of their own is still known by their e-mail.
        return moved.get(who, who) if "@" in row.who else who

    asked = [account(row, who) for row, who, _ in named if isinstance(who, str)]
    latest = coop.ledger.latest_members_of(list(dict.fromkeys(asked)))
    count = coop.ledger.member_count()
    numbers: list[tuple[StandingRow, MemberNumber | None, str]] = []
    for row, who, reason in named:
        number = latest[account(row, who)] if isinstance(who, str) else who
        known = number is not None and 1 <= number <= count
        numbers.append((row, number if known else None, reason or "is not in the register"))
    records = coop.ledger.records(list(dict.fromkeys(n for _, n, _ in numbers if n is not None)))
    for row, number, reason in numbers:
        yield row, reason if number is None else records[number]


def _number_or_account(
    coop: Cooperative, people: People, who: str
) -> tuple[MemberNumber | Address | None, str]:
    """Return the number or account that is meant, or the reason why there is none."""
    try:
        if "@" in who:
            ledger = coop.ledger.address
            return people.account_of(email_of(who), coop.chain.chain_id, ledger), ""
        if who.isascii() and who.isdigit() and len(who) <= _LONGEST_NUMBER:
            return MemberNumber(int(who)), ""
        return account_of(who), ""
    except NotAnEmail as failure:
        return None, f"is no e-mail address: {failure.reason}"
    except NotAnAccount as failure:
        return None, f"is neither a number, an e-mail nor an account: {failure.reason}"
    except EmailUnknown:
        return None, "belongs to nobody who is known here"
