"""Giving a role to an account, and taking it away.

An admin has a delay, so the call is scheduled first and checked again when it is executed: by then
somebody else may hold the role, or nobody any more.
"""

from dataclasses import dataclass

from coopledger.chain.contracts.access import ADMIN_DELAY_S, Grant
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.sender import Sender
from coopledger.domain.roles import Role
from coopledger.domain.types import NOBODY, Address
from coopledger.errors import BadInput, NotFound, Refused
from coopledger.services.authority.delays import Scheduled, send_or_schedule
from coopledger.services.authority.powers import list_powers


class GrantUnusable(BadInput):
    """A role cannot be given so."""

    role: Role
    account: Address
    reason: str

    says = "{role.name} cannot be given to {account}: {reason}"
    advice = "See what each role is for: coopledger role list"


class HeldAlready(Refused):
    """The account holds the role, with that delay."""

    role: Role
    account: Address

    says = "{account} holds {role.name} already, with that delay"
    advice = "Nothing is left to do."


class RoleNotHeld(NotFound):
    """The account does not hold the role."""

    role: Role
    account: Address

    says = "{account} does not hold {role.name}"
    advice = "See who holds it: coopledger role list"


class LastAdmin(Refused):
    """Without an admin nobody could ever change a role again."""

    account: Address

    says = "{account} is the last ADMIN"
    advice = "Give ADMIN to somebody else first, and wait until it is in force."


@dataclass(frozen=True)
class Granted:
    """A role that an account was given, as the manager has it now."""

    role: Role
    account: Address
    grant: Grant


@dataclass(frozen=True)
class Revoked:
    """A role that was taken from an account."""

    role: Role
    account: Address


def grant_role(
    coop: Cooperative,
    sender: Sender,
    operator: Address,
    role: Role,
    account: Address,
    delay_s: int,
) -> Granted | Scheduled:
    """Give an account a role, or change its delay: schedules it, and executes it later.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role ADMIN.
        role: which role.
        account: who gets it.
        delay_s: how long each of its calls is to wait, in seconds.

    Raises:
        GrantUnusable: the role cannot be given so.
        HeldAlready: it is held with that delay.
        AccessManagedUnauthorized: the operator lacks the role ADMIN.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    _check_grant(coop, role, account, delay_s)
    (held,) = coop.access.grants([(role, account)])
    if held.since and delay_s == _delay_in_the_end(held):
        raise HeldAlready(role, account)
    call = coop.access.grant_call(role, account, delay_s)
    done = send_or_schedule(coop, sender, operator, call)
    if isinstance(done, Scheduled):
        return done
    return Granted(role, account, coop.access.grants([(role, account)])[0])


def revoke_role(
    coop: Cooperative, sender: Sender, operator: Address, role: Role, account: Address
) -> Revoked | Scheduled:
    """Take a role from an account: schedules it, and executes it later.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role ADMIN.
        role: which role.
        account: who loses it.

    Raises:
        RoleNotHeld: the account has not got it.
        LastAdmin: nobody else holds ADMIN now.
        AccessManagedUnauthorized: the operator lacks the role ADMIN.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    (held,) = coop.access.grants([(role, account)])
    if not held.since:
        raise RoleNotHeld(role, account)
    if role is Role.ADMIN:
        powers = list_powers(coop)
        admins = powers.of(Role.ADMIN).holders
        if not any(each.account != account and each.in_force(powers.moment) for each in admins):
            raise LastAdmin(account)
    done = send_or_schedule(coop, sender, operator, coop.access.revoke_call(role, account))
    return done if isinstance(done, Scheduled) else Revoked(role, account)


def _check_grant(coop: Cooperative, role: Role, account: Address, delay_s: int) -> None:
    if account == NOBODY:
        raise GrantUnusable(role, account, "it is nobody's account")
    if role is Role.ADMIN and delay_s < ADMIN_DELAY_S:
        raise GrantUnusable(role, account, "an ADMIN needs a delay of at least 7 days")
    if role is Role.MINTER and not coop.chain.code_at(account):
        raise GrantUnusable(role, account, "there is no contract, and MINTER is a box office's")
    if role is Role.MINTER and delay_s:
        raise GrantUnusable(role, account, "a box office with a delay could not sell")


def _delay_in_the_end(grant: Grant) -> int:
    return grant.delay_s if grant.pending_delay_s is None else grant.pending_delay_s
