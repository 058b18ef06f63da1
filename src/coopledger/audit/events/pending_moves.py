"""The moves of memberships by their events: each state follows on the one before, and none was too early.

That a move waits at least 7 days, and a contested one 30, is the ledger's promise to whoever lost a key;
so the time of the block that proposed it is asked for, and not taken from the event.
"""

from coopledger.audit.findings import Findings
from coopledger.chain.contracts.ledger import LedgerContract
from coopledger.chain.wire.client import Chain
from coopledger.domain.events import (
    MoveCancelled,
    MoveContested,
    Moved,
    MoveProposed,
    MoveVetoed,
    Place,
)
from coopledger.domain.moves import Move, MoveKind, MoveState
from coopledger.domain.types import BlockNumber, MemberNumber, Timestamp

MoveEvent = MoveProposed | MoveContested | MoveVetoed | MoveCancelled

_RULE = "a move waits, and can be stopped"
_DAY_S = 86_400
_DELAYS_S = {MoveState.PROPOSED: 7 * _DAY_S, MoveState.CONTESTED: 30 * _DAY_S}
_FINISHES = {MoveKind.DELAYED: MoveState.PROPOSED, MoveKind.CONTESTED: MoveState.CONTESTED}


class PendingMoves:
    """The moves that are under way, as the events so far say. Feed it every event of moves, in order."""

    def __init__(self, chain: Chain, findings: Findings) -> None:
        self._chain = chain
        self._findings = findings
        self._pending: dict[MemberNumber, Move] = {}

    def take(self, event: MoveEvent) -> None:
        """Take the next event."""
        move = self._pending.get(event.number)
        match event:
            case MoveProposed():
                self._expect(event.number, move, (None,), event.place)
                self._begin(event, MoveState.PROPOSED)
            case MoveContested():
                self._expect(event.number, move, (MoveState.VETOED,), event.place)
                self._begin(event, MoveState.CONTESTED)
            case MoveVetoed():
                self._expect(event.number, move, (MoveState.PROPOSED,), event.place)
                if move is not None:
                    vetoed = Move(move.to, move.ready_at, MoveState.VETOED)
                    self._pending[event.number] = vetoed
            case MoveCancelled():
                self._expect(event.number, move, tuple(_STATES), event.place)
                self._pending.pop(event.number, None)

    def finish(self, event: Moved) -> None:
        """Take the event of a finished move."""
        number = event.old_number
        move = self._pending.pop(number, None)
        if event.kind not in _FINISHES:
            # Both keys and the registrar agreed; what was pending was cancelled before.
            self._expect(number, move, (None,), event.place)
            return
        self._expect(number, move, (_FINISHES[event.kind],), event.place)
        if move is None:
            return
        what = f"the move of record {number}"
        if move.to != event.account:
            self._findings.add(_RULE, what, f"to {move.to}", f"to {event.account}", event.place)
        if event.timestamp < move.ready_at:
            expected, found = f"at {move.ready_at} or later", f"at {event.timestamp}"
            self._findings.add(_RULE, what, expected, found, event.place)

    def compare(self, ledger: LedgerContract, at: BlockNumber) -> None:
        """Compare what is pending with what the ledger answers."""
        told = ledger.moves_of(sorted(self._pending), at)
        for number, move in self._pending.items():
            self._findings.compare(
                "moves by view and by events",
                f"the move of record {number}",
                told.get(number),
                move,
            )

    def _begin(self, event: MoveProposed | MoveContested, state: MoveState) -> None:
        self._pending[event.number] = Move(event.to, event.ready_at, state)
        expected = Timestamp(self._chain.block(event.place.block).timestamp + _DELAYS_S[state])
        if event.ready_at != expected:
            what = f"the move of record {event.number}"
            found = f"ready at {event.ready_at}"
            self._findings.add(_RULE, what, f"ready at {expected}", found, event.place)

    def _expect(
        self,
        number: MemberNumber,
        move: Move | None,
        states: tuple[MoveState | None, ...],
        place: Place,
    ) -> None:
        state = move.state if move else None
        if state not in states:
            expected = " or ".join(_word(each) for each in states)
            self._findings.add(_RULE, f"the move of record {number}", expected, _word(state), place)


_STATES = (MoveState.PROPOSED, MoveState.VETOED, MoveState.CONTESTED)


def _word(state: MoveState | None) -> str:
    return state.name.lower() if state else "none pending"
