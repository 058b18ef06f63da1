"""What the commands of the audit are about: a ledger, through a node, at a moment."""

from dataclasses import dataclass
from typing import Annotated

import typer

from coopledger.bootstrap import Application
from coopledger.chain.contracts.deployments import Cooperative, check_code, open_cooperative
from coopledger.chain.contracts.ledger import LedgerContract
from coopledger.chain.wire.client import Chain, connect_any
from coopledger.domain.accounts import account_of
from coopledger.domain.types import BlockNumber

RpcOption = Annotated[
    str | None, typer.Option("--rpc", help="Any node of the chain; without it, the settings' one.")
]
LedgerOption = Annotated[
    str | None,
    typer.Option("--ledger", help="The ledger's address; without it, the deployments folder's."),
]
AtOption = Annotated[
    str | None, typer.Option(help="A block's number, or a time such as 2026-12-05T19:00+07:00.")
]
FirstBlockOption = Annotated[
    int | None,
    typer.Option(min=0, help="The block of the deployment, for nodes that give few logs at once."),
]


@dataclass(frozen=True)
class Target:
    """What is audited: a ledger, through a node."""

    chain: Chain
    ledger: LedgerContract
    first_block: BlockNumber | None
    """The block of the deployment, where a file says so."""


def target_of(work: Application, rpc: str | None, ledger: str | None) -> Target:
    """Return what is to be audited; with both options given, no other file is read.

    Raises:
        NodeUnreachable, WrongChain, ForeignCode: the node or the ledger is not what it should be.
        NotDeployed: no ledger is named, and none is known here.
    """
    chain = chain_of(work, rpc)
    if ledger is None:
        coop = cooperative_of(work, chain)
        return Target(chain, coop.ledger, coop.first_block)
    address = account_of(ledger)
    check_code(chain, "TicketLedger", address)
    return Target(chain, LedgerContract(chain, address), None)


def chain_of(work: Application, rpc: str | None) -> Chain:
    """Return the chain through the node that is named, else through the settings' one.

    Raises:
        NodeUnreachable, WrongChain: the node is not what it should be.
    """
    return work.chain if rpc is None else connect_any(rpc, work.settings.request_timeout_s)


def cooperative_of(work: Application, chain: Chain) -> Cooperative:
    """Return the cooperative of the deployments folder, seen through a node.

    Raises:
        NotDeployed, DeploymentUnfinished, ForeignCode: see ``open_cooperative``.
    """
    return open_cooperative(chain, work.settings.deployments_folder)
