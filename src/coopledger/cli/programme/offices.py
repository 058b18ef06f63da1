"""Commands for the box offices' contracts: listing, replacing, retiring them."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from coopledger.bootstrap import Application
from coopledger.chain.contracts.deployments import NATIVE_COIN
from coopledger.chain.sending.sender import Sender
from coopledger.cli.frame.amounts import Amounts
from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, say, show
from coopledger.cli.frame.scheduling import say_scheduled, short_id
from coopledger.cli.frame.values import show_time
from coopledger.domain.accounts import account_of
from coopledger.services.authority.delays import Scheduled
from coopledger.services.founding import replacing
from coopledger.services.money import treasury
from coopledger.services.programme.offices import offices

_COLUMNS = ("box_office", "state", "currency", "sells", "running", "held", "in_its_account")
_NEEDS = ("needed", "state", "from", "until", "operation")
_CALLS = ("needed", "state", "to", "data")


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    group = typer.Typer(help="The box offices' contracts.", no_args_is_help=True)
    group.command("list")(office_list)
    group.command("replace")(office_replace)
    group.command("retire")(office_retire)
    app.add_typer(group, name="box-office")


def office_list(context: typer.Context, output: FormatOption = Format.TABLE) -> None:
    """List the present and the former box offices, what they still show, and their money."""
    work = application(context)
    coop = work.cooperative
    money = {each.address: each for each in treasury.statement(coop, settled=True).offices}
    amounts = Amounts(coop, output)
    rows = []
    for office in offices(coop):
        its = money[office.address]
        rows.append(
            {
                "box_office": office.address,
                "state": "former" if its.former else "present",
                "currency": its.symbol or "the chain's coin",
                "sells": replacing.sells(coop, office),
                "running": list(replacing.running_at(coop, office)),
                "held": amounts.in_currency(its.currency, its.held.total),
                "in_its_account": amounts.in_currency(its.currency, its.in_account),
            }
        )
    show(rows, _COLUMNS, output)


def office_replace(
    context: typer.Context,
    currency: Annotated[
        str | None,
        typer.Option(help="The ERC-20 that buyers pay in, or 'native'; else as before."),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Replace the box office. Run it again when it says so; meanwhile the old one sells on."""
    work = application(context)
    chosen = None
    if currency is not None:
        chosen = NATIVE_COIN if currency == "native" else account_of(currency)
    done = replacing.replace_box_office(
        work.cooperative_of_any_version,
        Sender(work.chain, work.deployer, work.settings),
        work.sender,
        work.operator.address,
        work.settings.deployments_folder,
        chosen,
        lambda step: say(f"  {step}"),
    )
    if isinstance(done, replacing.Preparing):
        _show_preparing(work, done, output)
        return
    print(f"The box office is {done.new} now; {done.old} is a former one.")
    if done.running:
        numbers = ", ".join(map(str, done.running))
        say(f"The former one sells its screenings to their end: {numbers}.")
    say("The new one has no films yet: coopledger film add")
    say(f"When the former one's screenings are over: coopledger box-office retire {done.old}")


def office_retire(
    context: typer.Context,
    former: Annotated[str, typer.Argument(help="Its address.", show_default=False)],
) -> None:
    """Take MINTER from a former box office whose screenings are over. Its money stays payable."""
    work = application(context)
    done = replacing.retire_box_office(
        work.cooperative, work.sender, work.operator.address, account_of(former)
    )
    if isinstance(done, Scheduled):
        say_scheduled(work, done)
        return
    print(f"{done.account} can no longer open screenings or issue tickets.")


def _show_preparing(work: Application, done: replacing.Preparing, output: Format) -> None:
    zone = work.settings.timezone
    say(f"The new box office is at {done.box_office}. It cannot sell yet.")
    if not done.can_go_on:
        rows = [
            {"needed": need.what, "state": need.state, "to": need.call.to, "data": _hex(need)}
            for need in done.needs
        ]
        show(rows, _CALLS, output)
        say(
            f"{work.operator.address} is no ADMIN. Have an ADMIN schedule these calls with the "
            "access manager and execute them; then run this command again."
        )
        return
    show([_need_row(need, zone) for need in done.needs], _NEEDS, output)
    ready = [need.ready_at for need in done.needs if need.ready_at is not None]
    expires = [need.expires_at for need in done.needs if need.expires_at is not None]
    if ready:
        say(
            f"Run the same command again from {show_time(max(ready), zone)} on "
            f"(until {show_time(min(expires), zone)}). Until then each can be stopped: "
            "coopledger pending cancel OPERATION"
        )


def _need_row(need: replacing.Need, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "needed": need.what,
        "state": need.state.value,
        "from": show_time(need.ready_at, zone),
        "until": show_time(need.expires_at, zone),
        "operation": short_id(need.operation),
    }


def _hex(need: replacing.Need) -> str:
    return "0x" + need.call.data.hex()
