"""The state machine: everything that can happen, in any order that Hypothesis thinks of.

Some actions need others before them that seldom come about by chance. A few rules here make such chains;
every link is an ordinary action, and may fail as one.
"""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from coopledger.domain.register import Cause
from tests.machine.member_rules import MemberRules
from tests.machine.money_rules import MoneyRules
from tests.machine.move_rules import MoveRules, named_tickets, targets
from tests.machine.office_rules import OfficeRules
from tests.machine.playing import careful, picks, viewers
from tests.machine.programme_rules import ProgrammeRules
from tests.machine.rules.world import Account
from tests.machine.sales_rules import SalesRules
from tests.machine.ticket_rules import TicketRules


class CooperativeMachine(
    ProgrammeRules, SalesRules, TicketRules, MemberRules, MoveRules, MoneyRules, OfficeRules
):
    """All rules together."""

    @rule(who=viewers, pick=picks, joins=st.booleans())
    def buy_and_see_it_cancelled(self, who: Account, pick: int, joins: bool) -> None:
        """A viewer buys a ticket; the board cancels the screening; anybody pushes the refund."""
        self._buy(who, joins)
        self.cancel_screening(screening=pick, office=0, other="Ani", care=True, rarely=0)
        if any(self._left_over(ticket) for ticket in self.world.tickets.values()):
            self.push_refund(pick=pick, who="Hadi")

    @rule(who=viewers, cause=st.sampled_from((Cause.DECEASED, Cause.ANNULLED, Cause.EXPELLED)))
    def buy_and_end_as_member(self, who: Account, cause: Cause) -> None:
        """A viewer joins by a purchase and ends as a member; the deposit is asked for."""
        self._buy(who, joins=True)
        self.schedule_closing(member=0, cause=cause, other="Ani", care=True, then=True)
        if not any(record.left_at for record in self.world.records.values()):
            return
        if cause is Cause.DECEASED:
            self.return_deposit_to(ticket=0, other="Ani", heir="Ani", care=True)
        else:
            self.return_deposit(ticket=0, who=who, care=True)

    @rule(member=picks, to=targets, tickets=named_tickets)
    def move_after_a_week(self, member: int, to: Account, tickets: list[int]) -> None:
        """A move is proposed, nobody says no, and the new key accepts."""
        self.propose_move(member=member, to=to, other="Ani", care=True)
        if self.world.moves:
            self.accept_move(pick=0, tickets=tickets, other="Ani", care=True, patient=True)

    @rule(pick=picks, care=careful)
    def redeem_by_mistake(self, pick: int, care: bool) -> None:
        """The gate redeems a ticket, and the clerk takes it back."""
        self.redeem(batch=[pick], other="Ani", care=True, patient=0)
        if any(ticket.redeemed for ticket in self.world.tickets.values()):
            self.unredeem(ticket=0, screening=0, other="Hadi", care=care)

    def _buy(self, who: Account, joins: bool) -> None:
        common = {"screening": 0, "seat": 0, "tier": 0, "slip": 0}
        self.buy(who=who, other=who, joins=joins, care=True, **common)
