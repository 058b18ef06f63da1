"""The treasurer's view: what money is held for whom, and paying out what is free.

A statement is read as of one block, so that what the screenings add up to can be compared with what the
box office's account really has.
"""

from dataclasses import dataclass

from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.chain.contracts.deployments import NATIVE_COIN, Cooperative
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.client import BlockId
from coopledger.domain.purchases import NOTHING_HELD, Held
from coopledger.domain.screenings import Screening
from coopledger.domain.types import (
    NOBODY,
    Address,
    BlockNumber,
    Rupiah,
    ScreeningId,
    Timestamp,
)
from coopledger.errors import BadInput, Refused, Untrusted
from coopledger.services.authority.delays import Scheduled, send_or_schedule
from coopledger.services.programme.currency import currency_at
from coopledger.services.programme.offices import office_of, offices

SETTLEMENT_DELAY_S = 48 * 3600
"""How long takings stay after a screening's end, in case it has to be cancelled."""


class MoneyMissing(Untrusted):
    """A box office has less than it holds for others."""

    box_office: Address
    missing: Rupiah

    says = "the box office {box_office} has {missing:,} less than it holds for others"
    advice = (
        "Somebody will not get their money back. Withdraw nothing, and look at the currency's "
        "transfers from the box office."
    )


class BadPayee(BadInput):
    """Money would be sent where nobody can use it."""

    account: Address
    reason: str

    says = "{account} cannot be paid: it is {reason}"
    advice = "Name an account that the cooperative can spend from."


class NothingToWithdraw(Refused):
    """Nothing of a screening's money is the cooperative's to take."""

    screening: ScreeningId
    reason: str

    says = "screening {screening} has nothing to withdraw: {reason}"
    advice = "See what is held for whom: coopledger held"


@dataclass(frozen=True)
class ScreeningMoney:
    """What is held of one screening's money. Its takings are free from ``free_from`` on."""

    screening: Screening
    film: str
    cancelled: bool
    currency: Address
    held: Held

    @property
    def free_from(self) -> Timestamp | None:
        """When its takings become the cooperative's; never where it was cancelled."""
        if self.cancelled:
            return None
        return Timestamp(self.screening.ends_at + SETTLEMENT_DELAY_S)


@dataclass(frozen=True)
class OfficeMoney:
    """What one box office holds, and what its account has. ``former``: it was replaced."""

    address: Address
    former: bool
    currency: Address
    symbol: str
    screenings: tuple[ScreeningMoney, ...]
    in_account: Rupiah

    @property
    def held(self) -> Held:
        """What is held of all its screenings."""
        return sum((each.held for each in self.screenings), NOTHING_HELD)

    @property
    def is_settled(self) -> bool:
        """Whether it was replaced and has nothing any more."""
        return self.former and not self.held.total and not self.in_account

    @property
    def not_accounted_for(self) -> Rupiah:
        """What the account has beside what is held: sent by mistake. Below zero: it is missing."""
        return Rupiah(self.in_account - self.held.total)


@dataclass(frozen=True)
class Statement:
    """What is held for whom, as of one block; the present box office stands first."""

    block: BlockNumber
    moment: Timestamp
    offices: tuple[OfficeMoney, ...]
    unknown: tuple[Screening, ...]
    """Screenings that a contract opened which is not known here as a box office."""

    def check(self) -> None:
        """Check that each box office has what it holds.

        Raises:
            MoneyMissing: one has less.
        """
        for office in self.offices:
            if office.not_accounted_for < 0:
                raise MoneyMissing(office.address, Rupiah(-office.not_accounted_for))


@dataclass(frozen=True)
class PaidOut:
    """Takings that were paid out."""

    screening: ScreeningId
    to: Address
    amount: Rupiah


