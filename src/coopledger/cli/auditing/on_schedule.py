"""Commands of the scheduled audit: what it found so far, and doing it now."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, say, show
from coopledger.cli.frame.values import show_time
from coopledger.cli.index import stopped_by_signals
from coopledger.domain.types import to_timestamp
from coopledger.services.auditing.once import refuse, told
from coopledger.verdicts.store import Attempt

COLUMNS = ("began", "verdict", "block", "block_time", "records", "differences", "seconds", "first")


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group of the audit."""
    group.command()(now)
    group.command()(history)


def now(context: typer.Context) -> None:
    """Do the worker's audit now: the chain itself, and the index against it. It is recorded.

    Exit code 1 if something differs; the first 20 differences are shown.
    """
    attempt = application(context).audit_index(stopped_by_signals())
    if attempt.audited is not None and attempt.audited.findings:
        print("\n".join(attempt.audited.first_findings))
    refuse(attempt)
    print(told(attempt))


def history(
    context: typer.Context,
    count: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
    output: FormatOption = Format.TABLE,
) -> None:
    """List what the audits of the worker found, the newest first.

    Table and CSV show the first difference, JSON the first 20 and the block's hash.
    """
    work = application(context)
    audits = work.audits(count)
    rows = [_row(each, work.settings.timezone) for each in audits]
    if output is Format.JSON:
        rows = [row | _more(each) for row, each in zip(rows, audits, strict=True)]
    show(rows, COLUMNS, output)
    if not rows:
        say("Nothing is recorded yet. 'coopledger worker' audits once it has caught up.")


def _row(attempt: Attempt, zone: ZoneInfo) -> dict[str, Any]:
    row: dict[str, Any] = {
        **dict.fromkeys(COLUMNS),
        "began": show_time(to_timestamp(attempt.began_at), zone),
        "verdict": attempt.outcome.value,
        "seconds": round(attempt.seconds, 1),
        "first": attempt.reason,
    }
    if attempt.audited is not None:
        found = attempt.audited
        row |= {
            "block": found.block,
            "block_time": show_time(found.block_time, zone),
            "records": found.records,
            "differences": found.findings,
            "first": found.first_findings[0] if found.findings else None,
        }
    return row


def _more(attempt: Attempt) -> dict[str, Any]:
    found = attempt.audited
    return {
        "block_hash": None if found is None else "0x" + found.block_hash.hex(),
        "findings": [] if found is None else list(found.first_findings),
    }
