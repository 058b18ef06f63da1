"""Replacing the box office, while the screenings of the old one run out.

The access manager takes a week to let the new one sell, and nothing is half done meanwhile: the old one
sells on. Each run of the command does what can be done next, and only the last one, when the chain shows
the new one with all its roles, changes the deployment's file.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from eth_utils.address import to_checksum_address

from coopledger.chain import artifacts
from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.deployments import (
    Cooperative,
    ForeignCode,
    Journal,
    check_code,
    check_ledger_of,
    read_journal,
)
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.transactions import Call
from coopledger.domain.roles import Role
from coopledger.domain.types import Address, OperationId, ScreeningId, Timestamp
from coopledger.errors import NotFound, Refused
from coopledger.services.authority.appointing import Revoked, revoke_role
from coopledger.services.authority.delays import Scheduled
from coopledger.services.founding.steps import Progress, Steps

_STEP = "next BoxOffice"


class NeedState(StrEnum):
    """How far a call is that the new box office needs."""

    TO_SCHEDULE = "to schedule"
    WAITING = "waiting"
    READY = "ready"


class OtherReplacement(Refused):
    """A replacement with another currency is under way."""

    box_office: Address
    currency: Address

    says = "the box office {box_office} is being prepared, in the currency {currency}"
    advice = (
        "Finish that one, without --currency. Or take next_box_office and its step out of the "
        "deployment's file, which forgets it: it has sold nothing."
    )


class NotFormer(NotFound):
    """What is to be retired is no former box office."""

    box_office: Address

    says = "{box_office} is no former box office"
    advice = "See which there are: coopledger box-office list"


class StillShowing(Refused):
    """A former box office has screenings that are not over."""

    box_office: Address
    screenings: tuple[ScreeningId, ...]

    advice = "Retire it when they are over, or cancel them."

    def __str__(self) -> str:
        numbers = ", ".join(map(str, self.screenings))
        return f"the box office {self.box_office} still sells screenings: {numbers}"


@dataclass(frozen=True)
class Need:
    """A call to the access manager without which the new box office cannot work."""

    what: str
    call: Call
    state: NeedState
    operation: OperationId
    ready_at: Timestamp | None = None
    expires_at: Timestamp | None = None


@dataclass(frozen=True)
class Preparing:
    """A replacement that is not done: what the new box office still needs.

    ``can_go_on`` says whether the operator is an ADMIN, who alone can schedule and execute it.
    """

    box_office: Address
    needs: tuple[Need, ...]
    can_go_on: bool


@dataclass(frozen=True)
class Replaced:
    """A box office that was replaced. The old one goes on with the screenings that it has."""

    old: Address
    new: Address
    currency: Address
    running: tuple[ScreeningId, ...]


def replace_box_office(
    coop: Cooperative,
    deployer: Sender,
    admin: Sender,
    operator: Address,
    folder: Path,
    currency: Address | None,
    progress: Progress,
) -> Replaced | Preparing:
    """Do what can be done next to replace the box office.

    Args:
        coop: the deployed contracts; the present box office may be of another version.
        deployer: sends the creation; it needs no role.
        admin: sends the operator's calls to the access manager.
        operator: holds ADMIN; without it, what an admin has to do is returned.
        folder: the deployments folder.
        currency: what the new one takes; None for what the present one takes.
        progress: told of each step.

    Raises:
        OtherReplacement: one with another currency is under way.
        ForeignCode: what is recorded as the new box office is none of ours.
        CoopledgerError: a transaction failed; what is done stays recorded.
    """
    journal = read_journal(folder, coop.chain.chain_id)
    steps = Steps(coop.chain, deployer, folder, journal, progress)
    office = _created(coop, steps, currency)
    needs = _needs(coop, office.address, operator)
    is_admin = coop.access.holding(Role.ADMIN, operator).held
    if needs and is_admin:
        _go_on(coop, admin, operator, needs, progress)
        needs = _needs(coop, office.address, operator)
    if needs:
        return Preparing(office.address, tuple(needs), is_admin)
    old = coop.box_office
    _switch(steps, office, old.address)
    progress(f"the deployment's file names {office.address} as the box office")
    return Replaced(old.address, office.address, office.currency(), running_at(coop, old))


def retire_box_office(
    coop: Cooperative, sender: Sender, operator: Address, former: Address
) -> Revoked | Scheduled:
    """Take MINTER from a former box office once its last screening is over.

    Refunds, withdrawals and deposits of its screenings go on: they need no role of its own.

    Raises:
        NotFormer: it is none.
        StillShowing: a screening of it is not over.
        RoleNotHeld: it was retired before.
        AccessManagedUnauthorized: the operator lacks the role ADMIN.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    if former not in coop.former_box_offices:
        raise NotFormer(former)
    running = running_at(coop, BoxOfficeContract(coop.chain, former))
    if running:
        raise StillShowing(former, running)
    return revoke_role(coop, sender, operator, Role.MINTER, former)


