"""What happens to memberships whose key is lost, stolen or replaced."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from coopledger.domain.moves import MoveState
from coopledger.domain.signed_messages import accept_message, move_now_message, veto_message
from coopledger.domain.types import MemberNumber, TicketId, Timestamp
from tests.machine.playing import Letter, Playing, anybody, careful, one_of, picks, viewers
from tests.machine.rules import moving
from tests.machine.rules.world import HOUR, NOBODY, Account, World

targets = st.sampled_from(("Gita", "Hadi", "Fajar", "Eko", "Ani", NOBODY))
named_tickets = st.lists(picks, max_size=3)


class MoveRules(Playing):
    """Moves, from proposal to acceptance."""

    @rule(member=picks, to=targets, other=anybody, care=careful)
    def propose_move(self, member: int, to: Account, other: Account, care: bool) -> None:
        """The recovery desk proposes a move."""
        who = self.by_role("RECOVERY", care or member % 2 == 0, other)
        number, to = self.a_member(member, care), self._target(to, care)
        call = self.stage.coop.ledger.propose_move_call(
            MemberNumber(number), self.stage.addresses[to]
        )
        self.player.act(
            "propose a move",
            f"{who} proposes to move membership {number} to {to}",
            who,
            call,
            lambda: moving.propose(self.world, who, number, to),
        )

    @precondition(lambda self: self.world.moves)
    @rule(pick=picks, other=viewers, care=careful)
    def veto_move(self, pick: int, other: Account, care: bool) -> None:
        """The old key says no."""
        number = self._moving(pick, care, MoveState.PROPOSED)
        who = self.world.records[number].account if care else other
        call = self.stage.coop.ledger.veto_move_call(MemberNumber(number))
        self.player.act(
            "veto a move",
            f"{who} says no to the move of membership {number}",
            who,
            call,
            lambda: moving.veto(self.world, who, number),
        )

    @precondition(lambda self: self.world.moves)
    @rule(pick=picks, signer=viewers, care=careful, late=careful)
    def veto_move_by_signature(self, pick: int, signer: Account, care: bool, late: bool) -> None:
        """The old key signs a no, and somebody else sends it."""
        world, ledger = self.world, self.stage.coop.ledger
        number = self._moving(pick, care, MoveState.PROPOSED)
        owner = world.records[number].account
        signer = owner if care else signer
        deadline = Timestamp(world.now + (HOUR if care or late else -HOUR))
        to, ready_at = _pending(world, number)
        message = veto_message(
            ledger.signing_domain(),
            MemberNumber(number),
            self.stage.addresses[to],
            Timestamp(ready_at),
            deadline,
        )
        signature = self.stage.signer(signer).sign_typed_data(message.typed_data())
        call = ledger.veto_move_by_signature_call(MemberNumber(number), deadline, signature)
        self.send_letter(
            Letter(
                "veto by signature",
                f"a no to the move of membership {number} to {to}, signed by {signer}, is sent",
                call,
                lambda: moving.veto_by_signature(
                    world,
                    number,
                    deadline,
                    signer == owner and (to, ready_at) == _pending(world, number),
                ),
            )
        )

    @precondition(lambda self: self.world.moves)
    @rule(pick=picks, to=targets, other=anybody, care=careful)
    def contest_move(self, pick: int, to: Account, other: Account, care: bool) -> None:
        """The board opens a contested move after a veto."""
        who = self.by_role("BOARD", care, other)
        number, to = self._moving(pick, care, MoveState.VETOED), self._target(to, care)
        call = self.stage.coop.ledger.contest_move_call(
            MemberNumber(number), self.stage.addresses[to]
        )
        self.player.act(
            "contest a move",
            f"{who} opens a contested move of membership {number} to {to}",
            who,
            call,
            lambda: moving.contest(self.world, who, number, to),
        )

    @rule(member=picks, to=targets)
    def quarrel_about_move(self, member: int, to: Account) -> None:
        """A move is proposed, vetoed and contested, one after another."""
        self.propose_move(member=member, to=to, other="Ani", care=True)
        if self.world.moves:
            self.veto_move(pick=0, other="Ani", care=True)
            self.contest_move(pick=0, to=to, other="Ani", care=True)

    @precondition(lambda self: self.world.moves)
    @rule(pick=picks, other=anybody, care=careful, seldom=st.integers(0, 2))
    def cancel_move(self, pick: int, other: Account, care: bool, seldom: int) -> None:
        """The guardian stops a move."""
        who = self.by_role("GUARDIAN", care and seldom == 0, other)
        number = self._moving(pick, care, None)
        call = self.stage.coop.ledger.cancel_move_call(MemberNumber(number))
        self.player.act(
            "cancel a move",
            f"{who} stops the move of membership {number}",
            who,
            call,
            lambda: moving.cancel(self.world, who, number),
        )

    @precondition(lambda self: self.world.moves)
    @rule(pick=picks, tickets=named_tickets, other=viewers, care=careful, patient=st.booleans())
    def accept_move(
        self, pick: int, tickets: list[int], other: Account, care: bool, patient: bool
    ) -> None:
        """The new key accepts."""
        number = self._ready_move(pick, care)
        self.be_patient(_pending(self.world, number)[1], patient)
        move = self.world.moves.get(number)
        who = move.to if move and care and move.to != NOBODY else other
        ids = self._along(number, tickets)
        call = self.stage.coop.ledger.accept_move_call(
            MemberNumber(number), [TicketId(each) for each in ids]
        )
        contested = move is not None and move.state is MoveState.CONTESTED
        self.player.act(
            "accept a contested move" if contested else "accept a move",
            f"{who} accepts the move of membership {number} with tickets {ids}",
            who,
            call,
            lambda: moving.accept(self.world, who, number, ids),
        )

    @precondition(lambda self: self.world.moves)
    @rule(
        pick=picks,
        tickets=named_tickets,
        signer=viewers,
        care=careful,
        late=careful,
        patient=st.booleans(),
    )
    def accept_move_by_signature(
        self,
        pick: int,
        tickets: list[int],
        signer: Account,
        care: bool,
        late: bool,
        patient: bool,
    ) -> None:
        """The new key signs a yes, and somebody else sends it."""
        world, ledger = self.world, self.stage.coop.ledger
        number = self._ready_move(pick, care)
        to, ready_at = _pending(world, number)
        self.be_patient(ready_at, patient)
        signer = to if care and to != NOBODY else signer
        deadline = Timestamp(world.now + (HOUR if care or late else -HOUR))
        ids = self._along(number, tickets)
        named = [TicketId(each) for each in ids]
        message = accept_message(
            ledger.signing_domain(), MemberNumber(number), Timestamp(ready_at), named, deadline
        )
        signature = self.stage.signer(signer).sign_typed_data(message.typed_data())
        call = ledger.accept_move_by_signature_call(
            MemberNumber(number), named, deadline, signature
        )

        def apply() -> None:
            now_to, now_ready_at = _pending(world, number)
            good = signer == now_to and ready_at == now_ready_at
            moving.accept_by_signature(world, number, ids, deadline, good)

        said = f"a yes to the move of membership {number} with tickets {ids}, signed by {signer}"
        self.send_letter(Letter("accept by signature", f"{said}, is sent", call, apply))

    @rule(
        member=picks,
        to=targets,
        tickets=named_tickets,
        other=viewers,
        care=careful,
        slip=st.integers(0, 4),
    )
    def move_now(
        self, member: int, to: Account, tickets: list[int], other: Account, care: bool, slip: int
    ) -> None:
        """The registrar moves at once what both keys signed."""
        world, ledger = self.world, self.stage.coop.ledger
        who = self.by_role("REGISTRAR", care or slip != 0, other)
        number = self.a_member(member, care)
        record = world.records.get(number)
        old = record.account if record else other
        to = self._target(to, care)
        to = other if to == NOBODY else to
        signer_old, signer_new = (old, to) if care else (other, to) if slip == 1 else (old, other)
        ids = self._along(number, tickets)
        deadline = Timestamp(world.now + (HOUR if care or slip != 3 else -HOUR))
        named = [TicketId(each) for each in ids]
        address = self.stage.addresses[to]
        message = move_now_message(
            ledger.signing_domain(), MemberNumber(number), address, named, deadline
        )
        old_signature, new_signature = (
            self.stage.signer(signer).sign_typed_data(message.typed_data())
            for signer in (signer_old, signer_new)
        )
        call = ledger.move_now_call(
            MemberNumber(number), address, named, deadline, old_signature, new_signature
        )
        self.player.act(
            "move at once",
            f"{who} moves membership {number} to {to} at once with tickets {ids}, "
            f"as {signer_old} and {signer_new} signed",
            who,
            call,
            lambda: moving.move_now(
                world, who, number, to, ids, deadline, signer_old == old, signer_new == to
            ),
        )

    def _target(self, to: Account, care: bool) -> Account:
        """Return an account that can take a membership, or the one that was drawn."""
        free = [n for n in ("Hadi", "Gita", "Fajar", "Eko") if self.world.membership(n) is None]
        return free[0] if care and to not in free and free else to

    def _moving(self, pick: int, care: bool, state: MoveState | None) -> int:
        """Return a record whose move stands so; or any record with a move; or any at all."""
        moves = self.world.moves
        chosen = [n for n, move in moves.items() if move.state is state or state is None]
        return one_of(([*chosen] or [*moves]) if care else [*self.world.records], pick)

    def _ready_move(self, pick: int, care: bool) -> int:
        moves = self.world.moves
        open_ones = [n for n, move in moves.items() if move.state is not MoveState.VETOED]
        ready = [n for n in open_ones if moves[n].ready_at <= self.world.now]
        return one_of((ready or open_ones or [*moves]) if care else [*self.world.records], pick)

    def _along(self, number: int, drawn: list[int]) -> list[int]:
        """Return tickets to take along: mostly the old account's, also others, also none that exist."""
        record = self.world.records.get(number)
        own = [n for n, t in self.world.tickets.items() if record and t.owner == record.account]
        every = [*own, *own, *self.world.tickets, len(self.world.tickets) + 1]
        return [one_of(every, pick) for pick in drawn]


def _pending(world: World, number: int) -> tuple[Account, int]:
    """Return where a pending move leads and when it is ready, as a signature names it."""
    move = world.moves.get(number)
    return (move.to, move.ready_at) if move else (NOBODY, 0)
