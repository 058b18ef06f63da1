"""What the board decides: closing a record for a cause, and where metadata is read.

Whoever closes records has a delay. The first call schedules, and the same call after the delay executes;
in between anybody can see it coming, and the guardian can cancel it.
"""

from dataclasses import dataclass

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.transactions import Receipt
from coopledger.domain.register import Cause
from coopledger.domain.types import (
    Address,
    Attestation,
    MemberNumber,
)
from coopledger.errors import Refused
from coopledger.services.authority.delays import Scheduled, send_or_schedule


class ClosedBefore(Refused):
    """The record is closed already."""

    number: MemberNumber
    cause: Cause

    advice = "Nothing is left to do. A person who rejoined has a newer number."

    def __str__(self) -> str:
        return f"member {self.number} was closed before ({self.cause.name.lower()})"


@dataclass(frozen=True)
class Closed:
    """A record that was closed."""

    number: MemberNumber
    account: Address
    cause: Cause


def set_metadata_address(
    coop: Cooperative, sender: Sender, operator: Address, address: str
) -> Receipt | Scheduled:
    """Say where wallets read the metadata of tickets and contract: the ledger's base URI.

    Raises:
        AccessManagedUnauthorized: the operator lacks the role BOARD.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    return send_or_schedule(coop, sender, operator, coop.ledger.set_base_uri_call(address))


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
    done = send_or_schedule(coop, sender, operator, call)
    return done if isinstance(done, Scheduled) else Closed(number, record.account, cause)
