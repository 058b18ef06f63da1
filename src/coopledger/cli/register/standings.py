"""Commands of the registrar: standing, and enrolling by form."""

from enum import StrEnum
from typing import Annotated

import typer

from coopledger.cli.frame.context import FormatOption, InputFile, ReferenceOption, application
from coopledger.cli.frame.output import Format, progress_bar, say, show_one
from coopledger.cli.frame.scheduling import say_scheduled
from coopledger.cli.frame.values import parse_time, show_day, show_time
from coopledger.domain.register import Standing
from coopledger.errors import PartlyDone
from coopledger.imports.standings import read_standings
from coopledger.services.counter import door
from coopledger.services.register import enrolling, finding
from coopledger.services.register.enrolling import Enrolled
from coopledger.services.register.standings import set_standing, set_standings

WhoArgument = Annotated[
    str, typer.Argument(help="A number, an account, or an e-mail.", show_default=False)
]


class SomeStandingsLeftOut(PartlyDone):
    """The good rows of a list were sent, bad ones left out."""

    rows: int

    advice = "Correct those rows and give the file again; nothing is sent twice."

    def __str__(self) -> str:
        return "1 row was left out" if self.rows == 1 else f"{self.rows} rows were left out"


class StandingWord(StrEnum):
    """What a member may be."""

    FULL = "full"
    ASSOCIATE = "associate"


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("standing")(standing_command)
    app.command("standings")(standings_command)
    app.command("enrol")(enrol_command)


def standing_command(
    context: typer.Context,
    who: WhoArgument,
    standing: Annotated[StandingWord, typer.Argument(help="Only full members vote.")],
    reference: ReferenceOption,
) -> None:
    """Make a member full (their identity was checked) or associate."""
    work = application(context)
    record = finding.open_record(work.cooperative, lambda: work.people, who)
    waits = set_standing(
        work.cooperative,
        work.sender,
        work.operator.address,
        record,
        Standing[standing.name],
        work.people.attestation_of(reference),
    )
    if waits is not None:
        say_scheduled(work, waits)
        return
    print(f"Member {record.number} is {standing} now.")


def standings_command(
    context: typer.Context,
    file: InputFile,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Send the good rows of a file with bad ones.")
    ] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Give many members a standing by a CSV with the columns who, standing and reference.

    Exit code 9 after --skip-bad.
    """
    work = application(context)
    listed = read_standings(file)
    with progress_bar("Standings") as progress:
        report = set_standings(
            work.cooperative,
            work.sender,
            work.operator.address,
            work.people,
            listed,
            progress,
            skip_bad=skip_bad,
        )
    left_out = len({problem.place for problem in report.problems})
    facts = {
        "changed": report.changed,
        "unchanged": report.unchanged,
        "scheduled": report.scheduled,
        "left_out": left_out,
        "gas": report.gas,
    }
    show_one(facts, output)
    if report.last is not None:
        when = show_time(report.last.ready_at, work.settings.timezone)
        say(f"All that is scheduled can be executed from {when} on: give the same file again then.")
    for problem in report.problems:
        say(f"Left out: {problem}")
    if left_out:
        raise SomeStandingsLeftOut(left_out)


def enrol_command(
    context: typer.Context,
    codes: Annotated[
        list[str],
        typer.Argument(
            help="Ticket ids, pretix codes or ORDER-POSITION; one for each person.",
            show_default=False,
        ),
    ],
    reference: ReferenceOption,
    consented_at: Annotated[
        str | None, typer.Option(help="The day on the paper: 2026-11-30. Without it: today.")
    ] = None,
) -> None:
    """Enrol the holders of tickets, who consented to the by-laws on paper."""
    work = application(context)
    zone, coop = work.settings.timezone, work.cooperative
    day = enrolling.today(coop, zone) if consented_at is None else parse_time(consented_at, zone)
    tickets = door.find_tickets(coop, lambda: work.people, codes, work.index)
    outcome = enrolling.enrol(
        coop,
        work.sender,
        work.operator.address,
        tickets,
        work.people.attestation_of(reference),
        day,
    )
    for each in outcome:
        if isinstance(each, Enrolled):
            print(f"Member {each.number} joined with ticket {each.ticket_id}.")
        else:
            say_scheduled(work, each)
            say(f"The same command on another day needs --consented-at '{show_day(day, zone)}'.")
