"""Commands for the treasurer: what is held for whom, withdrawals, refunds, deposits."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from coopledger.bootstrap import Application
from coopledger.cli.frame.amounts import Amounts
from coopledger.cli.frame.context import FormatOption, ReferenceOption, application
from coopledger.cli.frame.output import Format, progress_bar, say, show, show_one
from coopledger.cli.frame.scheduling import say_scheduled
from coopledger.cli.frame.values import show_time
from coopledger.domain.accounts import account_of
from coopledger.domain.addresses import email_of
from coopledger.domain.purchases import Held
from coopledger.domain.types import Address, ScreeningId, TicketId
from coopledger.services.authority.delays import Scheduled
from coopledger.services.money import deposits, refunds, treasury
from coopledger.services.register.finding import account_kept_for

ScreeningArgument = Annotated[int, typer.Argument(help="The screening's id.", show_default=False)]
TicketArgument = Annotated[int, typer.Argument(help="The ticket's id.", show_default=False)]

_HELD = ("screening", "film", "refundable", "deposits", "free", "free_from", "box_office")
_DUE = ("member", "cause", "closed", "ticket", "deposit", "account", "how")


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(held)
    app.command()(withdraw)
    app.command("refund-all")(refund_all)
    deposit = typer.Typer(help="Principal deposits of members who are gone.", no_args_is_help=True)
    deposit.command("due")(deposit_due)
    deposit.command("return")(deposit_return)
    deposit.command("pay-heir")(deposit_pay_heir)
    deposit.command("record")(deposit_record)
    app.add_typer(deposit, name="deposit")


def held(
    context: typer.Context,
    screening: Annotated[
        int | None, typer.Argument(help="One screening's id.", show_default=False)
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show what money is held for whom. Exit code 8 if an account has less than that."""
    work = application(context)
    coop, zone = work.cooperative, work.settings.timezone
    amounts = Amounts(coop, output)
    if screening is not None:
        money = treasury.statement_of(coop, ScreeningId(screening))
        show([_money_row(money, zone, amounts)], _HELD, output)
        return
    found = treasury.statement(coop)
    rows = [
        _money_row(each, zone, amounts) for office in found.offices for each in office.screenings
    ]
    accounts = [_account_facts(office, amounts) for office in found.offices]
    if output is Format.JSON:
        as_of = {"block": found.block, "time": show_time(found.moment, zone)}
        show_one({"as_of": as_of, "screenings": rows, "box_offices": accounts}, output)
    else:
        title = f"Held as of {show_time(found.moment, zone)}, block {found.block}"
        show(rows, _HELD, output, title)
    if output is Format.TABLE:
        for facts in accounts:
            show_one(facts, output)
            print()
    for each in found.unknown:
        say(f"Screening {each.screening_id} was opened by {each.issuer}, no box office known here.")
    found.check()


def withdraw(
    context: typer.Context,
    screening: ScreeningArgument,
    to: Annotated[str, typer.Option(help="The account that gets the takings.")],
    output: FormatOption = Format.TABLE,
) -> None:
    """Pay a screening's takings out, from 48 hours after its end."""
    work = application(context)
    coop, number = work.cooperative, ScreeningId(screening)
    account, amounts = account_of(to), Amounts(coop, output)
    before = treasury.statement_of(coop, number)
    done = treasury.withdraw(coop, work.sender, work.operator.address, number, account)
    if isinstance(done, Scheduled):
        say_scheduled(work, done)
        return
    after = treasury.statement_of(coop, number)
    show_one(
        {
            "screening": number,
            "paid_out": amounts(number, done.amount),
            "to": done.to,
            "held_before": _parts(before.held, before.currency, amounts),
            "held_after": _parts(after.held, after.currency, amounts),
        },
        output,
    )


def refund_all(
    context: typer.Context,
    screening: ScreeningArgument,
    output: FormatOption = Format.TABLE,
) -> None:
    """Refund all tickets of a cancelled screening that were paid on the chain. Anybody may.

    Exit code 9 if some could not be refunded; run again, it goes on with those.
    """
    work = application(context)
    with progress_bar("Refunds") as progress:
        done = refunds.refund_all(work.cooperative, work.sender, ScreeningId(screening), progress)
    shown = Amounts(work.cooperative, output)
    show_one(
        {
            "screening": done.screening,
            "tickets_refunded": done.refunded.tickets,
            "holders": done.holders,
            "paid": shown(done.screening, done.refunded.amount),
            "deposits_withheld": shown(done.screening, done.refunded.withheld),
            "refunded_before": done.before,
            "left_out": [
                f"ticket {each.ticket_id} of {each.holder}: {each.reason}" for each in done.left_out
            ],
            "transactions": done.transactions,
            "gas": done.gas,
        },
        output,
    )
    if done.left_out:
        raise refunds.SomeNotRefunded(done.left_out)


