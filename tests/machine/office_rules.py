"""One box office after another, and the clock.

A new box office needs four decisions of the admin, each of which waits a week; the old one keeps its role
until it is taken, and what it announced for good.
"""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from coopledger.chain.contracts.access import ADMIN_DELAY_S
from coopledger.chain.wire.transactions import Call
from coopledger.domain.roles import Role
from tests.machine.cast import FIRST_OFFICE, SECOND_OFFICE
from tests.machine.playing import Playing, anybody, careful, one_of, picks
from tests.machine.programme_rules import TURAH
from tests.machine.rules import sales, waiting
from tests.machine.rules.world import DAY, HOUR, Account


class OfficeRules(Playing):
    """The succession of box offices, and waiting."""

    @precondition(lambda self: not self.appointing)
    @rule(then=st.booleans())
    def prepare_second_office(self, then: bool) -> None:
        """A second box office is created, and the admin schedules its powers, and may wait a week."""
        world = self.world
        world.now += 12
        self.stage.open_second_office(world.now)
        self.player.story.tell(world.now, "the deployer creates box office 2", "done")
        world.wallets[SECOND_OFFICE] = world.films[SECOND_OFFICE] = 0
        for decision, call in self._appointment():
            self._schedule("the admin", decision, call)
        if then:
            self.appoint_second_office(other="Ani", care=True, patient=True)

    @precondition(lambda self: self.appointing and SECOND_OFFICE not in self.world.offices)
    @rule(other=anybody, care=careful, patient=st.booleans())
    def appoint_second_office(self, other: Account, care: bool, patient: bool) -> None:
        """The admin takes up what was scheduled; from then on the second box office sells."""
        who = self.by_role("ADMIN", care, other)
        appointment = self._appointment()
        waiting_ = [each for each in appointment if ("the admin", *each[0]) in self.world.scheduled]
        for decision, call in waiting_:
            self.be_patient(self.world.scheduled["the admin", *decision], patient)
            if not self._take_up(who, decision, call):
                return
        if not waiting_:
            for decision, call in appointment:
                self._schedule("the admin", decision, call)
            return
        self.world.offices.append(SECOND_OFFICE)
        self.world.roles["MINTER"].add(SECOND_OFFICE)
        self.player.act(
            "add a film",
            "the clerk adds a film at box office 2",
            "the clerk",
            self.stage.offices[SECOND_OFFICE].add_film_call(TURAH),
            lambda: sales.add_film(self.world, "the clerk", SECOND_OFFICE),
        )
        self.opening.tally.done["appoint a second box office"] += 1

    @precondition(lambda self: SECOND_OFFICE in self.world.offices)
    @precondition(lambda self: FIRST_OFFICE in self.world.roles["MINTER"])
    @rule(other=anybody, care=careful, patient=st.booleans())
    def retire_first_office(self, other: Account, care: bool, patient: bool) -> None:
        """The admin takes the first box office's role, after a week."""
        who = self.by_role("ADMIN", care, other)
        access = self.stage.coop.access
        call = access.revoke_call(Role.MINTER, self.stage.addresses[FIRST_OFFICE])
        decision = ("retire", FIRST_OFFICE)
        if ("the admin", *decision) not in self.world.scheduled:
            scheduled = self._schedule(who, decision, call)
            if not (scheduled and patient):
                return
        self.be_patient(self.world.scheduled["the admin", *decision], patient)
        if self._take_up(who, decision, call):
            self.opening.tally.done["retire the first box office"] += 1

    @rule(screening=picks, ticket=picks, who=anybody, act=st.integers(0, 3))
    def meddle(self, screening: int, ticket: int, who: Account, act: int) -> None:
        """Somebody goes past the box office, straight to the ledger; which is never allowed."""
        ledger, now = self.stage.coop.ledger, self.world.now
        number = one_of([*self.world.screenings, len(self.world.screenings) + 1], screening)
        calls = {
            "void": lambda: ledger.call("void", number, [1 + ticket]),
            "postponeScreening": lambda: ledger.call("postponeScreening", number, now, now + DAY),
            "openScreening": lambda: ledger.call("openScreening", now, now + DAY),
            "issue": lambda: ledger.call("issue", number, [], (0, 0, bytes(16), False, False)),
        }
        name = [*calls][act]
        self.player.act(
            f"meddle with {name}",
            f"{who} asks the ledger itself for {name} in screening {number}",
            who,
            calls[name](),
            lambda: sales.meddle(self.world, who, number, name),
        )

    @rule(hours=st.integers(1, 48))
    def wait_hours(self, hours: int) -> None:
        """Hours pass."""
        self.player.wait(hours * HOUR)

    @rule(pick=picks, off_by=st.sampled_from((0, -1, 1, 0)))
    def wait_until_something(self, pick: int, off_by: int) -> None:
        """Time passes until something becomes possible, or is just not yet possible."""
        world = self.world
        moments = {move.ready_at for move in world.moves.values()}
        moments |= set(world.scheduled.values())
        for shown in world.screenings.values():
            if not shown.cancelled:
                moments |= {shown.refundable_until, shown.starts, shown.ends, shown.settled}
                moments |= {shown.starts - 12 * HOUR, shown.ends + 12 * HOUR}
        # The next action happens one step after the block that is made now.
        aims = sorted(moment + off_by - 12 for moment in moments)
        ahead = [aim for aim in aims if world.now < aim < world.now + 40 * DAY]
        if ahead:
            self.player.wait(one_of(ahead[::-1], pick % 4) - world.now)
        else:
            self.player.wait(DAY)

    @property
    def appointing(self) -> bool:
        """Whether the second box office was created in this example."""
        return SECOND_OFFICE in self.world.wallets

    def _appointment(self) -> list[tuple[waiting.Decision, Call]]:
        """Return the decisions that make the second box office one."""
        access = self.stage.coop.access
        office = self.stage.offices[SECOND_OFFICE].address
        powers = [*access.assign("BoxOffice", office), access.grant(Role.MINTER, office, 0)]
        return [
            (("appoint", number), Call(access.address, data))
            for number, data in enumerate(powers, start=1)
        ]

    def _schedule(self, who: Account, decision: waiting.Decision, call: Call) -> bool:
        return self.player.act(
            "schedule a change of roles",
            f"{who} schedules that {_told(decision)}",
            who,
            self.stage.coop.access.schedule_call(call),
            lambda: waiting.schedule(self.world, who, "ADMIN", decision, ADMIN_DELAY_S),
        )

    def _take_up(self, who: Account, decision: waiting.Decision, call: Call) -> bool:
        def apply() -> None:
            waiting.take_up(self.world, who, "ADMIN", decision)
            if decision == ("retire", FIRST_OFFICE):
                self.world.roles["MINTER"].discard(FIRST_OFFICE)

        return self.player.act(
            "change roles",
            f"{who} takes up that {_told(decision)}",
            who,
            self.stage.coop.access.execute_call(call),
            apply,
        )


def _told(decision: waiting.Decision) -> str:
    if decision == ("retire", FIRST_OFFICE):
        return "box office 1 may sell no more"
    return f"box office 2 gets its powers, part {decision[1]} of 4"
