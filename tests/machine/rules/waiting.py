"""Decisions that wait: closing a record, and changing who may sell. See docs/decisions/roles.md.

A decision is known by who scheduled it and by exactly what it says; it is good for a week from when it is
ready, and then has to be scheduled anew.
"""

from tests.machine.rules.refusing import checking
from tests.machine.rules.world import DAY, Account, Time, World

GOOD_FOR = 7 * DAY

Decision = tuple[object, ...]


def schedule(world: World, caller: Account, role: str, decision: Decision, delay: Time) -> None:
    """Somebody schedules what their role lets them do later."""
    key = (caller, *decision)
    with checking() as check:
        check.first(caller in world.roles[role], "AccessManagerUnauthorizedCall", caller=caller)
        ready = world.scheduled.get(key)
        again = ready is None or world.now >= ready + GOOD_FOR
        check.that(again, "AccessManagerAlreadyScheduled")
    world.scheduled[key] = world.now + delay


def take_up(world: World, caller: Account, role: str, decision: Decision) -> None:
    """What was scheduled is executed now: not early, not late, not twice."""
    key = (caller, *decision)
    with checking() as check:
        check.first(caller in world.roles[role], "AccessManagerUnauthorizedCall", caller=caller)
        check.first(key in world.scheduled, "AccessManagerNotScheduled")
        ready = world.scheduled[key]
        check.that(world.now >= ready, "AccessManagerNotReady")
        check.that(world.now < ready + GOOD_FOR, "AccessManagerExpired")
    del world.scheduled[key]


def call_off(world: World, caller: Account, guardian_role: str, decision: Decision) -> None:
    """Who scheduled it calls it off, or the guardian of the role, or an admin, at once.

    ``decision`` begins with who scheduled it.
    """
    with checking() as check:
        check.first(decision in world.scheduled, "AccessManagerNotScheduled")
        guardians = world.roles[guardian_role] | world.roles["ADMIN"]
        may = caller == decision[0] or caller in guardians
        check.that(may, "AccessManagerUnauthorizedCancel", caller=decision[0])
    del world.scheduled[decision]
