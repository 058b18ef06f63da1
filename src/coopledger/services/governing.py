"""What the board decides: by-laws, and closing a record for a cause.

The one subtlety: whoever closes records has a delay. The first call schedules, and the same call
after the delay executes; in between anybody can see it coming, and the guardian can cancel it.
"""

from dataclasses import dataclass
from typing import ClassVar

from coopledger.chain.access import Role
from coopledger.chain.deployments import Cooperative
from coopledger.chain.sender import Sender
from coopledger.domain.register import Cause
from coopledger.domain.types import (
    Address,
    Attestation,
    BylawsVersion,
    MemberNumber,
    Timestamp,
)
from coopledger.errors import Refused


@dataclass(eq=False)
class ClosedBefore(Refused):
    """The record is closed already."""

    number: MemberNumber
    cause: Cause

    advice: ClassVar[str] = "Nothing is left to do. A person who rejoined has a newer number."

    def __str__(self) -> str:
        return f"member {self.number} was closed before ({self.cause.name.lower()})"


@dataclass(frozen=True)
class Scheduled:
    """A decision that waits. It can be executed from ``ready_at`` on, for a week."""

    ready_at: Timestamp


@dataclass(frozen=True)
class Closed:
    """A record that was closed."""

    number: MemberNumber
    account: Address
    cause: Cause


def record_bylaws(coop: Cooperative, sender: Sender, bylaws_hash: bytes) -> BylawsVersion:
    """Record the next version of the by-laws by their hash (32 bytes) and return its number.

    Raises:
        ContractRefusal: the operator lacks the role BOARD.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    receipt = sender.send(coop.ledger.set_bylaws_call(bylaws_hash))
    return BylawsVersion(coop.ledger.events("BylawsSet", receipt.logs)[0]["version"])


def close_membership(
    coop: Cooperative,
    sender: Sender,
    operator: Address,
    number: MemberNumber,
    cause: Cause,
    document: Attestation,
) -> Scheduled | Closed:
    """Schedule the closing of a record, or execute it once its delay is over.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role CLOSING.
        number: the record.
        cause: expelled, deceased or annulled.
        document: keyed hash of the decision; the same one when it is executed.

    Raises:
        ClosedBefore: it is closed.
        UnknownMember, BadCause: the ledger would refuse it.
        AccessManagedUnauthorized: the operator lacks the role.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    call = coop.ledger.close_call(number, cause, document)
    record = coop.ledger.member(number)
    if record.left_at is not None:
        raise ClosedBefore(number, record.cause)
    holding = coop.access.holding(Role.CLOSING, operator)
    if not holding.held or not holding.delay_s:
        sender.send(call)
        return Closed(number, record.account, cause)
    ready_at = coop.access.scheduled_for(coop.access.operation_id(operator, call))
    if ready_at is None:
        receipt = sender.send(coop.access.schedule_call(call))
        event = coop.access.events("OperationScheduled", receipt.logs)[0]
        return Scheduled(Timestamp(event["schedule"]))
    if ready_at > coop.chain.block("latest").timestamp:
        return Scheduled(ready_at)
    sender.send(coop.access.execute_call(call))
    return Closed(number, record.account, cause)
