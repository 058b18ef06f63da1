"""Commands that answer from the index: the register as of any moment, its changes, its exports."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from coopledger.bootstrap import Application
from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, say, show, show_one
from coopledger.cli.frame.values import parse_at, parse_time, show_time
from coopledger.cli.register.history_words import row_of
from coopledger.cli.register.options import (
    AnnulledOption,
    AtOption,
    ClosedOption,
    ConsentOption,
    CountOption,
    FromOption,
    OpenOption,
    StandingOption,
    ToOption,
    wanted_of,
)
from coopledger.domain.moments import Moment
from coopledger.domain.types import MemberNumber, ScreeningId, TicketId, Timestamp
from coopledger.exports.writing import check_kind
from coopledger.index.asking.entries import Entry, TicketEntry
from coopledger.index.asking.queries import Register
from coopledger.pictures.language import Language
from coopledger.services.asking import exporting
from coopledger.services.asking.moments import moment_of
from coopledger.services.register import finding

_COLUMNS = ("number", "account", "standing", "consent", "joined", "left", "cause", "card")
_EXITS = ("number", "account", "standing", "joined", "left", "cause", "document")
_TICKETS = ("ticket", "screening", "seat", "state", "holder", "member", "issued", "transaction")
_HISTORY = ("time", "what", "details", "block", "log_index", "transaction", "sender")


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    group = typer.Typer(help="The register as of any moment, from the index.")
    group.callback(invoke_without_command=True)(register)
    for command in (changes, counts, growth, history, tickets, export):
        group.command()(command)
    app.add_typer(group, name="register")


def register(
    context: typer.Context,
    at: AtOption = None,
    standing: StandingOption = None,
    consent: ConsentOption = None,
    is_open: OpenOption = False,
    closed: ClosedOption = False,
    joined_from: FromOption = None,
    joined_to: ToOption = None,
    annulled: AnnulledOption = False,
    start: Annotated[int, typer.Option(min=1, help="The first number to list.")] = 1,
    count: CountOption = 50,
    output: FormatOption = Format.TABLE,
) -> None:
    """List the register as of a block or time, from the index."""
    if context.invoked_subcommand is not None:
        return
    work = application(context)
    zone = work.settings.timezone
    wanted = wanted_of(zone, standing, consent, is_open, closed, joined_from, joined_to, annulled)
    with work.index() as connection:
        as_of = _moment(work, connection, at)
        then = Register(connection, as_of)
        after = MemberNumber(start - 1)
        found = then.page(wanted, count + 1, after)
        totals = then.counts()
    show([_row(entry, zone) for entry in found[:count]], _COLUMNS, output, _title(as_of, zone))
    if totals.annulled and not annulled:
        say(f"{totals.annulled} entries made in error are left out (--annulled lists them).")
    if len(found) > count:
        say(f"More follow: --start {found[count].number}")


def changes(
    context: typer.Context,
    since: Annotated[str, typer.Option("--from", help="The earlier block or time.")],
    until: Annotated[
        str | None, typer.Option("--to", help="The later one; without it, the last final block.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List who joined and who left.")] = False,
    annulled: AnnulledOption = False,
    count: CountOption = 50,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show what changed between two moments: opening + joins - exits = closing."""
    work = application(context)
    zone = work.settings.timezone
    with work.index() as connection:
        as_of = _moment(work, connection, until)
        begin = _moment(work, connection, since).time
        then = Register(connection, as_of)
        found = then.changes(begin)
        joins = then.joins(begin, count, annulled=annulled) if listed else ()
        exits = then.exits(begin, count, annulled=annulled) if listed else ()
    facts = {name: getattr(found, name) for name in found.__dataclass_fields__}
    facts |= {"since": show_time(found.since, zone), "until": show_time(found.until, zone)}
    facts |= {"joins": found.joins, "exits": found.exits}
    show_one({**facts, **_as_of(as_of, zone)}, output)
    if listed:
        show([_row(entry, zone) for entry in joins], _COLUMNS, output, "Joined")
        rows = [
            {**_row(each.entry, zone), "document": each.document and "0x" + each.document.hex()}
            for each in exits
        ]
        show(rows, _EXITS, output, "Left")


def counts(
    context: typer.Context, at: AtOption = None, output: FormatOption = Format.TABLE
) -> None:
    """Count the members by standing and by consent, as of a block or time."""
    work = application(context)
    with work.index() as connection:
        as_of = _moment(work, connection, at)
        found = Register(connection, as_of).counts()
    facts = {name: getattr(found, name) for name in found.__dataclass_fields__}
    show_one({**facts, **_as_of(as_of, work.settings.timezone)}, output)


