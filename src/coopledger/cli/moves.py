"""Commands for moving a membership to a new key.

What a move does to refunds and deposits is said before it is sent; after that only the guardian can stop
it, and after the acceptance nobody.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from coopledger.bootstrap import Application
from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, say, show, show_one
from coopledger.cli.frame.scheduling import say_scheduled
from coopledger.cli.frame.values import parse_time, show_time
from coopledger.cli.holders.holding import DeadlineOption, MessageMissing, MessageOption
from coopledger.domain.accounts import account_of
from coopledger.domain.register import Record
from coopledger.domain.signed_messages import Message, MessageKind
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import Address, TicketId, Timestamp
from coopledger.services.authority.delays import Scheduled
from coopledger.services.counter import door
from coopledger.services.messages.files import read_message, write_message
from coopledger.services.moves import moving, signed
from coopledger.services.moves.failures import NoMovePending
from coopledger.services.moves.status import MoveStatus, list_moves, move_status
from coopledger.services.register import finding

_COLUMNS = ("member", "state", "from", "to", "ready", "frozen", "possible")

WhoArgument = Annotated[
    str,
    typer.Argument(
        help="Whose membership: a number, the old account, or an e-mail.", show_default=False
    ),
]
ToArgument = Annotated[str, typer.Argument(help="The new account.", show_default=False)]
TicketsOption = Annotated[
    str | None,
    typer.Option(help="Which to take along, such as 3,4. Without it: all that can come along."),
]
NoTicketsOption = Annotated[
    bool, typer.Option("--no-tickets", help="Take none along but the card.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    group = typer.Typer(help="Moving a membership to a new key.", no_args_is_help=True)
    group.command("list")(move_list)
    group.command("status")(move_status_command)
    group.command("propose")(move_propose)
    group.command("veto")(move_veto)
    group.command("contest")(move_contest)
    group.command("cancel")(move_cancel)
    group.command("accept")(move_accept)
    group.command("now")(move_now)
    app.add_typer(group, name="move")


def move_list(context: typer.Context, output: FormatOption = Format.TABLE) -> None:
    """List the pending moves, how they stand, and who can do what."""
    work = application(context)
    rows = [_row(each, work.settings.timezone) for each in list_moves(work.cooperative)]
    show(rows, _COLUMNS, output)
    if not rows:
        say("No move is pending.")


def move_status_command(
    context: typer.Context, who: WhoArgument, output: FormatOption = Format.TABLE
) -> None:
    """Say how the move of one membership stands."""
    work = application(context)
    record = _record(work, who)
    status = move_status(work.cooperative, record.number)
    if status is None:
        raise NoMovePending(record.number)
    show_one(_row(status, work.settings.timezone), output)


def move_propose(context: typer.Context, who: WhoArgument, to: ToArgument) -> None:
    """Propose to move a membership whose key is lost. It waits 7 days (role RECOVERY)."""
    work = application(context)
    record, target = _record(work, who), account_of(to)
    done = moving.propose(work.cooperative, work.sender, work.operator.address, record, target)
    if isinstance(done, Scheduled):
        say_scheduled(work, done)
        return
    ready = show_time(done.ready_at, work.settings.timezone)
    print(
        f"Proposed: membership {record.number} moves to {target}. It can be accepted from {ready} on."
    )
    say("Until then and until it is accepted the old key can veto it and the guardian cancel it;")
    say("nothing is frozen: the old key can still hand tickets back, give them away and leave.")
    say(f"The new key accepts: coopledger move accept {record.number}")


def move_veto(
    context: typer.Context,
    who: WhoArgument,
    message: MessageOption = None,
    deadline: DeadlineOption = None,
) -> None:
    """Say no to a proposed move of your own membership, with the old key."""
    work = application(context)
    record = _record(work, who)
    if message is not None:
        written = signed.write_veto(work.cooperative, record, _until(work, deadline))
        _write(work, message, written, (record.account,))
        return
    _check_no_deadline(deadline)
    moving.veto(work.cooperative, work.sender, work.operator.address, record)
    print(f"Vetoed: membership {record.number} stays with {record.account}.")
    say("The board may contest: coopledger move contest. The guardian may clear the veto.")


def move_contest(context: typer.Context, who: WhoArgument, to: ToArgument) -> None:
    """Open a contested move after a veto. It waits 30 days, the old key frozen (role BOARD)."""
    work = application(context)
    record, target = _record(work, who), account_of(to)
    moving.check_can_be_contested(work.cooperative, record, target)
    say(f"{record.account} is frozen until the move is over: it cannot hand tickets back, give")
    say(
        "them away or leave, and its refunds wait. Where a refund's deadline passes meanwhile it is"
    )
    say("too late for it, unless the screening is cancelled.")
    done = moving.contest(work.cooperative, work.sender, work.operator.address, record, target)
    if isinstance(done, Scheduled):
        say_scheduled(work, done)
        return
    ready = show_time(done.ready_at, work.settings.timezone)
    print(
        f"Contested: membership {record.number} moves to {target}. It can be accepted from {ready} on."
    )
    say("The old key cannot veto it again; the guardian can cancel it.")
    say(f"The new key accepts: coopledger move accept {record.number}")


def move_cancel(context: typer.Context, who: WhoArgument) -> None:
    """Stop a move at any stage, or clear a veto (role GUARDIAN)."""
    work = application(context)
    record = _record(work, who)
    done = moving.cancel(work.cooperative, work.sender, work.operator.address, record)
    if isinstance(done, Scheduled):
        say_scheduled(work, done)
        return
    print(f"Cancelled: membership {record.number} stays with {record.account}.")
    say("A move can be proposed anew.")


def move_accept(
    context: typer.Context,
    who: WhoArgument,
    tickets: TicketsOption = None,
    no_tickets: NoTicketsOption = False,
    message: MessageOption = None,
    deadline: DeadlineOption = None,
) -> None:
    """Accept a move that leads to your key, and take the old account's tickets along."""
    work = application(context)
    coop, record = work.cooperative, _record(work, who)
    if message is not None:
        move = moving.pending_move(coop, record.number)
        chosen = _luggage(work, record, tickets, no_tickets=no_tickets)
        until = _until(work, deadline)
        written = signed.write_acceptance(coop, record, chosen, until)
        _write(work, message, written, (move.to,))
        return
    _check_no_deadline(deadline)
    moving.check_can_be_accepted(coop, record.number)
    chosen = _luggage(work, record, tickets, no_tickets=no_tickets)
    _say_moved(moving.accept(coop, work.sender, work.operator.address, record, chosen))


