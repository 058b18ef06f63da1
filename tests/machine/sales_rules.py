"""What happens at the box office: sales, purchases, voiding."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from coopledger.domain.purchases import Permit, Purchase
from coopledger.domain.signed_messages import permit_message
from coopledger.domain.types import (
    Attestation,
    BylawsVersion,
    OrderReference,
    Rupiah,
    ScreeningId,
    SeatNumber,
    TicketId,
    TierIndex,
    Timestamp,
    Wei,
)
from coopledger.domain.words import pack_line
from tests.machine.cast import VIEWERS
from tests.machine.playing import Playing, anybody, careful, one_of, papers, picks, viewers
from tests.machine.rules import sales
from tests.machine.rules.sales import TIERS, Line, Order
from tests.machine.rules.world import DAY, HOUR, Account

NO_WEI = Wei(0)
PAPER = Attestation(b"the sixteen byte")


class SalesRules(Playing):
    """Sales outside the chain, purchases on it."""

    @rule(
        people=st.lists(st.tuples(viewers, st.booleans(), picks), min_size=1, max_size=3),
        screening=picks,
        tier=st.integers(0, 2),
        other=anybody,
        care=careful,
        slip=st.integers(0, 7),
        paper=papers,
    )
    def sell(
        self,
        people: list[tuple[Account, bool, int]],
        screening: int,
        tier: int,
        other: Account,
        care: bool,
        slip: int,
        paper: bytes,
    ) -> None:
        """The clerk sells a batch that was paid outside; some join by it."""
        who = other if not care and slip > 5 else "the clerk"
        number, office = self._screening(screening, care)
        sale = self.world.screenings[number]
        seats = self._seats(number, [pick for _, _, pick in people], care)
        consented = self.world.now - DAY if care or slip != 1 else self.world.now + DAY
        lines = [
            Line(name, seat, tier if care or slip != 2 else 7, consented if joins else None)
            for (name, joins, _), seat in zip(people, seats, strict=True)
        ]
        bylaws = len(self.world.bylaws) if care or slip != 3 else 0
        sequence = sale.sequence + (not care and slip == 0)
        references = len(lines) + (not care and slip == 4)
        shown = bytes(16) if not care and slip == 5 else paper
        call = self.stage.offices[office].sell_call(
            ScreeningId(number),
            sequence,
            [self._packed(line) for line in lines],
            [OrderReference(bytes([n + 1] * 32)) for n in range(references)],
            BylawsVersion(bylaws),
            Attestation(shown),
        )
        told = ", ".join(
            f"{line.account}{' who joins' if line.consented_at else ''}" for line in lines
        )
        self.player.act(
            "sell",
            f"{who} sells outside the chain, for screening {number}, to {told}",
            who,
            call,
            lambda: sales.sell(
                self.world, who, office, number, sequence, lines, references, bylaws, shown
            ),
        )

    @rule(
        who=viewers,
        other=viewers,
        screening=picks,
        seat=picks,
        tier=st.integers(0, 2),
        joins=st.booleans(),
        care=careful,
        slip=st.integers(0, 4),
    )
    def buy(
        self,
        who: Account,
        other: Account,
        screening: int,
        seat: int,
        tier: int,
        joins: bool,
        care: bool,
        slip: int,
    ) -> None:
        """A viewer buys a ticket, for themselves or somebody else, and may join by it."""
        who = self._newcomer(who, joins and care)
        order, office = self._order(who, other, screening, seat, tier, joins, care, slip)
        call = self.stage.offices[office].buy_call(self._purchase(order), NO_WEI)
        self.player.act(
            "buy and join" if order.bylaws else "buy",
            f"{who} buys {_told(order)}",
            who,
            call,
            lambda: sales.buy(self.world, who, office, order),
        )

    @rule(
        who=viewers,
        screening=picks,
        seat=picks,
        tier=st.integers(0, 2),
        joins=st.booleans(),
        care=careful,
        slip=st.integers(0, 4),
        signer=viewers,
    )
    def buy_with_permit(
        self,
        who: Account,
        screening: int,
        seat: int,
        tier: int,
        joins: bool,
        care: bool,
        slip: int,
        signer: Account,
    ) -> None:
        """A viewer buys with a signed allowance, which may be somebody else's."""
        who = self._newcomer(who, joins and care)
        order, office = self._order(who, who, screening, seat, tier, joins, care, slip)
        signer = who if care else signer
        domain = self.stage.currency.permit_domain()
        assert domain is not None, "the play money has permits"
        price = _price_of(order)
        deadline = Timestamp(self.world.now + HOUR)
        message = permit_message(
            domain,
            self.stage.addresses[who],
            self.stage.offices[office].address,
            price,
            self.world.permits.get(who, 0),
            deadline,
        )
        signature = self.stage.signer(signer).sign_typed_data(message.typed_data())
        permit = Permit(Rupiah(price), deadline, signature)
        call = self.stage.offices[office].buy_with_permit_call(self._purchase(order), permit)
        self.player.act(
            "buy with a permit",
            f"{who} buys {_told(order)}, with a permit that {signer} signed",
            who,
            call,
            lambda: sales.buy_with_permit(self.world, who, office, order, price, signer == who),
        )

    @rule(tickets=st.lists(picks, min_size=1, max_size=2), other=anybody, care=careful)
    def void(self, tickets: list[int], other: Account, care: bool) -> None:
        """The clerk voids what was sold outside."""
        who = self.by_role("BOX_OFFICE", care or tickets[0] % 2 == 0, other)
        ids = [
            self.a_ticket(t, care, lambda t: not (t.paid_on_chain or t.void or t.redeemed))
            for t in tickets
        ]
        ids = ids[:1] if care else ids
        known = self.world.tickets.get(ids[0])
        number = known.screening if known else 1
        office = self.office_of(number, tickets[0], care)
        call = self.stage.offices[office].void_call(
            ScreeningId(number), [TicketId(i) for i in ids], PAPER
        )
        self.player.act(
            "void",
            f"{who} voids {_tickets(ids)} at {office}",
            who,
            call,
            lambda: sales.void(self.world, who, office, number, ids),
        )

    @rule(who=viewers, office=picks, amount=st.sampled_from((900_000, 20_000, 0)))
    def allow_money(self, who: Account, office: int, amount: int) -> None:
        """A viewer lets a box office take money, or no longer."""
        at = self.office(office)

        def apply() -> None:
            self.world.allowances[who, at] = amount

        contract = self.stage.offices[at]
        self.player.act(
            "allow money",
            f"{who} lets {at} take {amount} rupiah",
            who,
            self.stage.currency.approve_call(contract.address, Rupiah(amount)),
            apply,
        )

    def _newcomer(self, who: Account, wanted: bool) -> Account:
        """Return who was drawn, or if a newcomer is wanted somebody who is no member."""
        others = [name for name in VIEWERS if self.world.membership(name) is None]
        return others[0] if wanted and others and who not in others else who

    def _screening(self, pick: int, care: bool) -> tuple[int, Account]:
        world = self.world
        open_ones = [
            n
            for n, s in world.screenings.items()
            if not s.cancelled
            and s.sold < s.capacity
            and world.now < s.closes
            and s.office in world.roles["MINTER"]
        ]
        number = one_of((open_ones if care else []) or [*world.screenings], pick)
        return number, self.office_of(number, pick, care)

    def _seats(self, number: int, picks_: list[int], care: bool) -> list[int]:
        shown = self.world.screenings[number]
        if not care:
            return [pick % (shown.capacity + 2) for pick in picks_]
        taken = sales.live_seats(self.world, number)
        free = [seat for seat in range(1, shown.capacity + 1) if seat not in taken]
        usual = [free[place % len(free)] if free else 1 for place in range(len(picks_))]
        return usual if shown.seated else [0] * len(picks_)

    def _order(
        self,
        who: Account,
        other: Account,
        screening: int,
        seat: int,
        tier: int,
        joins: bool,
        care: bool,
        slip: int,
    ) -> tuple[Order, Account]:
        number, office = self._screening(screening, care)
        if care:
            joins = joins and self.world.membership(who) is None
            holder = who if joins else other
        else:
            holder = other if slip == 0 else who
        bylaws = len(self.world.bylaws) if joins else 0
        if joins and not care and slip == 1:
            bylaws += 1
        price = TIERS[tier][0] - (not care and slip == 2)
        tier = tier if care or slip != 3 else 9
        (place,) = self._seats(number, [seat], care)
        return Order(number, place, tier, holder, price, bylaws), office

    def _purchase(self, order: Order) -> Purchase:
        return Purchase(
            ScreeningId(order.screening),
            SeatNumber(order.seat),
            TierIndex(order.tier),
            self.stage.addresses[order.holder],
            Rupiah(order.max_price),
            BylawsVersion(order.bylaws),
        )

    def _packed(self, line: Line) -> int:
        consented = None if line.consented_at is None else Timestamp(line.consented_at)
        account = self.stage.addresses[line.account]
        return pack_line(account, SeatNumber(line.seat), TierIndex(line.tier), consented)


def _price_of(order: Order) -> int:
    """Return what an order's tier costs; nothing where there is none."""
    return TIERS[order.tier][0] if order.tier < len(TIERS) else 0


def _told(order: Order) -> str:
    seat = f", seat {order.seat}" if order.seat else ""
    joins = f", and joins under by-laws {order.bylaws}" if order.bylaws else ""
    return f"a ticket for screening {order.screening}{seat}, tier {order.tier}, for {order.holder}{joins}"


def _tickets(ids: list[int]) -> str:
    return f"ticket {', '.join(map(str, ids))}"
