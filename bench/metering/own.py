"""The cooperative's own work, measured through the box office, the gate and the register.

What is new costs more once. A screening's first sale writes slots that later ones only change; those
sales are figures of their own (``…_first``), and the others count from the second on. Seat words that
fill up in between are left in: they come with the work.
"""

from collections.abc import Sequence

from bench.metering.house import (
    BYLAWS,
    FULL,
    RUPIAH_PRICE,
    House,
    buyer_with_rupiah,
    crowd,
    open_house,
)
from bench.metering.meter import Contract, Meter, Runs, spending
from coopledger.chain import artifacts
from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.transactions import Receipt
from coopledger.domain.types import TicketId

RUNS = 5
BATCH = 100
_ALLOWANCE = 100 * RUPIAH_PRICE
_WEEK_S = 7 * 24 * 3600
_DOCUMENT = bytes(range(1, 17))


class OwnWork:
    """All of it, in the order in which a house lives; ``runs`` holds what was measured."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.house: House = open_house(meter)
        self.runs: Runs = {}
        self.explained: dict[str, tuple[Receipt, int]] = {}
        """The transactions that :meth:`spent_on` takes apart, and how many tickets each is about."""

    def measure(self) -> Runs:
        """Do all the work and return what each piece took.

        Raises:
            ContractRefusal: a contract refuses what it should do.
        """
        self._batches()
        self._native_purchases()
        self._rupiah_purchases()
        self._membership()
        self._money_back()
        self._board()
        return self.runs

    def spent_on(self) -> dict[str, dict[str, float]]:
        """Return what the gas of the main figures went into, a ticket."""
        return {
            name: {part: gas / each for part, gas in spending(self.meter.chain, receipt).items()}
            for name, (receipt, each) in self.explained.items()
        }

    def deployments(self) -> dict[str, dict[str, int]]:
        """Return the gas that each contract's deployment takes, and the bytes of its code."""
        house = self.house
        deployed = {
            "AccessManager": house.manager,
            "BoxOffice": house.erc20,
            "LocalRupiah": house.rupiah,
            "TicketLedger": house.ledger,
            "TicketLens": house.lens,
        }
        return {
            name: {"gas": contract.deployment_gas, "bytes": artifacts.load(name).runtime_size}
            for name, contract in deployed.items()
        }

    def _note(self, name: str, receipt: Receipt, each: int = 1) -> None:
        self.runs.setdefault(name, []).append(receipt.gas_used / each)

    def _explain(self, name: str, receipt: Receipt, each: int = 1) -> None:
        self._note(name, receipt, each)
        self.explained[name] = (receipt, each)

    def _batches(self) -> None:
        hall = self.house.hall(self.house.native)
        crowds = [crowd(f"batch/{run}") for run in range(RUNS + 1)]
        self._note("batch_new_first", hall.sell(crowds[0], consent=True), BATCH)
        cards = hall.tickets(BATCH)
        for people in crowds[1:]:
            self._explain("batch_new", hall.sell(people, consent=True), BATCH)
        for people in crowds[1:]:
            self._explain("batch_existing", hall.sell(people, consent=False), BATCH)
            spare = hall.tickets(BATCH)
            self._explain("redeem_each", self._redeem(hall.screening, spare), BATCH)
        for people in crowds[1:]:
            receipt = hall.sell(people, consent=True)
            self._explain("batch_existing_consenting", receipt, BATCH)
            spare = hall.tickets(BATCH)
            self._note("redeem_each_30", self._redeem(hall.screening, spare[:30]), 30)
            self._note("redeem_one", self._redeem(hall.screening, spare[30:31]))
        self._note("redeem_each_card", self._redeem(hall.screening, cards), BATCH)
        for run in range(RUNS):
            receipt = hall.sell(crowd(f"guests/{run}"), consent=False)
            self._note("batch_guests", receipt, BATCH)
            self._note("void_each", self._void(hall.screening, hall.tickets(BATCH)), BATCH)
            self._note("batch_new_one", hall.sell(crowd(f"single/{run}", 1), consent=True))

    def _native_purchases(self) -> None:
        hall, native = self.house.hall(self.house.native), self.house.native
        people = [self.meter.person(f"native/{run}") for run in range(RUNS + 1)]
        self._note("purchase_native_first", hall.buy(people[0]))
        for buyer in people[1:]:
            self._explain("purchase_native", hall.buy(buyer))
        cards = hall.tickets(RUNS)
        for buyer, card in zip(people[1:], cards, strict=True):
            self._note("purchase_native_again", hall.buy(buyer, joins=False))
            self._note("refund_native", self._refund(native, buyer, hall.tickets(1)))
            self._note("refund_native_card", self._refund(native, buyer, [card]))

    def _rupiah_purchases(self) -> None:
        house = self.house
        hall, permit_hall = house.hall(house.erc20), house.hall(house.erc20)
        for run in range(RUNS + 1):
            first = "" if run else "_first"
            buyer = buyer_with_rupiah(house, f"allowing/{run}", allowance=_ALLOWANCE)
            self._note("purchase_erc20" + first, hall.buy(buyer))
            self._note("purchase_erc20_again", hall.buy(buyer, joins=False))
            self._note("refund_erc20", self._refund(house.erc20, buyer, hall.tickets(1)))
            buyer = buyer_with_rupiah(house, f"permitting/{run}")
            self._note("purchase_permit" + first, permit_hall.buy_with_permit(buyer))
        for run in range(RUNS):
            buyer = buyer_with_rupiah(house, f"permitting more/{run}")
            receipt = hall.buy_with_permit(buyer, permitted=_ALLOWANCE)
            self._note("purchase_permit_larger", receipt)

    def _membership(self) -> None:
        meter, ledger, operator = self.meter, self.house.ledger, self.house.operator
        hall = self.house.hall(self.house.native)
        for run in range(RUNS):
            holder, friend = meter.person(f"holder/{run}"), meter.person(f"friend/{run}")
            hall.sell([holder.address, holder.address], consent=False)
            card, spare = hall.tickets(2)
            self._note("join", meter.send(holder, ledger, "join", card, BYLAWS))
            number = meter.ask(ledger, "memberOf", holder.address)
            receipt = meter.send(operator, ledger, "setStanding", number, FULL, _DOCUMENT)
            self._note("set_standing", receipt)
            receipt = meter.send(operator, ledger, "proposeMove", number, friend.address)
            self._note("propose_move", receipt)
            meter.wait(_WEEK_S)
            receipt = meter.send(friend, ledger, "acceptMove", number, [spare])
            self._note("accept_move", receipt)
            receipt = meter.send(friend, ledger, "give", spare, holder.address)
            self._note("give", receipt)
            self._note("leave", meter.send(friend, ledger, "leave"))
            self._note("rejoin", meter.send(holder, ledger, "join", spare, BYLAWS))

    def _money_back(self) -> None:
        hall, house = self.house.hall(self.house.native), self.house
        for run in range(RUNS):
            buyer = self.meter.person(f"deposit/{run}")
            hall.buy(buyer)
            card = hall.tickets(1)[0]
            self.meter.send(buyer, house.ledger, "leave")
            receipt = self.meter.send(buyer, house.native, "returnDeposit", card)
            self._note("return_deposit", receipt)
        self.meter.wait(_WEEK_S)
        arguments = (hall.screening, house.operator.address)
        receipt = self.meter.send(house.operator, house.native, "withdraw", *arguments)
        self._note("withdraw", receipt)

    def _board(self) -> None:
        house = self.house
        self._note("add_screening", house.hall(house.native).announced)
        receipt = self.meter.send(house.operator, house.ledger, "setBylaws", b"\x11" * 32)
        self._note("set_bylaws", receipt)

    def _redeem(self, screening: int, tickets: Sequence[TicketId]) -> Receipt:
        ledger, gate = self.house.ledger, self.house.operator
        return self.meter.send(gate, ledger, "redeem", screening, tickets)

    def _void(self, screening: int, tickets: Sequence[TicketId]) -> Receipt:
        desk, native = self.house.operator, self.house.native
        return self.meter.send(desk, native, "void", screening, tickets, _DOCUMENT)

    def _refund(self, box_office: Contract, holder: Signer, tickets: Sequence[TicketId]) -> Receipt:
        return self.meter.send(holder, box_office, "refund", tickets)
