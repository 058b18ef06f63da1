"""Commands for roles: who holds which, giving and taking them."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from coopledger.audit.views.powers import RoleHolder
from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, say, show, show_one
from coopledger.cli.frame.scheduling import say_scheduled
from coopledger.cli.frame.values import show_time
from coopledger.domain.accounts import account_of
from coopledger.domain.roles import Role
from coopledger.domain.types import Timestamp
from coopledger.errors import BadInput
from coopledger.services.authority import appointing
from coopledger.services.authority.delays import Scheduled
from coopledger.services.authority.powers import list_powers
from coopledger.services.founding.deploying import DAY_S

HOLDER_COLUMNS = ("role", "account", "which_is", "delay", "in_force", "delay_changes")

AccountArgument = Annotated[str, typer.Argument(help="An account.", show_default=False)]
RoleArgument = Annotated[
    str, typer.Argument(help="Such as TREASURER; see 'coopledger role list'.", show_default=False)
]


class NoSuchRole(BadInput):
    """What was typed is no role."""

    text: str
    names: tuple[str, ...]

    advice = "See what each role is for: coopledger role list"

    def __str__(self) -> str:
        return f"there is no role '{self.text}'; there are: {', '.join(self.names)}"


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    roles = typer.Typer(help="The roles and who holds them.", no_args_is_help=True)
    roles.command("list")(role_list)
    roles.command("grant")(role_grant)
    roles.command("revoke")(role_revoke)
    app.add_typer(roles, name="role")


def role_list(context: typer.Context, output: FormatOption = Format.TABLE) -> None:
    """List every role, who holds it from when, what it may do, and what is unusual."""
    work = application(context)
    zone = work.settings.timezone
    found = list_powers(work.cooperative)
    rows = [
        holder_row(holder, found.moment, zone) for role in found.roles for holder in role.holders
    ]
    roles = [
        {"role": role.role.name, "may": list(role.may), "guardian": role.guardian.name}
        for role in found.roles
    ]
    if output is Format.JSON:
        as_of = {"block": found.block, "time": show_time(found.moment, zone)}
        facts = {"as_of": as_of, "holders": rows, "roles": roles}
        show_one({**facts, "unusual": list(found.unusual)}, output)
        return
    title = f"Roles as of {show_time(found.moment, zone)}, block {found.block}"
    show(rows, HOLDER_COLUMNS, output, title)
    if output is Format.TABLE:
        show(roles, ("role", "may", "guardian"), output)
        print("\n".join(f"Unusual: {each}." for each in found.unusual) or "Nothing is unusual.")


def role_grant(
    context: typer.Context,
    role: RoleArgument,
    account: AccountArgument,
    delay_days: Annotated[
        float, typer.Option(min=0, max=365, help="How long each of its calls is to wait.")
    ] = 0,
) -> None:
    """Give an account a role, or change its delay. Schedules it; again later, executes it."""
    work = application(context)
    zone = work.settings.timezone
    done = appointing.grant_role(
        work.cooperative,
        work.sender,
        work.operator.address,
        _role(role),
        account_of(account),
        int(delay_days * DAY_S),
    )
    if isinstance(done, Scheduled):
        say_scheduled(work, done)
        say(
            "Once executed, a new holder's role and delay are in force at once. Of an account that "
            "holds it already, a longer delay is in force at once, a shorter one only after the "
            "difference between the two."
        )
        return
    print(f"{done.account} holds {done.role.name}, delay {_days(done.grant.delay_s)}.")
    if done.grant.changes_at is not None:
        when = show_time(done.grant.changes_at, zone)
        print(f"The delay becomes {_days(done.grant.pending_delay_s or 0)} at {when}.")


def role_revoke(context: typer.Context, role: RoleArgument, account: AccountArgument) -> None:
    """Take a role from an account. Schedules it; again later, executes it."""
    work = application(context)
    done = appointing.revoke_role(
        work.cooperative, work.sender, work.operator.address, _role(role), account_of(account)
    )
    if isinstance(done, Scheduled):
        say_scheduled(work, done)
        return
    print(f"{done.account} no longer holds {done.role.name}.")


def _role(text: str) -> Role:
    name = text.upper().replace("-", "_")
    if name not in Role.__members__:
        raise NoSuchRole(text, tuple(Role.__members__))
    return Role[name]


def holder_row(holder: RoleHolder, moment: Timestamp, zone: ZoneInfo) -> dict[str, Any]:
    """Return how somebody holds a role, under ``HOLDER_COLUMNS``."""
    grant = holder.grant
    change = None
    if grant.changes_at is not None:
        change = f"to {_days(grant.pending_delay_s or 0)} at {show_time(grant.changes_at, zone)}"
    return {
        "role": holder.role.name,
        "account": holder.account,
        "which_is": holder.name or ("a contract" if holder.has_code else "a key"),
        "delay": _days(grant.delay_s),
        "in_force": "now" if holder.in_force(moment) else f"from {show_time(grant.since, zone)}",
        "delay_changes": change,
    }


def _days(seconds: int) -> str:
    days = seconds / DAY_S
    return "none" if not seconds else "1 day" if days == 1 else f"{days:g} days"
