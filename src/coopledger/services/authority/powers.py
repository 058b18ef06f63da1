"""Who holds which role, and who can do what, in a cooperative that was deployed from here.

An audit asks what can be done of any ledger (``audit.views.powers``); here it is known besides which box
office is the present one and which ones it has replaced.
"""

from dataclasses import dataclass

from eth_utils.address import to_checksum_address

from coopledger.audit.contracts import Contracts
from coopledger.audit.views.powers import Powers, powers_in_force
from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.roles import Role
from coopledger.domain.types import Address, BlockNumber
from coopledger.services.programme.offices import offices


def list_powers(coop: Cooperative) -> Powers:
    """Return every role with its holders and functions, and what is unusual about them.

    Raises:
        NodeRefused: the node gives no logs.
    """
    present = coop.box_office.address
    former = dict.fromkeys(coop.former_box_offices, "a former box office")
    contracts = Contracts(
        coop.chain,
        coop.ledger,
        coop.access,
        offices(coop),
        coop.first_block,
        office_names={present: "the box office", **former},
        present=present,
    )
    return powers_in_force(contracts, coop.chain.head())


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
