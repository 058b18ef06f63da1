"""Who can do what, as the access manager says now: roles, their holders, and what is unusual.

Events only say whom to ask about. Whether an account holds a role, since when and with which delay, and
which role a function asks for, is asked of the manager itself.
"""

from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from coopledger.audit.contracts import Contracts
from coopledger.chain import artifacts
from coopledger.chain.contracts.access import ADMIN_DELAY_S, Grant
from coopledger.chain.contracts.contract import events_of, functions_of
from coopledger.domain.roles import Role
from coopledger.domain.types import Address, BlockNumber, Timestamp, to_datetime

_PUBLIC_ROLE = 2**64 - 1
"""OpenZeppelin's role that everybody holds."""

WORDS: dict[str, str] = {
    "openScreening": "open screenings",
    "issue": "issue tickets",
    "setStanding": "set standings",
    "enrol": "enrol by form",
    "moveNow": "carry out agreed moves",
    "close": "close records",
    "setBylaws": "record by-laws",
    "setBaseURI": "say where metadata is read",
    "contestMove": "contest moves",
    "redeem": "let ticket bearers in",
    "unredeem": "take redemptions back",
    "proposeMove": "propose moves",
    "cancelMove": "cancel moves",
    "addFilm": "add films",
    "addScreening": "announce screenings",
    "setTier": "set prices",
    "sell": "sell outside the chain",
    "void": "void what was sold so",
    "cancelScreening": "cancel screenings",
    "postpone": "put screenings off",
    "withdraw": "withdraw takings",
    "returnDepositTo": "pay deposits to heirs",
    "recordDepositReturn": "record returned deposits",
}
"""What each restricted function is for, in plain words."""

_ADMIN_WORDS = ("grant and take roles", "say which role a function asks for", "close contracts")


@dataclass(frozen=True)
class RoleHolder:
    """An account that was given a role. ``name`` says which of our contracts it is, if one."""

    role: Role
    account: Address
    grant: Grant
    has_code: bool
    name: str

    def in_force(self, moment: Timestamp) -> bool:
        """Say whether it holds the role at a moment."""
        return self.grant.since <= moment


@dataclass(frozen=True)
class RolePowers:
    """A role: what its holders may do, and who can cancel what they have scheduled."""

    role: Role
    may: tuple[str, ...]
    guardian: Role
    holders: tuple[RoleHolder, ...]


@dataclass(frozen=True)
class Powers:
    """All roles as of one block, and all that is not as a deployment leaves it."""

    block: BlockNumber
    moment: Timestamp
    roles: tuple[RolePowers, ...]
    unusual: tuple[str, ...]

    def of(self, role: Role) -> RolePowers:
        """Return one role."""
        return next(each for each in self.roles if each.role is role)


def powers_in_force(contracts: Contracts, at: BlockNumber) -> Powers:
    """Return every role with its holders and functions as of a block, and what is unusual about them.

    Raises:
        NodeRefused: the node gives no logs.
    """
    work = _Reading(contracts, at)
    holders = [holder for role in Role for holder in work.holders(role)]
    roles = tuple(
        RolePowers(
            role,
            work.words_of(role),
            work.guardians[role],
            tuple(holder for holder in holders if holder.role is role),
        )
        for role in Role
    )
    return Powers(at, work.now, roles, tuple(work.unusual(roles)))