def growth(
    context: typer.Context,
    at: AtOption = None,
    first: Annotated[str | None, typer.Option("--from", help="The first day: 2026-12-01.")] = None,
    count: CountOption = 366,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show how the register grew, day by day."""
    work = application(context)
    zone = work.settings.timezone
    with work.index() as connection:
        as_of = _moment(work, connection, at)
        day = None if first is None else _day(first, zone)
        days = Register(connection, as_of).growth(zone, day, count)
    rows = [
        {"day": str(each.day), "joins": each.joins, "exits": each.exits, "open": each.open}
        for each in days
    ]
    show(rows, ("day", "joins", "exits", "open"), output, _title(as_of, zone))


def history(
    context: typer.Context,
    who: Annotated[
        str, typer.Argument(help="A number, an account, or an e-mail.", show_default=False)
    ],
    at: AtOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show everything that happened to one member, with every transaction."""
    work = application(context)
    zone, coop = work.settings.timezone, work.cooperative
    number = finding.find_who(coop, lambda: work.people, who).record.number
    with work.index() as connection:
        as_of = _moment(work, connection, at)
        found = Register(connection, as_of).history(number)
    title = f"Member {number}, {_title(as_of, zone)}"
    show([row_of(each, number, zone) for each in found], _HISTORY, output, title)


def tickets(
    context: typer.Context,
    member: Annotated[
        str | None, typer.Option(help="Whose: a number, an account, or an e-mail.")
    ] = None,
    screening: Annotated[int | None, typer.Option(min=1, help="Of which screening.")] = None,
    at: AtOption = None,
    start: Annotated[int, typer.Option(min=1, help="The first ticket to list.")] = 1,
    count: CountOption = 50,
    output: FormatOption = Format.TABLE,
) -> None:
    """List tickets by member or by screening, as of a block or time."""
    if (member is None) == (screening is None):
        raise typer.BadParameter("name either --member or --screening")
    work = application(context)
    zone, coop = work.settings.timezone, work.cooperative
    after = TicketId(start - 1)
    with work.index() as connection:
        as_of = _moment(work, connection, at)
        then = Register(connection, as_of)
        if screening is not None:
            told = then.tickets_for(ScreeningId(screening), count + 1, after)
        else:
            account = finding.find_who(coop, lambda: work.people, str(member)).record.account
            told = then.tickets_of(account, count + 1, after)
        found = told
    show([_ticket(each, zone) for each in found[:count]], _TICKETS, output, _title(as_of, zone))
    if len(found) > count:
        say(f"More follow: --start {found[count].ticket.ticket_id}")


def export(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="Ends in .csv, .json, .xlsx or .pdf.", show_default=False)
    ],
    at: AtOption = None,
    standing: StandingOption = None,
    consent: ConsentOption = None,
    is_open: OpenOption = False,
    closed: ClosedOption = False,
    joined_from: FromOption = None,
    joined_to: ToOption = None,
    annulled: AnnulledOption = False,
    with_names: Annotated[
        bool, typer.Option("--with-names", help="Add all attendees' names of each account.")
    ] = False,
    language: Annotated[Language, typer.Option(help="Of the texts around the data.")] = Language.ID,
) -> None:
    """Write the register as of a block or time into a file, with the command that verifies it."""
    check_kind(file)
    work = application(context)
    coop, zone = work.cooperative, work.settings.timezone
    wanted = wanted_of(zone, standing, consent, is_open, closed, joined_from, joined_to, annulled)
    names = exporting.names_of(work.people, coop) if with_names else None
    with work.index() as connection:
        as_of = _moment(work, connection, at)
        about, written = exporting.export(
            file, coop, work.house, connection, as_of, wanted, language, names
        )
    facts = {"file": str(file), "rows": written.rows, "annulled": about.counts.annulled}
    facts |= {"sha256_of_the_data": written.sha256, **_as_of(as_of, zone)}
    show_one({**facts, "verify": about.verify(file)}, Format.TABLE)
    if with_names:
        say("The file holds personal data. Its names are no part of the audited data.")


def _moment(work: Application, connection: Any, at: str | None) -> Moment:
    asked = parse_at(at, work.settings.timezone)
    return moment_of(connection, lambda: work.chain, asked)


def _day(text: str, zone: ZoneInfo) -> date:
    return date.fromisoformat(str(show_time(Timestamp(parse_time(text, zone)), zone))[:10])


def _title(as_of: Moment, zone: ZoneInfo) -> str:
    final = "" if as_of.final else ", not final yet"
    return (
        f"As of {show_time(as_of.time, zone)}, block {as_of.block.number} "
        f"(0x{as_of.block.hash.hex()}{final})"
    )


def _as_of(as_of: Moment, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "as_of": show_time(as_of.time, zone),
        "block": as_of.block.number,
        "block_hash": "0x" + as_of.block.hash.hex(),
        "final": as_of.final,
    }


def _row(entry: Entry, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "number": entry.number,
        "account": entry.account,
        "standing": entry.standing.name.lower(),
        "consent": entry.consent.name.lower(),
        "joined": show_time(entry.joined_at, zone),
        "left": show_time(entry.left_at, zone),
        "cause": entry.cause.name.lower() if entry.cause else None,
        "card": entry.card,
    }


def _ticket(each: TicketEntry, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "ticket": each.ticket.ticket_id,
        "screening": each.ticket.screening,
        "seat": each.ticket.seat or None,
        "state": each.ticket.state,
        "holder": each.ticket.owner,
        "member": each.ticket.member,
        "issued": show_time(each.issued_at, zone),
        "transaction": "0x" + each.transaction.hex(),
    }
