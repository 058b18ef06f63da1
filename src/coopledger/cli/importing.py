"""The command that imports what was sold elsewhere."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, progress_bar, say, show_one
from coopledger.domain.types import TicketId
from coopledger.errors import BadInput, PartlyDone
from coopledger.imports.map.mapping import OrderMap
from coopledger.imports.orders.files import ImportedFile, read_positions
from coopledger.people.desk import People
from coopledger.services.counter import selling
from coopledger.services.importing.consents import ConsentRule, Consents
from coopledger.services.importing.report import ImportReport
from coopledger.services.importing.sending import import_orders

_MOST_NAMED = 20


class ConsentUnclear(BadInput):
    """``--consent`` does not say whose consent is taken as given."""

    text: str
    reason: str

    says = "--consent {text}: {reason}"
    advice = "Write --consent none, buyers, 'column NAME', or holders with --attestation REF."


class SomeRowsLeftOut(PartlyDone):
    """Good rows were imported, bad ones left out."""

    rows: int

    advice = "Correct those rows, export again and import the file again."

    def __str__(self) -> str:
        return "1 row was left out" if self.rows == 1 else f"{self.rows} rows were left out"


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("import-orders")(import_orders_command)


def import_orders_command(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Order exports.", show_default=False)],
    order_map: Annotated[
        Path, typer.Option("--map", help="Binds events to screenings and products to tiers.")
    ],
    consent: Annotated[
        str, typer.Option(help="Who joins: none, buyers, 'column NAME' or holders.")
    ] = "none",
    attestation: Annotated[
        str, typer.Option(help="Names the paper or form that shows the consents.")
    ] = "",
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Import the good rows of a file with bad ones.")
    ] = False,
    void_cancelled: Annotated[
        bool, typer.Option("--void-cancelled", help="Void tickets that are no longer sold.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Issue a ticket for every paid position that has none yet. Exit code 9 after --skip-bad."""
    work = application(context)
    zone = work.settings.timezone
    coop, people = work.cooperative, work.people
    with people.accounts_ahead(coop.chain.chain_id, coop.ledger.address):
        read = [read_positions(path, zone=zone) for path in files]
        consents = _consents(consent, attestation, read, people)
        with progress_bar("Tickets") as progress:
            report = import_orders(
                coop,
                work.sender,
                work.operator.address,
                people,
                work.settings,
                read,
                OrderMap.load(order_map, zone=zone),
                consents,
                look=work.index,
                skip_bad=skip_bad,
                dry_run=dry_run,
                progress=progress,
            )
    voidable = [each.ticket.ticket_id for each in report.withdrawn if not each.is_used]
    voided = 0
    if void_cancelled and voidable and not dry_run:
        document = people.attestation_of("import " + " ".join(f.sha256 for f in read))
        voided = selling.void(coop, work.sender, voidable, document)
    show_one(_facts(report, voided, dry_run=dry_run), output)
    _say_what_remains(report, voided)
    if report.problems:
        raise SomeRowsLeftOut(len({problem.place for problem in report.problems}))


def _consents(text: str, attestation: str, files: list[ImportedFile], people: People) -> Consents:
    # "column NAME" or "column:NAME"; the name itself may hold both signs.
    kind, *rest = re.split("[ :]", text, maxsplit=1)
    column = "".join(rest)
    if kind not in {rule.value for rule in ConsentRule} or (column and kind != ConsentRule.COLUMN):
        raise ConsentUnclear(text, "this is not a rule")
    rule = ConsentRule(kind)
    if rule is ConsentRule.NONE:
        return Consents()
    if rule is ConsentRule.COLUMN and not column.strip():
        raise ConsentUnclear(text, "the column's name is missing")
    if rule is ConsentRule.HOLDERS and not attestation:
        raise ConsentUnclear(text, "--attestation must name the paper that shows the consents")
    # Without a paper, the consents stand in the order form: the files themselves show them.
    paper = attestation or "orders " + " ".join(sorted(file.sha256 for file in files))
    return Consents(rule, column.strip(), people.attestation_of(paper))


def _facts(report: ImportReport, voided: int, *, dry_run: bool) -> dict[str, Any]:
    return {
        "orders_imported": report.orders,
        "tickets": report.tickets,
        "new_members": None if dry_run else report.joined,
        "positions_skipped": dict(sorted(report.skipped.items())),
        "to_collect": [f"{label} (ticket {ticket})" for label, ticket in report.to_collect],
        "no_longer_sold": [
            f"{each.key} (ticket {each.ticket.ticket_id}, {each.reason})"
            for each in report.withdrawn
        ],
        "voided": voided,
        "gas": report.gas,
    }


def _some(tickets: Sequence[tuple[str, TicketId]]) -> str:
    named = ", ".join(f"{label} (ticket {ticket})" for label, ticket in tickets[:_MOST_NAMED])
    more = len(tickets) - _MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named


def _say_what_remains(report: ImportReport, voided: int) -> None:
    for problem in report.problems:
        say(f"Left out: {problem}")
    if report.to_collect:
        say("Tickets to collect are held by the box office: nobody's address is in the order.")
    if report.paid_but_void:
        say(
            f"Paid, but their tickets are void: {_some(report.paid_but_void)}. Whoever is to come gets "
            "another at the counter (coopledger sell)."
        )
    if report.outdated:
        say(
            "Not members again, since they consented before their membership ended: "
            f"{', '.join(report.outdated)}. A new consent can be recorded with coopledger enrol."
        )
    used = [each for each in report.withdrawn if each.is_used]
    if len(report.withdrawn) > len(used) and not voided:
        say("Tickets that are no longer sold are still valid; --void-cancelled voids them.")
    if used:
        say("Used tickets cannot be voided, though they are no longer sold.")
