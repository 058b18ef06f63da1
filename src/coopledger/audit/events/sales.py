"""The sales and the money of the box offices, by their events and by what they answer.

A till is recomputed from what was paid, refunded, returned and withdrawn, so a box office cannot answer
less than it owes; what it has is then asked of the currency.
"""

from collections import defaultdict
from collections.abc import Sequence

from coopledger.audit.contracts import Contracts
from coopledger.audit.events.tickets import TicketBook
from coopledger.audit.findings import Findings
from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.chain.contracts.deployments import NATIVE_COIN
from coopledger.domain.events import DepositReturned, Purchased, Refunded, Sold, Withdrawn
from coopledger.domain.types import Address, BlockNumber, ScreeningId, TicketId
from coopledger.domain.words import bits

SaleEvent = Purchased | Sold | Refunded | Withdrawn | DepositReturned

_SCREENINGS_A_QUESTION = 200
_VOID = 2


class SaleBook:
    """What was sold and paid as the events so far say. Feed it every event of sales, in order."""

    def __init__(self, tickets: TicketBook, findings: Findings) -> None:
        self._tickets = tickets
        self._findings = findings
        self._tills: dict[tuple[Address, ScreeningId], int] = defaultdict(int)
        self._returned: dict[TicketId, list[tuple[Address, int]]] = defaultdict(list)
        self._standing: dict[ScreeningId, int] = defaultdict(int)
        self._seats: dict[ScreeningId, int] = defaultdict(int)

    def take(self, event: SaleEvent) -> None:
        """Take the next event."""
        match event:
            case Purchased():
                self._tickets.sell(event.ticket_id, event.place)
                self._tills[event.office, event.screening] += event.price
            case Sold():
                for index in range(len(event.references)):
                    self._tickets.sell(TicketId(event.first + index), event.place)
            case Refunded() | Withdrawn():
                self._tills[event.office, event.screening] -= event.amount
            case DepositReturned():
                if event.on_chain:
                    # The event does not name the screening; the ticket's word will.
                    self._returned[event.ticket_id].append((event.office, event.amount))

    def count(self, ticket_id: TicketId, word: int, sellers: set[ScreeningId]) -> None:
        """Count a ticket, by its word, towards its screening's places and seats."""
        screening = ScreeningId(bits(word, 160, 32))
        if screening not in sellers:
            return
        self._tickets.expect_sold(ticket_id)
        for office, amount in self._returned.pop(ticket_id, ()):
            self._tills[office, screening] -= amount
        if bits(word, 248, 8) & _VOID:
            return
        self._standing[screening] += 1
        seat = bits(word, 192, 16)
        if seat:
            if self._seats[screening] >> seat & 1:
                what = f"seat {seat} of screening {screening}"
                found = f"ticket {ticket_id}, too"
                self._findings.add("a seat has one ticket", what, "one ticket", found)
            self._seats[screening] |= 1 << seat

    def compare(self, contracts: Contracts, at: BlockNumber) -> int:
        """Compare places and money with what each box office and its currency answer.

        Returns:
            How many screenings were compared.
        """
        compared = 0
        for office in contracts.offices:
            numbers = [s.screening_id for s in contracts.screenings if s.issuer == office.address]
            owed = 0
            for start in range(0, len(numbers), _SCREENINGS_A_QUESTION):
                part = numbers[start : start + _SCREENINGS_A_QUESTION]
                owed += self._compare_part(office, part, at)
            self._check_balance(office, owed, at)
            compared += len(numbers)
        return compared

    def _compare_part(
        self, office: BoxOfficeContract, numbers: Sequence[ScreeningId], at: BlockNumber
    ) -> int:
        """Compare some screenings; return what the box office must have for them."""
        owed = 0
        held = office.held_of(numbers, at)
        for number, sale, money in zip(numbers, office.sales(numbers, at), held, strict=True):
            what = f"screening {number}"
            self._findings.compare(
                "tickets that are not void are those sold",
                *(what, f"{sale.sold} sold", f"{self._standing[number]} sold"),
            )
            if sale.sold > sale.capacity:
                expected = f"at most {sale.capacity}"
                self._findings.add("sold ≤ capacity", what, expected, f"{sale.sold} sold")
            if sale.seated and self._seats[number] >> (sale.capacity + 1):
                found = f"seat {self._seats[number].bit_length() - 1}"
                self._findings.add("a seat exists", what, f"seats to {sale.capacity}", found)
            self._findings.compare(
                "money by view and by events",
                *(what, self._tills[office.address, number], money.total),
            )
            owed += max(money.total, self._tills[office.address, number])
        return owed

    def _check_balance(self, office: BoxOfficeContract, owed: int, at: BlockNumber) -> None:
        currency = office.currency()
        has: int = (
            office.chain.balance_of(office.address, at)
            if currency == NATIVE_COIN
            else CurrencyContract(office.chain, currency).balance_of(office.address, at)
        )
        if has < owed:
            rule = "money held ≥ refundable + deposits"
            what = f"the box office {office.address}"
            self._findings.add(rule, what, f"at least {owed}", has)
