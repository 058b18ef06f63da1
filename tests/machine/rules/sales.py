"""Screenings are announced and sold, on the chain and outside of it.

A place and a seat are taken at the sale and free again when the ticket is void. A box office that has
lost its role can still do all this for what it announced, but sell nothing more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from coopledger.domain.register import Consent
from tests.machine.rules.membership import (
    NO_PAPER,
    bylaws_in_force,
    bylaws_known,
    consent_time,
    enrol_holder,
)
from tests.machine.rules.refusing import Check, checking
from tests.machine.rules.world import DAY, HOUR, Account, Screening, Ticket, Time, World

TIERS = ((20_000, 10_000), (15_000, 0), (10_000, 10_000))
"""Prices and deposits of the screenings."""


@dataclass(frozen=True)
class Line:
    """One ticket of a batch. ``consented_at`` None: it does not join."""

    account: Account
    seat: int
    tier: int
    consented_at: Time | None = None


@dataclass(frozen=True)
class Order:
    """What a buyer asks for."""

    screening: int
    seat: int
    tier: int
    holder: Account
    max_price: int
    bylaws: int


def add_film(world: World, caller: Account, office: Account) -> None:
    """The clerk adds a film at a box office."""
    with checking() as check:
        world.role(check, "BOX_OFFICE", caller)
    world.films[office] += 1


def announce(world: World, caller: Account, planned: Screening) -> None:
    """The clerk announces a screening at a box office."""
    with checking() as check:
        world.role(check, "BOX_OFFICE", caller)
        check.that(world.films[planned.office] >= 1, "UnknownFilm", film=1)
        in_order = planned.opens < planned.closes <= planned.ends
        in_order = in_order and planned.refundable_until <= planned.starts
        check.that(in_order, "BadAnnouncement")
        _may_issue(world, check, planned.office)
        check.that(planned.starts < planned.ends, "BadScreeningTimes")
    world.screenings[planned.number] = planned


def cancel_screening(world: World, caller: Account, office: Account, number: int) -> None:
    """The board cancels, as long as the money is still here: until 48 hours after the end."""
    with checking() as check:
        world.role(check, "BOARD", caller)
        screening = world.sale(check, office, number)
        not_cancelled(check, screening)
        in_time = world.now < screening.settled
        check.that(in_time, "TooLate", screening=number, until=screening.settled)
    screening.cancelled = True


def postpone(
    world: World, caller: Account, office: Account, number: int, starts: Time, ends: Time
) -> None:
    """The board puts a screening off; its sale is open, and its tickets refundable, till it starts."""
    with checking() as check:
        world.role(check, "BOARD", caller)
        screening = world.sale(check, office, number)
        not_cancelled(check, screening)
        in_time = world.now < screening.ends
        check.that(in_time, "TooLate", screening=number, until=screening.ends)
        later = screening.starts <= starts < ends and screening.ends <= ends
        check.that(later, "BadScreeningTimes", starts_at=starts, ends_at=ends)
        check.that(screening.opens < starts <= ends, "BadAnnouncement")
    screening.starts, screening.ends = starts, ends
    screening.closes = screening.refundable_until = starts


def buy(world: World, caller: Account, office: Account, order: Order) -> None:
    """Somebody buys a ticket for themselves or another; only for oneself can one join by it."""
    joins = order.bylaws != 0
    with checking() as check:
        screening = world.sale(check, office, order.screening)
        not_cancelled(check, screening)
        number = screening.number
        check.that(
            world.now >= screening.opens, "TooEarly", screening=number, from_=screening.opens
        )
        check.that(
            world.now < screening.closes, "TooLate", screening=number, until=screening.closes
        )
        _places_for(check, screening, 1)
        own = order.holder == caller
        check.that(own or not joins, "ConsentNotOwn", holder=order.holder, buyer=caller)
        check.first(
            order.tier < len(screening.tiers), "UnknownTier", screening=number, tier=order.tier
        )
        price, _ = screening.tiers[order.tier]
        fair = price <= order.max_price
        check.that(fair, "PriceAbove", price=price, max_price=order.max_price)
        _seats_for(world, check, screening, [order.seat])
        _has_money(world, check, caller, office, price)
        _may_issue(world, check, office)
        if joins:
            bylaws_in_force(world, check, order.bylaws)
            record = world.membership(caller)
            check.that(
                record is None,
                "AlreadyMember",
                account=caller,
                number=record.number if record else None,
            )
    world.allowances[caller, office] -= price
    world.pay(caller, office, price)
    _, deposit = screening.tiers[order.tier]
    screening.takings += price - deposit
    screening.deposits += deposit
    ticket = _issue(world, screening, order.holder, order.seat, order.tier, on_chain=True)
    if joins:
        enrol_holder(world, ticket, Consent.PURCHASED, order.bylaws, world.now, NO_PAPER)


def buy_with_permit(
    world: World, caller: Account, office: Account, order: Order, value: int, permit_good: bool
) -> None:
    """A signed allowance goes along; one that is not good does no harm and no good."""
    key = (caller, office)
    before = world.allowances.get(key, 0), world.permits.get(caller, 0)
    if permit_good:
        world.allowances[key], world.permits[caller] = value, before[1] + 1
    try:
        buy(world, caller, office, order)
    except Exception:
        world.allowances[key], world.permits[caller] = before
        raise


def sell(
    world: World,
    caller: Account,
    office: Account,
    number: int,
    sequence: int,
    lines: Sequence[Line],
    references: int,
    bylaws: int,
    paper: bytes,
) -> None:
    """The clerk issues a batch that was paid outside; the same batch never sells twice."""
    with checking() as check:
        world.role(check, "BOX_OFFICE", caller)
        screening = world.sale(check, office, number)
        not_cancelled(check, screening)
        check.that(
            sequence == screening.sequence,
            "WrongSequence",
            screening=number,
            expected=screening.sequence,
            given=sequence,
        )
        check.that(
            references == len(lines), "WrongReferences", lines=len(lines), references=references
        )
        _places_for(check, screening, len(lines))
        for line in lines:
            known = line.tier < len(screening.tiers)
            check.that(known, "UnknownTier", screening=number, tier=line.tier)
        _seats_for(world, check, screening, [line.seat for line in lines])
        _may_issue(world, check, office)
        if bylaws:
            bylaws_known(world, check, bylaws)
            check.that(paper != NO_PAPER, "AttestationMissing")
        for line in lines:
            if line.consented_at is not None:
                check.that(bylaws != 0, "BadConsent", consent=Consent.NONE)
                consent_time(world, check, line.consented_at)
    screening.sequence += 1
    for line in lines:
        ticket = _issue(world, screening, line.account, line.seat, line.tier, on_chain=False)
        if line.consented_at is not None and world.membership(line.account) is None:
            enrol_holder(world, ticket, Consent.ATTESTED, bylaws, line.consented_at, paper)


def void(
    world: World, caller: Account, office: Account, number: int, ticket_ids: Sequence[int]
) -> None:
    """The clerk voids unused tickets that were sold outside."""
    with checking() as check:
        world.role(check, "BOX_OFFICE", caller)
        world.sale(check, office, number)
        for ticket_id in ticket_ids:
            ticket = world.ticket(check, ticket_id)
            here = ticket.screening == number
            check.that(here, "NotSoldHere", ticket_id=ticket_id)
            check.that(not ticket.paid_on_chain, "PaidOnChain", ticket_id=ticket_id)
            check.that(not ticket.redeemed, "TicketUsed", ticket_id=ticket_id)
            once = not ticket.void and list(ticket_ids).count(ticket_id) == 1
            check.that(once, "TicketIsVoid", ticket_id=ticket_id)
    for ticket_id in ticket_ids:
        make_void(world, world.tickets[ticket_id])


def meddle(world: World, caller: Account, number: int, function: str) -> None:
    """The ledger itself issues only for MINTER, and obeys only the issuer of a screening."""
    with checking() as check:
        if function in {"openScreening", "issue"}:
            world.role(check, "MINTER", caller)
        known = number in world.screenings
        check.first(known, "UnknownScreening", screening=number)
        issuer = world.screenings[number].office
        own = issuer == caller
        check.that(own, "NotTheIssuer", screening=number, issuer=issuer, caller=caller)


def make_void(world: World, ticket: Ticket) -> None:
    """Void a ticket; its place and seat are free. A card stays a card (rule 5)."""
    ticket.void = True
    world.screenings[ticket.screening].sold -= 1


def not_cancelled(check: Check, screening: Screening) -> None:
    """Nothing is sold, changed or paid out of a cancelled screening."""
    good = not screening.cancelled
    check.that(good, "ScreeningIsCancelled", screening=screening.number)


def live_seats(world: World, number: int) -> list[int]:
    """Return the seats that have a ticket which is not void."""
    tickets = world.tickets.values()
    return [t.seat for t in tickets if t.screening == number and t.seat and not t.void]


def planned(world: World, office: Account, starts: Time, *, seated: bool, fixed: bool) -> Screening:
    """Return a screening as most are, still to be announced."""
    return Screening(
        number=len(world.screenings) + 1,
        office=office,
        starts=starts,
        ends=starts + 2 * HOUR,
        opens=world.now - HOUR,
        closes=starts,
        refundable_until=starts - DAY,
        capacity=6,
        seated=seated,
        non_transferable=fixed,
        tiers=TIERS,
    )


def _issue(
    world: World, screening: Screening, owner: Account, seat: int, tier: int, *, on_chain: bool
) -> Ticket:
    ticket_id = len(world.tickets) + 1
    number, fixed = screening.number, screening.non_transferable
    ticket = Ticket(ticket_id, owner, number, seat, tier, on_chain, fixed)
    world.tickets[ticket_id] = ticket
    screening.sold += 1
    return ticket


def _places_for(check: Check, screening: Screening, places: int) -> None:
    wanted, capacity = screening.sold + places, screening.capacity
    enough = wanted <= capacity
    check.that(enough, "SoldOut", screening=screening.number, capacity=capacity, wanted=wanted)


def _seats_for(world: World, check: Check, screening: Screening, seats: Sequence[int]) -> None:
    """A seat has at most one ticket that is not void; free seating has no seats."""
    taken = set(live_seats(world, screening.number))
    for seat in seats:
        exists = 1 <= seat <= screening.capacity if screening.seated else seat == 0
        check.that(exists, "BadSeat", screening=screening.number, seat=seat)
        free = seat not in taken
        check.that(free, "SeatTaken", screening=screening.number, seat=seat)
        if seat:
            taken.add(seat)


def _has_money(world: World, check: Check, payer: Account, office: Account, price: int) -> None:
    allowance, balance = world.allowances.get((payer, office), 0), world.wallets[payer]
    check.that(
        allowance >= price,
        "ERC20InsufficientAllowance",
        spender=office,
        allowance=allowance,
        needed=price,
    )
    check.that(
        balance >= price, "ERC20InsufficientBalance", sender=payer, balance=balance, needed=price
    )


def _may_issue(world: World, check: Check, office: Account) -> None:
    """Only a box office that holds MINTER opens screenings and issues tickets."""
    minter = office in world.roles["MINTER"]
    check.that(minter, "AccessManagedUnauthorized", caller=office)
