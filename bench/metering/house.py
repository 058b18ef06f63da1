"""A cooperative that is ready to sell: contracts, roles, by-laws, and halls that fill up.

The ledger is made to look some years old (its counters are set in storage, and read back), because small
ids are cheaper to send than those of a ledger in use.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.metering.meter import Contract, Meter, accounts, word
from coopledger.chain import artifacts
from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.transactions import Receipt
from coopledger.domain.types import Address, TicketId, Timestamp

RUPIAH_PRICE, RUPIAH_DEPOSIT = 35_000, 10_000
# As long as the price of a ticket is in a native coin, where no byte of it is zero.
NATIVE_PRICE, NATIVE_DEPOSIT = 2_345_678_901_234_567, 734_567_890_123_456
BYLAWS = 1
FULL = 2
"""``Standing.Full``."""
NATIVE_COIN = "0x" + 20 * "00"

_TICKETS_BEFORE = 1_234_567
_MEMBERS_BEFORE = 765_432
_SCREENINGS_BEFORE = 4_321
_EVENTS_BEFORE = 1_098_765
_CONSENT_AGE_S = 1_000_000
_SCREENING_IN_S = 6 * 3600

_BOX_OFFICE = (
    "addFilm",
    "addScreening",
    "sell",
    "void",
    "withdraw",
    "returnDepositTo",
    "recordDepositReturn",
)
_LEDGER = ("setBylaws", "redeem", "unredeem", "setStanding", "close", "enrol", "proposeMove")
_MINTER, _STAFF = 9, 1


@dataclass
class House:
    """The deployed contracts and the operator, who holds every role of the staff."""

    meter: Meter
    operator: Signer
    manager: Contract
    ledger: Contract
    lens: Contract
    native: Contract
    erc20: Contract
    rupiah: Contract

    def hall(self, box_office: Contract, capacity: int = 20_000) -> "Hall":
        """Announce a screening that is on sale, and whose door is open, for the next hours."""
        return Hall(self, box_office, capacity)


@dataclass
class Hall:
    """One screening with numbered seats, sold from the first to the last."""

    house: House
    box_office: Contract
    capacity: int
    screening: int = field(init=False)
    announced: Receipt = field(init=False)
    sequence: int = 0
    sold: int = 0

    def __post_init__(self) -> None:
        house, meter = self.house, self.house.meter
        now, starts = meter.now, meter.now + _SCREENING_IN_S
        native = self.box_office is house.native
        price = NATIVE_PRICE if native else RUPIAH_PRICE
        deposit = NATIVE_DEPOSIT if native else RUPIAH_DEPOSIT
        announcement = (
            1, self.capacity, starts, starts + 7200, now, starts, starts, True, False, "Tegal",
        )  # fmt: skip
        tiers = [(price, deposit, True, False, "Reguler"), (price, 0, True, False, "Pelajar")]
        arguments = (announcement, tiers)
        self.announced = meter.send(house.operator, self.box_office, "addScreening", *arguments)
        self.screening = meter.ask(house.ledger, "screeningCount")

    def sell(self, people: Sequence[Address], *, consent: bool) -> Receipt:
        """Sell one ticket to each of these as paid outside, with a reference each."""
        house = self.house
        consented_at = Timestamp(house.meter.now - _CONSENT_AGE_S)
        first_seat = self._take(len(people))
        lines = [
            _line(account, first_seat + i, consented_at if consent else None)
            for i, account in enumerate(people)
        ]
        batch = f"{self.screening}/{self.sequence}"
        references = [word(f"reference/{batch}/{i}") for i in range(len(people))]
        receipt = house.meter.send(
            house.operator, self.box_office, "sell",
            self.screening, self.sequence, lines, references, BYLAWS, word(f"form/{batch}")[:16],
        )  # fmt: skip
        self.sequence += 1
        return receipt

    def buy(self, buyer: Signer, *, joins: bool = True) -> Receipt:
        """Let somebody buy a ticket with their own transaction."""
        native = self.box_office is self.house.native
        value = NATIVE_PRICE if native else 0
        return self.house.meter.send(
            buyer, self.box_office, "buy", self._purchase(buyer, joins=joins), value=value
        )

    def buy_with_permit(self, buyer: Signer, permitted: int = RUPIAH_PRICE) -> Receipt:
        """Let somebody buy a ticket, and join, with their first permit of the currency."""
        meter, rupiah = self.house.meter, self.house.rupiah
        deadline = meter.now + 7200
        signature = buyer.sign_typed_data(
            _permit_message(
                meter.chain.chain_id, rupiah.address, buyer.address,
                self.box_office.address, permitted, deadline,
            )
        )  # fmt: skip
        permit = (permitted, deadline, signature[64], signature[:32], signature[32:64])
        purchase = self._purchase(buyer, joins=True)
        return meter.send(buyer, self.box_office, "buyWithPermit", purchase, permit)

    def tickets(self, count: int) -> list[TicketId]:
        """Return the ids of the newest tickets, oldest first."""
        newest = self.house.meter.ask(self.house.ledger, "ticketCount")
        return [TicketId(i) for i in range(newest - count + 1, newest + 1)]

    def _purchase(self, buyer: Signer, *, joins: bool) -> tuple[int, int, int, str, int, int]:
        price = NATIVE_PRICE if self.box_office is self.house.native else RUPIAH_PRICE
        bylaws = BYLAWS if joins else 0
        return (self.screening, self._take(1), 0, buyer.address, price, bylaws)

    def _take(self, seats: int) -> int:
        self.sold += seats
        return self.sold - seats + 1


def open_house(meter: Meter) -> House:
    """Deploy everything, as a ledger that has been in use for years and has the sale open."""
    operator = meter.person("operator")
    manager = meter.deploy(operator, artifacts.load("AccessManager"), operator.address)
    ledger = meter.deploy(operator, artifacts.load("TicketLedger"), manager.address)
    lens = meter.deploy(operator, artifacts.load("TicketLens"), ledger.address)
    rupiah = meter.deploy(operator, artifacts.load("LocalRupiah"))
    native, erc20 = (
        meter.deploy(
            operator, artifacts.load("BoxOffice"), manager.address, ledger.address, currency
        )
        for currency in (NATIVE_COIN, rupiah.address)
    )
    house = House(meter, operator, manager, ledger, lens, native, erc20, rupiah)
    _give_roles(house)
    meter.send(operator, ledger, "setBylaws", word("bylaws"))
    _make_old(house)
    for box_office in (native, erc20):
        meter.send(operator, box_office, "addFilm", "Turah", 2016, 83)
    return house


def buyer_with_rupiah(house: House, name: str, *, allowance: int = 0) -> Signer:
    """Return a person who holds rupiah for many tickets, and may have allowed their use."""
    buyer = house.meter.person(name)
    house.meter.send(house.operator, house.rupiah, "mint", buyer.address, 10**7)
    if allowance:
        spender = house.erc20.address
        house.meter.send(buyer, house.rupiah, "approve", spender, allowance)
    return buyer


def crowd(name: str, count: int = 100) -> list[Address]:
    """Return people without keys of their own, who never held a ticket."""
    return accounts(f"crowd/{name}", count)


def _line(account: Address, seat: int, consented_at: Timestamp | None) -> int:
    """Return a ticket of tier 0 as ``ITicketLedger.issue`` takes it."""
    line = int(account, 16) | (seat << 160)
    return line if consented_at is None else line | (1 << 184) | (consented_at << 192)


def _give_roles(house: House) -> None:
    _reach(house, house.ledger, ("openScreening", "issue"), _MINTER)
    _reach(house, house.ledger, _LEDGER, _STAFF)
    for box_office in (house.native, house.erc20):
        _reach(house, box_office, _BOX_OFFICE, _STAFF)
        _grant(house, _MINTER, box_office.address)
    _grant(house, _STAFF, house.operator.address)


def _reach(house: House, target: Contract, functions: Sequence[str], role: int) -> None:
    name = "TicketLedger" if target is house.ledger else "BoxOffice"
    selectors = [
        bytes.fromhex(selector)
        for signature, selector in artifacts.load(name).method_identifiers.items()
        if signature.partition("(")[0] in functions
    ]
    arguments = (target.address, selectors, role)
    house.meter.send(house.operator, house.manager, "setTargetFunctionRole", *arguments)


def _grant(house: House, role: int, account: Address) -> None:
    house.meter.send(house.operator, house.manager, "grantRole", role, account, 0)


def _make_old(house: House) -> None:
    """Set the ledger's counters, which share one slot after the register's head."""
    counters = {
        "ticketCount": (_TICKETS_BEFORE, 64),
        "screeningCount": (_SCREENINGS_BEFORE, 32),
        "memberCount": (_MEMBERS_BEFORE, 32),
        "activeCount": (_MEMBERS_BEFORE, 32),
        "bylawsVersion": (BYLAWS, 32),
        "eventCount": (_EVENTS_BEFORE, 64),
    }
    value = shift = 0
    for count, bits in counters.values():
        value |= count << shift
        shift += bits
    slot = house.meter.ask(house.ledger, "REGISTER_SLOT") + 1
    house.meter.overwrite(house.ledger, slot, value)
    for view, (count, _) in counters.items():
        if house.meter.ask(house.ledger, view) != count:
            raise LookupError(f"the ledger's counters are laid out otherwise: {view}")


def _permit_message(
    chain_id: int, token: Address, owner: Address, spender: Address, value: int, deadline: int
) -> dict[str, object]:
    """Return an ERC-2612 permit of the local rupiah as EIP-712 data."""
    domain = {"name": "string", "version": "string", "chainId": "uint256"}
    permit = {"owner": "address", "spender": "address", "value": "uint256"}
    types = {
        "EIP712Domain": domain | {"verifyingContract": "address"},
        "Permit": permit | {"nonce": "uint256", "deadline": "uint256"},
    }
    return {
        "types": {
            name: [{"name": field, "type": kind} for field, kind in fields.items()]
            for name, fields in types.items()
        },
        "primaryType": "Permit",
        "domain": {
            "name": "Local rupiah",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": token,
        },
        "message": {
            "owner": owner,
            "spender": spender,
            "value": value,
            "nonce": 0,
            "deadline": deadline,
        },
    }
