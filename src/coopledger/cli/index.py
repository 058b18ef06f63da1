"""Commands for the index: the worker that follows the chain, how far it is, and making it anew."""

import signal
from threading import Event

import typer

from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.interpreter import prepare_to_follow
from coopledger.cli.frame.output import Format, progress_bar, say, show_one
from coopledger.cli.frame.values import show_time
from coopledger.index.following.sync import Progress


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(worker)
    group = typer.Typer(
        help="The index: a copy of the chain in the database.", no_args_is_help=True
    )
    group.command()(status)
    group.command()(rebuild)
    app.add_typer(group, name="index")


def worker(context: typer.Context) -> None:
    """Follow the chain into the index until stopped, and audit both on schedule.

    One at a time; a second one waits. COOPLEDGER_AUDIT_EVERY_S says how often it audits.
    """
    prepare_to_follow()
    work = application(context)
    follower = work.worker(stopped_by_signals(), say)
    caught_up = False

    def tell(progress: Progress) -> None:
        nonlocal caught_up
        if progress.caught_up and not caught_up:
            say(f"The index has caught up with the chain at block {progress.block}.")
        caught_up = progress.caught_up

    follower.watch = tell
    say(f"Following ledger {work.cooperative.ledger.address} on chain {work.chain.chain_id}.")
    follower.run()
    say("The worker has stopped.")


def status(context: typer.Context, how: FormatOption = Format.TABLE) -> None:
    """Say how far the index is, and how far behind the chain."""
    work = application(context)
    zone = work.settings.timezone
    known, head = work.index_status(), work.chain.head()
    show_one(
        {
            "block": known.block,
            "block_hash": "0x" + known.block_hash.hex(),
            "block_time": show_time(known.time, zone),
            "blocks_behind": max(0, head - known.block),
            "final_block": known.final_block,
            "register_events": known.register_events,
            "register_head": "0x" + known.register_head.hex(),
            "records": known.records,
            "open_records": known.open_records,
            "tickets": known.tickets,
            "screenings": known.screenings,
        },
        how,
    )


def rebuild(context: typer.Context) -> None:
    """Drop the index and make it anew from the chain. Nothing else in the database is touched."""
    prepare_to_follow()
    work = application(context)
    with progress_bar("Blocks") as show_progress:
        builder = work.worker(stopped_by_signals(), say)
        builder.watch = lambda progress: show_progress(progress.block, progress.head)
        builder.rebuild()
    known = work.index_status()
    say(f"The index is at block {known.block}: {known.records} records, {known.tickets} tickets.")


def stopped_by_signals() -> Event:
    """Return what is set when the process is asked to end, by SIGTERM or from the keyboard."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
