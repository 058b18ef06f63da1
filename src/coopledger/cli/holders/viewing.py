"""Commands for a viewer with a key of their own: buying, and seeing what one has."""

from dataclasses import replace
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from coopledger.cli.frame.asking import (
    BylawsFileOption,
    BylawsOption,
    at_terminal,
    confirm,
    consent,
)
from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, say, show, show_one
from coopledger.cli.frame.values import show_time
from coopledger.domain.accounts import account_of
from coopledger.domain.money import parse_money
from coopledger.domain.types import NO_SEAT, ScreeningId, SeatNumber, Timestamp
from coopledger.errors import BadInput
from coopledger.services.holders import buying, viewing
from coopledger.services.programme.currency import currency_of, make_play_money
from coopledger.services.register.bylaws import bylaws_in_force

_TICKET_COLUMNS = (
    *("ticket", "screening", "film", "starts", "seat", "tier", "state"),
    *("can_be_given", "refundable_until", "refund"),
)


class JoinMissing(BadInput):
    """By-laws were named, but not that the buyer joins."""

    says = "the by-laws are named without --join"
    advice = "Add --join to become a member, or leave the by-laws out."


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(buy)
    app.command()(my)
    app.command("play-money")(play_money)


def buy(
    context: typer.Context,
    screening: Annotated[int, typer.Argument(help="The screening's id.", show_default=False)],
    tier: Annotated[str, typer.Option(help="The tier's name.")],
    seat: Annotated[int, typer.Option(min=0, max=65_535, help="0 for free seating.")] = NO_SEAT,
    holder: Annotated[
        str | None, typer.Option(help="Whose ticket it is to be; yours without it.")
    ] = None,
    max_price: Annotated[
        str | None, typer.Option(help="The most to pay; without it, the price of now.")
    ] = None,
    join: Annotated[
        bool, typer.Option("--join", help="Become a member by this ticket, under the by-laws.")
    ] = False,
    bylaws: BylawsOption = None,
    bylaws_file: BylawsFileOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the price, check everything, pay nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before paying.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Buy a ticket with your own key and money; with --join become a member by it.

    The key signs for you; the money is taken from its account, exactly the price.
    """
    work = application(context)
    coop, zone = work.cooperative, work.settings.timezone
    if (bylaws or bylaws_file) and not join:
        raise JoinMissing
    offer = buying.quote(coop, ScreeningId(screening), tier)
    shown = offer.currency.shown
    say(
        f"{offer.showing.film.title}, {show_time(offer.showing.screening.starts_at, zone)}, "
        f"{offer.showing.venue}, {tier}: {shown(offer.price)}. "
        f"{offer.showing.sale.left} of {offer.showing.sale.capacity} places are left."
    )
    say(f"Of the price, {shown(offer.deposit)} are the deposit of whoever joins with the ticket.")
    wish = buying.Wish(
        SeatNumber(seat),
        None if holder is None else account_of(holder),
        None if max_price is None else parse_money(max_price, offer.currency),
    )
    # Nobody is asked for a consent to what cannot be bought anyway.
    buying.check_purchase(coop, offer, work.operator.address, wish)
    if join:
        wish = replace(wish, bylaws=consent(bylaws_in_force(coop), bylaws, bylaws_file))
        buying.check_purchase(coop, offer, work.operator.address, wish)
    if dry_run:
        say("Everything is in order; nothing was paid.")
        return
    if at_terminal():
        confirm(f"Pay {shown(offer.price)} from {work.operator.address}?", (), yes=yes)
    bought = buying.buy(coop, work.sender, work.operator, offer, wish)
    show_one(
        {
            "ticket": bought.ticket_id,
            "film": offer.showing.film.title,
            "starts": show_time(offer.showing.screening.starts_at, zone),
            "tier": tier,
            "seat": seat or None,
            "holder": bought.holder,
            "price": shown(bought.price),
            "paid_by": bought.payment.value,
            "member": bought.member,
        },
        output,
    )
    if bought.member:
        say(f"Welcome, member {bought.member}. Ticket {bought.ticket_id} is your card for good.")


def my(
    context: typer.Context,
    account: Annotated[
        str | None, typer.Option(help="Look at this account instead of your own.")
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show what you have: your membership, your tickets, your money."""
    work = application(context)
    zone = work.settings.timezone
    who = work.operator.address if account is None else account_of(account)
    found = viewing.possessions_of(work.cooperative, who)
    facts: dict[str, Any] = {
        "account": found.account,
        "money": found.currency.shown(found.money),
        **_membership(found, zone),
    }
    rows = [_ticket(each, found, zone) for each in found.tickets]
    if output is Format.JSON:
        show_one({**facts, "tickets": rows}, output)
        return
    if output is Format.TABLE:
        show_one(facts, output)
    show(rows, _TICKET_COLUMNS, output)


def play_money(
    context: typer.Context,
    amount: Annotated[str, typer.Argument(help="In rupiah.", show_default=False)],
    to: Annotated[str | None, typer.Option(help="For whom; for you without it.")] = None,
) -> None:
    """Make play money on a local chain, to try buying. It is worth nothing anywhere."""
    work = application(context)
    who = work.operator.address if to is None else account_of(to)
    currency = currency_of(work.cooperative)
    made = parse_money(amount, currency)
    make_play_money(work.cooperative, work.sender, who, made)
    print(f"{who} has {currency.shown(made)} more.")


def _membership(found: viewing.Possessions, zone: ZoneInfo) -> dict[str, Any]:
    membership = found.membership
    if membership is None:
        return {"member": None}
    record, move = membership.record, membership.move
    return {
        "member": record.number,
        "standing": record.standing.name.lower(),
        "consent": record.consent.name.lower(),
        "since": show_time(record.joined_at, zone),
        "left": show_time(record.left_at, zone),
        "cause": record.cause.name.lower() if record.cause else None,
        "card": membership.card and membership.card.ticket.ticket_id,
        "deposit": None if membership.deposit is None else found.currency.shown(membership.deposit),
        "deposit_can_be_returned_for_ticket": list(membership.deposit_due),
        "move_to": move and move.to,
        "move_state": move and move.state.name.lower(),
        "move_ready_at": move and show_time(move.ready_at, zone),
    }


def _ticket(
    each: viewing.ShownTicket, found: viewing.Possessions, zone: ZoneInfo
) -> dict[str, Any]:
    ticket, showing = each.ticket, each.showing
    until = each.refundable_until(found.now)
    return {
        "ticket": ticket.ticket_id,
        "screening": ticket.screening,
        "film": showing and showing.film.title,
        "starts": showing and show_time(showing.screening.starts_at, zone),
        "seat": ticket.seat or None,
        "tier": each.tier.name if each.tier else ticket.tier,
        "state": "screening cancelled" if _is_off(each) else ticket.state,
        "can_be_given": f"no: {each.why_kept}" if each.why_kept else "yes",
        "refundable_until": _until(until, zone),
        "refund": None if until is None else found.currency.shown(each.refund),
    }


def _is_off(each: viewing.ShownTicket) -> bool:
    cancelled = each.showing is not None and each.showing.sale.cancelled
    return cancelled and not each.ticket.void


def _until(until: Timestamp | None, zone: ZoneInfo) -> str | None:
    return "any time" if until == viewing.NO_END else show_time(until, zone)
