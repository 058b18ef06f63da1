"""Buying a ticket with one's own key and money, and joining by it where the buyer consents.

A currency (ERC-20) is taken by the box office, which the buyer has to allow: by an allowance that is
there, by a signed permit in the same transaction, or by a transaction before. Each time for exactly the
price, and only once all is checked that can be known before.
"""

from dataclasses import dataclass
from enum import StrEnum

from eth_abi.exceptions import DecodingError

from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.sending.send_failures import TransactionRejected
from coopledger.chain.sending.sender import Sender
from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.transactions import Call
from coopledger.domain.money import Currency
from coopledger.domain.purchases import Permit, Purchase
from coopledger.domain.screenings import Showing
from coopledger.domain.signed_messages import permit_message
from coopledger.domain.types import (
    NO_SEAT,
    Address,
    BylawsVersion,
    MemberNumber,
    Rupiah,
    ScreeningId,
    SeatNumber,
    TicketId,
    TierIndex,
    Timestamp,
    Wei,
)
from coopledger.services.counter.selling import NoSuchTier, NotSoldHere
from coopledger.services.holders.purchase_failures import (
    ConsentForAnother,
    MemberAlready,
    NoNumberedSeats,
    NoPlaceLeft,
    NotEnoughMoney,
    OtherBylawsInForce,
    PriceTooHigh,
    SaleNotOpen,
    SaleOver,
    ScreeningIsCancelled,
    SeatNeeded,
    SeatNotFree,
)
from coopledger.services.programme.currency import balance_of, currency_at
from coopledger.services.programme.films_and_screenings import showings_of
from coopledger.services.programme.offices import office_at
from coopledger.services.register.bylaws import bylaws_in_force

PERMIT_LASTS_S = 3600
"""Seconds for which a permit is good: time enough to be mined, and no standing right."""

_DOES_NOT_JOIN = BylawsVersion(0)
_REFUSALS = (ContractRefusal, TransactionRejected)
"""What a simulation is refused with; some nodes do not pass on a reason that is empty."""


class Payment(StrEnum):
    """How the box office came to the price."""

    COIN = "the chain's coin"
    ALLOWANCE = "an allowance given before"
    PERMIT = "a signed permit"
    APPROVAL = "an allowance for this purchase"


@dataclass(frozen=True)
class Quote:
    """What a ticket costs now. ``deposit`` is the part of the price that is a member's deposit."""

    showing: Showing
    tier: TierIndex
    price: Rupiah
    deposit: Rupiah
    currency: Currency

    @property
    def screening(self) -> ScreeningId:
        """The screening's id."""
        return self.showing.screening.screening_id


@dataclass(frozen=True)
class Wish:
    """What a buyer wants: a seat, for whom, for how much at most, and joining under which by-laws."""

    seat: SeatNumber = NO_SEAT
    holder: Address | None = None
    """Whose ticket it becomes; the buyer's own without one."""
    max_price: Rupiah | None = None
    """The most to pay; the quoted price without one."""
    bylaws: BylawsVersion | None = None
    """The version that the buyer consents to by joining; None to buy a ticket and not join."""


@dataclass(frozen=True)
class Bought:
    """A ticket that was bought, and the buyer's number if the buyer joined by it."""

    ticket_id: TicketId
    holder: Address
    price: Rupiah
    member: MemberNumber | None
    payment: Payment


def quote(coop: Cooperative, screening: ScreeningId, tier: str) -> Quote:
    """Return what a ticket costs.

    Raises:
        NotSoldHere, NoSuchTier: there is no such screening or tier.
    """
    showings = showings_of(coop, [screening])
    if not showings:
        raise NotSoldHere(screening)
    index = showings[0].tier_named(tier)
    if index is None:
        raise NoSuchTier(tier, tuple(each.name for each in showings[0].tiers))
    terms = showings[0].tiers[index]
    office = office_at(coop, screening, showings[0].screening.issuer)
    return Quote(
        showings[0], index, terms.price, terms.deposit, currency_at(coop.chain, office.currency())
    )


def check_purchase(coop: Cooperative, offer: Quote, buyer: Address, wish: Wish) -> None:
    """Check all that can be known of a purchase before anything is signed or sent.

    Raises:
        ScreeningIsCancelled, SaleNotOpen, SaleOver, NoPlaceLeft: nothing is sold now.
        SeatNeeded, NoNumberedSeats, SeatNotFree: the seat cannot be had.
        ConsentForAnother, NoBylaws, OtherBylawsInForce, MemberAlready: the buyer cannot join.
        PriceTooHigh, NotEnoughMoney: it cannot be paid.
    """
    _check_sale(coop, offer)
    _check_seat(coop, offer, wish.seat)
    if wish.bylaws is not None:
        check_joining(coop, buyer, wish.bylaws, wish.holder or buyer)
    if wish.max_price is not None and offer.price > wish.max_price:
        raise PriceTooHigh(offer.price, wish.max_price, offer.currency)
    has = balance_of(coop, offer.currency, buyer)
    if has < offer.price:
        raise NotEnoughMoney(buyer, has, offer.price, offer.currency)


