"""What is scheduled with the access manager, executing it and cancelling it.

The events say what was scheduled, and the manager alone says what still is. An operation that was let
expire stays in the list until somebody cancels it or schedules it anew.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from eth_utils.address import to_checksum_address

from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.contracts.operations import Described, describe
from coopledger.chain.contracts.reverts import ContractRefusal, exception_of
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.transactions import Call, Receipt
from coopledger.domain.roles import Role
from coopledger.domain.types import Address, OperationId, Timestamp, to_datetime
from coopledger.errors import BadInput, NotAllowed, NotFound, Refused

_ID = re.compile(r"(?:0x)?([0-9a-fA-F]{4,64})")
_SEE_LIST = "See what is scheduled: coopledger pending list"


class OperationState(StrEnum):
    """Whether a scheduled operation can be executed."""

    WAITING = "waiting"
    READY = "ready"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Operation:
    """Something that was scheduled and neither executed nor cancelled."""

    operation: OperationId
    scheduled_by: Address
    call: Call
    contract: str
    """The contract's name; its address where it is none of this cooperative's."""
    described: Described
    role: Role
    guardian: Role
    ready_at: Timestamp
    expires_at: Timestamp
    state: OperationState


class NotAnOperationId(BadInput):
    """What was typed is no operation's id, nor the beginning of one."""

    text: str

    says = "'{text}' is not the id of an operation"
    advice = "Give 0x and at least four hexadecimal digits of the id."


class NothingScheduled(NotFound):
    """No operation of this id is scheduled (any more)."""

    text: str

    says = "no operation {text} is scheduled; it may be executed or cancelled"
    advice = _SEE_LIST


class SeveralScheduled(BadInput):
    """Several operations have an id that begins like this."""

    text: str
    operations: tuple[OperationId, ...]

    advice = "Give more of the id."

    def __str__(self) -> str:
        found = ", ".join(f"0x{operation.hex()}" for operation in self.operations)
        return f"several operations begin with {self.text}: {found}"


class NotItsScheduler(NotAllowed):
    """Only who scheduled an operation can execute it."""

    operation: OperationId
    scheduled_by: Address
    operator: Address

    says = (
        "operation {operation:hex} was scheduled by {scheduled_by}, so {operator} cannot execute it"
    )
    advice = "Execute it with the key that scheduled it."


class OperationWaits(Refused):
    """The delay of an operation is not over."""

    operation: OperationId
    ready_at: Timestamp

    advice = "Wait until then; nobody can shorten the delay."

    def __str__(self) -> str:
        ready_at = f"{to_datetime(self.ready_at):%Y-%m-%d %H:%M:%S %Z}"
        return f"operation 0x{self.operation.hex()} cannot be executed before {ready_at}"


class OperationExpired(Refused):
    """An operation was not executed in time."""

    operation: OperationId
    expired_at: Timestamp

    advice = "Schedule it again with the command that scheduled it."

    def __str__(self) -> str:
        expired_at = f"{to_datetime(self.expired_at):%Y-%m-%d %H:%M:%S %Z}"
        return f"operation 0x{self.operation.hex()} expired at {expired_at}"


class MayNotCancel(NotAllowed):
    """An operation is cancelled by its scheduler, its role's guardian, or the admin."""

    operation: OperationId
    scheduled_by: Address
    guardian: Role
    operator: Address

    advice = "Ask one of them to cancel it."

    def __str__(self) -> str:
        guardians = " or ".join(dict.fromkeys([self.guardian.name, Role.ADMIN.name]))
        return (
            f"operation 0x{self.operation.hex()} can be cancelled by {self.scheduled_by}, who "
            f"scheduled it, or a holder of {guardians}, not by {self.operator}"
        )


def list_pending(coop: Cooperative) -> list[Operation]:
    """Return what is scheduled, the next to be ready first."""
    expiration = coop.access.time_to_execute_s()
    now = coop.chain.block("latest").timestamp
    found = []
    for event in _unfinished(coop):
        operation = OperationId(event["operationId"])
        ready_at = Timestamp(event["schedule"])
        expires_at = Timestamp(ready_at + expiration)
        state = _state(ready_at, expires_at, now)
        known = coop.access.scheduled_for(operation) == ready_at
        if known or state is OperationState.EXPIRED:
            found.append(_operation(coop, operation, event, expires_at, state))
    return sorted(found, key=lambda each: each.ready_at)