class _Reading:
    """What the manager says as of one block."""

    def __init__(self, contracts: Contracts, at: BlockNumber) -> None:
        self.contracts = contracts
        self.at = at
        self.now = contracts.chain.block(at).timestamp
        self.access = contracts.access
        self.names = {contracts.ledger.address: "the ledger", **contracts.office_names}
        granted = self._events("RoleGranted")
        self.pairs = sorted({(e["roleId"], to_checksum_address(e["account"])) for e in granted})
        self.grants = self.access.grants(self.pairs, at)
        self.guarded = self.access.ask_many("getRoleGuardian", [(role,) for role in Role], at)
        self.guardians = {
            role: Role(guardian) if guardian in set(Role) else Role.ADMIN
            for role, guardian in zip(Role, self.guarded, strict=True)
        }
        self.functions = self._functions()

    def holders(self, role: Role) -> list[RoleHolder]:
        """Return the accounts that were given a role and not stripped of it."""
        return [
            RoleHolder(
                role,
                account,
                grant,
                bool(self.contracts.chain.code_at(account, self.at)),
                self.names.get(account, ""),
            )
            for (number, account), grant in zip(self.pairs, self.grants, strict=True)
            if number == role and grant.since
        ]

    def words_of(self, role: Role) -> tuple[str, ...]:
        """Return what a role may do, in plain words."""
        names = [name for (_, name), asked in self.functions.items() if asked == role]
        guards = [r.name for r in Role if r is not role and self.guardians[r] is role]
        words = dict.fromkeys(WORDS.get(name, name) for name in names)
        if role is Role.ADMIN:
            return (*_ADMIN_WORDS, *words)
        cancels = [f"cancel what {name} has scheduled" for name in guards]
        return (*words, *cancels)

    def unusual(self, roles: tuple[RolePowers, ...]) -> list[str]:
        """Return in sentences what is not as a deployment leaves it."""
        return [
            *self._unusual_holders(roles),
            *self._unusual_roles(),
            *self._coming_delays(),
            *self._unusual_functions(),
            *self._unusual_contracts(),
        ]

    def _functions(self) -> dict[tuple[Address, str], int]:
        """Return which role each function of the contracts asks for, by contract and name."""
        contracts = [(self.contracts.ledger.address, "TicketLedger")]
        contracts += [(office.address, "BoxOffice") for office in self.contracts.offices]
        return {
            (address, name): role
            for address, contract in contracts
            for name, role in self.access.roles_asked(contract, address, self.at).items()
        }

    def _unusual_holders(self, roles: tuple[RolePowers, ...]) -> list[str]:
        found = [
            f"role {number}, which is none of ours, is held by {account}"
            for (number, account), grant in zip(self.pairs, self.grants, strict=True)
            if number not in set(Role) and grant.since
        ]
        for each in roles:
            if not each.holders:
                found.append(f"nobody holds {each.role.name}")
            for holder in each.holders:
                delays = [holder.grant.delay_s, holder.grant.pending_delay_s]
                least = min(delay for delay in delays if delay is not None)
                if each.role is Role.ADMIN and least < ADMIN_DELAY_S:
                    found.append(f"the ADMIN {holder.account} has a delay under 7 days")
                if each.role is Role.MINTER and "box office" not in holder.name:
                    found.append(f"{holder.account} holds MINTER and is no box office known here")
        minters = {
            holder.account for each in roles for holder in each.holders if each.role is Role.MINTER
        }
        if self.contracts.present and self.contracts.present not in minters:
            found.append("the box office does not hold MINTER, so it cannot sell")
        return found

    def _unusual_roles(self) -> list[str]:
        asked = [(role,) for role in Role]
        admins = self.access.ask_many("getRoleAdmin", asked, self.at)
        delays = self.access.ask_many("getRoleGrantDelay", asked, self.at)
        found = []
        for role, admin, delay, guardian in zip(Role, admins, delays, self.guarded, strict=True):
            if admin != Role.ADMIN:
                found.append(f"{role.name} is granted by role {admin}, not by ADMIN")
            if delay:
                found.append(f"a grant of {role.name} takes effect {delay / 86_400:g} days later")
            expected = Role.GUARDIAN if role is Role.CLOSING else Role.ADMIN
            if guardian != expected:
                found.append(f"what {role.name} schedules is guarded by role {guardian}")
        return found

    def _coming_delays(self) -> list[str]:
        """Return which delays change later: by OpenZeppelin's setback, five days at the least."""
        coming: dict[str, str] = {}
        for event in self._events("RoleGrantDelayChanged"):
            what = f"a grant of {_role_name(event['roleId'])} takes effect"
            coming[what] = self._sentence(event, what, self.now)
        for event in self._events("TargetAdminDelayUpdated"):
            target = to_checksum_address(event["target"])
            what = f"a change to {self.names.get(target, target)} takes effect"
            coming[what] = self._sentence(event, what, self.now)
        return [sentence for sentence in coming.values() if sentence]

    @staticmethod
    def _sentence(event: dict[str, Any], what: str, now: Timestamp) -> str:
        if event["since"] <= now:
            return ""
        since = f"{to_datetime(event['since']):%Y-%m-%d %H:%M:%S %Z}"
        return f"from {since} on {what} {event['delay'] / 86_400:g} days later"

    def _unusual_functions(self) -> list[str]:
        found = []
        known: set[tuple[Address, bytes]] = set()
        for (address, name), role in self.functions.items():
            contract = "TicketLedger" if address == self.contracts.ledger.address else "BoxOffice"
            known.add((address, functions_of(contract)[name].selector))
            expected = Role[artifacts.load(contract).roles[name]]
            if role != expected:
                who = "everybody" if role == _PUBLIC_ROLE else f"role {role}"
                found.append(f"{name} of {address} asks for {who}, not for {expected.name}")
        assigned = {
            (to_checksum_address(event["target"]), bytes(event["selector"]))
            for event in self._events("TargetFunctionRoleUpdated")
        }
        others = sorted(assigned - known)
        roles = self.access.ask_many("getTargetFunctionRole", [*others], self.at)
        for (address, selector), role in zip(others, roles, strict=True):
            if role != Role.ADMIN:
                found.append(f"function 0x{selector.hex()} of {address} asks for role {role}")
        return found

    def _unusual_contracts(self) -> list[str]:
        found = []
        contracts = (self.contracts.ledger, *self.contracts.offices)
        targets = {contract.address for contract in contracts} | {
            to_checksum_address(event["target"])
            for name in ("TargetClosed", "TargetAdminDelayUpdated")
            for event in self._events(name)
        }
        for target in sorted(targets):
            name = self.names.get(target, target)
            if self.access.ask("isTargetClosed", target, at=self.at):
                found.append(f"{name} is closed: nobody with a role can call it")
            delay = self.access.ask("getTargetAdminDelay", target, at=self.at)
            if delay:
                found.append(f"changes to {name} wait {delay / 86_400:g} days more")
        for contract in contracts:
            authority = to_checksum_address(contract.ask("authority", at=self.at))
            if authority != self.access.address:
                name = self.names[contract.address]
                found.append(f"{name} obeys another access manager: {authority}")
        return found

    def _events(self, name: str) -> list[dict[str, Any]]:
        event = events_of("AccessManager")[name]
        first = self.contracts.first_block
        logs = self.contracts.chain.logs([self.access.address], [event.topic], first, self.at)
        return [event.decode(log) for log in logs]


def _role_name(number: int) -> str:
    return Role(number).name if number in set(Role) else f"role {number}"
