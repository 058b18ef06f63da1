"""When the worker audits: so long after the last time, in a thread of its own beside the following.

The worker is never held up and never left behind. It only says that it has caught up, and at its end
tells an audit that is under way to stop, which it does before it asks the node once more.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from coopledger.chain.wire.rpc import Interrupted
from coopledger.errors import CoopledgerError
from coopledger.services.auditing.once import told
from coopledger.verdicts.store import Attempt

RETRY_S = 900.0
"""Seconds until an audit that could not be done is tried again, unless the next one is due sooner."""

_AT_ONCE = datetime.min.replace(tzinfo=UTC)


def due_at(last: Attempt, every_s: float) -> datetime:
    """Return when the next audit is due after one, done or not."""
    pause_s = every_s if last.audited is not None else min(every_s, RETRY_S)
    return last.began_at + timedelta(seconds=pause_s)


@dataclass
class AuditSchedule:
    """Starts an audit when one is due."""

    every_s: float
    newest: Callable[[], Attempt | None]
    """Returns the newest audit that is recorded, whoever did it."""
    audit: Callable[[Event], Attempt]
    """Does an audit and records it, unless the event ends it."""
    say: Callable[[str], None]
    _ending: Event = field(default_factory=Event)
    _due: datetime = _AT_ONCE
    _thread: Thread | None = None

    def caught_up(self) -> None:
        """Start an audit if one is due and none is under way. Returns at once."""
        under_way = self._thread is not None and self._thread.is_alive()
        if not under_way and not self._ending.is_set() and datetime.now(UTC) >= self._due:
            self._thread = Thread(target=self._run, name="audit")
            self._thread.start()

    def end(self) -> None:
        """End an audit that is under way, and wait for that."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        self._due = datetime.now(UTC) + timedelta(seconds=min(self.every_s, RETRY_S))
        try:
            last = self.newest()
            if last is None or datetime.now(UTC) >= due_at(last, self.every_s):
                last = self.audit(self._ending)
                self.say(told(last))
            self._due = due_at(last, self.every_s)
        except Interrupted:
            self.say("The audit that was under way has stopped; nothing of it is recorded.")
        except CoopledgerError as failure:
            self.say(f"The audit is not recorded: {failure}.")
