"""Commands for what waits for a role's delay: list, execute, cancel."""

import json
from collections.abc import Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, say, show
from coopledger.cli.frame.scheduling import short_id
from coopledger.cli.frame.values import show_time
from coopledger.services.authority import pending
from coopledger.services.authority.pending import Operation

_COLUMNS = ("operation", "state", "what", "role", "scheduled_by", "ready", "expires")
_MORE_COLUMNS = (*_COLUMNS, "contract", "function", "arguments")

OperationArgument = Annotated[
    str, typer.Argument(metavar="ID", help="The id, or its beginning.", show_default=False)
]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    group = typer.Typer(help="What waits for a role's delay.", no_args_is_help=True)
    group.command("list")(pending_list)
    group.command("execute")(pending_execute)
    group.command("cancel")(pending_cancel)
    app.add_typer(group, name="pending")


def pending_list(context: typer.Context, output: FormatOption = Format.TABLE) -> None:
    """List what is scheduled, by whom, and from when until when it can be executed."""
    work = application(context)
    is_table = output is Format.TABLE
    rows = [
        _row(each, work.settings.timezone, shorten=is_table)
        for each in pending.list_pending(work.cooperative)
    ]
    if output is Format.CSV:
        rows = [{**row, "arguments": json.dumps(row["arguments"])} for row in rows]
    show(rows, _COLUMNS if is_table else _MORE_COLUMNS, output)
    if not rows:
        say("Nothing is scheduled.")


def pending_execute(context: typer.Context, operation: OperationArgument) -> None:
    """Execute what this key has scheduled, once its delay is over."""
    work = application(context)
    found = pending.find_operation(work.cooperative, operation)
    pending.execute(work.cooperative, work.sender, work.operator.address, found)
    print(f"Executed: {found.described.says}.")


def pending_cancel(context: typer.Context, operation: OperationArgument) -> None:
    """Cancel what this key has scheduled, or what it may cancel as a guardian."""
    work = application(context)
    found = pending.find_operation(work.cooperative, operation)
    pending.cancel(work.cooperative, work.sender, work.operator.address, found)
    print(f"Cancelled: {found.described.says}.")


def _row(operation: Operation, zone: ZoneInfo, *, shorten: bool) -> dict[str, Any]:
    whole = f"0x{operation.operation.hex()}"
    return {
        "operation": short_id(operation.operation) if shorten else whole,
        "state": operation.state.value,
        "what": operation.described.says,
        "role": operation.role.name,
        "scheduled_by": operation.scheduled_by,
        "ready": show_time(operation.ready_at, zone),
        "expires": show_time(operation.expires_at, zone),
        "contract": operation.contract,
        "function": operation.described.function,
        "arguments": _plain(operation.described.arguments),
    }


def _plain(value: Any) -> Any:
    """Return an argument as JSON can hold it."""
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
