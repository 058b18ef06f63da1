"""What happens in the register: joining, leaving, standing, by-laws, closing."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from coopledger.domain.register import Cause, Standing
from coopledger.domain.signed_messages import join_message, leave_message
from coopledger.domain.types import Attestation, BylawsVersion, MemberNumber, TicketId, Timestamp
from coopledger.services.founding.deploying import CLOSING_DELAY_S
from tests.machine.playing import (
    Letter,
    Playing,
    anybody,
    careful,
    one_of,
    papers,
    picks,
    viewers,
)
from tests.machine.rules import membership, waiting
from tests.machine.rules.refusing import Refused, checking
from tests.machine.rules.world import DAY, HOUR, Account, Ticket

PAPER = Attestation(b"the sixteen byte")
closings = st.sampled_from((Cause.EXPELLED, Cause.ANNULLED, Cause.DECEASED, Cause.LEFT))


class MemberRules(Playing):
    """The register's own actions."""

    @rule(ticket=picks, other=anybody, care=careful, old_bylaws=careful)
    def join(self, ticket: int, other: Account, care: bool, old_bylaws: bool) -> None:
        """A holder joins by their own transaction."""
        ticket_id, who = self._founder(ticket, care, other)
        bylaws = len(self.world.bylaws) - (not care and not old_bylaws)
        call = self.stage.coop.ledger.join_call(TicketId(ticket_id), BylawsVersion(bylaws))
        self.player.act(
            "join",
            f"{who} joins with ticket {ticket_id} under by-laws {bylaws}",
            who,
            call,
            lambda: membership.join(self.world, who, ticket_id, bylaws),
        )

    @rule(ticket=picks, other=viewers, signer=viewers, care=careful, slip=st.integers(0, 4))
    def join_by_signature(
        self, ticket: int, other: Account, signer: Account, care: bool, slip: int
    ) -> None:
        """A holder signs, and somebody else sends it."""
        world, ledger = self.world, self.stage.coop.ledger
        ticket_id, who = self._founder(ticket, care, other)
        signer = who if care or slip else signer
        bylaws = len(world.bylaws) + (not care and slip == 1)
        consented = world.now + (DAY if not care and slip == 2 else -HOUR)
        deadline = world.now + (-HOUR if not care and slip == 3 else HOUR)
        previous, account = world.latest(who), self.stage.addresses[who]
        times = Timestamp(consented), Timestamp(deadline)
        message = join_message(
            ledger.signing_domain(),
            account,
            TicketId(ticket_id),
            BylawsVersion(bylaws),
            MemberNumber(previous) if previous else None,
            *times,
        )
        signature = self.stage.signer(signer).sign_typed_data(message.typed_data())
        call = ledger.join_by_signature_call(
            account, TicketId(ticket_id), BylawsVersion(bylaws), *times, signature
        )
        self.send_letter(
            Letter(
                "join by signature",
                f"the wish of {who} to join with ticket {ticket_id}, signed by {signer}, is sent",
                call,
                lambda: membership.join_by_signature(
                    world,
                    who,
                    ticket_id,
                    bylaws,
                    consented,
                    deadline,
                    signer == who and previous == world.latest(who),
                ),
            )
        )

    @rule(ticket=picks, bylaws=picks, other=anybody, care=careful, slip=st.integers(0, 4))
    def enrol(self, ticket: int, bylaws: int, other: Account, care: bool, slip: int) -> None:
        """The registrar enrols a holder by a form."""
        world = self.world
        who = self.by_role("REGISTRAR", care or slip != 0, other)
        ticket_id, _ = self._founder(ticket, care, other)
        version = 1 + bylaws % (len(world.bylaws) + (not care and slip == 1))
        consented = world.now + (DAY if not care and slip == 2 else -DAY)
        consented = 0 if not care and slip == 3 else consented
        paper = Attestation(bytes(16)) if not care and slip == 4 else PAPER
        call = self.stage.coop.ledger.enrol_call(
            TicketId(ticket_id), BylawsVersion(version), Timestamp(consented), paper
        )
        self.player.act(
            "enrol",
            f"{who} enrols the holder of ticket {ticket_id} by a form under by-laws {version}",
            who,
            call,
            lambda: membership.enrol(world, who, ticket_id, version, consented, paper),
        )

    @rule(member=picks, other=viewers, care=careful)
    def leave(self, member: int, other: Account, care: bool) -> None:
        """A member leaves."""
        record = self.world.records.get(self.a_member(member, care))
        who = record.account if record and care else other
        self.player.act(
            "leave",
            f"{who} leaves",
            who,
            self.stage.coop.ledger.leave_call(),
            lambda: membership.leave(self.world, who),
        )

    @rule(member=picks, signer=viewers, care=careful, late=careful)
    def leave_by_signature(self, member: int, signer: Account, care: bool, late: bool) -> None:
        """A member signs to leave, and somebody else sends it."""
        number = self.a_member(member, care)
        record = self.world.records.get(number)
        owner = record.account if record else signer
        signer = owner if care else signer
        deadline = Timestamp(self.world.now + (HOUR if care or late else -HOUR))
        ledger = self.stage.coop.ledger
        message = leave_message(ledger.signing_domain(), MemberNumber(number), deadline)
        signature = self.stage.signer(signer).sign_typed_data(message.typed_data())
        call = ledger.leave_by_signature_call(MemberNumber(number), deadline, signature)

        def apply() -> None:
            # The number may be a record that is opened only after somebody signed.
            member = self.world.records.get(number)
            good = member is not None and member.account == signer
            membership.leave_by_signature(self.world, number, deadline, good)

        said = f"the wish to end membership {number}, signed by {signer}, is sent"
        self.send_letter(Letter("leave by signature", said, call, apply))

    @rule(member=picks, full=st.integers(0, 5), other=anybody, care=careful, paper=papers)
    def set_standing(
        self, member: int, full: int, other: Account, care: bool, paper: bytes
    ) -> None:
        """The registrar sets a standing."""
        who = self.by_role("REGISTRAR", care or member % 2 == 0, other)
        number = self.a_member(member, care)
        standing = (Standing.FULL, Standing.ASSOCIATE, Standing.NONE)[full // 2 if not care else 0]
        record = self.world.records.get(number)
        if care and record and record.standing is Standing.FULL:
            standing = Standing.ASSOCIATE
        call = self.stage.coop.ledger.set_standing_call(
            MemberNumber(number), standing, Attestation(paper)
        )
        self.player.act(
            f"make {standing.name.lower()}",
            f"{who} sets the standing of member {number} to {standing.name.lower()}",
            who,
            call,
            lambda: membership.set_standing(self.world, who, number, standing, paper),
        )

    @rule(other=anybody, care=careful, empty=st.booleans(), often=st.integers(0, 3))
    def set_bylaws(self, other: Account, care: bool, empty: bool, often: int) -> None:
        """The board records by-laws."""
        who = self.by_role("BOARD", (care and often == 0) or not care, other)
        digest = bytes(32) if not care and empty else bytes([len(self.world.bylaws) + 1] * 32)
        call = self.stage.coop.ledger.set_bylaws_call(digest)
        self.player.act(
            "record by-laws",
            f"{who} records by-laws",
            who,
            call,
            lambda: membership.set_bylaws(self.world, who, digest),
        )

    @rule(member=picks, cause=closings, other=anybody, care=careful, then=st.booleans())
    def schedule_closing(
        self, member: int, cause: Cause, other: Account, care: bool, then: bool
    ) -> None:
        """Somebody schedules that a record be closed, and may wait until it can be."""
        who = self.by_role("CLOSING", care, other)
        number = self.a_member(member, care)
        if care and cause is Cause.DECEASED:
            number = self._with_deposit(number, member)
        cause = Cause.EXPELLED if care and cause is Cause.LEFT else cause
        decided = self.stage.coop.ledger.close_call(MemberNumber(number), cause, PAPER)
        decision = ("close", number, cause)
        scheduled = self.player.act(
            "schedule a closing",
            f"{who} schedules that member {number} be closed as {cause.name.lower()}",
            who,
            self.stage.coop.access.schedule_call(decided),
            lambda: waiting.schedule(self.world, who, "CLOSING", decision, CLOSING_DELAY_S),
        )
        if scheduled and then:
            self.be_patient(self.world.scheduled[who, *decision], patient=True)
            self._close(who, number, cause, directly=member % 2 == 0)

    @precondition(lambda self: any(key[1] == "close" for key in self.world.scheduled))
    @rule(
        pick=picks,
        other=anybody,
        care=careful,
        directly=st.booleans(),
        patient=st.booleans(),
    )
    def close(self, pick: int, other: Account, care: bool, directly: bool, patient: bool) -> None:
        """What was scheduled is executed, at the manager or at the ledger."""
        world = self.world
        closings_ = [key for key in world.scheduled if key[1] == "close"]
        ready = [key for key in closings_ if world.scheduled[key] <= world.now]
        decision = one_of((ready if care else []) or closings_, pick)
        self.be_patient(world.scheduled[decision], patient)
        _, _, number, cause = decision
        assert isinstance(number, int) and isinstance(cause, Cause)
        self._close(self.by_role("CLOSING", care, other), number, cause, directly=directly)

    @precondition(lambda self: any(key[1] == "close" for key in self.world.scheduled))
    @rule(pick=picks, other=anybody, care=careful, seldom=st.booleans())
    def call_off_closing(self, pick: int, other: Account, care: bool, seldom: bool) -> None:
        """The guardian calls off what was scheduled."""
        closings_ = [key for key in self.world.scheduled if key[1] == "close"]
        decision = one_of(closings_, pick)
        owner, _, number, cause = decision
        assert isinstance(number, int) and isinstance(cause, Cause) and isinstance(owner, str)
        who = self.by_role("GUARDIAN", care and seldom, other)
        decided = self.stage.coop.ledger.close_call(MemberNumber(number), cause, PAPER)
        self.player.act(
            "call off a closing",
            f"{who} calls off that member {number} be closed",
            who,
            self.stage.coop.access.cancel_call(self.stage.addresses[owner], decided),
            lambda: waiting.call_off(self.world, who, "GUARDIAN", decision),
        )

    @precondition(lambda self: self.letters)
    @rule(pick=picks)
    def send_again(self, pick: int) -> None:
        """Something that was signed is sent once more."""
        letter = one_of(self.letters, pick)
        again = f"{letter.sentence} once more"
        self.player.act(f"{letter.action}, again", again, "Hadi", letter.call, letter.rule)

    def _with_deposit(self, number: int, pick: int) -> int:
        """Return a member whose deposit is at a box office if there is one: there will be an heir."""
        world = self.world
        cards = [
            r.number
            for r in world.records.values()
            if r.left_at is None and world.tickets[r.card].paid_on_chain
        ]
        return one_of(cards, pick) if cards else number

    def _close(self, who: Account, number: int, cause: Cause, *, directly: bool) -> None:
        world, coop = self.world, self.stage.coop
        decided = coop.ledger.close_call(MemberNumber(number), cause, PAPER)

        def apply() -> None:
            before = dict(world.scheduled)
            with checking() as check:
                if directly:
                    world.role(check, "CLOSING", who)
            waiting.take_up(world, who, "CLOSING", ("close", number, cause))
            try:
                membership.close(world, number, cause, PAPER)
            except Refused:
                world.scheduled = before
                raise

        self.player.act(
            f"close as {cause.name.lower()}",
            f"{who} closes member {number} as {cause.name.lower()}",
            who,
            decided if directly else coop.access.execute_call(decided),
            apply,
        )

    def _founder(self, pick: int, care: bool, other: Account) -> tuple[int, Account]:
        """Return a ticket that can found a membership, and its holder; or others."""

        def can_found(ticket: Ticket) -> bool:
            unbound = ticket.member is None and not ticket.void
            return unbound and self.world.membership(ticket.owner) is None

        ticket_id = self.a_ticket(pick, care, can_found)
        known = self.world.tickets.get(ticket_id)
        return ticket_id, known.owner if known and (care or pick % 2) else other
