"""Where memberships went: the account that stands for a person now, after moves.

The chain alone says so. An account is followed only while its newest record is closed as moved; whoever
joined again with the old account is meant by it.
"""

from collections.abc import Mapping

from eth_utils.address import to_checksum_address

from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.types import Address, MemberNumber


def successors(coop: Cooperative) -> Mapping[Address, Address]:
    """Return, for each account whose membership moved away, the account that has it now.

    One question of logs; where nothing ever moved, nothing else is asked.
    """
    event = events_of(coop.ledger.artifact)["Moved"]
    logs = coop.chain.logs(
        [coop.ledger.address], [event.topic], coop.first_block, coop.chain.head()
    )
    moved = {
        MemberNumber(fields["oldNumber"]): Address(to_checksum_address(fields["account"]))
        for fields in map(event.decode, logs)
    }
    step: dict[Address, Address] = {}
    for number, to in moved.items():
        old = coop.ledger.member(number).account
        if coop.ledger.latest_member_of(old) == number:
            step[old] = to
    return {account: _end(account, step) for account in step}


def _end(account: Address, step: Mapping[Address, Address]) -> Address:
    seen = {account}
    while account in step and step[account] not in seen:
        account = step[account]
        seen.add(account)
    return account
