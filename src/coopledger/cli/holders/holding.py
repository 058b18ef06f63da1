"""Commands for what a holder does with a ticket or a membership: join, give, leave, hand back.

Each does it now with the person's own key, or with ``--message`` writes what the person is to sign, so
that somebody else can send it.
"""

from pathlib import Path
from typing import Annotated

import typer

from coopledger.bootstrap import Application
from coopledger.cli.frame.amounts import Amounts
from coopledger.cli.frame.asking import BylawsFileOption, BylawsOption, YesOption, confirm, consent
from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, say, show
from coopledger.cli.frame.values import parse_time, show_time
from coopledger.domain.accounts import account_of
from coopledger.domain.signed_messages import Message
from coopledger.domain.types import Address, TicketId, Timestamp
from coopledger.errors import BadInput
from coopledger.services.holders import holding
from coopledger.services.messages import writing
from coopledger.services.messages.files import write_message
from coopledger.services.register.bylaws import bylaws_in_force

TicketArgument = Annotated[int, typer.Argument(help="The ticket's id.", show_default=False)]
MessageOption = Annotated[
    Path | None,
    typer.Option(help="Do nothing now; write this file to be signed, for somebody else to send."),
]
AccountOption = Annotated[
    str | None, typer.Option(help="With --message: who is to sign it; you without it.")
]
DeadlineOption = Annotated[
    str | None, typer.Option(help="With --message: until when it is good; 7 days without it.")
]


class MessageMissing(BadInput):
    """An option was given that only a message has."""

    option: str

    says = "{option} says something about a message, and no --message is asked for"
    advice = "Add --message FILE, or leave the option out."


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(join)
    app.command()(give)
    app.command()(leave)
    app.command()(refund)


def join(
    context: typer.Context,
    ticket: TicketArgument,
    bylaws: BylawsOption = None,
    bylaws_file: BylawsFileOption = None,
    message: MessageOption = None,
    account: AccountOption = None,
    deadline: DeadlineOption = None,
) -> None:
    """Become a member with a ticket that you hold. It becomes your card, and stays yours for good."""
    work = application(context)
    coop, ticket_id = work.cooperative, TicketId(ticket)
    if message is not None:
        who, until = _signer(work, account), _deadline(work, deadline)
        _write(work, message, writing.join(coop, who, ticket_id, until))
        return
    _check_no_message(account, deadline)
    version = consent(bylaws_in_force(coop), bylaws, bylaws_file)
    number = holding.join(coop, work.sender, work.operator.address, ticket_id, version)
    print(f"Welcome, member {number}. Ticket {ticket} is your card for good.")


def give(
    context: typer.Context,
    ticket: TicketArgument,
    to: Annotated[str, typer.Argument(help="The other person's account.", show_default=False)],
    message: MessageOption = None,
    account: AccountOption = None,
    deadline: DeadlineOption = None,
) -> None:
    """Give a ticket to somebody. They do not become a member by it unless they join themselves."""
    work = application(context)
    coop, ticket_id, receiver = work.cooperative, TicketId(ticket), account_of(to)
    if message is not None:
        who, until = _signer(work, account), _deadline(work, deadline)
        _write(work, message, writing.give(coop, who, ticket_id, receiver, until))
        return
    _check_no_message(account, deadline)
    holding.give(coop, work.sender, ticket_id, receiver)
    print(f"Ticket {ticket} belongs to {receiver} now.")


def leave(
    context: typer.Context,
    message: MessageOption = None,
    account: AccountOption = None,
    deadline: DeadlineOption = None,
    yes: YesOption = False,
) -> None:
    """End your membership. A deposit that you paid on the chain comes back at once."""
    work = application(context)
    coop = work.cooperative
    if message is not None:
        who, until = _signer(work, account), _deadline(work, deadline)
        _write(work, message, writing.leave(coop, who, until))
        return
    _check_no_message(account, deadline)
    own = holding.membership_of(coop, work.operator.address)
    deposit = Amounts(coop)(coop.ledger.ticket(own.card).screening, own.deposit)
    meaning = (
        f"Your membership {own.number} ends, and with it your vote. The number is never reused.",
        f"Ticket {own.card} stays in the register's history as its card; its seat is still yours.",
        f"Your deposit of {deposit} comes back by a second transaction right after."
        if own.deposit
        else "Your deposit was not paid on the chain: ask the cooperative for it.",
    )
    confirm(f"End membership {own.number}?", meaning, yes=yes)
    left = holding.leave(coop, work.sender, work.operator.address)
    print(f"Membership {left.number} has ended.")
    if left.deposit:
        print(f"The deposit of {deposit} is back in your account.")


def refund(
    context: typer.Context,
    tickets: Annotated[list[int], typer.Argument(help="Ticket ids.", show_default=False)],
    message: MessageOption = None,
    account: AccountOption = None,
    deadline: DeadlineOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Hand tickets back for their price: until the deadline, or of a cancelled screening.

    Handing back your card does not end your membership; its deposit stays until you leave.
    """
    work = application(context)
    coop = work.cooperative
    ticket_ids = [TicketId(ticket) for ticket in tickets]
    if message is not None:
        who, until = _signer(work, account), _deadline(work, deadline)
        _write(work, message, writing.refund(coop, who, ticket_ids, until))
        return
    _check_no_message(account, deadline)
    refunds = holding.refund(coop, work.sender, ticket_ids)
    shown = Amounts(coop)
    rows = [
        {"ticket": each.ticket_id, "paid_back": shown(each.screening, each.amount)}
        for each in refunds
    ]
    show(rows, ("ticket", "paid_back"), output)


def _check_no_message(account: str | None, deadline: str | None) -> None:
    for option, value in (("--account", account), ("--deadline", deadline)):
        if value is not None:
            raise MessageMissing(option)


def _signer(work: Application, account: str | None) -> Address:
    return work.operator.address if account is None else account_of(account)


def _deadline(work: Application, text: str | None) -> Timestamp:
    moment = None if text is None else parse_time(text, work.settings.timezone)
    return writing.deadline(work.cooperative, moment)


def _write(work: Application, path: Path, message: Message) -> None:
    write_message(path, message, {})
    until = show_time(message.deadline, work.settings.timezone)
    print(f"{path} is ready to be signed. It is good until {until}.")
    say(f"Next: coopledger sign {path}")
