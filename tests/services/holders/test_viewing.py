"""What a person has is shown as the chain has it, with what can be done with it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coopledger.domain.moves import MoveState
from coopledger.domain.register import Cause
from coopledger.domain.types import FilmId, Rupiah, ScreeningId, SeatNumber, Timestamp
from coopledger.services.counter.rescheduling import cancel_screening
from coopledger.services.holders import holding
from coopledger.services.holders.buying import Wish
from coopledger.services.holders.viewing import NO_END, Possessions, possessions_of
from tests.services import viewers
from tests.services.viewers import ANI, BUDI, FREE, HALL

if TYPE_CHECKING:
    from tests.services.conftest import Office


def seen(office: Office, viewer: int = ANI) -> Possessions:
    """Return what a viewer has."""
    return possessions_of(office.coop, office.signer(viewer).address)


def test_nothing(office: Office) -> None:
    """Who has nothing is shown just that."""
    found = seen(office)
    assert (found.membership, found.tickets, found.money) == (None, (), 0)
    assert found.now == office.dev.now()


def test_a_member_with_a_card_and_a_ticket(office: Office) -> None:
    """A membership shows its card and deposit; the card stays, the ticket can be given and handed back."""
    bought = viewers.member(office)
    viewers.ticket(office)
    found = seen(office)
    membership = found.membership
    assert membership is not None
    assert (membership.record.number, membership.deposit) == (bought.member, 10_000)
    assert (membership.move, membership.deposit_due) == (None, ())
    card, ticket = found.tickets
    assert membership.card == card
    assert (card.why_kept, ticket.why_kept) == ("member's card", "")
    assert (card.refund, ticket.refund) == (10_000, 20_000)
    until = office.coop.box_office.sale(FREE).refundable_until
    assert card.refundable_until(found.now) == ticket.refundable_until(found.now) == until
    assert ticket.refundable_until(Timestamp(until + 1)) is None
    assert found.money == 160_000
    assert found.currency.symbol == "IDRL"


def test_tickets_that_were_given_are_gone(office: Office) -> None:
    """A ticket is shown to whom it belongs now."""
    ticket = viewers.ticket(office)
    holding.give(office.coop, office.sender(ANI), ticket, office.signer(BUDI).address)
    assert seen(office).tickets == ()
    assert [each.ticket.ticket_id for each in seen(office, BUDI).tickets] == [ticket]


def test_a_void_ticket(office: Office) -> None:
    """A ticket that was handed back is void and good for nothing more."""
    ticket = viewers.ticket(office)
    holding.refund(office.coop, office.sender(ANI), [ticket])
    found = seen(office)
    (void,) = found.tickets
    assert (void.ticket.state, void.why_kept) == ("void", "void")
    assert void.refundable_until(found.now) is None


def test_a_used_ticket(office: Office) -> None:
    """A ticket that was used at the gate can be neither given nor handed back."""
    ticket = viewers.ticket(office)
    office.dev.set_time(Timestamp(office.coop.ledger.screenings([FREE])[0].starts_at - 60))
    office.sender().send(office.coop.ledger.redeem_call(FREE, [ticket]))
    found = seen(office)
    assert found.tickets[0].why_kept == "used"
    assert found.tickets[0].refundable_until(found.now) is None


def test_a_cancelled_screening(office: Office) -> None:
    """Of a cancelled screening a ticket can be handed back at any time."""
    viewers.ticket(office)
    cancel_screening(office.coop, office.sender(), office.operator, FREE)
    found = seen(office)
    assert found.tickets[0].refundable_until(found.now) == NO_END


def test_a_ticket_that_was_paid_elsewhere(office: Office) -> None:
    """A ticket that was paid outside the chain is not handed back on it."""
    office.sell_plain({"order": "A", "email": ""})
    holder = office.coop.ledger.tickets_of(office.operator, office.coop.first_block)
    found = possessions_of(office.coop, office.operator)
    assert [each.ticket for each in found.tickets] == holder
    assert found.tickets[0].refundable_until(found.now) is None


def test_a_pending_move(office: Office) -> None:
    """A move that was proposed is shown with where it leads and when it is ready."""
    number = viewers.member(office).member
    assert number is not None
    to = office.signer(BUDI).address
    office.sender().send(office.coop.ledger.propose_move_call(number, to))
    membership = seen(office).membership
    assert membership is not None
    assert membership.move is not None
    assert (membership.move.to, membership.move.state) == (to, MoveState.PROPOSED)
    assert membership.move.ready_at == office.dev.now() + 7 * 86_400


def test_a_former_member_whose_deposit_is_due(office: Office) -> None:
    """Who has left is shown as such, with the deposit that can be paid back."""
    bought = viewers.member(office)
    office.sender(ANI).send(office.coop.ledger.leave_call())
    membership = seen(office).membership
    assert membership is not None
    assert (membership.record.cause, membership.card) == (Cause.LEFT, None)
    assert membership.deposit_due == (bought.ticket_id,)
    office.sender().send(office.coop.box_office.return_deposit_call(bought.ticket_id))
    membership = seen(office).membership
    assert membership is not None
    assert membership.deposit_due == ()


def test_a_seat_is_shown(office: Office) -> None:
    """Film, tier and seat are those of the sale."""
    viewers.fund(office, ANI)
    wish = Wish(seat=SeatNumber(7))
    viewers.purchase(office, ANI, HALL, wish)
    (shown,) = seen(office).tickets
    assert shown.showing is not None
    assert (shown.showing.sale.film, shown.ticket.seat) == (FilmId(1), 7)
    assert shown.tier is not None
    assert (shown.tier.name, shown.tier.price) == (viewers.REGULAR, Rupiah(20_000))
    assert shown.ticket.screening == ScreeningId(4)
