"""Tickets change hands, or do not, and are used at the door: rules 1, 5 and 9.

The lock holds on every path by which a token can change its owner.
"""

from collections.abc import Sequence

from tests.machine.rules.membership import signature
from tests.machine.rules.refusing import Check, checking
from tests.machine.rules.world import HOUR, NOBODY, Account, Ticket, Time, World

GATE_MARGIN = 12 * HOUR


def give(world: World, caller: Account, ticket_id: int, to: Account) -> None:
    """A holder gives a ticket to somebody, who is not enrolled by it."""
    with checking() as check:
        ticket = world.ticket(check, ticket_id)
        own = ticket.owner == caller
        check.that(own, "NotTheHolder", ticket_id=ticket_id, holder=ticket.owner, caller=caller)
        _can_change_hands(world, check, ticket, to)
    _hand_over(world, ticket, to)


def give_by_signature(
    world: World, signer: Account, ticket_id: int, to: Account, deadline: Time
) -> None:
    """Anybody sends a holder's signed gift, once."""
    with checking() as check:
        ticket = world.ticket(check, ticket_id)
        signature(world, check, ticket.owner, deadline, signer == ticket.owner)
        gift = (signer, ticket_id, to, deadline)
        check.that(gift not in world.used_gifts, "SignatureUsed")
        _can_change_hands(world, check, ticket, to)
    world.used_gifts.add(gift)
    _hand_over(world, ticket, to)


def transfer(world: World, caller: Account, giver: Account, ticket_id: int, to: Account) -> None:
    """A holder, or whom they trust, transfers a token as wallets and markets do (ERC-721)."""
    with checking() as check:
        check.that(not world.frozen(giver), "AccountFrozen", account=giver)
        ticket = world.ticket(check, ticket_id)
        check.that(ticket.owner == giver, "TransferFromIncorrectOwner")
        trusted = caller == ticket.owner or world.approvals.get(ticket_id) == caller
        trusted = trusted or (ticket.owner, caller) in world.operators
        check.that(trusted, "NotOwnerNorApproved")
        _can_change_hands(world, check, ticket, to)
    _hand_over(world, ticket, to)


def approve(world: World, caller: Account, ticket_id: int, trusted: Account) -> None:
    """A holder lets somebody transfer one ticket."""
    with checking() as check:
        ticket = world.ticket(check, ticket_id)
        may = caller == ticket.owner or (ticket.owner, caller) in world.operators
        check.that(may, "NotOwnerNorApproved")
    world.approvals[ticket_id] = trusted


def approve_all(world: World, caller: Account, trusted: Account, yes: bool) -> None:
    """A holder lets somebody transfer all tickets, or no longer."""
    if yes:
        world.operators.add((caller, trusted))
    else:
        world.operators.discard((caller, trusted))


def redeem(world: World, caller: Account, screening: int, ticket_ids: Sequence[int]) -> None:
    """The gate lets bearers in; a ticket that is not good is skipped."""
    with checking() as check:
        world.role(check, "GATE", caller)
        check.first(screening in world.screenings, "UnknownScreening", screening=screening)
        shown = world.screenings[screening]
        opens, closes = shown.starts - GATE_MARGIN, shown.ends + GATE_MARGIN
        check.that(
            opens <= world.now <= closes,
            "OutsideGateHours",
            screening=screening,
            opens_at=opens,
            closes_at=closes,
        )
    for ticket_id in ticket_ids:
        ticket = world.tickets.get(ticket_id)
        if ticket and ticket.screening == screening and not ticket.void:
            ticket.redeemed = True


def unredeem(world: World, caller: Account, screening: int, ticket_id: int) -> None:
    """The box office takes a redemption back, until the end."""
    with checking() as check:
        world.role(check, "BOX_OFFICE", caller)
        ticket = world.tickets.get(ticket_id)
        here = ticket is not None and ticket.screening == screening
        check.first(here, "NotOfThisScreening", ticket_id=ticket_id, screening=screening)
        assert ticket is not None
        check.that(ticket.redeemed, "TicketNotRedeemed", ticket_id=ticket_id)
        shown = world.screenings[screening]
        in_time = world.now <= shown.ends
        check.that(in_time, "OutsideGateHours", screening=screening, closes_at=shown.ends)
    ticket.redeemed = False


def _can_change_hands(world: World, check: Check, ticket: Ticket, to: Account) -> None:
    check.that(to != NOBODY, "TransferToZeroAddress")
    check.that(not ticket.locked, "TicketLocked", ticket_id=ticket.ticket_id)
    check.that(not world.frozen(ticket.owner), "AccountFrozen", account=ticket.owner)


def _hand_over(world: World, ticket: Ticket, to: Account) -> None:
    ticket.owner = to
    world.approvals.pop(ticket.ticket_id, None)
