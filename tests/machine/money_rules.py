"""What happens to money after a sale: refunds, takings, deposits."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from coopledger.domain.register import Cause
from coopledger.domain.signed_messages import refund_message
from coopledger.domain.types import Attestation, ScreeningId, TicketId, Timestamp
from tests.machine.playing import Letter, Playing, anybody, careful, one_of, picks, viewers
from tests.machine.rules import money
from tests.machine.rules.world import HOUR, NOBODY, Account, Ticket

PAPER = Attestation(b"the sixteen byte")


class MoneyRules(Playing):
    """Money that goes out."""

    @rule(tickets=st.lists(picks, min_size=1, max_size=2), other=viewers, care=careful)
    def refund(self, tickets: list[int], other: Account, care: bool) -> None:
        """A holder hands tickets back, or anybody those of a cancelled screening."""
        ids = [self.a_ticket(pick, care, self._refundable) for pick in tickets]
        ids = ids[:1] if care else ids
        known = self.world.tickets.get(ids[0])
        cancelled = known is not None and self.world.screenings[known.screening].cancelled
        who = known.owner if known and care and not cancelled else other
        office = self.office_of(known.screening if known else 1, tickets[0], care)
        call = self.stage.offices[office].refund_call([TicketId(each) for each in ids])
        self.player.act(
            "refund",
            f"{who} asks {office} to refund {ids}",
            who,
            call,
            lambda: money.refund(self.world, who, office, ids),
        )

    @precondition(lambda self: any(self._left_over(t) for t in self.world.tickets.values()))
    @rule(pick=picks, who=viewers)
    def push_refund(self, pick: int, who: Account) -> None:
        """Anybody pushes the refund of a cancelled screening's ticket, used or not."""
        ticket_id = self.a_ticket(pick, True, self._left_over)
        office = self.office_of(self.world.tickets[ticket_id].screening, pick, True)
        call = self.stage.offices[office].refund_call([TicketId(ticket_id)])
        self.player.act(
            "push a refund of a cancelled screening",
            f"{who} pushes the refund of ticket {ticket_id}, whose screening was cancelled",
            who,
            call,
            lambda: money.refund(self.world, who, office, [ticket_id]),
        )

    @rule(ticket=picks, signer=viewers, care=careful, late=careful)
    def refund_by_signature(self, ticket: int, signer: Account, care: bool, late: bool) -> None:
        """A holder signs to hand a ticket back, and somebody else sends it."""
        ticket_id = self.a_ticket(ticket, care, self._refundable)
        known = self.world.tickets.get(ticket_id)
        holder = known.owner if known else signer
        signer = holder if care else signer
        office = self.office_of(known.screening if known else 1, ticket, care)
        contract = self.stage.offices[office]
        deadline = Timestamp(self.world.now + (HOUR if care or late else -HOUR))
        message = refund_message(contract.signing_domain(), [TicketId(ticket_id)], deadline)
        signature = self.stage.signer(signer).sign_typed_data(message.typed_data())
        call = contract.refund_by_signature_call(
            self.stage.addresses[holder], [TicketId(ticket_id)], deadline, signature
        )
        self.send_letter(
            Letter(
                "refund by signature",
                f"the wish of {holder} to hand ticket {ticket_id} back, signed by {signer}, is sent",
                call,
                lambda: money.refund_by_signature(
                    self.world, holder, office, [ticket_id], deadline, signer == holder
                ),
            )
        )

    @precondition(lambda self: any(s.takings for s in self.world.screenings.values()))
    @rule(
        screening=picks,
        other=anybody,
        to=st.sampled_from(("the board", NOBODY)),
        care=careful,
        patient=st.integers(0, 4),
    )
    def withdraw(
        self, screening: int, other: Account, to: Account, care: bool, patient: int
    ) -> None:
        """The treasurer pays out the takings of a screening."""
        who = self.by_role("TREASURER", care or screening % 2 == 0, other)
        to = "the board" if care else to
        settled = [
            n
            for n, shown in self.world.screenings.items()
            if shown.settled <= self.world.now and not shown.cancelled and shown.takings
        ]
        number = one_of((settled if care else []) or [*self.world.screenings], screening)
        office = self.office_of(number, screening, care)
        self.be_patient(self.world.screenings[number].settled, patient == 0)
        call = self.stage.offices[office].withdraw_call(
            ScreeningId(number), self.stage.addresses[to]
        )
        paid = bool(self.world.screenings[number].takings)
        self.player.act(
            "withdraw takings" if paid else "withdraw nothing",
            f"{who} withdraws the takings of screening {number} to {to}",
            who,
            call,
            lambda: money.withdraw(self.world, who, office, number, to),
        )

    @precondition(lambda self: any(r.left_at for r in self.world.records.values()))
    @rule(ticket=picks, who=viewers, care=careful)
    def return_deposit(self, ticket: int, who: Account, care: bool) -> None:
        """Anybody makes a deposit go back to a former member."""
        ticket_id, office = self._card(ticket, care, True, Cause.LEFT, Cause.EXPELLED)
        call = self.stage.offices[office].return_deposit_call(TicketId(ticket_id))
        self.player.act(
            "return a deposit",
            f"{who} asks {office} to return the deposit of ticket {ticket_id}",
            who,
            call,
            lambda: money.return_deposit(self.world, office, ticket_id),
        )

    @precondition(lambda self: any(r.cause is Cause.DECEASED for r in self.world.records.values()))
    @rule(ticket=picks, other=anybody, heir=st.sampled_from(("Ani", "Hadi", NOBODY)), care=careful)
    def return_deposit_to(self, ticket: int, other: Account, heir: Account, care: bool) -> None:
        """The treasurer pays the deposit of a deceased member to the heir."""
        who = self.by_role("TREASURER", care or ticket % 2 == 0, other)
        heir = "Ani" if care else heir
        ticket_id, office = self._card(ticket, care, True, Cause.DECEASED)
        call = self.stage.offices[office].return_deposit_to_call(
            TicketId(ticket_id), self.stage.addresses[heir], PAPER
        )
        self.player.act(
            "pay an heir",
            f"{who} pays the deposit of ticket {ticket_id} to {heir} as the heir",
            who,
            call,
            lambda: money.return_deposit_to(self.world, who, office, ticket_id, heir),
        )

    @precondition(lambda self: any(r.left_at for r in self.world.records.values()))
    @rule(ticket=picks, other=anybody, care=careful)
    def record_deposit_return(self, ticket: int, other: Account, care: bool) -> None:
        """The treasurer records a deposit that was returned outside."""
        who = self.by_role("TREASURER", care or ticket % 2 == 0, other)
        ended = (Cause.LEFT, Cause.EXPELLED, Cause.DECEASED)
        ticket_id, office = self._card(ticket, care, False, *ended)
        call = self.stage.offices[office].record_deposit_return_call(TicketId(ticket_id), PAPER)
        self.player.act(
            "record a returned deposit",
            f"{who} records that the deposit of ticket {ticket_id} was returned outside",
            who,
            call,
            lambda: money.record_deposit_return(self.world, who, office, ticket_id),
        )

    def _left_over(self, ticket: Ticket) -> bool:
        cancelled = self.world.screenings[ticket.screening].cancelled
        return cancelled and ticket.paid_on_chain and not ticket.void

    def _refundable(self, ticket: Ticket) -> bool:
        shown = self.world.screenings[ticket.screening]
        open_ = shown.cancelled or (self.world.now < shown.refundable_until and not ticket.redeemed)
        return ticket.paid_on_chain and not ticket.void and open_

    def _card(self, pick: int, care: bool, on_chain: bool, *causes: Cause) -> tuple[int, Account]:
        """Return the card of a membership that ended so, and its box office."""

        def due(ticket: Ticket) -> bool:
            record = self.world.records[ticket.member] if ticket.member else None
            returned = self.world.settled_deposits.get(ticket.ticket_id) == "returned"
            ended = record is not None and record.cause in causes
            return ended and ticket.paid_on_chain is on_chain and not returned

        ticket_id = self.a_ticket(pick, care, due)
        known = self.world.tickets.get(ticket_id)
        return ticket_id, self.office_of(known.screening if known else 1, pick, care)
