"""What was true at a time: answered from the whole story, not from any bookkeeping of the past.

A vote belongs to the membership, not to the account: whoever holds it now votes for what it was then, in
the name of the first record of its chain of moves (docs/decisions/moves.md).
"""

from coopledger.domain.register import Cause, Standing
from tests.machine.rules.world import Account, Record, Time, World


def member_at(world: World, account: Account, time: Time) -> int:
    """Return the number of an account's record that was open at a time; 0 if none was."""
    open_then = (r.number for r in world.records.values() if r.account == account)
    return next((n for n in open_then if world.records[n].was_open(time)), 0)


def members_at(world: World, time: Time) -> int:
    """Return how many records were open at a time."""
    return sum(record.was_open(time) for record in world.records.values())


def voters_at(world: World, time: Time) -> int:
    """Return how many full members there were at a time."""
    return sum(_could_vote(record, time) for record in world.records.values())


def voting_record(world: World, account: Account, time: Time) -> int:
    """Return the record in whose name an account votes on a question of a time; 0 if none."""
    votes = {}
    for record in world.records.values():
        if _could_vote(record, time):
            holder = _held_by(world, record)
            if holder.account == account and holder.cause is not Cause.ANNULLED:
                votes[holder.number] = world.origin(record.number)
    # Whoever holds two memberships of that time, one moved to them, has one vote: the newer's.
    return votes[max(votes)] if votes else 0


def _could_vote(record: Record, time: Time) -> bool:
    return record.was_open(time) and record.standing_at(time) is Standing.FULL


def _held_by(world: World, record: Record) -> Record:
    """Follow the moves to the record in which a membership is now, or has ended."""
    while record.cause is Cause.MOVED:
        number = record.number
        record = next(r for r in world.records.values() if r.moved_from == number)
    return record
