"""Viewers and screenings for the tests of money: who buys, hands back, leaves, and what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.chain.contracts.deployments import NATIVE_COIN
from coopledger.chain.wire.transactions import Call, Receipt
from coopledger.domain.purchases import Purchase
from coopledger.domain.screenings import Announcement, Film, Tier
from coopledger.domain.types import (
    NO_SEAT,
    Address,
    BylawsVersion,
    FilmId,
    Rupiah,
    ScreeningId,
    TicketId,
    TierIndex,
    Timestamp,
    Wei,
)
from coopledger.services.counter.rescheduling import Cancelled, cancel_screening
from coopledger.services.money.treasury import SETTLEMENT_DELAY_S
from coopledger.services.programme.films_and_screenings import add_film, add_screening
from coopledger.services.programme.offices import office_of

if TYPE_CHECKING:
    from tests.services.conftest import Office

DAY_S = 86_400


@dataclass
class Public:
    """Viewers with wallets of their own: development keys, each funded with play money."""

    office: Office

    def account(self, viewer: int) -> Address:
        """Return a viewer's account."""
        return self.office.signer(viewer).address

    def send(self, viewer: int, call: Call) -> Receipt:
        """Send a viewer's transaction."""
        return self.office.sender(viewer).send(call)

    def buy(
        self,
        viewer: int,
        screening: int = 1,
        *,
        joins: bool = False,
        holder: Address | None = None,
    ) -> TicketId:
        """Buy a ticket of the first tier, for the viewer or for somebody else."""
        coop, number = self.office.coop, ScreeningId(screening)
        office = office_of(coop, number)
        price = office.tiers(number)[0].price
        bylaws = coop.ledger.bylaws_version() if joins else BylawsVersion(0)
        wanted = Purchase(
            *(number, NO_SEAT, TierIndex(0), holder or self.account(viewer), price, bylaws)
        )
        value = Wei(0)
        if office.currency() == NATIVE_COIN:
            value = Wei(price)
        else:
            money = CurrencyContract(coop.chain, office.currency())
            self.send(viewer, money.mint_call(self.account(viewer), price))
            self.send(viewer, money.approve_call(office.address, price))
        receipt = self.send(viewer, office.buy_call(wanted, value))
        return TicketId(office.events("Purchased", receipt.logs)[0]["ticketId"])

    def refund(self, viewer: int, *tickets: TicketId) -> None:
        """Hand a viewer's tickets back."""
        coop = self.office.coop
        office = office_of(coop, coop.ledger.ticket(tickets[0]).screening)
        self.send(viewer, office.refund_call(tickets))

    def leave(self, viewer: int) -> None:
        """Let a viewer leave the cooperative."""
        self.send(viewer, self.office.coop.ledger.leave_call())

    def has(self, account: Address) -> Rupiah:
        """Return what an account has of the present box office's currency."""
        coop = self.office.coop
        return CurrencyContract(coop.chain, coop.box_office.currency()).balance_of(account)

    def cancel(self, screening: int) -> Cancelled:
        """Let the board cancel a screening."""
        coop, number = self.office.coop, ScreeningId(screening)
        sender, operator = self.office.sender(), self.office.operator
        done = cancel_screening(coop, sender, operator, number)
        assert isinstance(done, Cancelled)
        return done

    def until_settled(self, screening: int) -> None:
        """Move the clock to when a screening's takings become the cooperative's."""
        (found,) = self.office.coop.ledger.screenings([ScreeningId(screening)])
        self.office.dev.set_time(Timestamp(found.ends_at + SETTLEMENT_DELAY_S))


def announce(office: Office) -> ScreeningId:
    """Announce a screening at the present box office."""
    sender = office.sender()
    film = add_film(office.coop, sender, Film("Istirahatlah Kata-Kata", 2016, 97))
    now = office.dev.now()
    return add_screening(
        office.coop,
        sender,
        Announcement(
            film=FilmId(film),
            venue="Balai Kota",
            capacity=20,
            starts_at=Timestamp(now + 30 * DAY_S),
            ends_at=Timestamp(now + 30 * DAY_S + 5_400),
            opens_at=now,
            closes_at=Timestamp(now + 30 * DAY_S),
            refundable_until=Timestamp(now + 29 * DAY_S),
            seated=False,
            non_transferable=False,
            tiers=(Tier("Tiket reguler", Rupiah(30_000), Rupiah(10_000)),),
        ),
    )
