"""Deploying the cooperative's contracts, so that the deployer keeps no power over them.

A contract that exists alone has no powers to give away, so each is created in a transaction of its own
that can be resumed; all roles are then assigned in a single transaction, whose last act takes the
deployer's own role. There is no moment with half of the roles.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coopledger.chain.contracts.access import ADMIN_DELAY_S, AccessContract, Holding
from coopledger.chain.contracts.deployments import (
    NATIVE_COIN,
    Cooperative,
    ForeignCode,
    Journal,
    NotDeployed,
    check_code,
    open_cooperative,
    read_journal,
)
from coopledger.chain.development import is_local
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.client import Chain
from coopledger.domain.accounts import NotAnAccount, account_of
from coopledger.domain.roles import Role
from coopledger.domain.types import Address
from coopledger.errors import BadInput, Refused
from coopledger.services.founding.steps import Progress, Steps

DAY_S = 86_400
CLOSING_DELAY_S = 3 * DAY_S
"""The delay of those who close records on a local chain."""

_GRANTED = tuple(role for role in Role if role is not Role.MINTER)


@dataclass(frozen=True)
class Holder:
    """An account that is to hold a role; ``delay_s`` is its execution delay in seconds."""

    role: Role
    account: Address
    delay_s: int = 0


class RolesUnusable(BadInput):
    """The roles that were asked for do not make a cooperative."""

    reason: str

    says = "the roles cannot be assigned so: {reason}"
    advice = "Give one [[holder]] with role, account and delay_days for each role; see the README."


class AlreadyDeployed(Refused):
    """The cooperative is on this chain already."""

    ledger: Address

    says = "the ledger is deployed already, at {ledger}"
    advice = "Use it; a cooperative has one ledger on a chain."


class RolesAssignedOtherwise(Refused):
    """The contracts are there, but the roles are not held as they were asked for."""

    roles: tuple[str, ...]

    advice = (
        "Go on with the key, and the roles, that the deployment was begun with. The contracts "
        "must not be used before."
    )

    def __str__(self) -> str:
        return f"these roles are not held as asked: {', '.join(self.roles)}"


def read_holders(file: Path) -> tuple[Holder, ...]:
    """Read who is to hold which role from a TOML file.

    Raises:
        RolesUnusable: the file cannot be read, or an entry is wrong.
    """
    try:
        entries: Any = tomllib.loads(file.read_text("utf-8")).get("holder", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RolesUnusable(f"{file.name}: {error}") from None
    if not isinstance(entries, list):
        raise RolesUnusable(f"{file.name}: write [[holder]], not [holder]")
    return tuple(_holder(file, number, entry) for number, entry in enumerate(entries, start=1))


def check_holders(holders: Iterable[Holder], deployer: Address) -> None:
    """Check that every role is held, the admin's with its delay, and none by the deployer.

    Raises:
        RolesUnusable: says which rule is broken.
    """
    held = {holder.role for holder in holders}
    missing = [role.name for role in _GRANTED if role not in held]
    if missing:
        raise RolesUnusable(f"nobody holds {', '.join(missing)}")
    for holder in holders:
        if holder.role is Role.MINTER:
            raise RolesUnusable("MINTER belongs to the box office's contract alone")
        if holder.account == deployer:
            raise RolesUnusable(f"the deployer {deployer} must hold no role")
        if holder.role is Role.ADMIN and holder.delay_s < ADMIN_DELAY_S:
            raise RolesUnusable("an ADMIN needs a delay of at least 7 days")


def deploy(
    chain: Chain,
    sender: Sender,
    deployer: Address,
    folder: Path,
    holders: tuple[Holder, ...],
    currency: Address | None,
    progress: Progress,
) -> Cooperative:
    """Deploy the contracts, or go on where an earlier attempt stopped.

    Args:
        chain: where to.
        sender: sends the deployer's transactions.
        deployer: the sender's account; it holds nothing afterwards.
        folder: the deployments folder, which records each step.
        holders: who holds which role.
        currency: the ERC-20 that buyers pay in; the zero address for the native coin; None for
            play money of its own, on a local chain.
        progress: told of each step.

    Raises:
        RolesUnusable: the roles do not make a cooperative.
        AlreadyDeployed: a finished deployment is there, and its code is on the chain.
        ForeignCode: on a chain that is not local, a recorded contract is missing.
        RolesAssignedOtherwise: another key began the deployment, or with other roles.
        CoopledgerError: a transaction failed; what is done stays recorded.
    """
    check_holders(holders, deployer)
    if currency is None and not is_local(chain):
        raise RolesUnusable("play money is for local chains; name the currency")
    work = Steps(chain, sender, folder, _resume(chain, folder), progress)
    manager = work.contract("AccessManager", deployer)
    ledger = work.contract("TicketLedger", manager)
    work.contract("TicketLens", ledger)
    if currency is None:
        currency = work.contract("LocalRupiah")
    box_office = work.contract("BoxOffice", manager, ledger, currency)
    work.note(currency=currency)

    access = AccessContract(chain, manager)
    if access.holding(Role.ADMIN, deployer).held:
        calls = [
            *access.assign("TicketLedger", ledger),
            *access.assign("BoxOffice", box_office),
            *(access.label(role) for role in Role if role is not Role.ADMIN),
            access.guard(Role.CLOSING, Role.GUARDIAN),
            access.grant(Role.MINTER, box_office, 0),
            *(access.grant(h.role, h.account, h.delay_s) for h in holders),
            access.renounce(Role.ADMIN, deployer),
        ]
        sender.send(access.all_at_once(calls), work.announced("roles"))
    _check_held(access, (*holders, Holder(Role.MINTER, box_office)))
    work.note(finished=True)
    progress("roles assigned; the deployer holds none")
    return open_cooperative(chain, folder)


def _check_held(access: AccessContract, holders: Iterable[Holder]) -> None:
    otherwise = [
        holder.role.name
        for holder in holders
        if access.holding(holder.role, holder.account) != Holding(True, holder.delay_s)
    ]
    if otherwise:
        raise RolesAssignedOtherwise(tuple(otherwise))


def _resume(chain: Chain, folder: Path) -> Journal:
    fresh = Journal(chain.chain_id, chain.head())
    try:
        journal = read_journal(folder, chain.chain_id)
        for name, address in journal.contracts.items():
            check_code(chain, name, address)
    except NotDeployed:
        return fresh
    except ForeignCode:
        # A local chain that was started anew has forgotten its contracts.
        if is_local(chain):
            return fresh
        raise
    if journal.finished:
        raise AlreadyDeployed(journal.contracts["TicketLedger"])
    return journal


def _holder(file: Path, number: int, entry: Any) -> Holder:
    where = f"{file.name}, holder {number}"
    if not isinstance(entry, dict) or not {"role", "account"} <= entry.keys():
        raise RolesUnusable(f"{where}: it needs role and account")
    unknown = entry.keys() - {"role", "account", "delay_days"}
    if unknown:
        raise RolesUnusable(f"{where}: {', '.join(sorted(unknown))} means nothing here")
    if not isinstance(entry["role"], str) or entry["role"] not in Role.__members__:
        raise RolesUnusable(f"{where}: there is no role {entry['role']}")
    days = entry.get("delay_days", 0)
    if not isinstance(days, int | float) or isinstance(days, bool) or not 0 <= days <= 365:
        raise RolesUnusable(f"{where}: delay_days is a number from 0 to 365")
    try:
        account = account_of(str(entry["account"]))
    except NotAnAccount as error:
        raise RolesUnusable(f"{where}: {error}") from None
    return Holder(Role[entry["role"]], account, int(days * DAY_S))


__all__ = [
    "NATIVE_COIN",
    "AlreadyDeployed",
    "Holder",
    "RolesAssignedOtherwise",
    "RolesUnusable",
    "deploy",
    "read_holders",
]
