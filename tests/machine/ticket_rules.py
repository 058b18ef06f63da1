"""What happens to tickets: gifts, transfers as wallets make them, the door."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from coopledger.chain.wire.transactions import Call
from coopledger.domain.signed_messages import give_message
from coopledger.domain.types import ScreeningId, TicketId, Timestamp
from tests.machine.playing import Letter, Playing, anybody, careful, picks, viewers
from tests.machine.rules import tickets
from tests.machine.rules.world import HOUR, NOBODY, Account, Ticket

receivers = st.sampled_from(("Gita", "Hadi", "Ani", "Budi", "Citra", NOBODY))


def _unlocked(ticket: Ticket) -> bool:
    return not ticket.locked


class TicketRules(Playing):
    """Gifts, ERC-721's own ways, redeeming."""

    @rule(ticket=picks, other=anybody, to=receivers, care=careful)
    def give(self, ticket: int, other: Account, to: Account, care: bool) -> None:
        """A holder gives a ticket."""
        ticket_id, who = self._ticket_and_holder(ticket, care, other)
        call = self.stage.coop.ledger.give_call(TicketId(ticket_id), self.stage.addresses[to])
        self.player.act(
            "give",
            f"{who} gives ticket {ticket_id} to {to}",
            who,
            call,
            lambda: tickets.give(self.world, who, ticket_id, to),
        )

    @rule(ticket=picks, other=viewers, to=receivers, care=careful, late=careful)
    def give_by_signature(
        self, ticket: int, other: Account, to: Account, care: bool, late: bool
    ) -> None:
        """A holder signs a gift, and somebody else sends it."""
        ticket_id, signer = self._ticket_and_holder(ticket, care, other)
        ledger = self.stage.coop.ledger
        deadline = Timestamp(self.world.now + (HOUR if care or late else -HOUR))
        address = self.stage.addresses[to]
        message = give_message(ledger.signing_domain(), TicketId(ticket_id), address, deadline)
        signature = self.stage.signer(signer).sign_typed_data(message.typed_data())
        call = ledger.give_by_signature_call(TicketId(ticket_id), address, deadline, signature)
        self.send_letter(
            Letter(
                "give by signature",
                f"a gift of ticket {ticket_id} to {to} that {signer} signed is sent",
                call,
                lambda: tickets.give_by_signature(self.world, signer, ticket_id, to, deadline),
            )
        )

    @rule(
        ticket=picks,
        caller=viewers,
        other=viewers,
        to=receivers,
        care=careful,
        safely=st.booleans(),
    )
    def transfer(
        self,
        ticket: int,
        caller: Account,
        other: Account,
        to: Account,
        care: bool,
        safely: bool,
    ) -> None:
        """A wallet or a market transfers a token."""
        ticket_id, giver = self._ticket_and_holder(ticket, care, other)
        world = self.world
        trusted = [name for owner, name in world.operators if owner == giver]
        if ticket_id in world.approvals:
            trusted.append(world.approvals[ticket_id])
        who = next((name for name in [*trusted, giver] if care and name != NOBODY), caller)
        self.player.act(
            "transfer" if who == giver else "transfer by somebody trusted",
            f"{who} transfers ticket {ticket_id} from {giver} to {to}",
            who,
            self._transfer_call(giver, to, ticket_id, safely),
            lambda: tickets.transfer(world, who, giver, ticket_id, to),
        )

    @rule(ticket=picks, other=viewers, trusted=receivers, care=careful)
    def approve(self, ticket: int, other: Account, trusted: Account, care: bool) -> None:
        """A holder lets somebody transfer a ticket."""
        ticket_id, who = self._ticket_and_holder(ticket, care, other)
        address = self.stage.addresses[trusted]
        self.player.act(
            "approve",
            f"{who} lets {trusted} transfer ticket {ticket_id}",
            who,
            self.stage.coop.ledger.call("approve", address, ticket_id),
            lambda: tickets.approve(self.world, who, ticket_id, trusted),
        )

    @rule(who=viewers, trusted=viewers, yes=st.booleans())
    def approve_all(self, who: Account, trusted: Account, yes: bool) -> None:
        """A holder lets somebody transfer all tickets, or no longer."""
        address = self.stage.addresses[trusted]
        self.player.act(
            "approve for all",
            f"{who} lets {trusted} transfer all tickets: {yes}",
            who,
            self.stage.coop.ledger.call("setApprovalForAll", address, yes),
            lambda: tickets.approve_all(self.world, who, trusted, yes),
        )

    @rule(
        batch=st.lists(picks, min_size=1, max_size=3),
        other=anybody,
        care=careful,
        patient=st.integers(0, 2),
    )
    def redeem(self, batch: list[int], other: Account, care: bool, patient: int) -> None:
        """The gate lets bearers in."""
        who = self.by_role("GATE", care, other)
        ids = [self.a_ticket(pick, care, self._can_go_in) for pick in batch]
        known = self.world.tickets.get(ids[0])
        screening = known.screening if known else 99
        if known:
            self.be_patient(self.world.screenings[screening].starts - HOUR, patient == 0)
        call = self.stage.coop.ledger.redeem_call(
            ScreeningId(screening), [TicketId(each) for each in ids]
        )
        self.player.act(
            "redeem",
            f"{who} redeems {ids} for screening {screening}",
            who,
            call,
            lambda: tickets.redeem(self.world, who, screening, ids),
        )

    @precondition(lambda self: any(t.redeemed for t in self.world.tickets.values()))
    @rule(ticket=picks, screening=picks, other=anybody, care=careful)
    def unredeem(self, ticket: int, screening: int, other: Account, care: bool) -> None:
        """The box office takes a redemption back."""
        who = self.by_role("BOX_OFFICE", care or ticket % 2 == 0, other)
        ticket_id = self.a_ticket(ticket, care, lambda t: t.redeemed)
        known = self.world.tickets.get(ticket_id)
        number = known.screening if known and (care or screening % 2) else 1 + screening % 3
        call = self.stage.coop.ledger.unredeem_call(ScreeningId(number), TicketId(ticket_id))
        self.player.act(
            "unredeem",
            f"{who} takes back that ticket {ticket_id} was redeemed for screening {number}",
            who,
            call,
            lambda: tickets.unredeem(self.world, who, number, ticket_id),
        )

    def _ticket_and_holder(self, pick: int, care: bool, other: Account) -> tuple[int, Account]:
        ticket_id = self.a_ticket(pick, care, _unlocked)
        known = self.world.tickets.get(ticket_id)
        # Half of the careless are holders all the same: they try it with a ticket that is locked.
        return ticket_id, known.owner if known and (care or pick % 2) else other

    def _can_go_in(self, ticket: Ticket) -> bool:
        shown = self.world.screenings[ticket.screening]
        open_since, open_until = shown.starts - 12 * HOUR, shown.ends + 12 * HOUR
        return not ticket.void and open_since <= self.world.now <= open_until

    def _transfer_call(self, giver: Account, to: Account, ticket_id: int, safely: bool) -> Call:
        ledger, addresses = self.stage.coop.ledger, self.stage.addresses
        if safely:
            return ledger.call("safeTransferFrom", addresses[giver], addresses[to], ticket_id, b"")
        return ledger.call("transferFrom", addresses[giver], addresses[to], ticket_id)
