"""The command that sets a cooperative up: its contracts and who holds which role."""

from pathlib import Path
from typing import Annotated

import typer

from coopledger.bootstrap import ADMIN_INDEX, GUARDIAN_INDEX, Application
from coopledger.chain.contracts.access import ADMIN_DELAY_S
from coopledger.chain.development import is_local
from coopledger.chain.sending.sender import Sender
from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, say, show_one
from coopledger.domain.accounts import account_of
from coopledger.domain.roles import Role
from coopledger.domain.types import Address
from coopledger.errors import BadInput
from coopledger.services.founding.deploying import (
    CLOSING_DELAY_S,
    NATIVE_COIN,
    Holder,
    deploy,
    read_holders,
)


class RolesMissing(BadInput):
    """Nobody was named for the roles on a chain that is not local."""

    says = "the roles of a cooperative must be given to somebody"
    advice = "Name who holds each role: coopledger deploy --roles FILE"


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("deploy")(deploy_command)


def deploy_command(
    context: typer.Context,
    roles: Annotated[
        Path | None, typer.Option(help="A TOML file that says who holds which role.")
    ] = None,
    currency: Annotated[
        str | None,
        typer.Option(
            help="The ERC-20 that buyers pay in, or 'native'. A local chain makes play money."
        ),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Deploy the cooperative's contracts, or go on where an earlier attempt stopped."""
    work = application(context)
    if roles is not None:
        holders = read_holders(roles)
    elif is_local(work.chain):
        holders = _trial_holders(work)
    else:
        raise RolesMissing
    coop = deploy(
        work.chain,
        Sender(work.chain, work.deployer, work.settings),
        work.deployer.address,
        work.settings.deployments_folder,
        holders,
        _currency(currency),
        lambda step: say(f"  {step}"),
    )
    show_one(
        {
            "chain": coop.chain.chain_id,
            "ledger": coop.ledger.address,
            "box_office": coop.box_office.address,
            "lens": coop.lens,
            "access_manager": coop.access.address,
            "currency": coop.box_office.currency(),
        },
        output,
    )


def _trial_holders(work: Application) -> tuple[Holder, ...]:
    """Return who holds the roles on a local chain: the operator nearly all of them."""
    operator = work.operator.address
    delays = {Role.CLOSING: CLOSING_DELAY_S}
    apart = {Role.ADMIN, Role.GUARDIAN, Role.MINTER}
    return (
        Holder(Role.ADMIN, work.development_account(ADMIN_INDEX), ADMIN_DELAY_S),
        Holder(Role.GUARDIAN, work.development_account(GUARDIAN_INDEX)),
        *(Holder(role, operator, delays.get(role, 0)) for role in Role if role not in apart),
    )


def _currency(text: str | None) -> Address | None:
    if text is None:
        return None
    return NATIVE_COIN if text == "native" else account_of(text)
