"""Everything that can happen to the register, to tickets and to the programme, on a real chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.chain.development import development_signer
from coopledger.domain.purchases import Purchase
from coopledger.domain.register import Cause, Standing
from coopledger.domain.types import (
    Attestation,
    BylawsVersion,
    MemberNumber,
    Rupiah,
    ScreeningId,
    SeatNumber,
    TicketId,
    TierIndex,
    Wei,
)
from coopledger.services.register.bylaws import record_bylaws
from coopledger.services.register.closing import close_membership

if TYPE_CHECKING:
    from tests.services.conftest import Office

DOCUMENT = Attestation(b"a decision of 7.")
DAY_S = 86_400
CLOSED = ((4, Cause.EXPELLED), (5, Cause.DECEASED), (6, Cause.ANNULLED))


def make_history(office: Office) -> None:
    """Let everything happen that can: standings, exits, moves, gifts, the door, money."""
    coop, sender, ledger = office.coop, office.sender(), office.coop.ledger
    box_office = coop.box_office

    def send(call: Any, index: int = 0) -> None:
        office.sender(index).send(call)

    record_bylaws(coop, sender, office.operator, bytes(range(32)))
    for number, standing in ((7, Standing.FULL), (8, Standing.FULL), (7, Standing.ASSOCIATE)):
        send(ledger.set_standing_call(MemberNumber(number), standing, DOCUMENT))
    target = development_signer(office.chain, 5).address
    send(ledger.propose_move_call(MemberNumber(8), target))
    for number, cause in CLOSED:
        close_membership(coop, sender, office.operator, MemberNumber(number), cause, DOCUMENT)
    _buy_and_give(office)
    office.dev.increase_time(7 * DAY_S)
    for number, cause in CLOSED:
        close_membership(coop, sender, office.operator, MemberNumber(number), cause, DOCUMENT)
    send(ledger.accept_move_call(MemberNumber(8), []), 5)
    send(ledger.call("leave"), 5)
    # The annulled one's ticket is unbound, so the same person can be entered again, rightly.
    annulled = ledger.member(MemberNumber(6)).account
    card = next(t for t in office.tickets() if t.owner == annulled and not t.locked)
    now = office.dev.now()
    send(ledger.call("enrol", card.ticket_id, 2, now, DOCUMENT))
    _at_the_door(office)
    _put_off(office)
    send(box_office.call("recordDepositReturn", _card_of(office, 4), DOCUMENT))


def buy(office: Office, buyer: int, seat: SeatNumber, *, joins: bool = True) -> None:
    """Let the holder of a development key buy a seat of screening 4 on the chain, and join by it."""
    box_office, sender = office.coop.box_office, office.sender(buyer)
    account = office.signer(buyer).address
    currency = CurrencyContract(office.chain, box_office.currency())
    price = Rupiah(20_000)
    sender.send(currency.mint_call(account, price))
    sender.send(currency.approve_call(box_office.address, price))
    bylaws = office.coop.ledger.bylaws_version() if joins else BylawsVersion(0)
    purchase = Purchase(ScreeningId(4), seat, TierIndex(1), account, price, bylaws)
    sender.send(box_office.buy_call(purchase, Wei(0)))


def _buy_and_give(office: Office) -> None:
    """Let somebody buy seats on the chain, join by one, give one away, hand one back, leave."""
    box_office, ledger = office.coop.box_office, office.coop.ledger
    friend = development_signer(office.chain, 4)
    for seat, joins in ((1, True), (2, False), (3, False), (4, False)):
        buy(office, 3, SeatNumber(seat), joins=joins)
    newest = ledger.ticket_count()
    office.sender(3).send(ledger.give_call(TicketId(newest - 2), friend.address))
    office.sender(4).send(ledger.join_call(TicketId(newest - 2), BylawsVersion(2)))
    office.sender(3).send(box_office.call("refund", [newest - 1]))
    office.sender(3).send(ledger.leave_call())
    office.sender(3).send(box_office.call("returnDeposit", newest - 3))


def _at_the_door(office: Office) -> None:
    """Let people in to the second screening, refuse one, take one back, void one."""
    ledger, sender = office.coop.ledger, office.sender()
    screening = ledger.screenings([ScreeningId(2)])[0]
    if office.dev.now() < screening.starts_at:
        office.dev.set_time(screening.starts_at)
    tickets = [t.ticket_id for t in office.tickets() if t.screening == 2 and not t.void]
    sender.send(ledger.redeem_call(ScreeningId(2), [*tickets[:5], tickets[0], tickets[5]]))
    sender.send(ledger.unredeem_call(ScreeningId(2), tickets[1]))
    sender.send(
        office.coop.box_office.call("void", ScreeningId(2), [tickets[6], tickets[1]], DOCUMENT)
    )


def _put_off(office: Office) -> None:
    """Put a screening off."""
    screening = office.coop.ledger.screenings([ScreeningId(3)])[0]
    starts_at, ends_at = screening.starts_at + 7 * DAY_S, screening.ends_at + 7 * DAY_S
    office.sender().send(
        office.coop.box_office.call("postpone", ScreeningId(3), starts_at, ends_at, starts_at)
    )


def _card_of(office: Office, number: int) -> int:
    return next(t.ticket_id for t in office.tickets() if t.member == number)
