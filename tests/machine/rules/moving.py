"""Moves of a membership to another key: rule 6.

Tickets that cannot come along stay where they are and spoil nothing.
"""

from collections.abc import Sequence

from coopledger.domain.moves import MoveKind, MoveState
from coopledger.domain.register import Cause, RegisterKind, moved_argument
from coopledger.domain.types import MemberNumber
from tests.machine.rules.membership import signature, tell
from tests.machine.rules.refusing import Check, checking
from tests.machine.rules.world import DAY, NOBODY, Account, Move, Record, Time, World

MOVE_DELAY = 7 * DAY
CONTESTED_DELAY = 30 * DAY


def propose(world: World, caller: Account, number: int, to: Account) -> None:
    """The recovery role proposes a move; it can be accepted in seven days."""
    with checking() as check:
        world.role(check, "RECOVERY", caller)
        _state_is(world, check, number, MoveState.NONE)
        _can_go(world, check, world.open_record(check, number), to)
    world.moves[number] = Move(to, world.now + MOVE_DELAY, MoveState.PROPOSED)


def veto(world: World, caller: Account, number: int) -> None:
    """The old key says no."""
    with checking() as check:
        record = world.open_record(check, number)
        own = record.account == caller
        check.that(own, "NotTheOldKey", number=number, account=record.account, caller=caller)
        _state_is(world, check, number, MoveState.PROPOSED)
    world.moves[number].state = MoveState.VETOED


def veto_by_signature(world: World, number: int, deadline: Time, signed_well: bool) -> None:
    """Anybody sends the old key's signed no."""
    with checking() as check:
        record = world.open_record(check, number)
        signature(world, check, record.account, deadline, signed_well)
        _state_is(world, check, number, MoveState.PROPOSED)
    world.moves[number].state = MoveState.VETOED


def contest(world: World, caller: Account, number: int, to: Account) -> None:
    """After a veto the board opens a contested move: thirty days, no veto, the old key frozen."""
    with checking() as check:
        world.role(check, "BOARD", caller)
        _state_is(world, check, number, MoveState.VETOED)
        _can_go(world, check, world.open_record(check, number), to)
    world.moves[number] = Move(to, world.now + CONTESTED_DELAY, MoveState.CONTESTED)


def cancel(world: World, caller: Account, number: int) -> None:
    """The guardian stops a move at any stage, or clears a veto."""
    with checking() as check:
        world.role(check, "GUARDIAN", caller)
        pending = number in world.moves
        check.that(pending, "WrongMoveState", number=number, state=MoveState.NONE)
    del world.moves[number]


def accept(world: World, caller: Account, number: int, ticket_ids: Sequence[int]) -> None:
    """The new key accepts."""
    move = world.moves.get(number)
    with checking() as check:
        to = move.to if move else NOBODY
        check.that(to == caller, "NotTheMoveTarget", number=number, to=to, caller=caller)
        _is_ready(world, check, number)
    assert move is not None
    delayed = move.state is MoveState.PROPOSED
    kind = MoveKind.DELAYED if delayed else MoveKind.CONTESTED
    _carry_over(world, number, move.to, ticket_ids, kind)


def accept_by_signature(
    world: World, number: int, ticket_ids: Sequence[int], deadline: Time, signed_well: bool
) -> None:
    """Anybody sends the new key's signed yes."""
    move = world.moves.get(number)
    with checking() as check:
        to = move.to if move else NOBODY
        signature(world, check, to, deadline, signed_well)
        _is_ready(world, check, number)
    accept(world, to, number, ticket_ids)


def move_now(
    world: World,
    caller: Account,
    number: int,
    to: Account,
    ticket_ids: Sequence[int],
    deadline: Time,
    signed_by_old: bool,
    signed_by_new: bool,
) -> None:
    """The registrar moves at once what both keys signed, unless the move is contested."""
    move = world.moves.get(number)
    with checking() as check:
        world.role(check, "REGISTRAR", caller)
        if move and move.state is MoveState.CONTESTED:
            check.that(False, "WrongMoveState", number=number, state=move.state)
        record = world.open_record(check, number)
        signature(world, check, record.account, deadline, signed_by_old)
        signature(world, check, to, deadline, signed_by_new)
        _can_go(world, check, record, to)
    _carry_over(world, number, to, ticket_ids, MoveKind.AGREED)


def _state_is(world: World, check: Check, number: int, state: MoveState) -> None:
    move = world.moves.get(number)
    found = move.state if move else MoveState.NONE
    check.that(found is state, "WrongMoveState", number=number, state=found)


def _can_go(world: World, check: Check, record: Record, to: Account) -> None:
    """A membership goes to another account, which is somebody's who is no member."""
    check.that(to not in {NOBODY, record.account}, "BadMoveTarget", to=to)
    there = world.membership(to)
    number = there.number if there else None
    check.that(there is None, "AlreadyMember", account=to, number=number)


def _is_ready(world: World, check: Check, number: int) -> None:
    move = world.moves.get(number)
    state = move.state if move else MoveState.NONE
    acceptable = state in {MoveState.PROPOSED, MoveState.CONTESTED}
    check.that(acceptable, "WrongMoveState", number=number, state=state)
    if move is None:
        return
    ready = world.now >= move.ready_at
    check.that(ready, "MoveNotReady", number=number, ready_at=move.ready_at)
    _can_go(world, check, world.open_record(check, number), move.to)


def _carry_over(
    world: World, number: int, to: Account, ticket_ids: Sequence[int], kind: MoveKind
) -> None:
    """Close the old record, open a linked one of the same standing, take card and tickets along."""
    old = world.records[number]
    old.left_at, old.cause = world.now, Cause.MOVED
    world.moves.pop(number, None)
    new = Record(
        number=len(world.records) + 1,
        account=to,
        joined_at=world.now,
        consent=old.consent,
        card=old.card,
        standing=old.standing,
        previous=world.latest(to),
        moved_from=number,
        standings=[(world.now, old.standing)],
    )
    world.records[new.number] = new
    for ticket_id in {old.card, *ticket_ids} & world.tickets.keys():
        ticket = world.tickets[ticket_id]
        free = not (ticket.member or ticket.redeemed or ticket.void)
        if ticket_id == old.card or (free and ticket.owner == old.account):
            ticket.owner = to
            world.approvals.pop(ticket_id, None)
    world.tickets[old.card].member = new.number
    argument = moved_argument(MemberNumber(number), kind)
    tell(world, RegisterKind.MOVED, new, new.card, argument)
