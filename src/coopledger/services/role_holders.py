"""Who holds which role, read from what the access manager recorded.

The one subtlety: the events name everybody who was ever granted a role; the manager itself is then
asked who of them holds it, so a grant that waits or was taken back is not listed.
"""

from dataclasses import dataclass

from eth_utils.address import to_checksum_address

from coopledger.chain.access import Role
from coopledger.chain.contract import events_of
from coopledger.chain.deployments import Cooperative
from coopledger.domain.types import Address, BlockNumber


@dataclass(frozen=True)
class RoleHolder:
    """An account that holds a role. ``delay_s``: seconds that each of its calls must wait."""

    role: Role
    account: Address
    delay_s: int


def role_holders(coop: Cooperative, at: BlockNumber) -> tuple[RoleHolder, ...]:
    """Return who holds which role as of a block, by role and then in the order of the grants.

    Raises:
        NodeRefused: the node gives no logs.
    """
    event = events_of(coop.access.artifact)["RoleGranted"]
    logs = coop.chain.logs([coop.access.address], [event.topic], coop.first_block, at)
    # A dict keeps the order and drops whoever was granted a role twice.
    granted = dict.fromkeys(
        (Role(each["roleId"]), to_checksum_address(each["account"]))
        for each in map(event.decode, logs)
        if each["roleId"] in set(Role)
    )
    holdings = coop.access.holdings(list(granted), at)
    held = (
        RoleHolder(role, account, holding.delay_s)
        for (role, account), holding in zip(granted, holdings, strict=True)
        if holding.held
    )
    return tuple(sorted(held, key=lambda each: each.role))