def deposit_due(context: typer.Context, output: FormatOption = Format.TABLE) -> None:
    """List the deposits that are due and were not returned, and how each goes back."""
    work = application(context)
    zone = work.settings.timezone
    due = deposits.due_deposits(work.cooperative)
    shown = Amounts(work.cooperative, output)
    rows = [
        {
            "member": each.number,
            "cause": each.cause.name.lower(),
            "closed": show_time(each.closed_at, zone),
            "ticket": each.ticket_id,
            "deposit": shown(each.screening, each.amount),
            "account": each.account,
            "how": f"deposit {each.way}",
        }
        for each in due
    ]
    show(rows, _DUE, output)


def deposit_return(
    context: typer.Context,
    who: Annotated[
        str,
        typer.Argument(
            metavar="TICKET|WHO",
            help="The ticket's id, or the account or e-mail of somebody who left.",
            show_default=False,
        ),
    ],
) -> None:
    """Return the deposit of a member who left or was expelled. Anybody may."""
    work = application(context)
    for ticket_id in _tickets_of(work, who):
        done = deposits.return_deposit(work.cooperative, work.sender, ticket_id)
        print(f"Returned {_sum(work, done)} of ticket {done.ticket_id} to {done.to}.")


def deposit_pay_heir(
    context: typer.Context,
    ticket: TicketArgument,
    heir: Annotated[str, typer.Argument(help="The heir's account.", show_default=False)],
    reference: ReferenceOption,
) -> None:
    """Pay a deceased member's deposit to the heir."""
    work = application(context)
    done = deposits.pay_heir(
        work.cooperative,
        work.sender,
        work.operator.address,
        TicketId(ticket),
        account_of(heir),
        work.people.attestation_of(reference),
    )
    if isinstance(done, Scheduled):
        say_scheduled(work, done)
        return
    print(f"Paid {_sum(work, done)} of ticket {done.ticket_id} to {done.to}.")


def deposit_record(
    context: typer.Context, ticket: TicketArgument, reference: ReferenceOption
) -> None:
    """Record that a deposit which was paid outside the chain was returned outside."""
    work = application(context)
    done = deposits.record_return(
        work.cooperative,
        work.sender,
        work.operator.address,
        TicketId(ticket),
        work.people.attestation_of(reference),
    )
    if isinstance(done, Scheduled):
        say_scheduled(work, done)
        return
    print(f"Recorded: {_sum(work, done)} of ticket {done.ticket_id} went back outside.")


def _tickets_of(work: Application, who: str) -> list[TicketId]:
    coop = work.cooperative
    if who.isascii() and who.isdigit():
        return [TicketId(int(who))]
    if "@" in who:
        account = account_kept_for(coop, work.people, email_of(who))
        return deposits.due_to(coop, account)
    return deposits.due_to(coop, account_of(who))


def _sum(work: Application, done: deposits.DepositReturn) -> int | str:
    return Amounts(work.cooperative)(done.screening, done.amount)


def _money_row(money: treasury.ScreeningMoney, zone: ZoneInfo, amounts: Amounts) -> dict[str, Any]:
    free_from = show_time(money.free_from, zone)
    return {
        "screening": money.screening.screening_id,
        "film": money.film,
        **_parts(money.held, money.currency, amounts),
        "free_from": free_from or "never (cancelled)",
        "box_office": money.screening.issuer,
    }


def _account_facts(office: treasury.OfficeMoney, amounts: Amounts) -> dict[str, Any]:
    return {
        "box_office": office.address,
        "state": "former" if office.former else "present",
        "currency": office.symbol or "the chain's coin",
        **_parts(office.held, office.currency, amounts),
        "held_in_all": amounts.in_currency(office.currency, office.held.total),
        "in_its_account": amounts.in_currency(office.currency, office.in_account),
        "not_accounted_for": amounts.in_currency(office.currency, office.not_accounted_for),
    }


def _parts(held: Held, currency: Address, amounts: Amounts) -> dict[str, Any]:
    parts = {"refundable": held.refundable, "deposits": held.deposits, "free": held.free}
    return {name: amounts.in_currency(currency, amount) for name, amount in parts.items()}