def move_now(
    context: typer.Context,
    who: WhoArgument,
    to: ToArgument,
    message: Annotated[
        Path, typer.Option(help="The file that both keys sign; written where it is not there.")
    ],
    tickets: TicketsOption = None,
    no_tickets: NoTicketsOption = False,
    deadline: DeadlineOption = None,
) -> None:
    """Move a membership at once, as both keys sign (role REGISTRAR).

    The first call writes the message; once both have signed it, the same call sends it.
    """
    work = application(context)
    coop, record, target = work.cooperative, _record(work, who), account_of(to)
    if not message.exists():
        chosen = _luggage(work, record, tickets, no_tickets=no_tickets)
        until = _until(work, deadline)
        written = signed.write_move_now(coop, record, target, chosen, until)
        _write(work, message, written, (record.account, target))
        return
    if no_tickets or (tickets, deadline) != (None, None):
        raise typer.BadParameter(f"{message} says which tickets, and until when", param_hint="file")
    file = read_message(message)
    done = signed.move_now(coop, work.sender, work.operator.address, file, record, target)
    if isinstance(done, Scheduled):
        say_scheduled(work, done)
        return
    _say_moved(done)


def _until(work: Application, text: str | None) -> Timestamp | None:
    return None if text is None else parse_time(text, work.settings.timezone)


def _check_no_deadline(deadline: str | None) -> None:
    if deadline is not None:
        raise MessageMissing("--deadline")


def _write(work: Application, path: Path, message: Message, signers: Sequence[Address]) -> None:
    write_message(path, message, {})
    until = show_time(message.deadline, work.settings.timezone)
    print(f"{path} is ready to be signed by {' and '.join(signers)}. It is good until {until}.")
    say(f"Next: coopledger sign {path}")
    if message.kind is MessageKind.MOVE_NOW:
        say("When both have signed, the registrar gives the same command again.")
    else:
        say(f"Then anybody can send it: coopledger relay {path}")


def _say_moved(moved: moving.MembershipMoved) -> None:
    print(f"Membership {moved.old_number} has moved: {moved.account} is member {moved.number} now.")
    if moved.tickets:
        print(f"Tickets that came along: {_ids(moved.tickets)}.")


def _luggage(
    work: Application, record: Record, text: str | None, *, no_tickets: bool
) -> list[TicketId]:
    """Return which tickets to take, and say what becomes of them and of their refunds."""
    coop = work.cooperative
    if no_tickets and text is not None:
        raise typer.BadParameter("name tickets, or take none along", param_hint="--no-tickets")
    held = moving.luggage_of(coop, record)
    chosen = [] if no_tickets else _named(held.comes)
    if text is not None:
        codes = [code for code in text.split(",") if code.strip()]
        named = door.find_tickets(coop, lambda: work.people, codes, work.index)
        chosen = moving.check_tickets(coop, record, named)
    left = [ticket for ticket in held.comes if ticket.ticket_id not in chosen]
    say("The card comes along; its deposit, where there is one, goes to the new account when due.")
    if chosen:
        say(f"Tickets that come along: {_ids(chosen)}. Refunds of them go to the new account.")
    if left:
        say(f"Tickets that stay with the old account, refunds too: {_ids(_named(left))}.")
    if held.stays:
        shown = ", ".join(f"{ticket.ticket_id} ({ticket.state})" for ticket in held.stays)
        say(f"Tickets that cannot come along: {shown}.")
    return chosen


def _record(work: Application, who: str) -> Record:
    return finding.open_record(work.cooperative, lambda: work.people, who)


def _named(tickets: Sequence[Ticket]) -> list[TicketId]:
    return [ticket.ticket_id for ticket in tickets]


def _ids(tickets: Sequence[TicketId]) -> str:
    return ", ".join(map(str, tickets))


def _row(status: MoveStatus, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "member": status.number,
        "state": status.standing.value,
        "from": status.account,
        "to": status.to,
        "ready": show_time(status.ready_at, zone),
        "frozen": status.frozen,
        "possible": list(status.possible),
    }
