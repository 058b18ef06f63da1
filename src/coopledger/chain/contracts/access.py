"""The roles and who holds them: OpenZeppelin's AccessManager, typed.

An execution delay belongs to an account in a role, not to the role. A delayed call is scheduled with the
manager first and executed through it later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from coopledger.chain import artifacts
from coopledger.chain.contracts.contract import Contract, functions_of
from coopledger.chain.wire.client import BlockId
from coopledger.chain.wire.transactions import Call
from coopledger.domain.roles import Role
from coopledger.domain.types import Address, Gas, OperationId, Timestamp

ADMIN_DELAY_S = 7 * 86_400
"""The least delay of an admin: time for everybody to see a change of roles coming."""
_MANAGER_GAS = 120_000
"""More than scheduling a call, or consuming its schedule, has been seen to take."""


@dataclass(frozen=True)
class Holding:
    """What an account has of a role now. ``delay_s`` is its execution delay in seconds."""

    held: bool
    delay_s: int


@dataclass(frozen=True)
class Grant:
    """An account in a role: since when (0: not at all), and its delay now and from when.

    ``pending_delay_s`` is what the delay changes to at ``changes_at``; both None where it stays.
    """

    since: Timestamp
    delay_s: int
    pending_delay_s: int | None = None
    changes_at: Timestamp | None = None


@dataclass(frozen=True)
class Permission:
    """Whether a call may be made at once; where not, ``delay_s`` > 0 means: scheduled first."""

    immediate: bool
    delay_s: int


class AccessContract(Contract):
    """``AccessManager`` at an address. Every method raises ``ContractRefusal`` as ``ask`` does."""

    artifact: ClassVar[str] = "AccessManager"

    def holding(self, role: Role, account: Address) -> Holding:
        """Return whether an account holds a role now, and with which execution delay."""
        return Holding(*self.ask("hasRole", role, account))

    def grants(self, pairs: Sequence[tuple[int, Address]], at: BlockId = "latest") -> list[Grant]:
        """Return how accounts stand in roles, whatever those roles' numbers are."""
        return [
            Grant(Timestamp(since), now, after, Timestamp(when)) if when else Grant(since, now)
            for since, now, after, when in self.ask_many("getAccess", [*pairs], at)
        ]

    def may_call(self, caller: Address, call: Call) -> Permission:
        """Return whether an account may make a call now, or after which delay."""
        return Permission(*self.ask("canCall", caller, call.to, call.data[:4]))

    def role_of(self, target: Address, selector: bytes) -> Role:
        """Return which role a function of a contract asks for."""
        return Role(self.ask("getTargetFunctionRole", target, selector))

    def guardian_of(self, role: Role) -> Role:
        """Return the role whose holders may cancel what holders of a role have scheduled."""
        return Role(self.ask("getRoleGuardian", role))

    def holdings(
        self, asked: Sequence[tuple[Role, Address]], at: BlockId = "latest"
    ) -> list[Holding]:
        """Return :meth:`holding` of many accounts in few requests."""
        return [Holding(*each) for each in self.ask_many("hasRole", list(asked), at)]

    def scheduled_for(self, operation: OperationId) -> Timestamp | None:
        """Return when a scheduled operation can be executed, or None if it is not scheduled."""
        return Timestamp(self.ask("getSchedule", operation)) or None

    def time_to_execute_s(self) -> int:
        """Return for how many seconds an operation can be executed once it is ready."""
        return int(self.ask("expiration"))

    def operations_of(
        self, caller: Address, calls: Sequence[Call]
    ) -> list[tuple[OperationId, Timestamp | None]]:
        """Return the id of each of a caller's calls, and when it can be executed if it is scheduled."""
        hashed = self.ask_many("hashOperation", [(caller, each.to, each.data) for each in calls])
        times = self.ask_many("getSchedule", [(operation,) for operation in hashed])
        return [(OperationId(h), Timestamp(t) or None) for h, t in zip(hashed, times, strict=True)]

    def operation_id(self, caller: Address, call: Call) -> OperationId:
        """Return the id under which a caller's call is scheduled."""
        return OperationId(self.ask("hashOperation", caller, call.to, call.data))

    def schedule_call(self, call: Call) -> Call:
        """Schedule a call for as soon as its caller's delay allows."""
        return self.call("schedule", call.to, call.data, 0, gas=_with_manager(call.gas))

    def execute_call(self, call: Call) -> Call:
        """Execute a scheduled call."""
        return self.call("execute", call.to, call.data, gas=_with_manager(call.gas))

    def cancel_call(self, caller: Address, call: Call) -> Call:
        """Cancel what an account has scheduled: its own, or as the guardian of its role."""
        return self.call("cancel", caller, call.to, call.data)

    def grant_call(self, role: Role, account: Address, delay_s: int) -> Call:
        """Give an account a role with an execution delay in seconds (role ADMIN)."""
        return self.call("grantRole", role, account, delay_s)

    def revoke_call(self, role: Role, account: Address) -> Call:
        """Take a role from an account (role ADMIN)."""
        return self.call("revokeRole", role, account)

    def grant(self, role: Role, account: Address, delay_s: int) -> bytes:
        """Encode a grant of a role, for :meth:`all_at_once`."""
        return functions_of(self.artifact)["grantRole"].encode(role, account, delay_s)

    def renounce(self, role: Role, account: Address) -> bytes:
        """Encode giving up a role, for :meth:`all_at_once`."""
        return functions_of(self.artifact)["renounceRole"].encode(role, account)

    def label(self, role: Role) -> bytes:
        """Encode naming a role for explorers, for :meth:`all_at_once`."""
        return functions_of(self.artifact)["labelRole"].encode(role, role.name)

    def guard(self, role: Role, guardian: Role) -> bytes:
        """Encode who may cancel what a role has scheduled, for :meth:`all_at_once`."""
        return functions_of(self.artifact)["setRoleGuardian"].encode(role, guardian)

    def assign(self, contract: str, target: Address) -> list[bytes]:
        """Encode which role each function of a contract asks for, for :meth:`all_at_once`."""
        functions = functions_of(contract)
        by_role: dict[Role, list[bytes]] = {}
        for name, role in artifacts.load(contract).roles.items():
            by_role.setdefault(Role[role], []).append(functions[name].selector)
        encoder = functions_of(self.artifact)["setTargetFunctionRole"]
        return [encoder.encode(target, selectors, role) for role, selectors in by_role.items()]

    def schedule(self, call: Call) -> bytes:
        """Encode scheduling a call as soon as its caller's delay allows, for :meth:`all_at_once`."""
        return functions_of(self.artifact)["schedule"].encode(call.to, call.data, 0)

    def execute(self, call: Call) -> bytes:
        """Encode executing a scheduled call, for :meth:`all_at_once`."""
        return functions_of(self.artifact)["execute"].encode(call.to, call.data)

    def roles_asked(self, contract: str, target: Address, at: BlockId = "latest") -> dict[str, int]:
        """Return the number of the role that each restricted function of a contract asks for."""
        names = list(artifacts.load(contract).roles)
        selectors = [(target, functions_of(contract)[name].selector) for name in names]
        answers = self.ask_many("getTargetFunctionRole", selectors, at)
        return dict(zip(names, answers, strict=True))

    def all_at_once(self, calls: list[bytes]) -> Call:
        """Return one transaction that makes several of these calls, or none of them."""
        return self.call("multicall", calls)


def _with_manager(gas: Gas | None) -> Gas | None:
    """Return a call's gas limit with what the manager uses itself."""
    return None if gas is None else Gas(gas + _MANAGER_GAS)
