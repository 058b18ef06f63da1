"""Commands of the audit: the register from the chain alone, and a list of members held against it."""

import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from coopledger.audit import run
from coopledger.audit.files.compare import Listing, asks_for_admissions, compare_file
from coopledger.audit.files.register_file import open_register_file
from coopledger.audit.run import Verdict
from coopledger.bootstrap import Application
from coopledger.cli.auditing import on_schedule, proofs
from coopledger.cli.auditing.report import (
    refuse_differences,
    show_comparison,
    show_index_comparison,
    show_verdict,
)
from coopledger.cli.auditing.target import (
    AtOption,
    FirstBlockOption,
    LedgerOption,
    RpcOption,
    chain_of,
    cooperative_of,
    target_of,
)
from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, progress_bar
from coopledger.cli.frame.values import parse_at
from coopledger.domain.types import BlockNumber
from coopledger.index.comparing.differing import Anew
from coopledger.services.auditing.comparing import compare_index


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    group = typer.Typer(help="Check the register against the chain itself, and prove it.")
    group.callback(invoke_without_command=True)(audit)
    group.command("compare")(compare)
    proofs.add_to(group)
    on_schedule.add_to(group)
    app.add_typer(group, name="audit")


def audit(
    context: typer.Context,
    at: AtOption = None,
    rpc: RpcOption = None,
    ledger: LedgerOption = None,
    first_block: FirstBlockOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Audit the register from the chain alone: no database, no key, no file is needed.

    The list of members by view, by events and by the hash chain must agree, and every rule of the ledger
    must hold over its whole history. Exit code 1 if something differs.
    """
    given = [each for each in (at, rpc, ledger, first_block) if each is not None]
    if context.invoked_subcommand is not None:
        if given:
            raise typer.BadParameter(f"write options behind '{context.invoked_subcommand}'")
        return
    work = application(context)
    verdict = run_audit(work, at, rpc, ledger, first_block)
    show_verdict(verdict, work.settings.timezone, output)
    refuse_differences(verdict.findings)


def compare(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="A list of members: CSV or JSON. Without it, the index in the database.",
            show_default=False,
        ),
    ] = None,
    at: AtOption = None,
    closed: Annotated[
        bool, typer.Option("--closed", help="The list is to have closed records, too.")
    ] = False,
    annulled: Annotated[
        bool, typer.Option("--annulled", help="The list is to have entries made in error, too.")
    ] = False,
    register_only: Annotated[
        bool,
        typer.Option(
            "--register-only",
            help="Of the database: hold only the register's records against the chain. Much faster.",
        ),
    ] = False,
    rpc: RpcOption = None,
    ledger: LedgerOption = None,
    first_block: FirstBlockOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Compare a list of members, or the whole index in the database, with the chain.

    A list is compared as of its moment: --at, else the one that a JSON file names, else now.

    Without a file the index is compared as of the block that it has come to: its register with the audit's
    own, then every column of every table with an index that is made anew from the chain for this, in a
    database of its own that goes again. That takes as long as 'index rebuild'.

    Exit code 1 if something differs.
    """
    work = application(context)
    if file is None:
        given = [each for each in (at, ledger, first_block) if each is not None]
        if given or closed or annulled:
            raise typer.BadParameter(
                "with the database, only --rpc and --register-only have a meaning"
            )
        compare_with_index(work, rpc, register_only, output)
        return
    if register_only:
        raise typer.BadParameter("--register-only is for the database, not for a file")
    opened = open_register_file(file)
    if at is None and opened.block is not None:
        at = str(opened.block)
    opening = asks_for_admissions(opened)
    verdict = run_audit(work, at, rpc, ledger, first_block, admissions=opening)
    zone = work.settings.timezone
    compared = compare_file(verdict, opened, Listing(closed, annulled, zone))
    show_comparison(verdict, opened, compared, zone, output)
    refuse_differences(verdict.findings)


def compare_with_index(
    work: Application, rpc: str | None, register_only: bool, output: Format
) -> None:
    """Compare the index in the database, show what came of it, and fail where something differs."""
    zone = work.settings.timezone
    coop = cooperative_of(work, chain_of(work, rpc))
    with (
        _terminated_as_interrupted(),
        work.index(coop) as connection,
        progress_bar("Blocks") as show_progress,
    ):

        def make_anew(block: BlockNumber) -> AbstractContextManager[Anew]:
            return work.index_made_anew(
                coop, block, lambda progress: show_progress(progress.block, progress.head)
            )

        found = compare_index(coop, connection, None if register_only else make_anew, zone)
    show_index_comparison(found, zone, output)
    refuse_differences(found.verdict.findings)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does, so that the database that it started goes with it."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run_audit(
    work: Application,
    at: str | None,
    rpc: str | None,
    ledger: str | None,
    first_block: int | None,
    *,
    admissions: bool = False,
) -> Verdict:
    """Return the verdict on what is to be audited.

    Raises: see :func:`target_of` and ``audit.run.audit``.
    """
    target = target_of(work, rpc, ledger)
    asked = parse_at(at, work.settings.timezone)
    first = target.first_block if first_block is None else BlockNumber(first_block)
    return run.audit(target.ledger, asked, first_block=first, admissions=admissions)
