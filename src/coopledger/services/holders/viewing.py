"""What a person has: a membership, tickets, money. Read from the chain, by the account alone.

Whether a ticket can be given or handed back depends on the clock, which is the chain's; the box office
decides again when it is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.money import Currency
from coopledger.domain.moves import Move
from coopledger.domain.register import Record
from coopledger.domain.screenings import Showing, Tier
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import Address, Rupiah, ScreeningId, TicketId, Timestamp
from coopledger.services.holders.holding import deposit_due
from coopledger.services.programme.currency import balance_of, currency_of
from coopledger.services.programme.films_and_screenings import showings_of
from coopledger.services.register.finding import NeverAMember, find_member_of

NO_END = Timestamp(2**40 - 1)
"""Of a cancelled screening: a ticket can be handed back for good."""


@dataclass(frozen=True)
class ShownTicket:
    """A ticket with what its box office says of it; ``showing`` is None for another box office's."""

    ticket: Ticket
    showing: Showing | None
    frozen: bool

    @property
    def tier(self) -> Tier | None:
        """The price class that it was sold in."""
        return None if self.showing is None else self.showing.tiers[self.ticket.tier]

    @property
    def why_kept(self) -> str:
        """Return why it cannot be given away; the empty text if it can."""
        reasons = (
            (self.ticket.void, "void"),
            (self.ticket.member is not None, "member's card"),
            (self.ticket.redeemed, "used"),
            (self.ticket.non_transferable, "personal"),
            (self.frozen, "frozen"),
        )
        return next((reason for holds, reason in reasons if holds), "")

    def refundable_until(self, now: Timestamp) -> Timestamp | None:
        """Return until when it can be handed back; None if it cannot (any more)."""
        if self.showing is None or not self.ticket.paid_on_chain:
            return None
        if self.ticket.void or self.frozen:
            return None
        if self.showing.sale.cancelled:
            return NO_END
        until = self.showing.sale.refundable_until
        return until if now <= until and not self.ticket.redeemed else None

    @property
    def refund(self) -> Rupiah:
        """What its holder is paid for it; the deposit of a card is held back."""
        if self.tier is None:
            return Rupiah(0)
        held_back = self.tier.deposit if self.ticket.member is not None else 0
        return Rupiah(self.tier.price - held_back)


@dataclass(frozen=True)
class ShownMembership:
    """An account's newest record, open or closed."""

    record: Record
    card: ShownTicket | None
    """The ticket that the membership was founded with, while it is open."""
    deposit: Rupiah | None
    """The principal deposit that was paid on the chain with the card; None if it was not."""
    deposit_due: tuple[TicketId, ...]
    """Cards of former memberships whose deposit can be paid back now."""
    move: Move | None


@dataclass(frozen=True)
class Possessions:
    """What an account has as of ``now``, by the chain's clock."""

    account: Address
    membership: ShownMembership | None
    tickets: tuple[ShownTicket, ...]
    money: Rupiah
    currency: Currency
    now: Timestamp


def possessions_of(coop: Cooperative, account: Address) -> Possessions:
    """Return what an account has."""
    currency = currency_of(coop)
    tickets = shown_tickets(coop, coop.ledger.tickets_of(account, coop.first_block))
    return Possessions(
        account,
        _membership(coop, account, tickets),
        tickets,
        balance_of(coop, currency, account),
        currency,
        coop.chain.block("latest").timestamp,
    )


def shown_tickets(coop: Cooperative, tickets: Sequence[Ticket]) -> tuple[ShownTicket, ...]:
    """Return tickets with what the box office says of them."""
    wanted: list[ScreeningId] = sorted({ticket.screening for ticket in tickets})
    showings = {each.screening.screening_id: each for each in showings_of(coop, wanted)}
    frozen = {owner: coop.ledger.is_frozen(owner) for owner in {each.owner for each in tickets}}
    return tuple(
        ShownTicket(ticket, showings.get(ticket.screening), frozen[ticket.owner])
        for ticket in tickets
    )


def _membership(
    coop: Cooperative, account: Address, tickets: Sequence[ShownTicket]
) -> ShownMembership | None:
    try:
        found = find_member_of(coop, account)
    except NeverAMember:
        return None
    is_open = found.record.left_at is None
    card = next((each for each in tickets if each.ticket.ticket_id == found.card), None)
    deposit = card.tier.deposit if card and card.tier and card.ticket.paid_on_chain else None
    former = [each.ticket for each in tickets if each.ticket.member is not None]
    due = [
        ticket.ticket_id
        for ticket in former
        if ticket.paid_on_chain
        and ticket.ticket_id != found.card
        and deposit_due(coop, ticket.ticket_id)
    ]
    move = coop.ledger.move_of(found.record.number) if is_open else None
    return ShownMembership(found.record, card, deposit, tuple(due), move)