def check_joining(
    coop: Cooperative, account: Address, bylaws: BylawsVersion, holder: Address
) -> None:
    """Check that an account can join under a version of the by-laws with a holder's ticket.

    Raises:
        ConsentForAnother: the ticket is somebody else's.
        NoBylaws, OtherBylawsInForce: the by-laws are not those in force.
        MemberAlready: the account is a member.
    """
    if holder != account:
        raise ConsentForAnother(holder)
    in_force = bylaws_in_force(coop).version
    if bylaws != in_force:
        raise OtherBylawsInForce(bylaws, in_force)
    number = coop.ledger.member_of(account)
    if number is not None:
        raise MemberAlready(account, number)


def buy(coop: Cooperative, sender: Sender, signer: Signer, offer: Quote, wish: Wish) -> Bought:
    """Buy a ticket and pay for it; the buyer joins by it where the wish says so.

    Args:
        coop: the deployed contracts.
        sender: sends the buyer's transactions.
        signer: the buyer's key, for a permit.
        offer: what was quoted.
        wish: what the buyer wants.

    Raises:
        CoopledgerError: see :func:`check_purchase`; nothing was sent.
        ContractRefusal: somebody was faster, or the currency refuses.
        CoopledgerError: a transaction failed (see ``Sender.send``). An allowance that was given
            before stays; only the buyer's own next purchase can use it.
    """
    check_purchase(coop, offer, signer.address, wish)
    purchase = Purchase(
        offer.screening,
        wish.seat,
        offer.tier,
        wish.holder or signer.address,
        offer.price if wish.max_price is None else wish.max_price,
        wish.bylaws or _DOES_NOT_JOIN,
    )
    call, payment = _paid(coop, sender, signer, offer, purchase)
    receipt = sender.send(call)
    bought = _office_of(coop, offer).events("Purchased", receipt.logs)[0]
    joined = coop.ledger.events("Joined", receipt.logs)
    return Bought(
        TicketId(bought["ticketId"]),
        purchase.holder,
        Rupiah(bought["price"]),
        MemberNumber(joined[0]["number"]) if joined else None,
        payment,
    )


def _check_sale(coop: Cooperative, offer: Quote) -> None:
    sale, now = offer.showing.sale, coop.chain.block("latest").timestamp
    if sale.cancelled:
        raise ScreeningIsCancelled(offer.screening)
    if now < sale.opens_at:
        raise SaleNotOpen(offer.screening, sale.opens_at)
    if now >= sale.closes_at:
        raise SaleOver(offer.screening, sale.closes_at)
    if not sale.left:
        raise NoPlaceLeft(offer.screening, sale.capacity)


def _check_seat(coop: Cooperative, offer: Quote, seat: SeatNumber) -> None:
    sale = offer.showing.sale
    if not sale.seated:
        if seat != NO_SEAT:
            raise NoNumberedSeats(offer.screening)
        return
    if not 1 <= seat <= sale.capacity:
        raise SeatNeeded(offer.screening, sale.capacity)
    if _office_of(coop, offer).seats_taken(offer.screening, [seat])[0]:
        raise SeatNotFree(offer.screening, seat)


def _office_of(coop: Cooperative, offer: Quote) -> BoxOfficeContract:
    return office_at(coop, offer.screening, offer.showing.screening.issuer)


def _paid(
    coop: Cooperative, sender: Sender, signer: Signer, offer: Quote, purchase: Purchase
) -> tuple[Call, Payment]:
    """Return the call that buys, once the box office may take the price."""
    office, price = _office_of(coop, offer), offer.price
    if offer.currency.address is None:
        return office.buy_call(purchase, Wei(price)), Payment.COIN
    currency = CurrencyContract(coop.chain, offer.currency.address)
    allowed = currency.allowance(signer.address, office.address)
    if allowed >= price:
        return office.buy_call(purchase, Wei(0)), Payment.ALLOWANCE
    permit = _permit(office, sender, signer, currency, price)
    if permit is not None:
        return office.buy_with_permit_call(purchase, permit), Payment.PERMIT
    _approve(sender, currency, office.address, price, allowed)
    return office.buy_call(purchase, Wei(0)), Payment.APPROVAL


def _permit(
    office: BoxOfficeContract,
    sender: Sender,
    signer: Signer,
    currency: CurrencyContract,
    price: Rupiah,
) -> Permit | None:
    """Sign a permit for the price, or return None where the currency takes none."""
    domain = currency.permit_domain()
    if domain is None:
        return None
    deadline = Timestamp(office.chain.block("latest").timestamp + PERMIT_LASTS_S)
    owner, spender = signer.address, office.address
    try:
        nonce = currency.permit_nonce(owner)
        message = permit_message(domain, owner, spender, price, nonce, deadline)
        permit = Permit(price, deadline, signer.sign_typed_data(message.typed_data()))
        sender.simulate(currency.permit_call(owner, spender, permit))
    except (*_REFUSALS, DecodingError):
        return None
    return permit


def _approve(
    sender: Sender, currency: CurrencyContract, spender: Address, price: Rupiah, allowed: Rupiah
) -> None:
    """Allow exactly the price; first nothing, where the currency will not change an allowance."""
    call = currency.approve_call(spender, price)
    if allowed:
        try:
            sender.simulate(call)
        except _REFUSALS:
            sender.send(currency.approve_call(spender, Rupiah(0)))
    sender.send(call)
