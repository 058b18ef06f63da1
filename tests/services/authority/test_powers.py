"""Who can do what: read from the manager, changed by an admin after seven days, checked twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coopledger.audit.views.powers import WORDS
from coopledger.chain import artifacts
from coopledger.chain.contracts.access import ADMIN_DELAY_S, Grant
from coopledger.chain.contracts.contract import functions_of
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.wire.transactions import Call
from coopledger.domain.roles import Role
from coopledger.domain.types import Address, Timestamp
from coopledger.services.authority.appointing import (
    Granted,
    GrantUnusable,
    HeldAlready,
    LastAdmin,
    Revoked,
    RoleNotHeld,
    grant_role,
    revoke_role,
)
from coopledger.services.authority.delays import Scheduled, send_or_schedule
from coopledger.services.authority.powers import list_powers
from coopledger.services.founding.deploying import CLOSING_DELAY_S

if TYPE_CHECKING:
    from tests.services.conftest import Office

OPERATOR, GUARDIAN, ADMIN = 0, 7, 8
ANI, BUDI = 2, 3
DAY_S = 86_400


def admin(office: Office, call: Call) -> None:
    """Let the admin make a call: schedule it, wait, execute it."""
    who = (office.coop, office.sender(ADMIN), office.signer(ADMIN).address, call)
    assert isinstance(send_or_schedule(*who), Scheduled)
    office.dev.increase_time(ADMIN_DELAY_S)
    assert not isinstance(send_or_schedule(*who), Scheduled)


def grant(office: Office, role: Role, account: Address, delay_s: int = 0) -> Granted | Scheduled:
    """Give a role, as the admin."""
    sender, operator = office.sender(ADMIN), office.signer(ADMIN).address
    return grant_role(office.coop, sender, operator, role, account, delay_s)


def revoke(office: Office, role: Role, account: Address) -> Revoked | Scheduled:
    """Take a role, as the admin."""
    sender, operator = office.sender(ADMIN), office.signer(ADMIN).address
    return revoke_role(office.coop, sender, operator, role, account)


def held_by(office: Office, role: Role) -> dict[Address, int]:
    """Return who holds a role, and their delays."""
    holders = list_powers(office.coop).of(role).holders
    return {holder.account: holder.grant.delay_s for holder in holders}


def test_a_deployment_is_listed_and_nothing_is_unusual(office: Office) -> None:
    """Each role has its holders with their delays, its functions in words, its guardian."""
    found = list_powers(office.coop)
    assert found.unusual == ()
    assert [each.role for each in found.roles] == list(Role)
    assert held_by(office, Role.ADMIN) == {office.signer(ADMIN).address: ADMIN_DELAY_S}
    assert held_by(office, Role.CLOSING) == {office.operator: CLOSING_DELAY_S}
    (minter,) = found.of(Role.MINTER).holders
    assert (minter.account, minter.name) == (office.coop.box_office.address, "the box office")
    assert minter.has_code
    assert found.of(Role.GATE).may == ("let ticket bearers in",)
    assert found.of(Role.CLOSING).guardian is Role.GUARDIAN
    assert "cancel what CLOSING has scheduled" in found.of(Role.GUARDIAN).may
    assert all(h.in_force(found.moment) for each in found.roles for h in each.holders)


def test_every_restricted_function_has_words() -> None:
    """No function that asks for a role is listed by its Solidity name alone."""
    named = {
        name
        for contract in ("TicketLedger", "BoxOffice")
        for name in artifacts.load(contract).roles
    }
    assert named == set(WORDS)


def test_a_role_is_given_and_taken_after_the_delay(office: Office) -> None:
    """The first call schedules, the same call seven days later executes; then it is listed so."""
    ani = office.signer(ANI).address
    scheduled = grant(office, Role.TREASURER, ani, 2 * DAY_S)
    assert isinstance(scheduled, Scheduled)
    assert scheduled.ready_at == office.dev.now() + ADMIN_DELAY_S
    assert ani not in held_by(office, Role.TREASURER)
    assert grant(office, Role.TREASURER, ani, 2 * DAY_S) == scheduled
    office.dev.set_time(scheduled.ready_at)
    done = grant(office, Role.TREASURER, ani, 2 * DAY_S)
    assert isinstance(done, Granted)
    assert done.grant == Grant(office.dev.now(), 2 * DAY_S)
    assert held_by(office, Role.TREASURER)[ani] == 2 * DAY_S
    with pytest.raises(HeldAlready):
        grant(office, Role.TREASURER, ani, 2 * DAY_S)

    assert isinstance(revoke(office, Role.TREASURER, ani), Scheduled)
    office.dev.increase_time(ADMIN_DELAY_S)
    assert revoke(office, Role.TREASURER, ani) == Revoked(Role.TREASURER, ani)
    assert ani not in held_by(office, Role.TREASURER)
    with pytest.raises(RoleNotHeld):
        revoke(office, Role.TREASURER, ani)


def test_a_shorter_delay_takes_the_difference(office: Office) -> None:
    """A changed delay is listed with what it is now and from when it is the other."""
    scheduled = grant(office, Role.CLOSING, office.operator, DAY_S)
    assert isinstance(scheduled, Scheduled)
    office.dev.set_time(scheduled.ready_at)
    done = grant(office, Role.CLOSING, office.operator, DAY_S)
    assert isinstance(done, Granted)
    now = office.dev.now()
    assert done.grant.delay_s == CLOSING_DELAY_S
    assert (done.grant.pending_delay_s, done.grant.changes_at) == (DAY_S, now + 2 * DAY_S)
    (listed,) = list_powers(office.coop).of(Role.CLOSING).holders
    assert listed.grant == done.grant
    office.dev.set_time(Timestamp(now + 2 * DAY_S))
    assert held_by(office, Role.CLOSING) == {office.operator: DAY_S}


def test_what_would_harm_the_roles_is_refused(office: Office) -> None:
    """A hasty admin, a minter without code or with a delay, nobody's account, the last admin."""
    ani = office.signer(ANI).address
    nobody = Address("0x" + "00" * 20)  # type: ignore[arg-type]
    for role, account, delay_s in (
        (Role.ADMIN, ani, ADMIN_DELAY_S - 1),
        (Role.MINTER, ani, 0),
        (Role.MINTER, office.coop.box_office.address, 1),
        (Role.GATE, nobody, 0),
    ):
        with pytest.raises(GrantUnusable):
            grant(office, role, account, delay_s)
    with pytest.raises(LastAdmin):
        revoke(office, Role.ADMIN, office.signer(ADMIN).address)
    admin(office, office.coop.access.grant_call(Role.ADMIN, ani, ADMIN_DELAY_S))
    assert isinstance(revoke(office, Role.ADMIN, office.signer(ADMIN).address), Scheduled)


