"""What happens at the box office: screenings, sales, purchases, voiding."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from coopledger.domain.purchases import Permit, Purchase
from coopledger.domain.screenings import Announcement, Film, Tier
from coopledger.domain.signed_messages import permit_message
from coopledger.domain.types import (
    Attestation,
    BylawsVersion,
    FilmId,
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
from tests.machine.playing import Playing, anybody, careful, one_of, papers, picks, viewers
from tests.machine.rules import sales
from tests.machine.rules.sales import TIERS, Line, Order
from tests.machine.rules.world import DAY, HOUR, Account, Screening

NO_WEI = Wei(0)
TURAH = Film("Turah", 2016, 83)
PAPER = Attestation(b"the sixteen byte")


class SalesRules(Playing):
    """Screenings, sales outside the chain, purchases on it."""

    @rule(
        days=st.integers(1, 20),
        seated=st.booleans(),
        fixed=st.booleans(),
        office=picks,
        other=anybody,
        care=careful,
        late=st.integers(0, 3),
    )
    def announce(
        self,
        days: int,
        seated: bool,
        fixed: bool,
        office: int,
        other: Account,
        care: bool,
        late: int,
    ) -> None:
        """Somebody announces a screening, now and then with times that make no sense."""
        who = self.by_role("BOX_OFFICE", care, other)
        at = self.world.offices[-1] if care else self.office(office)
        starts = self.world.now + days * DAY
        planned = sales.planned(
            self.world, at, starts, seated=seated, fixed=fixed and days % 3 == 0
        )
        if not care and late == 0:
            planned.ends = starts - HOUR
        call = self.stage.offices[at].add_screening_call(announcement(planned))
        self.player.act(
            "announce",
            f"{who} announces screening {planned.number} at {at}",
            who,
            lambda: call,
            lambda: sales.announce(self.world, who, planned),
        )

    @rule(office=picks, other=anybody, care=careful)
    def add_film(self, office: int, other: Account, care: bool) -> None:
        """The clerk adds a film."""
        who, at = self.by_role("BOX_OFFICE", care, other), self.office(office)
        call = self.stage.offices[at].add_film_call(TURAH)
        self.player.act(
            "add a film",
            f"{who} adds a film at {at}",
            who,
            lambda: call,
            lambda: sales.add_film(self.world, who, at),
        )

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
            lambda: call,
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
        order, office = self._order(who, other, screening, seat, tier, joins, care, slip)
        call = self.stage.offices[office].buy_call(self._purchase(order), NO_WEI)
        self.player.act(
            "buy and join" if order.bylaws else "buy",
            f"{who} buys {_told(order)}",
            who,
            lambda: call,
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
        order, office = self._order(who, who, screening, seat, tier, joins, care, slip)
        signer = who if care else signer
        domain = self.stage.currency.permit_domain()
        price = sales_price(order)
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
            lambda: call,
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
            lambda: call,
            lambda: sales.void(self.world, who, office, number, ids),
        )

    @rule(screening=picks, office=picks, other=anybody, care=careful, rarely=st.integers(0, 2))
    def cancel_screening(
        self, screening: int, office: int, other: Account, care: bool, rarely: int
    ) -> None:
        """The board cancels a screening, which should not happen all the time."""
        who = self.by_role("BOARD", care and rarely == 0, other)
        number = one_of([*self.world.screenings], screening)
        at = self.office_of(number, office, care)
        call = self.stage.offices[at].cancel_screening_call(ScreeningId(number))
        self.player.act(
            "cancel a screening",
            f"{who} cancels screening {number}",
            who,
            lambda: call,
            lambda: sales.cancel_screening(self.world, who, at, number),
        )

    @rule(screening=picks, hours=st.integers(-5, 100), other=anybody, care=careful)
    def postpone(self, screening: int, hours: int, other: Account, care: bool) -> None:
        """The board puts a screening off."""
        who = self.by_role("BOARD", care, other)
        number = one_of([*self.world.screenings], screening)
        at = self.office_of(number, screening, care)
        shown = self.world.screenings[number]
        starts, ends = shown.starts + hours * HOUR, shown.ends + hours * HOUR
        call = self.stage.offices[at].postpone_call(
            ScreeningId(number), Timestamp(starts), Timestamp(ends), Timestamp(starts)
        )
        self.player.act(
            "postpone",
            f"{who} puts screening {number} off by {hours} hours",
            who,
            lambda: call,
            lambda: sales.postpone(self.world, who, at, number, starts, ends),
        )

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


def announcement(planned: Screening) -> Announcement:
    """Return a screening as it is announced."""
    return Announcement(
        film=FilmId(1),
        venue="Gedung Kesenian Tegal",
        capacity=planned.capacity,
        starts_at=Timestamp(planned.starts),
        ends_at=Timestamp(planned.ends),
        opens_at=Timestamp(planned.opens),
        closes_at=Timestamp(planned.closes),
        refundable_until=Timestamp(planned.refundable_until),
        seated=planned.seated,
        non_transferable=planned.non_transferable,
        tiers=tuple(
            Tier(f"tier {n}", Rupiah(price), Rupiah(deposit))
            for n, (price, deposit) in enumerate(planned.tiers)
        ),
    )


def sales_price(order: Order) -> int:
    """Return what an order's tier costs; nothing where there is none."""
    return TIERS[order.tier][0] if order.tier < len(TIERS) else 0


def _told(order: Order) -> str:
    seat = f", seat {order.seat}" if order.seat else ""
    joins = f", and joins under by-laws {order.bylaws}" if order.bylaws else ""
    return f"a ticket for screening {order.screening}{seat}, tier {order.tier}, for {order.holder}{joins}"


def _tickets(ids: list[int]) -> str:
    return f"ticket {', '.join(map(str, ids))}"
