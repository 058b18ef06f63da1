"""Commands that change an announced screening: cancel, postpone, its tiers."""

from typing import Annotated

import typer

from coopledger.cli.amounts import Amounts
from coopledger.cli.context import application
from coopledger.cli.output import say
from coopledger.cli.scheduling import say_scheduled
from coopledger.cli.values import parse_tier, parse_time, show_time
from coopledger.domain.screenings import Tier
from coopledger.domain.types import ScreeningId
from coopledger.services import rescheduling
from coopledger.services.delays import Scheduled

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
    shown, paid, outside = Amounts(coop), done.debts.on_chain, done.debts.outside
    if paid.tickets:
        withheld = shown(number, paid.withheld)
        print(
            f"{paid.tickets} tickets were paid on the chain: {shown(number, paid.amount)} go back "
            f"to their holders ({withheld} of members' deposits stay theirs until they leave)."
        )
        say(f"Push the refunds: coopledger refund-all {screening}")
    if not paid.tickets and not outside.tickets:
        say("No ticket of it is valid, so nothing goes back.")
    if outside.tickets:
        withheld = shown(number, outside.withheld)
        print(
            f"{outside.tickets} tickets were paid outside the chain: return "
            f"{shown(number, outside.amount)} as they were paid ({withheld} of members' deposits "
            "stay theirs until they leave)."
        )
        say("Void each when its money is returned: coopledger void TICKET --reference REF")


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
