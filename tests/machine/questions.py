"""What the chain is asked after a step, and what the rules expect it to say.

Questions are asked in one request, as of the newest block, and about times that lie before that block:
about its own second nothing is certain yet.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address as _checksummed

from coopledger.chain.contracts.contract import functions_of
from coopledger.chain.wire.client import EthCall
from coopledger.chain.wire.rpc import NodeRefused
from coopledger.domain.moves import MoveState
from coopledger.domain.register import Record, RegisterEvent, RegisterKind, genesis_head, replay
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import (
    Address,
    MemberNumber,
    ScreeningId,
    SeatNumber,
    TicketId,
    TierIndex,
    Timestamp,
)
from coopledger.domain.words import unpack_record, unpack_ticket
from tests.machine.cast import VIEWERS
from tests.machine.rules import money, past
from tests.machine.rules.sales import live_seats
from tests.machine.rules.world import NOBODY, Account, World
from tests.machine.rules.world import Record as KnownRecord
from tests.machine.rules.world import Ticket as KnownTicket
from tests.machine.stage import Stage
from tests.machine.telling import in_words, when


@dataclass(frozen=True)
class Question:
    """A question to a contract; ``to`` and ``artifact`` say to which."""

    subject: str
    to: Address
    artifact: str
    function: str
    arguments: tuple[Any, ...]
    expected: Any


def differences(stage: Stage, questions: Iterable[Question]) -> list[str]:
    """Ask all questions and tell, in words, which answers differ."""
    asked = list(questions)
    faces = [functions_of(q.artifact)[q.function] for q in asked]
    calls = [EthCall(q.to, face.encode(*q.arguments)) for q, face in zip(asked, faces, strict=True)]
    told = []
    for question, face, answer in zip(asked, faces, stage.chain.call_many(calls), strict=True):
        if isinstance(answer, NodeRefused):
            told.append(f"{question.subject}: the chain refuses to answer ({answer})")
            continue
        found = _readable(stage, question, face.decode(answer))
        told += in_words(stage, question.subject, found, question.expected)
    return told


class Asker:
    """Knows the questions about a world."""

    def __init__(self, stage: Stage, world: World) -> None:
        self.stage, self.world = stage, world
        self._heads = [genesis_head(stage.chain.chain_id, stage.coop.ledger.address)]

    def after_a_step(self, mined_at: int) -> Iterator[Question]:
        """Ask the little that every step may have changed. All records are one question, all tickets another."""
        world = self.world
        open_records = [r for r in world.records.values() if r.left_at is None]
        yield self._ledger("the number of members", "memberCount", len(world.records))
        yield self._ledger("the number of open records", "activeCount", len(open_records))
        voters = past.voters_at(world, mined_at - 1)
        yield self._ledger("the number of voters", "votersAt", voters, mined_at - 1)
        yield self._ledger("the number of tickets", "ticketCount", len(world.tickets))
        yield self._ledger("the number of register events", "eventCount", len(world.events))
        yield self._ledger("the register's head", "registerHead", self._head())
        records = [self._record(record) for record in world.records.values()]
        yield self._ledger("the records", "members", records, 1, 500)
        tickets = [self._ticket(ticket) for ticket in world.tickets.values()]
        yield self._lens("the tickets", "tickets", tickets, 1, 500)
        yield from self._tills(mined_at)
        yield from self._purses(world.offices)

    def everything(self, mined_at: int, times: Iterable[int]) -> Iterator[Question]:
        """Ask about all that there is, and about the past at some times."""
        yield from self.after_a_step(mined_at)
        yield from self._locks()
        yield from self._register()
        yield from self._viewers()
        yield from self._sales()
        yield from self._purses(self.world.wallets)
        for time in times:
            yield from self._past(time)

    def _locks(self) -> Iterator[Question]:
        for number, ticket in self.world.tickets.items():
            yield self._ledger(
                f"whether ticket {number} is locked", "locked", ticket.locked, number
            )
            trusted = self.world.approvals.get(number, NOBODY)
            yield self._ledger(f"who may move ticket {number}", "getApproved", trusted, number)

    def _register(self) -> Iterator[Question]:
        world = self.world
        for number, record in world.records.items():
            link = (record.previous or 0, record.moved_from or 0, world.origin(number))
            yield self._ledger(f"the links of member {number}", "linkOf", link, number)
            move = world.moves.get(number)
            known = (move.to, move.ready_at, move.state) if move else (NOBODY, 0, MoveState.NONE)
            yield self._ledger(f"the move of member {number}", "moveOf", known, number)
        for version, bylaws_hash in enumerate(world.bylaws, start=1):
            yield self._ledger(f"by-laws {version}", "bylawsHash", bylaws_hash, version)

    def _viewers(self) -> Iterator[Question]:
        world = self.world
        for name in VIEWERS:
            account = self.stage.addresses[name]
            record = world.membership(name)
            number, card = (record.number, record.card) if record else (0, 0)
            yield self._ledger(f"the membership of {name}", "memberOf", number, account)
            yield self._ledger(f"the card of {name}", "ticketOf", card, account)
            latest = world.latest(name) or 0
            yield self._ledger(f"the newest record of {name}", "latestMemberOf", latest, account)
            owned = sum(ticket.owner == name for ticket in world.tickets.values())
            yield self._ledger(f"how many tickets {name} has", "balanceOf", owned, account)
            frozen = world.frozen(name)
            yield self._ledger(f"whether {name} is frozen", "isFrozen", frozen, account)

    def _tills(self, mined_at: int) -> Iterator[Question]:
        world = self.world
        for number, screening in world.screenings.items():
            office = self.stage.offices[screening.office].address
            held = money.held(world, number, mined_at)
            said = f"the money of screening {number}, refundable, as deposits and free"
            yield Question(said, office, "BoxOffice", "held", (number,), held)

    def _purses(self, names: Iterable[Account]) -> Iterator[Question]:
        currency = self.stage.currency.address
        for name in names:
            said, account = f"the money of {name}", (self.stage.addresses[name],)
            amount = self.world.wallets[name]
            yield Question(said, currency, "LocalRupiah", "balanceOf", account, amount)

    def _sales(self) -> Iterator[Question]:
        world = self.world
        for number, screening in world.screenings.items():
            office = self.stage.offices[screening.office].address
            sale = (screening.capacity, screening.sold, screening.sequence, screening.cancelled)
            said = f"the sale of screening {number}"
            yield Question(said, office, "BoxOffice", "sale", (number,), sale)
            live = live_seats(world, number)
            assert len(live) == len(set(live)), "the rules gave a seat to two"
            for seat in range(1, screening.capacity + 1 if screening.seated else 1):
                said, taken = f"seat {seat} of screening {number}", seat in live
                yield Question(said, office, "BoxOffice", "seatTaken", (number, seat), taken)
        for name in world.offices:
            tills = [s for s in world.screenings.values() if s.office == name]
            inside = sum(s.takings + s.deposits for s in tills)
            assert inside == world.wallets[name], "the rules lost money"

    def _past(self, time: int) -> Iterator[Question]:
        world, moment = self.world, when(time)
        count = past.members_at(world, time)
        yield self._lens(f"how many were members at {moment}", "membersAt", count, time)
        voters = past.voters_at(world, time)
        yield self._ledger(f"how many could vote at {moment}", "votersAt", voters, time)
        for name in VIEWERS:
            account, number = self.stage.addresses[name], past.member_at(world, name, time)
            said = f"the record of {name} at {moment}"
            yield self._lens(said, "memberAt", number, account, time)
            said = f"whether {name} was a member at {moment}"
            yield self._lens(said, "wasMember", number != 0, account, time)
            vote = past.voting_record(world, name, time)
            said = f"the vote of {name} on a question of {moment}"
            yield self._lens(said, "votingRecord", vote, account, time)

    def _ledger(self, subject: str, function: str, expected: Any, *arguments: Any) -> Question:
        ledger = self.stage.coop.ledger.address
        return Question(subject, ledger, "TicketLedger", function, arguments, expected)

    def _lens(self, subject: str, function: str, expected: Any, *arguments: Any) -> Question:
        lens = self.stage.coop.lens
        return Question(subject, lens, "TicketLens", function, arguments, expected)

    def _head(self) -> bytes:
        """Return the head that the rules' own register events make, with one hash an event."""
        for event in self.world.events[len(self._heads) - 1 :]:
            hashed = RegisterEvent(
                RegisterKind(event.kind),
                event.number,
                self.stage.addresses[event.account] if event.account else None,
                TicketId(event.ticket),
                event.argument,
                Timestamp(event.time),
            )
            self._heads.append(replay(self._heads[-1], [hashed]))
        return self._heads[-1]

    def _record(self, known: KnownRecord) -> Record:
        return Record(
            MemberNumber(known.number),
            self.stage.addresses[known.account],
            Timestamp(known.joined_at),
            None if known.left_at is None else Timestamp(known.left_at),
            known.standing,
            known.consent,
            known.cause,
        )

    def _ticket(self, known: KnownTicket) -> Ticket:
        return Ticket(
            TicketId(known.ticket_id),
            self.stage.addresses[known.owner],
            ScreeningId(known.screening),
            SeatNumber(known.seat),
            TierIndex(known.tier),
            None if known.member is None else MemberNumber(known.member),
            known.redeemed,
            known.void,
            known.non_transferable,
            known.paid_on_chain,
        )


def _readable(stage: Stage, question: Question, found: Any) -> Any:
    """Return an answer in the form in which the rules expect it."""
    match question.function:
        case "tickets":
            return [unpack_ticket(TicketId(n), word) for n, word in enumerate(found, start=1)]
        case "members":
            return [unpack_record(MemberNumber(n), word) for n, word in enumerate(found, start=1)]
        case "getApproved":
            return stage.names.get(_checksummed(found), found)
        case "moveOf":
            to, ready_at, state = found
            return (stage.names.get(_checksummed(to), to), ready_at, MoveState(state))
        case "sale":
            _, capacity, sold, sequence, *_, cancelled = found
            return (capacity, sold, sequence, cancelled)
        case _:
            return found
