"""The box office's typed face: the programme, the sales, and what was sold under which reference.

What was sold outside the chain is found again in the ``Sold`` events alone. They carry one keyed
reference a ticket, in the order of the ticket ids.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from eth_utils.address import to_checksum_address

from coopledger.chain.contracts.contract import Contract, events_of
from coopledger.chain.wire.client import BlockId, Log
from coopledger.chain.wire.transactions import Call
from coopledger.domain.purchases import Held, Permit, Purchase
from coopledger.domain.screenings import Announcement, Film, Sale, Tier
from coopledger.domain.signed_messages import SigningDomain
from coopledger.domain.types import (
    Address,
    Attestation,
    BlockNumber,
    BylawsVersion,
    FilmId,
    Gas,
    OrderReference,
    Rupiah,
    ScreeningId,
    SeatNumber,
    TicketId,
    TierIndex,
    Timestamp,
    Wei,
)


@dataclass(frozen=True)
class SoldTicket:
    """A ticket that was sold outside the chain, and the keyed reference of its order position."""

    reference: OrderReference
    ticket_id: TicketId
    screening: ScreeningId


class BoxOfficeContract(Contract):
    """``BoxOffice`` at an address. Every method raises ``ContractRefusal`` as ``ask`` does."""

    artifact: ClassVar[str] = "BoxOffice"

    # -- the programme --

    def film_count(self, at: BlockId = "latest") -> int:
        """Return how many films there are; the newest one's id."""
        return int(self.ask("filmCount", at=at))

    def film(self, film: FilmId, at: BlockId = "latest") -> Film:
        """Return a film.

        Raises:
            UnknownFilm: there is none of that id.
        """
        return Film(*self.ask("film", film, at=at))

    def films(self, films: Sequence[FilmId], at: BlockId = "latest") -> list[Film]:
        """Return many films in few requests; they must exist."""
        return [Film(*each) for each in self.ask_many("film", [(f,) for f in films], at)]

    def sale(self, screening: ScreeningId, at: BlockId = "latest") -> Sale:
        """Return how a screening's sale stands.

        Raises:
            UnknownSale: this box office does not sell it.
        """
        return Sale(*self.ask("sale", screening, at=at))

    def sales(self, screenings: Sequence[ScreeningId], at: BlockId = "latest") -> list[Sale]:
        """Return how the sales of many screenings stand, all of which are sold here."""
        answers = self.ask_many("sale", [(screening,) for screening in screenings], at)
        return [Sale(*answer) for answer in answers]

    def venue(self, screening: ScreeningId) -> str:
        """Return where a screening takes place; empty for a screening that is not sold here."""
        return self.venues([screening])[0]

    def venues(self, screenings: Sequence[ScreeningId], at: BlockId = "latest") -> list[str]:
        """Return where many screenings take place in few requests."""
        return self.ask_many("venue", [(each,) for each in screenings], at)

    def tiers(self, screening: ScreeningId) -> tuple[Tier, ...]:
        """Return a screening's price classes in the order of their indexes."""
        return self.tiers_of([screening])[0]

    def tiers_of(
        self, screenings: Sequence[ScreeningId], at: BlockId = "latest"
    ) -> list[tuple[Tier, ...]]:
        """Return the price classes of many screenings in few requests."""
        return [
            tuple(
                Tier(name, Rupiah(price), Rupiah(deposit), sold)
                for price, deposit, _, sold, name in tiers
            )
            for tiers in self.ask_many("tiers", [(each,) for each in screenings], at)
        ]

    def seats_taken(
        self, screening: ScreeningId, seats: Sequence[SeatNumber], at: BlockId = "latest"
    ) -> list[bool]:
        """Return for each seat whether it has a ticket that is not void."""
        return self.ask_many("seatTaken", [(screening, seat) for seat in seats], at)

    def currency(self, at: BlockId = "latest") -> Address:
        """Return the ERC-20 that buyers pay in; the zero address for the native coin."""
        return to_checksum_address(self.ask("currency", at=at))

    def held(self, screening: ScreeningId) -> Held:
        """Return what of a screening's money is held for whom.

        Raises:
            UnknownSale: this box office does not sell it.
        """
        return Held(*map(Rupiah, self.ask("held", screening)))

    def held_of(self, screenings: Sequence[ScreeningId], at: BlockId = "latest") -> list[Held]:
        """Return what is held for whom of many screenings, all of which are sold here."""
        answers = self.ask_many("held", [(screening,) for screening in screenings], at)
        return [Held(*map(Rupiah, answer)) for answer in answers]

    def signing_domain(self) -> SigningDomain:
        """Return what messages to this box office are signed for."""
        return SigningDomain(self.chain.chain_id, self.address)

    # -- what was sold --

    def sold_tickets(self, logs: Iterable[Log]) -> Iterator[SoldTicket]:
        """Yield the tickets that ``Sold`` events among the logs name."""
        event = events_of(self.artifact)["Sold"]
        for log in logs:
            if log.topics[:1] == (event.topic,):
                yield from _sold_by(event.decode(log))

    def sales_outside(
        self, others: Sequence[Address], first: BlockNumber, last: BlockNumber
    ) -> Iterator[Log]:
        """Yield the logs of what this and other box offices sold outside the chain, one a batch."""
        topic = events_of(self.artifact)["Sold"].topic
        return self.chain.logs([self.address, *others], [topic], first, last)

    def bought(
        self, screening: ScreeningId, first: BlockNumber, last: BlockNumber
    ) -> list[TicketId]:
        """Return the tickets of a screening that were ever bought on the chain, in order."""
        event = events_of(self.artifact)["Purchased"]
        logs = self.chain.logs([self.address], [event.topic, _word(screening)], first, last)
        return [TicketId(event.decode(log)["ticketId"]) for log in logs]

    def sold_for(
        self, screening: ScreeningId, first: BlockNumber, last: BlockNumber
    ) -> list[TicketId]:
        """Return the tickets of a screening that were ever sold outside the chain, in order."""
        topics = [events_of(self.artifact)["Sold"].topic, _word(screening)]
        logs = self.chain.logs([self.address], topics, first, last)
        return [sold.ticket_id for sold in self.sold_tickets(logs)]

    # -- calls --

    def add_film_call(self, film: Film) -> Call:
        """Add a film (role BOX_OFFICE)."""
        return self.call("addFilm", film.title, film.year, film.minutes_long)

    def add_screening_call(self, announced: Announcement) -> Call:
        """Announce a screening (role BOX_OFFICE)."""
        terms = (
            announced.film,
            announced.capacity,
            announced.starts_at,
            announced.ends_at,
            announced.opens_at,
            announced.closes_at,
            announced.refundable_until,
            announced.seated,
            announced.non_transferable,
            announced.venue,
        )
        tiers = [(tier.price, tier.deposit, True, False, tier.name) for tier in announced.tiers]
        return self.call("addScreening", terms, tiers)

    def cancel_screening_call(self, screening: ScreeningId) -> Call:
        """Cancel a screening (role BOARD)."""
        return self.call("cancelScreening", screening)

    def set_tier_call(self, screening: ScreeningId, tier: TierIndex, terms: Tier) -> Call:
        """Add a tier, or change one of which nothing was sold (role BOX_OFFICE)."""
        words = (terms.price, terms.deposit, True, False, terms.name)
        return self.call("setTier", screening, tier, words)

    def postpone_call(
        self,
        screening: ScreeningId,
        starts_at: Timestamp,
        ends_at: Timestamp,
        closes_at: Timestamp,
    ) -> Call:
        """Put a screening off (role BOARD)."""
        return self.call("postpone", screening, starts_at, ends_at, closes_at)

    def buy_call(self, purchase: Purchase, value: Wei) -> Call:
        """Buy with the native coin (``value`` is the price), or with an allowance (no value)."""
        return self.call("buy", _words(purchase), value=value)

    def buy_with_permit_call(self, purchase: Purchase, permit: Permit) -> Call:
        """Buy with a signed allowance."""
        return self.call("buyWithPermit", _words(purchase), permit.words())

    def sell_call(
        self,
        screening: ScreeningId,
        sequence: int,
        lines: Sequence[int],
        references: Sequence[OrderReference],
        bylaws: BylawsVersion,
        attestation: Attestation,
        gas: Gas | None = None,
    ) -> Call:
        """Issue tickets that were paid outside the chain (role BOX_OFFICE)."""
        return self.call(
            "sell",
            screening,
            sequence,
            list(lines),
            list(references),
            bylaws,
            attestation,
            gas=gas,
        )

    def void_call(
        self, screening: ScreeningId, ticket_ids: Sequence[TicketId], document: Attestation
    ) -> Call:
        """Void tickets that were sold outside the chain (role BOX_OFFICE)."""
        return self.call("void", screening, list(ticket_ids), document)

    # -- money --

    def refund_call(self, ticket_ids: Sequence[TicketId], gas: Gas | None = None) -> Call:
        """Hand tickets back; of a cancelled screening anybody's. Pays the holders."""
        return self.call("refund", list(ticket_ids), gas=gas)

    def refund_by_signature_call(
        self,
        holder: Address,
        ticket_ids: Sequence[TicketId],
        deadline: Timestamp,
        signature: bytes,
    ) -> Call:
        """Hand tickets back as their holder signed."""
        return self.call("refundBySig", holder, list(ticket_ids), deadline, signature)

    def withdraw_call(self, screening: ScreeningId, to: Address) -> Call:
        """Pay out a screening's takings (role TREASURER)."""
        return self.call("withdraw", screening, to)

    def return_deposit_call(self, ticket_id: TicketId) -> Call:
        """Return the deposit of a member who left or was expelled. Anybody may."""
        return self.call("returnDeposit", ticket_id)

    def return_deposit_to_call(
        self, ticket_id: TicketId, heir: Address, document: Attestation
    ) -> Call:
        """Pay a deceased member's deposit to the heir (role TREASURER)."""
        return self.call("returnDepositTo", ticket_id, heir, document)

    def record_deposit_return_call(self, ticket_id: TicketId, document: Attestation) -> Call:
        """Record that a deposit was returned outside the chain (role TREASURER)."""
        return self.call("recordDepositReturn", ticket_id, document)


def _word(screening: ScreeningId) -> bytes:
    return screening.to_bytes(32)


def _words(purchase: Purchase) -> tuple[Any, ...]:
    return (
        purchase.screening,
        purchase.seat,
        purchase.tier,
        purchase.holder,
        purchase.max_price,
        purchase.bylaws,
    )


def _sold_by(event: dict[str, Any]) -> Iterator[SoldTicket]:
    first: int = event["firstTicketId"]
    for index, reference in enumerate(event["references"]):
        yield SoldTicket(
            OrderReference(reference),
            TicketId(first + index),
            ScreeningId(event["screening"]),
        )
