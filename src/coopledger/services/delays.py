"""Sending what a role may do at once, and scheduling what it may do after a delay.

The one subtlety: a delayed call is sent twice. The first time schedules it, where anybody can see it
coming and the guardian can cancel it; the same call after the delay executes it.
"""

from dataclasses import dataclass

from coopledger.chain.access import Role
from coopledger.chain.deployments import Cooperative
from coopledger.chain.sender import Sender
from coopledger.chain.transactions import Call, Receipt
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
    permission = coop.access.may_call(operator, call)
    if permission.immediate or not permission.delay_s:
        # Without the role the simulation names what is missing; nothing is sent.
        return sender.send(call)
    operation = coop.access.operation_id(operator, call)
    ready_at = coop.access.scheduled_for(operation)
    if ready_at is None:
        receipt = sender.send(coop.access.schedule_call(call))
        event = coop.access.events("OperationScheduled", receipt.logs)[0]
        return _scheduled(coop, operation, call, Timestamp(event["schedule"]))
    if ready_at > coop.chain.block("latest").timestamp:
        return _scheduled(coop, operation, call, ready_at)
    return sender.send(coop.access.execute_call(call))


def _scheduled(
    coop: Cooperative, operation: OperationId, call: Call, ready_at: Timestamp
) -> Scheduled:
    expires_at = Timestamp(ready_at + coop.access.time_to_execute_s())
    guardian = coop.access.guardian_of(coop.access.role_of(call.to, call.data[:4]))
    return Scheduled(operation, ready_at, expires_at, guardian)
