"""Where memberships went: the account that stands for a person now, after moves.

The chain alone says so. An account is followed only while its newest record is closed as moved;
whoever joined again with the old account is meant by it. Only the moves of the accounts in question
are asked for, by the number of the record that each closed, however many moves there ever were.
"""

from collections.abc import Collection, Iterator, Mapping

from eth_utils.address import to_checksum_address

from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.register import Cause, Record
from coopledger.domain.types import Address, MemberNumber
from coopledger.errors import Untrusted

_NUMBERS_A_QUESTION = 200


class MoveNotShown(Untrusted):
    """A record is closed as moved, and the node does not show where to."""

    number: MemberNumber

    says = "member {number} has moved, and the node does not show the move"
    advice = "Nothing was sent. Use another node: this one lags behind, or has dropped old logs."


def successors(coop: Cooperative, accounts: Collection[Address]) -> Mapping[Address, Address]:
    """Return, for those of some accounts whose membership moved away, the account that has it now.

    Raises:
        MoveNotShown: the node shows no move of a record that was closed by one.
    """
    return followed(coop, newest_records(coop, accounts))


def newest_records(coop: Cooperative, accounts: Collection[Address]) -> dict[Address, Record]:
    """Return the newest record of those of some accounts that have one, in few requests."""
    latest = coop.ledger.latest_members_of(list(set(accounts)))
    numbers = {account: number for account, number in latest.items() if number is not None}
    records = coop.ledger.records(list(numbers.values()))
    return {account: records[number] for account, number in numbers.items()}


def followed(coop: Cooperative, newest: Mapping[Address, Record]) -> Mapping[Address, Address]:
    """Return the same as :func:`successors`, where the newest records are known already."""
    step: dict[Address, Address] = {}
    records = newest
    while moved := [record for record in records.values() if record.cause is Cause.MOVED]:
        found = dict(_moves(coop, [record.number for record in moved]))
        for record in moved:
            if record.number not in found:
                raise MoveNotShown(record.number)
            step[record.account] = found[record.number]
        records = newest_records(coop, set(step.values()) - step.keys())
    return {account: _end(account, step) for account in newest if account in step}


def _moves(
    coop: Cooperative, numbers: list[MemberNumber]
) -> Iterator[tuple[MemberNumber, Address]]:
    """Yield by which account's record each of some was closed."""
    event = events_of(coop.ledger.artifact)["Moved"]
    head = coop.chain.head()
    for start in range(0, len(numbers), _NUMBERS_A_QUESTION):
        wanted = [each.to_bytes(32) for each in numbers[start : start + _NUMBERS_A_QUESTION]]
        topics = [event.topic, None, None, wanted]
        for log in coop.chain.logs([coop.ledger.address], topics, coop.first_block, head):
            fields = event.decode(log)
            yield fields["oldNumber"], to_checksum_address(fields["account"])


def _end(account: Address, step: Mapping[Address, Address]) -> Address:
    seen = {account}
    while account in step and step[account] not in seen:
        account = step[account]
        seen.add(account)
    return account