def running_at(coop: Cooperative, office: BoxOfficeContract) -> tuple[ScreeningId, ...]:
    """Return the screenings of a box office that are neither over nor cancelled."""
    newest = coop.chain.block("latest")
    ids = [ScreeningId(n) for n in range(1, coop.ledger.screening_count(newest.number) + 1)]
    open_ones = [
        each.screening_id
        for each in coop.ledger.screenings(ids, newest.number)
        if each.issuer == office.address and each.ends_at > newest.timestamp
    ]
    sales = office.sales(open_ones, newest.number)
    return tuple(i for i, sale in zip(open_ones, sales, strict=True) if not sale.cancelled)


def sells(coop: Cooperative, office: BoxOfficeContract) -> bool:
    """Say whether a box office may open screenings and issue tickets (it holds MINTER)."""
    return coop.access.holding(Role.MINTER, office.address).held


def _created(coop: Cooperative, steps: Steps, currency: Address | None) -> BoxOfficeContract:
    """Return the new box office, created now unless it is there already."""
    known = steps.journal.next_box_office
    wanted = currency if currency is not None else coop.box_office.currency()
    if known is None:
        arguments = coop.access.address, coop.ledger.address, wanted
        known = steps.create(_STEP, "BoxOffice", *arguments)
        steps.note(next_box_office=known)
        steps.progress(f"new BoxOffice at {known}")
    check_code(coop.chain, "BoxOffice", known)
    check_ledger_of(coop.chain, "BoxOffice", known, coop.ledger.address)
    office = BoxOfficeContract(coop.chain, known)
    if to_checksum_address(office.ask("authority")) != coop.access.address:
        raise ForeignCode("BoxOffice", known, "it obeys another access manager")
    if currency is not None and office.currency() != currency:
        raise OtherReplacement(known, office.currency())
    return office


def _needs(coop: Cooperative, office: Address, operator: Address) -> list[Need]:
    """Return what of the new box office's roles is not as it must be. MINTER comes last."""
    access = coop.access
    asked = access.roles_asked("BoxOffice", office)
    by_role: dict[Role, list[str]] = {}
    for name, role in artifacts.load("BoxOffice").roles.items():
        by_role.setdefault(Role[role], []).append(name)
    calls = [
        (f"{role.name}: {', '.join(names)}", data)
        for (role, names), data in zip(
            by_role.items(), access.assign("BoxOffice", office), strict=True
        )
        if any(asked[name] != role for name in names)
    ]
    if not access.holding(Role.MINTER, office).held:
        calls.append(("MINTER for the new box office", access.grant(Role.MINTER, office, 0)))
    now = coop.chain.block("latest").timestamp
    return [_need(coop, what, Call(access.address, data), operator, now) for what, data in calls]


def _need(coop: Cooperative, what: str, call: Call, operator: Address, now: Timestamp) -> Need:
    operation = coop.access.operation_id(operator, call)
    ready_at = coop.access.scheduled_for(operation)
    if ready_at is None:
        return Need(what, call, NeedState.TO_SCHEDULE, operation)
    state = NeedState.READY if ready_at <= now else NeedState.WAITING
    expires_at = Timestamp(ready_at + coop.access.time_to_execute_s())
    return Need(what, call, state, operation, ready_at, expires_at)


def _go_on(
    coop: Cooperative, admin: Sender, operator: Address, needs: list[Need], progress: Progress
) -> None:
    """Schedule what is not scheduled, and execute what is ready.

    Each call is an operation of its own: the manager would not let a scheduled multicall through.
    """
    access = coop.access
    if access.may_call(operator, needs[0].call).immediate:
        admin.send(access.all_at_once([need.call.data for need in needs]))
        progress(f"{len(needs)} calls made")
        return
    fresh = [need.call for need in needs if need.state is NeedState.TO_SCHEDULE]
    ready = [need.call for need in needs if need.state is NeedState.READY]
    if fresh:
        admin.send(access.all_at_once([access.schedule(call) for call in fresh]))
        progress(f"{len(fresh)} calls scheduled")
    if ready:
        admin.send(access.all_at_once([access.execute(call) for call in ready]))
        progress(f"{len(ready)} calls executed")


def _switch(steps: Steps, office: BoxOfficeContract, old: Address) -> None:
    """Write down, at once, that the new box office is the present one, and the old a former one."""
    journal: Journal = steps.journal
    recorded = dict(journal.steps)
    if _STEP in recorded:
        recorded["BoxOffice"] = recorded.pop(_STEP)
    steps.note(
        contracts={**journal.contracts, "BoxOffice": office.address},
        steps=recorded,
        currency=office.currency(),
        former_box_offices=(*journal.former_box_offices, old),
        next_box_office=None,
    )
