"""Commands that change an announced screening: cancel, postpone, its tiers."""

from typing import Annotated

import typer

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.cli.frame.amounts import Amounts
from coopledger.cli.frame.context import application
from coopledger.cli.frame.output import say
from coopledger.cli.frame.scheduling import say_scheduled
from coopledger.cli.frame.values import parse_tier, parse_time, show_time
from coopledger.domain.screenings import Tier
from coopledger.domain.types import ScreeningId
from coopledger.services.authority.delays import Scheduled
from coopledger.services.counter import rescheduling
from coopledger.services.money.refunds import Owed

ScreeningArgument = Annotated[int, typer.Argument(help="The screening's id.", show_default=False)]
TierOption = Annotated[
    str, typer.Option("--tier", help='NAME=PRICE/DEPOSIT in rupiah: "Tiket reguler=35000/10000".')
]


def add_to(screenings: typer.Typer) -> None:
    """Add the commands to those for screenings."""
    screenings.command("cancel")(screening_cancel)
    screenings.command("postpone")(screening_postpone)
    screenings.command("add-tier")(screening_add_tier)
    screenings.command("set-tier")(screening_set_tier)


def screening_cancel(context: typer.Context, screening: ScreeningArgument) -> None:
    """Cancel a screening. Tickets that were paid on the chain become refundable."""
    work = application(context)
    coop, number = work.cooperative, ScreeningId(screening)
    done = rescheduling.cancel_screening(coop, work.sender, work.operator.address, number)
    if isinstance(done, Scheduled):
        say_scheduled(work, done)
        return
    print(f"Screening {screening} is cancelled.")
    paid, outside = done.debts.on_chain, done.debts.outside
    if paid.tickets:
        print(f"Paid on the chain: {_worth(coop, number, paid)}.")
        say(f"The money goes to the holders; push it: coopledger refund-all {screening}")
    if outside.tickets:
        print(f"Paid outside the chain: {_worth(coop, number, outside)}.")
        say("Return that money as it was paid, then: coopledger void TICKET --reference REF")
    if not paid.tickets and not outside.tickets:
        say("No ticket of it is valid, so nothing goes back.")


def _worth(coop: Cooperative, screening: ScreeningId, owed: Owed) -> str:
    """Say how many tickets go back for how much, and what of members' deposits does not."""
    shown = Amounts(coop)
    tickets = "1 ticket" if owed.tickets == 1 else f"{owed.tickets} tickets"
    worth = f"{tickets}, {shown(screening, owed.amount)} to return"
    if not owed.withheld:
        return worth
    return f"{worth}; {shown(screening, owed.withheld)} of deposits stay with the memberships"


def screening_postpone(
    context: typer.Context,
    screening: ScreeningArgument,
    starts: Annotated[str, typer.Option(help='Such as "2026-12-12 19:00"; WIB without a zone.')],
    ends: Annotated[
        str | None, typer.Option(help="Without it: as long after the start as before.")
    ] = None,
    sale_closes: Annotated[
        str | None, typer.Option(help="Without it: as long before the start as before.")
    ] = None,
) -> None:
    """Put a screening off; its tickets are refundable until it starts."""
    work = application(context)
    zone = work.settings.timezone
    wanted = rescheduling.NewTimes(
        parse_time(starts, zone),
        None if ends is None else parse_time(ends, zone),
        None if sale_closes is None else parse_time(sale_closes, zone),
    )
    done = rescheduling.postpone(
        work.cooperative, work.sender, work.operator.address, ScreeningId(screening), wanted
    )
    if isinstance(done, Scheduled):
        say_scheduled(work, done)
        return
    starts_at, ends_at, closes_at = (
        show_time(moment, zone) for moment in (done.starts_at, done.ends_at, done.closes_at)
    )
    print(f"Screening {screening} runs from {starts_at} to {ends_at}; its sale ends {closes_at}.")
    say(f"Tickets that were paid on the chain are refundable until {starts_at}.")


def screening_add_tier(
    context: typer.Context, screening: ScreeningArgument, tier: TierOption
) -> None:
    """Add a price class to a screening."""
    work = application(context)
    terms = Tier(*parse_tier(tier))
    index = rescheduling.add_tier(work.cooperative, work.sender, ScreeningId(screening), terms)
    print(f"Screening {screening} has a new tier: {terms.name} (number {index}).")


def screening_set_tier(
    context: typer.Context, screening: ScreeningArgument, tier: TierOption
) -> None:
    """Change the amounts of a price class of which nothing was sold."""
    work = application(context)
    terms = Tier(*parse_tier(tier))
    index = rescheduling.set_tier(work.cooperative, work.sender, ScreeningId(screening), terms)
    print(f"Screening {screening}, tier {terms.name} (number {index}) is changed.")
