"""Commands for the box office: selling and voiding."""

from typing import Annotated

import typer

from coopledger.cli.frame.context import FormatOption, ReferenceOption, application
from coopledger.cli.frame.output import Format, show_one
from coopledger.domain.accounts import account_of
from coopledger.domain.addresses import email_of
from coopledger.domain.types import ScreeningId, SeatNumber
from coopledger.services.counter import door, selling


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(sell)
    app.command()(void)


def sell(
    context: typer.Context,
    screening: Annotated[int, typer.Argument(help="The screening's id.", show_default=False)],
    tier: Annotated[str, typer.Option(help="The tier's name.")],
    receipt: Annotated[str, typer.Option(help="The receipt's number; each is used once.")],
    email: Annotated[str | None, typer.Option(help="Whose ticket it is.")] = None,
    name: Annotated[str, typer.Option(help="The holder's name.")] = "",
    account: Annotated[str | None, typer.Option(help="The holder's own wallet.")] = None,
    seat: Annotated[int, typer.Option(min=0, max=65_535, help="0 for free seating.")] = 0,
    consent: Annotated[
        str, typer.Option(help="Names the signed form: the holder becomes a member.")
    ] = "",
    output: FormatOption = Format.TABLE,
) -> None:
    """Sell one ticket that is paid at the counter."""
    work = application(context)
    sale = selling.CounterSale(
        ScreeningId(screening),
        tier,
        SeatNumber(seat),
        receipt,
        None if email is None else email_of(email),
        name,
        None if account is None else account_of(account),
        consent,
    )
    coop, office = work.cooperative, work.operator.address
    sold = selling.sell(coop, work.sender, office, work.people, sale, work.index)
    show_one({"ticket": sold.ticket_id, "holder": sold.account, "member": sold.member}, output)


def void(
    context: typer.Context,
    codes: Annotated[
        list[str],
        typer.Argument(help="Ticket ids, pretix codes or ORDER-POSITION.", show_default=False),
    ],
    reference: ReferenceOption,
) -> None:
    """Void unused tickets that were paid outside the chain; their places are free again."""
    work = application(context)
    tickets = door.find_tickets(work.cooperative, lambda: work.people, codes, work.index)
    document = work.people.attestation_of(reference)
    count = selling.void(work.cooperative, work.sender, tickets, document)
    print(f"{count} tickets are void.")
