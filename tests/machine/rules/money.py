"""Whose money it is: refunds, takings, deposits. See docs/decisions/money.md.

The deposit of every ticket that was paid on the chain is set aside, because the ticket may yet found a
membership; it goes back with a refund, or after the membership has ended.
"""

from collections.abc import Sequence

from coopledger.domain.register import Cause
from tests.machine.rules.membership import signature
from tests.machine.rules.refusing import Check, checking
from tests.machine.rules.sales import make_void, not_cancelled
from tests.machine.rules.world import NOBODY, Account, Screening, Ticket, Time, World


def refund(world: World, caller: Account, office: Account, ticket_ids: Sequence[int]) -> None:
    """Holders hand tickets back; of a cancelled screening anybody hands back anybody's."""
    with checking() as check:
        _may_refund(world, check, caller, office, ticket_ids)
    for ticket_id in ticket_ids:
        _refund(world, world.tickets[ticket_id])


def refund_by_signature(
    world: World,
    holder: Account,
    office: Account,
    ticket_ids: Sequence[int],
    deadline: Time,
    signed_well: bool,
) -> None:
    """Anybody sends a holder's signed wish for a refund."""
    with checking() as check:
        signature(world, check, holder, deadline, signed_well)
        _may_refund(world, check, holder, office, ticket_ids)
    for ticket_id in ticket_ids:
        _refund(world, world.tickets[ticket_id])


def withdraw(world: World, caller: Account, office: Account, number: int, to: Account) -> None:
    """The treasurer pays takings out, once nobody can claim any of them back."""
    with checking() as check:
        world.role(check, "TREASURER", caller)
        screening = world.sale(check, office, number)
        check.that(to != NOBODY, "NoRecipient")
        not_cancelled(check, screening)
        settled = world.now >= screening.settled
        check.that(settled, "TooEarly", screening=number, from_=screening.settled)
    world.pay(office, to, screening.takings)
    screening.takings = 0


def return_deposit(world: World, office: Account, ticket_id: int) -> None:
    """Anybody makes a deposit go back to who left or was expelled, or whose entry was an error."""
    with checking() as check:
        ticket = world.ticket(check, ticket_id)
        _deposit_is_here(world, check, office, ticket)
        check.that(ticket.paid_on_chain, "NotPaidOnChain", ticket_id=ticket_id)
        if ticket.member is None:
            # An annulled entry whose ticket was refunded: the deposit was kept back and is due.
            due, cause = world.settled_deposits.get(ticket_id) == "withheld", Cause.NONE
            to = ticket.owner
        else:
            record = world.records[ticket.member]
            cause, to = record.cause, record.account
            due = cause in {Cause.LEFT, Cause.EXPELLED}
        check.that(due, "NoDepositDue", ticket_id=ticket_id, cause=cause)
    _return(world, office, ticket, to)


def return_deposit_to(
    world: World, caller: Account, office: Account, ticket_id: int, heir: Account
) -> None:
    """The treasurer pays the deposit of a deceased member to the heir."""
    with checking() as check:
        world.role(check, "TREASURER", caller)
        check.that(heir != NOBODY, "NoRecipient")
        ticket = world.ticket(check, ticket_id)
        _deposit_is_here(world, check, office, ticket)
        check.that(ticket.paid_on_chain, "NotPaidOnChain", ticket_id=ticket_id)
        cause = world.records[ticket.member].cause if ticket.member else Cause.NONE
        dead = cause is Cause.DECEASED
        check.that(dead, "NoDepositDue", ticket_id=ticket_id, cause=cause)
    _return(world, office, ticket, heir)


def record_deposit_return(world: World, caller: Account, office: Account, ticket_id: int) -> None:
    """The treasurer records that a deposit which was paid outside was returned outside."""
    with checking() as check:
        world.role(check, "TREASURER", caller)
        ticket = world.ticket(check, ticket_id)
        _deposit_is_here(world, check, office, ticket)
        check.that(not ticket.paid_on_chain, "PaidOnChain", ticket_id=ticket_id)
        record = world.records[ticket.member] if ticket.member else None
        due = record is not None and record.left_at is not None
        cause = record.cause if record else Cause.NONE
        check.that(due, "NoDepositDue", ticket_id=ticket_id, cause=cause)
    world.settled_deposits[ticket_id] = "returned"


def held(world: World, number: int, time: Time) -> tuple[int, int, int]:
    """Return what of a screening is refundable, held as deposits, and free for the treasurer."""
    screening = world.screenings[number]
    free = time >= screening.settled and not screening.cancelled
    takings, deposits = screening.takings, screening.deposits
    return (0, deposits, takings) if free else (takings, deposits, 0)


def _may_refund(
    world: World, check: Check, caller: Account, office: Account, ticket_ids: Sequence[int]
) -> None:
    for place, ticket_id in enumerate(ticket_ids):
        ticket = world.ticket(check, ticket_id)
        screening = world.screenings[ticket.screening]
        here = screening.office == office
        check.that(here, "NotSoldHere", ticket_id=ticket_id)
        check.that(ticket.paid_on_chain, "NotPaidOnChain", ticket_id=ticket_id)
        void = ticket.void or ticket_id in ticket_ids[:place]
        check.that(not void, "TicketIsVoid", ticket_id=ticket_id)
        frozen = world.frozen(ticket.owner)
        check.that(not frozen, "AccountFrozen", account=ticket.owner)
        if not screening.cancelled:
            _may_hand_back(world, check, caller, ticket, screening)


def _may_hand_back(
    world: World, check: Check, caller: Account, ticket: Ticket, screening: Screening
) -> None:
    ticket_id = ticket.ticket_id
    own = ticket.owner == caller
    check.that(own, "NotTheHolder", ticket_id=ticket_id, holder=ticket.owner, caller=caller)
    check.that(not ticket.redeemed, "TicketUsed", ticket_id=ticket_id)
    in_time = world.now <= screening.refundable_until
    until = screening.refundable_until
    check.that(in_time, "TooLate", screening=screening.number, until=until)


def _refund(world: World, ticket: Ticket) -> None:
    """Pay the price back; a card's deposit stays, it is the member's until they leave."""
    screening = world.screenings[ticket.screening]
    price, deposit = screening.tiers[ticket.tier]
    amount = price - deposit
    screening.takings -= price - deposit
    if ticket.member is None:
        screening.deposits -= deposit
        amount += deposit
    else:
        world.settled_deposits.setdefault(ticket.ticket_id, "withheld")
    make_void(world, ticket)
    world.pay(screening.office, ticket.owner, amount)


def _deposit_is_here(world: World, check: Check, office: Account, ticket: Ticket) -> None:
    here = world.screenings[ticket.screening].office == office
    check.that(here, "NotSoldHere", ticket_id=ticket.ticket_id)
    returned = world.settled_deposits.get(ticket.ticket_id) == "returned"
    check.that(not returned, "DepositReturnedBefore", ticket_id=ticket.ticket_id)


def _return(world: World, office: Account, ticket: Ticket, to: Account) -> None:
    screening = world.screenings[ticket.screening]
    _, deposit = screening.tiers[ticket.tier]
    screening.deposits -= deposit
    world.pay(office, to, deposit)
    world.settled_deposits[ticket.ticket_id] = "returned"