def find_operation(coop: Cooperative, text: str) -> Operation:
    """Return the scheduled operation whose id is, or begins with, what a person typed.

    Raises:
        NotAnOperationId: it is no beginning of an id.
        NothingScheduled, SeveralScheduled: it names none, or more than one.
    """
    digits = _ID.fullmatch(text.strip())
    if digits is None:
        raise NotAnOperationId(text)
    beginning = digits.group(1).lower()
    found = [each for each in list_pending(coop) if each.operation.hex().startswith(beginning)]
    if not found:
        raise NothingScheduled(text)
    if len(found) > 1:
        raise SeveralScheduled(text, tuple(each.operation for each in found))
    return found[0]


def execute(coop: Cooperative, sender: Sender, operator: Address, operation: Operation) -> Receipt:
    """Execute what the operator has scheduled.

    Raises:
        NotItsScheduler: somebody else scheduled it.
        OperationWaits, OperationExpired: it is not the time.
        ContractRefusal: the contract refuses what it asks for.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    if operator != operation.scheduled_by:
        raise NotItsScheduler(operation.operation, operation.scheduled_by, operator)
    if operation.state is OperationState.WAITING:
        raise OperationWaits(operation.operation, operation.ready_at)
    if operation.state is OperationState.EXPIRED:
        raise OperationExpired(operation.operation, operation.expires_at)
    return sender.send(coop.access.execute_call(operation.call))


def cancel(coop: Cooperative, sender: Sender, operator: Address, operation: Operation) -> Receipt:
    """Cancel what the operator has scheduled, or may cancel as a guardian or admin.

    Raises:
        MayNotCancel: the operator is none of these.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    try:
        return sender.send(coop.access.cancel_call(operation.scheduled_by, operation.call))
    except ContractRefusal as refusal:
        if not isinstance(refusal, exception_of("AccessManagerUnauthorizedCancel")):
            raise
    raise MayNotCancel(
        operation.operation, operation.scheduled_by, operation.guardian, operator
    ) from None


def _unfinished(coop: Cooperative) -> Iterator[Mapping[str, Any]]:
    """Yield the event of each operation's last scheduling that was not executed or cancelled."""
    events = events_of(coop.access.artifact)
    names = ("OperationScheduled", "OperationExecuted", "OperationCanceled")
    by_topic = {events[name].topic: events[name] for name in names}
    logs = coop.chain.logs(
        [coop.access.address], [list(by_topic)], coop.first_block, coop.chain.head()
    )
    open_ones: dict[bytes, Mapping[str, Any]] = {}
    for log in logs:
        event = by_topic[log.topics[0]]
        arguments = event.decode(log)
        if event.name == "OperationScheduled":
            open_ones[arguments["operationId"]] = arguments
        else:
            open_ones.pop(arguments["operationId"], None)
    yield from open_ones.values()


def _state(ready_at: Timestamp, expires_at: Timestamp, now: Timestamp) -> OperationState:
    if now < ready_at:
        return OperationState.WAITING
    return OperationState.READY if now < expires_at else OperationState.EXPIRED


def _operation(
    coop: Cooperative,
    operation: OperationId,
    event: Mapping[str, Any],
    expires_at: Timestamp,
    state: OperationState,
) -> Operation:
    call = Call(to_checksum_address(event["target"]), event["data"])
    contract = _contracts(coop).get(call.to)
    described = Described("", {}, f"call {call.to}, which is none of this cooperative's contracts")
    if contract is not None:
        described = describe(contract, call.data)
    role = coop.access.role_of(call.to, call.data[:4])
    return Operation(
        operation,
        to_checksum_address(event["caller"]),
        call,
        contract or call.to,
        described,
        role,
        coop.access.guardian_of(role),
        Timestamp(event["schedule"]),
        expires_at,
        state,
    )


def _contracts(coop: Cooperative) -> dict[Address, str]:
    return {
        **dict.fromkeys(coop.former_box_offices, coop.box_office.artifact),
        coop.box_office.address: coop.box_office.artifact,
        coop.ledger.address: coop.ledger.artifact,
        coop.access.address: coop.access.artifact,
    }