def statement(coop: Cooperative, *, settled: bool = False) -> Statement:
    """Return what every box office holds for whom, now.

    Args:
        coop: the deployed contracts.
        settled: give former box offices that have nothing any more, too.

    Raises:
        CoopledgerError: the node does not answer.
    """
    newest = coop.chain.block("latest")
    ids = [ScreeningId(n) for n in range(1, coop.ledger.screening_count(newest.number) + 1)]
    screenings = coop.ledger.screenings(ids, newest.number)
    known = {office.address for office in offices(coop)}
    money = [_money_of(coop, office, screenings, newest.number) for office in offices(coop)]
    return Statement(
        newest.number,
        newest.timestamp,
        tuple(each for each in money if settled or not each.is_settled),
        tuple(each for each in screenings if each.issuer not in known),
    )


def statement_of(coop: Cooperative, screening: ScreeningId) -> ScreeningMoney:
    """Return what is held of one screening's money, now.

    Raises:
        NoSuchScreening, UnknownIssuer: see ``office_of``.
    """
    office = office_of(coop, screening)
    block = coop.chain.head()
    found = _screening_money(office, coop.ledger.screenings([screening], block), block)
    return found[0]


def withdraw(
    coop: Cooperative, sender: Sender, operator: Address, screening: ScreeningId, to: Address
) -> PaidOut | Scheduled:
    """Pay a screening's takings out, or schedule it where the treasurer has a delay.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role TREASURER.
        screening: whose takings; of a former box office, too.
        to: who gets them.

    Raises:
        NoSuchScreening, UnknownIssuer: see ``office_of``.
        BadPayee: the money would be lost there.
        NothingToWithdraw: there are no takings.
        TooEarly: they can still be claimed back.
        ScreeningIsCancelled: they are its viewers'.
        AccessManagedUnauthorized: the operator lacks the role.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    check_payee(coop, to)
    office = office_of(coop, screening)
    held = office.held(screening)
    if not held.free and not held.refundable:
        raise NothingToWithdraw(screening, "all its takings are paid out, or it had none")
    done = send_or_schedule(coop, sender, operator, office.withdraw_call(screening, to))
    if isinstance(done, Scheduled):
        return done
    event = office.events("Withdrawn", done.logs)[0]
    return PaidOut(screening, to, Rupiah(event["amount"]))


def check_payee(coop: Cooperative, account: Address) -> None:
    """Check that money does not go to nobody, or to a contract that could not spend it.

    Raises:
        BadPayee: it would.
    """
    if account == NOBODY:
        raise BadPayee(account, "nobody's")
    lost = {
        coop.ledger.address: "the ledger",
        coop.lens: "the lens",
        coop.access.address: "the access manager",
    }
    for office in offices(coop):
        lost |= {office.address: "a box office", office.currency(): "the currency's contract"}
    if account in lost:
        raise BadPayee(account, lost[account])


def _money_of(
    coop: Cooperative, office: BoxOfficeContract, screenings: list[Screening], block: BlockNumber
) -> OfficeMoney:
    own = [each for each in screenings if each.issuer == office.address]
    currency = office.currency()
    native = currency == NATIVE_COIN
    money = CurrencyContract(coop.chain, currency)
    return OfficeMoney(
        office.address,
        office.address != coop.box_office.address,
        currency,
        "" if native else currency_at(coop.chain, currency).symbol,
        tuple(_screening_money(office, own, block)),
        Rupiah(coop.chain.balance_of(office.address, block))
        if native
        else money.balance_of(office.address, block),
    )


def _screening_money(
    office: BoxOfficeContract, screenings: list[Screening], at: BlockId
) -> list[ScreeningMoney]:
    ids = [each.screening_id for each in screenings]
    held = office.held_of(ids, at)
    sales = office.sales(ids, at)
    currency = office.currency()
    films = {film: office.film(film).title for film in {sale.film for sale in sales}}
    return [
        ScreeningMoney(screening, films[sale.film], sale.cancelled, currency, money)
        for screening, sale, money in zip(screenings, sales, held, strict=True)
    ]
