"""Commands for the register: who is a member, and closing a record."""

from enum import StrEnum
from itertools import islice
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from coopledger.chain.wire.moments import pin
from coopledger.cli.frame.context import FormatOption, ReferenceOption, application
from coopledger.cli.frame.output import Format, say, show, show_one
from coopledger.cli.frame.scheduling import say_scheduled
from coopledger.cli.frame.values import parse_at, show_time
from coopledger.domain.addresses import email_of
from coopledger.domain.register import Cause, Record
from coopledger.domain.types import MemberNumber
from coopledger.services.counter import door
from coopledger.services.programme.films_and_screenings import showings_of
from coopledger.services.register import closing, finding

_COLUMNS = ("number", "account", "standing", "consent", "joined", "left", "cause")


class ClosingCause(StrEnum):
    """The causes for which a board closes a record."""

    EXPELLED = "expelled"
    DECEASED = "deceased"
    ANNULLED = "annulled"


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("members")(members_command)
    app.command()(member)
    app.command()(ticket)
    app.command()(close)


def members_command(
    context: typer.Context,
    at: Annotated[
        str | None, typer.Option(help="A block's number, or a time such as 2026-12-05T19:00+07:00.")
    ] = None,
    start: Annotated[int, typer.Option(min=1, help="The first number to list.")] = 1,
    count: Annotated[int, typer.Option(min=0, help="How many to list; 0 for all.")] = 50,
    closed: Annotated[bool, typer.Option("--closed", help="List closed records, too.")] = False,
    annulled: Annotated[
        bool, typer.Option("--annulled", help="List entries made in error, too.")
    ] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """List the members, now or as of a block or time."""
    work = application(context)
    zone, coop = work.settings.timezone, work.cooperative
    when = pin(coop.chain, parse_at(at, zone))
    found = finding.list_members(coop, when, MemberNumber(start), closed=closed, annulled=annulled)
    listed = list(islice(found, count or None))
    title = (
        f"Members as of {show_time(when.time, zone)}, block {when.block.number} "
        f"(0x{when.block.hash.hex()})"
    )
    show([_row(record, zone) for record in listed], _COLUMNS, output, title)
    if count and len(listed) == count and next(found, None) is not None:
        say(f"More follow: --start {listed[-1].number + 1}")


def member(
    context: typer.Context,
    who: Annotated[
        str, typer.Argument(help="A number, an account, or an e-mail.", show_default=False)
    ],
    output: FormatOption = Format.TABLE,
) -> None:
    """Show one member. Names and e-mail only to those who hold the master secret."""
    work = application(context)
    zone, coop = work.settings.timezone, work.cooperative
    found = finding.find_who(coop, lambda: work.people, who)
    facts: dict[str, Any] = {
        **_row(found.record, zone),
        "card": found.card,
        "moved_from": found.link.moved_from,
        "other_records": [record.number for record in found.others],
    }
    if "@" in who:
        stored = work.people.stored_about(email_of(who))
        facts |= {"email": stored.email, "names": [each.name for each in stored.names]}
    show_one(facts, output)


def ticket(
    context: typer.Context,
    code: Annotated[
        str,
        typer.Argument(help="A ticket id, a pretix code, or ORDER-POSITION.", show_default=False),
    ],
    output: FormatOption = Format.TABLE,
) -> None:
    """Show one ticket."""
    work = application(context)
    coop = work.cooperative
    (ticket_id,) = door.find_tickets(coop, lambda: work.people, [code], work.index)
    found = finding.find_ticket(coop, ticket_id)
    # A screening of another box office is known by its number alone.
    showing = next(iter(showings_of(coop, [found.screening])), None)
    show_one(
        {
            "ticket": found.ticket_id,
            "state": found.state,
            "screening": found.screening,
            "film": showing and showing.film.title,
            "starts": showing and show_time(showing.screening.starts_at, work.settings.timezone),
            "tier": showing.tiers[found.tier].name if showing else found.tier,
            "seat": found.seat or None,
            "holder": found.owner,
            "member": found.member,
            "locked": found.locked,
            "paid_on_chain": found.paid_on_chain,
        },
        output,
    )


def close(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The member's number.", show_default=False)],
    cause: Annotated[ClosingCause, typer.Option(help="Why.")],
    reference: ReferenceOption,
) -> None:
    """Close a record: schedules it, and executes it when called again after the delay."""
    work = application(context)
    done = closing.close_membership(
        work.cooperative,
        work.sender,
        work.operator.address,
        MemberNumber(number),
        Cause[cause.name],
        work.people.attestation_of(reference),
    )
    if isinstance(done, closing.Closed):
        print(f"Member {number} is closed: {cause}.")
        return
    say_scheduled(work, done)


def _row(record: Record, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "number": record.number,
        "account": record.account,
        "standing": record.standing.name.lower(),
        "consent": record.consent.name.lower(),
        "joined": show_time(record.joined_at, zone),
        "left": show_time(record.left_at, zone),
        "cause": record.cause.name.lower() if record.cause else None,
    }
