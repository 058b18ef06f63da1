"""Sending what a role may do at once, and scheduling what it may do after a delay.

A delayed call is sent twice. The first time schedules it, where anybody can see it coming and the
guardian can cancel it; the same call after the delay executes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.transactions import Call, Receipt
from coopledger.domain.roles import Role
from coopledger.domain.types import Address, OperationId, Timestamp


@dataclass(frozen=True)
class Scheduled:
    """A decision that waits. It can be executed from ``ready_at`` on, until ``expires_at``."""

    operation: OperationId
    ready_at: Timestamp
    expires_at: Timestamp
    """The first second at which it is too late."""
    guardian: Role
    """Whose holders can cancel it, beside whoever scheduled it."""


class StepKind(Enum):
    """What becomes of a call now."""

    MAKE = "make"
    SCHEDULE = "schedule"
    WAIT = "wait"
    EXECUTE = "execute"


@dataclass(frozen=True)
class Step:
    """What is to be sent now so that a call comes to pass, or what it waits for."""

    kind: StepKind
    send: Call | None
    waits: Scheduled | None = None


def next_steps(coop: Cooperative, operator: Address, calls: Sequence[Call]) -> list[Step]:
    """Return the next step of each of several calls of one function of one contract.

    Args:
        coop: the deployed contracts.
        operator: the account that holds the role.
        calls: the calls; exactly the same ones when they are executed.
    """
    if not calls:
        return []
    permission = coop.access.may_call(operator, calls[0])
    if permission.immediate or not permission.delay_s:
        # Without the role the simulation names what is missing; nothing is sent.
        return [Step(StepKind.MAKE, call) for call in calls]
    now = coop.chain.block("latest").timestamp
    operations = coop.access.operations_of(operator, calls)
    return [_step(coop, *each, now) for each in zip(calls, operations, strict=True)]


def send_or_schedule(
    coop: Cooperative, sender: Sender, operator: Address, call: Call
) -> Receipt | Scheduled:
    """Make a call that a role allows: at once, or by scheduling it and executing it later.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: the account that holds the role.
        call: the call; exactly the same one when it is executed.

    Raises:
        ContractRefusal: the contract refuses it, or the operator lacks the role
            (``AccessManagedUnauthorized``).
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    (step,) = next_steps(coop, operator, [call])
    if step.waits is not None:
        return step.waits
    receipt = sender.send(step.send or call)
    return scheduled_in(coop, call, receipt) if step.kind is StepKind.SCHEDULE else receipt


def scheduled_in(coop: Cooperative, call: Call, receipt: Receipt) -> Scheduled:
    """Return what a transaction scheduled that scheduled a call."""
    event = coop.access.events("OperationScheduled", receipt.logs)[0]
    operation, ready_at = OperationId(event["operationId"]), Timestamp(event["schedule"])
    return _scheduled(coop, call, operation, ready_at)


def _step(
    coop: Cooperative,
    call: Call,
    operation: tuple[OperationId, Timestamp | None],
    now: Timestamp,
) -> Step:
    operation_id, ready_at = operation
    if ready_at is None:
        return Step(StepKind.SCHEDULE, coop.access.schedule_call(call))
    if ready_at > now:
        return Step(StepKind.WAIT, None, _scheduled(coop, call, operation_id, ready_at))
    return Step(StepKind.EXECUTE, coop.access.execute_call(call))


def _scheduled(
    coop: Cooperative, call: Call, operation: OperationId, ready_at: Timestamp
) -> Scheduled:
    expires_at = Timestamp(ready_at + coop.access.time_to_execute_s())
    guardian = coop.access.guardian_of(coop.access.role_of(call.to, call.data[:4]))
    return Scheduled(operation, ready_at, expires_at, guardian)