def test_only_an_admin_gives_roles(office: Office) -> None:
    """The operator, who holds nearly every role, is told that this one is missing."""
    ani = office.signer(ANI).address
    with pytest.raises(ContractRefusal) as refused:
        grant_role(office.coop, office.sender(), office.operator, Role.GATE, ani, 0)
    assert refused.value.name == "AccessManagerUnauthorizedAccount"


def test_what_is_unusual_is_said(office: Office) -> None:
    """A stranger with MINTER, a hasty admin, a function, guardian or target changed: each is named."""
    access, coop = office.coop.access, office.coop
    ani = office.signer(ANI).address
    withdraw = functions_of("BoxOffice")["withdraw"].selector
    buy = functions_of("BoxOffice")["buy"].selector
    for call in (
        access.grant_call(Role.MINTER, ani, 0),
        access.call("grantRole", 77, ani, 0),
        access.call("setTargetFunctionRole", coop.box_office.address, [withdraw], Role.GATE),
        access.call("setTargetFunctionRole", coop.box_office.address, [buy], Role.BOARD),
        access.call("setRoleGuardian", Role.CLOSING, Role.BOARD),
        access.call("setRoleAdmin", Role.GATE, Role.BOARD),
        access.call("setGrantDelay", Role.GATE, DAY_S),
        access.call("setTargetClosed", coop.ledger.address, True),
        access.revoke_call(Role.MINTER, coop.box_office.address),
        access.revoke_call(Role.GUARDIAN, office.signer(GUARDIAN).address),
        access.grant_call(Role.ADMIN, office.signer(BUDI).address, 0),
    ):
        admin(office, call)
    said = "\n".join(list_powers(coop).unusual)
    for part in (
        f"{ani} holds MINTER and is no box office",
        f"role 77, which is none of ours, is held by {ani}",
        f"withdraw of {coop.box_office.address} asks for role 3, not for TREASURER",
        f"function 0x{buy.hex()} of {coop.box_office.address} asks for role 1",
        "what CLOSING schedules is guarded by role 1",
        "GATE is granted by role 1, not by ADMIN",
        "a grant of GATE takes effect 1 days later",
        "the ledger is closed",
        "the box office does not hold MINTER",
        "nobody holds GUARDIAN",
        f"the ADMIN {office.signer(BUDI).address} has a delay under 7 days",
    ):
        assert part in said


def test_a_coming_grant_delay_is_said(office: Office) -> None:
    """OpenZeppelin lets a changed grant delay wait five days; from when it counts is said."""
    admin(office, office.coop.access.call("setGrantDelay", Role.BOARD, 2 * DAY_S))
    (said,) = list_powers(office.coop).unusual
    assert "a grant of BOARD takes effect 2 days later" in said
    office.dev.increase_time(5 * DAY_S)
    assert list_powers(office.coop).unusual == ("a grant of BOARD takes effect 2 days later",)
    scheduled = grant(office, Role.BOARD, office.signer(ANI).address)
    assert isinstance(scheduled, Scheduled)
    office.dev.set_time(scheduled.ready_at)
    grant(office, Role.BOARD, office.signer(ANI).address)
    found = list_powers(office.coop)
    coming = [h for h in found.of(Role.BOARD).holders if not h.in_force(found.moment)]
    assert [(h.account, h.grant.since) for h in coming] == [
        (office.signer(ANI).address, found.moment + 2 * DAY_S)
    ]


def test_a_scheduled_multicall_fails_when_it_is_executed(office: Office) -> None:
    """The manager checks each inner call against the one being executed: hence single operations."""
    access, ani = office.coop.access, office.signer(ANI).address
    both = access.all_at_once([access.grant(role, ani, 0) for role in (Role.GATE, Role.BOARD)])
    with pytest.raises(ContractRefusal) as refused:
        admin(office, both)
    assert refused.value.name == "AccessManagerUnauthorizedAccount"
