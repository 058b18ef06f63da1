"""What a command says when its call waits for a role's delay.

An operation's id is shown by its beginning, which ``coopledger pending`` takes.
"""

from coopledger.bootstrap import Application
from coopledger.cli.frame.output import say
from coopledger.cli.frame.values import show_time
from coopledger.domain.types import OperationId
from coopledger.services.authority.delays import Scheduled

_SHOWN_BYTES = 4


def say_scheduled(work: Application, scheduled: Scheduled) -> None:
    """Say when and how a scheduled operation is executed, and who can stop it."""
    zone = work.settings.timezone
    short = short_id(scheduled.operation)
    print(
        f"Scheduled. It can be executed from {show_time(scheduled.ready_at, zone)} on "
        f"(until {show_time(scheduled.expires_at, zone)}): run the same command again, or "
        f"coopledger pending execute {short}"
    )
    say(
        f"Whoever scheduled it or holds {scheduled.guardian.name} can still stop it: "
        f"coopledger pending cancel {short}"
    )


def short_id(operation: OperationId) -> str:
    """Return the beginning of an operation's id, which is enough to name it."""
    return f"0x{operation[:_SHOWN_BYTES].hex()}"
