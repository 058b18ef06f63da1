"""Who can do what in a cooperative that was deployed from here, as the access manager says now.

The one subtlety: an audit asks the same of any ledger (``audit.powers``); here it is known besides which
box office is the present one and which ones it has replaced.
"""

from coopledger.audit.contracts import Contracts
from coopledger.audit.powers import Powers, powers_in_force
from coopledger.chain.deployments import Cooperative
from coopledger.services.offices import offices


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
