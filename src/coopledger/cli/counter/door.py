"""Commands for the gate."""

from typing import Annotated

import typer

from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, show
from coopledger.cli.frame.values import show_time
from coopledger.domain.types import ScreeningId
from coopledger.services.counter import door


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(redeem)
    app.command()(unredeem)


def redeem(
    context: typer.Context,
    codes: Annotated[
        list[str],
        typer.Argument(
            help="Ticket ids, scanned pretix codes, or ORDER-POSITION.", show_default=False
        ),
    ],
    screening: Annotated[
        int | None, typer.Option(min=1, help="Only let in who has a ticket for this screening.")
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Let the bearers of tickets in. Exit code 9 if some were turned away."""
    work = application(context)
    coop, zone = work.cooperative, work.settings.timezone
    tickets = door.find_tickets(coop, lambda: work.people, codes, work.index)
    wanted = None if screening is None else ScreeningId(screening)
    admission = door.redeem(coop, work.sender, tickets, wanted)
    rows = [
        {"ticket": ticket, "result": "let in", "used_at": None, "gate": None}
        for ticket in admission.admitted
    ]
    rows += [
        {
            "ticket": each.ticket_id,
            "result": each.reason.name.lower().replace("_", " "),
            "used_at": show_time(each.used_at, zone),
            "gate": each.used_by or None,
        }
        for each in admission.turned_away
    ]
    show(rows, ("ticket", "result", "used_at", "gate"), output)
    if admission.turned_away:
        raise door.SomeTurnedAway(admission.turned_away)


def unredeem(
    context: typer.Context,
    code: Annotated[
        str,
        typer.Argument(
            help="A ticket id, a scanned pretix code, or ORDER-POSITION.", show_default=False
        ),
    ],
) -> None:
    """Take back that a ticket was used, as after a scan by mistake. For the box office."""
    work = application(context)
    (ticket,) = door.find_tickets(work.cooperative, lambda: work.people, [code], work.index)
    screening = door.unredeem(work.cooperative, work.sender, ticket)
    print(
        f"Ticket {ticket} counts as unused again; it lets one person in to screening {screening}."
    )
