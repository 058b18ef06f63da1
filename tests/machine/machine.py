"""The state machine: everything that can happen, in any order that Hypothesis thinks of."""

from tests.machine.member_rules import MemberRules
from tests.machine.money_rules import MoneyRules
from tests.machine.move_rules import MoveRules
from tests.machine.office_rules import OfficeRules
from tests.machine.sales_rules import SalesRules
from tests.machine.ticket_rules import TicketRules


class CooperativeMachine(SalesRules, TicketRules, MemberRules, MoveRules, MoneyRules, OfficeRules):
    """All rules together."""
