"""Viewers with a wallet, for the tests: they have money, buy, and hold tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.domain.types import BylawsVersion, Rupiah, ScreeningId, TicketId
from coopledger.services.holders.buying import Bought, Wish, buy, quote

if TYPE_CHECKING:
    from tests.services.conftest import Office

ANI, BUDI, CICI = 2, 3, 4
"""Development keys of people who hold no role."""
FIRST_BYLAWS = BylawsVersion(1)
REGULAR = "Tiket reguler"
FREE, HALL, CANCELLED, SMALL = (ScreeningId(number) for number in (1, 4, 5, 6))
"""Free seating; ten numbered seats; cancelled; two places."""


def currency_of(office: Office) -> CurrencyContract:
    """Return the box office's currency."""
    return CurrencyContract(office.chain, office.coop.box_office.currency())


def fund(office: Office, viewer: int, amount: int = 100_000) -> None:
    """Give a viewer play money."""
    call = currency_of(office).mint_call(office.signer(viewer).address, Rupiah(amount))
    office.sender().send(call)


def purchase(
    office: Office,
    viewer: int = ANI,
    screening: ScreeningId = FREE,
    wish: Wish | None = None,
) -> Bought:
    """Buy a regular ticket."""
    offer = quote(office.coop, screening, REGULAR)
    return buy(office.coop, office.sender(viewer), office.signer(viewer), offer, wish or Wish())


def member(office: Office, viewer: int = ANI) -> Bought:
    """Let a viewer become a member by a purchase."""
    fund(office, viewer)
    return purchase(office, viewer, wish=Wish(bylaws=FIRST_BYLAWS))


def ticket(office: Office, viewer: int = ANI) -> TicketId:
    """Let a viewer have a ticket and be no member."""
    fund(office, viewer)
    return purchase(office, viewer).ticket_id
