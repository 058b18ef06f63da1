"""A membership follows its person to a new key: every form of a move, and what becomes of money."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.domain.moves import Move, MoveState
from coopledger.domain.register import Cause, Record, Standing
from coopledger.domain.roles import Role
from coopledger.domain.signed_messages import leave_message
from coopledger.domain.types import Attestation, MemberNumber, ScreeningId, TicketId, Timestamp
from coopledger.services.authority.delays import Scheduled
from coopledger.services.authority.pending import execute, list_pending
from coopledger.services.counter.rescheduling import cancel_screening
from coopledger.services.holders.buying import Wish
from coopledger.services.messages.checking import MessageExpired, NotYourMessage, Overtaken
from coopledger.services.messages.files import MessageFile
from coopledger.services.messages.signing import NotSigned, SignatureOfAnother, relay, sign
from coopledger.services.messages.writing import DeadlinePassed
from coopledger.services.moves.failures import (
    MoveInTheWay,
    MoveNotVetoed,
    MoveWaits,
    MoveWasVetoed,
    NoMovePending,
    NotTheNewKey,
    NotTheOldKey,
    NotThisMove,
    SameAccount,
    TargetIsMember,
    TicketStays,
    VetoTooLate,
)
from coopledger.services.moves.moving import (
    MembershipMoved,
    accept,
    cancel,
    check_tickets,
    contest,
    luggage_of,
    propose,
    veto,
)
from coopledger.services.moves.signed import (
    move_now,
    write_acceptance,
    write_move_now,
    write_veto,
)
from coopledger.services.moves.status import MoveStanding, MoveStatus, list_moves, move_status
from coopledger.services.register.finding import RecordIsClosed, open_record
from tests.services.viewers import FIRST_BYLAWS, FREE, currency_of, fund, purchase

if TYPE_CHECKING:
    from tests.services.conftest import Office

OLD, NEW, OTHER = 2, 3, 4
GUARDIAN, ADMIN = 7, 8
DOCUMENT = Attestation(b"minutes of July.")
DAY_S = 86_400
PRICE, DEPOSIT = 20_000, 10_000
LATER = ScreeningId(2)


def buy(
    office: Office, key: int, screening: ScreeningId = FREE, *, joins: bool = False
) -> TicketId:
    """Buy a ticket with exactly the money that it costs."""
    fund(office, key, PRICE)
    wish = Wish(bylaws=FIRST_BYLAWS) if joins else None
    return purchase(office, key, screening, wish).ticket_id


def balance(office: Office, key: int) -> int:
    """Return how much play money a key's account has."""
    return currency_of(office).balance_of(office.signer(key).address)


@pytest.fixture
def ani(office: Office) -> Record:
    """Ani, full member 1, with a wallet whose key she is about to lose."""
    buy(office, OLD, joins=True)
    call = office.coop.ledger.set_standing_call(MemberNumber(1), Standing.FULL, DOCUMENT)
    office.sender().send(call)
    return office.coop.ledger.member(MemberNumber(1))


def proposed(office: Office, record: Record, to: int = NEW) -> Move:
    """Propose a move."""
    move = propose(office.coop, office.sender(), office.operator, record, office.signer(to).address)
    assert isinstance(move, Move)
    return move


def vetoed(office: Office, record: Record) -> None:
    """Propose a move and say no to it."""
    proposed(office, record)
    veto(office.coop, office.sender(OLD), record.account, record)


def contested(office: Office, record: Record, to: int = NEW) -> Move:
    """Let a move be vetoed, and contest it."""
    vetoed(office, record)
    move = contest(office.coop, office.sender(), office.operator, record, office.signer(to).address)
    assert isinstance(move, Move)
    return move


def accepted(office: Office, record: Record, *tickets: TicketId, by: int = NEW) -> MembershipMoved:
    """Accept a move."""
    account = office.signer(by).address
    return accept(office.coop, office.sender(by), account, record, tickets)


def cancelled(office: Office, record: Record) -> None:
    """Let the guardian cancel a move."""
    guardian = office.signer(GUARDIAN).address
    cancel(office.coop, office.sender(GUARDIAN), guardian, record)


def status(office: Office, record: Record) -> MoveStatus:
    """Return how a pending move stands."""
    found = move_status(office.coop, record.number)
    assert found is not None
    assert list_moves(office.coop) == [found]
    return found


def test_a_lost_key_loses_no_member(office: Office, ani: Record) -> None:
    """Proposed, seven days later to the second accepted: the same standing on the new account."""
    proposed_at = office.dev.now()
    move = proposed(office, ani)
    assert move.state is MoveState.PROPOSED
    assert 7 * DAY_S <= move.ready_at - proposed_at <= 7 * DAY_S + 1
    assert status(office, ani).standing is MoveStanding.WAITING
    before = office.nonce(NEW)
    with pytest.raises(MoveWaits, match="cannot be accepted before 2026-12-07"):
        accepted(office, ani)
    assert office.nonce(NEW) == before
    office.dev.set_time(move.ready_at)
    assert status(office, ani).standing is MoveStanding.READY
    moved = accepted(office, ani)
    assert (moved.old_number, moved.number, moved.tickets) == (1, 2, ())
    assert moved.account == office.signer(NEW).address
    record = office.coop.ledger.member(moved.number)
    assert (record.standing, record.left_at) == (Standing.FULL, None)
    assert office.coop.ledger.member(ani.number).cause is Cause.MOVED
    assert office.coop.ledger.ticket_of(record.account) == 1
    assert list_moves(office.coop) == []
    assert move_status(office.coop, ani.number) is None
    with pytest.raises(RecordIsClosed, match=r"member 1 is closed \(moved\)"):
        open_record(office.coop, lambda: office.people, ani.account)


def test_after_a_veto_only_a_contested_move_goes_on(office: Office, ani: Record) -> None:
    """Vetoed, never to be accepted; contested, thirty days later accepted, and no second veto."""
    vetoed(office, ani)
    found = status(office, ani)
    assert (found.standing, found.ready_at, found.frozen) == (MoveStanding.VETOED, None, False)
    office.dev.increase_time(8 * DAY_S)
    with pytest.raises(MoveWasVetoed, match="the old key has vetoed"):
        accepted(office, ani)
    contested_at = office.dev.now()
    move = contest(office.coop, office.sender(), office.operator, ani, office.signer(OTHER).address)
    assert isinstance(move, Move)
    assert 30 * DAY_S <= move.ready_at - contested_at <= 30 * DAY_S + 1
    assert status(office, ani).standing is MoveStanding.CONTESTED
    assert status(office, ani).frozen
    with pytest.raises(VetoTooLate, match="cannot be vetoed again"):
        veto(office.coop, office.sender(OLD), ani.account, ani)
    with pytest.raises(MoveWaits):
        accepted(office, ani, by=OTHER)
    office.dev.set_time(move.ready_at)
    assert status(office, ani).standing is MoveStanding.CONTESTED_READY
    moved = accepted(office, ani, by=OTHER)
    assert office.coop.ledger.member(moved.number).account == office.signer(OTHER).address


@pytest.mark.parametrize("stage", [proposed, vetoed, contested])
def test_the_guardian_cancels_at_every_stage(
    office: Office, ani: Record, stage: Callable[[Office, Record], object]
) -> None:
    """The guardian stops a move at every stage; nobody is frozen then, and a new one can begin."""
    stage(office, ani)
    with pytest.raises(ContractRefusal, match="does not have the role"):
        cancel(office.coop, office.sender(), office.operator, ani)
    cancelled(office, ani)
    assert list_moves(office.coop) == []
    assert not office.coop.ledger.is_frozen(ani.account)
    with pytest.raises(NoMovePending):
        cancelled(office, ani)
    office.dev.increase_time(31 * DAY_S)
    with pytest.raises(NoMovePending):
        accepted(office, ani)
    assert proposed(office, ani).state is MoveState.PROPOSED


def test_where_a_membership_cannot_move(office: Office, ani: Record) -> None:
    """Neither to the same account nor to a member, be it proposed, contested or accepted."""
    buy(office, OTHER, joins=True)
    other = office.signer(OTHER).address
    before = office.nonce()
    for attempt in (propose, contest):
        given = (office.coop, office.sender(), office.operator, ani)
        with pytest.raises(SameAccount, match=r"belongs to .* already"):
            attempt(*given, ani.account)
        with pytest.raises(TargetIsMember, match="which is member 2 itself"):
            attempt(*given, other)
    assert office.nonce() == before
    move = proposed(office, ani)
    buy(office, NEW, joins=True)
    office.dev.set_time(move.ready_at)
    with pytest.raises(TargetIsMember, match="which is member 3 itself"):
        accepted(office, ani)


def test_a_step_out_of_turn_is_named(office: Office, ani: Record) -> None:
    """What does not fit the state of the move is named in plain words, and nothing is sent."""
    given = (office.coop, office.sender(), office.operator, ani)
    new = office.signer(NEW).address
    nonces = [office.nonce(), office.nonce(OLD), office.nonce(NEW), office.nonce(OTHER)]
    with pytest.raises(NoMovePending, match="no move of membership 1 is pending"):
        contest(*given, new)
    with pytest.raises(NoMovePending):
        veto(office.coop, office.sender(OLD), ani.account, ani)
    with pytest.raises(NoMovePending):
        accepted(office, ani)
    move = proposed(office, ani)
    with pytest.raises(MoveInTheWay, match=f"to {new} is pending"):
        propose(*given, office.signer(OTHER).address)
    with pytest.raises(MoveNotVetoed, match="is not vetoed"):
        contest(*given, new)
    with pytest.raises(NotTheOldKey, match=f"only {ani.account} can veto"):
        veto(office.coop, office.sender(OTHER), office.signer(OTHER).address, ani)
    office.dev.set_time(move.ready_at)
    with pytest.raises(NotTheNewKey, match="cannot accept it"):
        accepted(office, ani, by=OTHER)
    veto(office.coop, office.sender(OLD), ani.account, ani)
    with pytest.raises(MoveInTheWay, match="was vetoed"):
        propose(*given, new)
    with pytest.raises(VetoTooLate, match="was vetoed before"):
        veto(office.coop, office.sender(OLD), ani.account, ani)
    contest(*given, new)
    with pytest.raises(MoveNotVetoed, match="is contested already"):
        contest(*given, new)
    # Only the five steps that were in turn were sent.
    sent = [office.nonce(), office.nonce(OLD), office.nonce(NEW), office.nonce(OTHER)]
    assert [now - then for then, now in zip(nonces, sent, strict=True)] == [2, 1, 0, 0]


def test_a_ready_move_can_still_be_vetoed(office: Office, ani: Record) -> None:
    """As long as nobody has accepted, the old key's no counts."""
    move = proposed(office, ani)
    office.dev.set_time(Timestamp(move.ready_at + DAY_S))
    assert "the old key can still veto" in status(office, ani).possible
    veto(office.coop, office.sender(OLD), ani.account, ani)
    assert status(office, ani).standing is MoveStanding.VETOED


def test_tickets_that_come_along_carry_their_refund(office: Office, ani: Record) -> None:
    """A refund pays the new account for a ticket that came along, the old one for one left behind."""
    along, behind = buy(office, OLD, LATER), buy(office, OLD, LATER)
    move = proposed(office, ani)
    office.dev.set_time(move.ready_at)
    assert accepted(office, ani, along).tickets == (along,)
    box_office, before = office.coop.box_office, balance(office, OLD)
    with pytest.raises(ContractRefusal, match=f"ticket {along} belongs to"):
        office.sender(OLD).send(box_office.refund_call([along]))
    office.sender(NEW).send(box_office.refund_call([along]))
    assert (balance(office, NEW), balance(office, OLD)) == (PRICE, before)
    office.sender(OLD).send(box_office.refund_call([behind]))
    assert balance(office, OLD) == before + PRICE


def test_refunds_of_a_cancelled_screening_pay_the_holder_of_then(
    office: Office, ani: Record
) -> None:
    """A cancelled screening's refund, pushed by anybody, pays who holds the ticket at that time."""
    along, behind = buy(office, OLD, LATER), buy(office, OLD, LATER)
    paid_before = buy(office, OLD, LATER)
    cancel_screening(office.coop, office.sender(), office.operator, LATER)
    stranger = office.sender(OTHER)
    stranger.send(office.coop.box_office.refund_call([paid_before]))
    assert balance(office, OLD) == PRICE
    move = proposed(office, ani)
    office.dev.set_time(move.ready_at)
    # The one that was paid back is void, and stays where it is.
    held = luggage_of(office.coop, ani)
    assert [ticket.ticket_id for ticket in held.comes] == [along, behind]
    assert [(ticket.ticket_id, ticket.state) for ticket in held.stays] == [(paid_before, "void")]
    accepted(office, ani, along, paid_before)
    assert office.coop.ledger.ticket(paid_before).owner == ani.account
    stranger.send(office.coop.box_office.refund_call([along, behind]))
    assert (balance(office, NEW), balance(office, OLD)) == (PRICE, 2 * PRICE)


def test_a_contested_move_freezes_refunds_gifts_and_leaving(office: Office, ani: Record) -> None:
    """While a move is contested the old account can do none of these; afterwards it can again."""
    ticket, other = buy(office, OLD, LATER), buy(office, OLD, LATER)
    ledger, box_office = office.coop.ledger, office.coop.box_office
    calls = (
        box_office.refund_call([ticket]),
        ledger.give_call(other, office.signer(OTHER).address),
        ledger.leave_call(),
    )
    vetoed(office, ani)
    for call in calls:
        office.sender(OLD).simulate(call)
    contest(office.coop, office.sender(), office.operator, ani, office.signer(NEW).address)
    for call in calls:
        with pytest.raises(ContractRefusal, match=f"{ani.account} is frozen"):
            office.sender(OLD).send(call)
    cancelled(office, ani)
    for call in calls:
        office.sender(OLD).send(call)
    assert balance(office, OLD) == PRICE


def test_a_frozen_refund_can_come_too_late(office: Office, ani: Record) -> None:
    """The freeze moves no deadline: a refund is lost then, but not of a cancelled screening."""
    ticket, of_cancelled = buy(office, OLD, FREE), buy(office, OLD, LATER)
    cancel_screening(office.coop, office.sender(), office.operator, LATER)
    move = contested(office, ani)
    with pytest.raises(ContractRefusal, match="is frozen"):
        office.sender(OTHER).send(office.coop.box_office.refund_call([of_cancelled]))
    office.dev.set_time(move.ready_at)
    moved = accepted(office, ani, ticket, of_cancelled)
    assert moved.tickets == (ticket, of_cancelled)
    with pytest.raises(ContractRefusal, match="was possible until"):
        office.sender(NEW).send(office.coop.box_office.refund_call([ticket]))
    office.sender(OTHER).send(office.coop.box_office.refund_call([of_cancelled]))
    assert balance(office, NEW) == PRICE


def test_the_deposit_follows_the_record(office: Office, ani: Record) -> None:
    """Who leaves after a move gets the deposit on the new account."""
    move = proposed(office, ani)
    office.dev.set_time(move.ready_at)
    moved = accepted(office, ani)
    card = office.coop.ledger.ticket_of(moved.account)
    assert card is not None
    office.sender(NEW).send(office.coop.ledger.leave_call())
    office.sender(OTHER).send(office.coop.box_office.return_deposit_call(card))
    assert (balance(office, NEW), balance(office, OLD)) == (DEPOSIT, 0)


def test_tickets_are_chosen_with_care(office: Office, ani: Record) -> None:
    """A ticket that cannot come along is named before anything is sent."""
    mine, void, gone = (buy(office, OLD, LATER) for _ in range(3))
    office.sender(OLD).send(office.coop.box_office.refund_call([void]))
    office.sender(OLD).send(office.coop.ledger.give_call(gone, office.signer(OTHER).address))
    assert check_tickets(office.coop, ani, [mine, mine]) == [mine]
    card = TicketId(1)
    for ticket, reason in (
        (void, "it is void"),
        (gone, "it belongs to "),
        (card, "is the membership's card, which comes along anyway"),
    ):
        with pytest.raises(TicketStays, match=f"ticket {ticket} cannot come along: .*{reason}"):
            check_tickets(office.coop, ani, [mine, ticket])
    with pytest.raises(ContractRefusal, match="no such ticket"):
        check_tickets(office.coop, ani, [TicketId(99)])
    assert [t.ticket_id for t in luggage_of(office.coop, ani).comes] == [mine]


def test_a_used_ticket_stays_where_it_was_used(office: Office, ani: Record) -> None:
    """A ticket that let its holder in is named as staying, and cannot be named to come along."""
    used = buy(office, OLD, LATER)
    office.dev.set_time(Timestamp(office.coop.ledger.screenings([LATER])[0].starts_at - 60))
    office.sender().send(office.coop.ledger.redeem_call(LATER, [used]))
    luggage = luggage_of(office.coop, ani)
    assert ([t.ticket_id for t in luggage.stays], luggage.comes) == ([used], ())
    with pytest.raises(TicketStays, match="it is redeemed"):
        check_tickets(office.coop, ani, [used])


def test_a_closed_record_has_no_move(office: Office, ani: Record) -> None:
    """A pending move ends with the membership."""
    proposed(office, ani)
    office.sender(OLD).send(office.coop.ledger.leave_call())
    assert list_moves(office.coop) == []


def test_moves_are_listed_by_number(office: Office, ani: Record) -> None:
    """Several pending moves are listed together, those that ended left out."""
    buy(office, OTHER, joins=True)
    buy(office, 5, joins=True)
    second, third = (office.coop.ledger.member(MemberNumber(n)) for n in (2, 3))
    propose(office.coop, office.sender(), office.operator, third, office.signer(6).address)
    propose(office.coop, office.sender(), office.operator, second, office.signer(6).address)
    proposed(office, ani)
    cancelled(office, second)
    assert [each.number for each in list_moves(office.coop)] == [1, 3]


def signed(office: Office, file: MessageFile, *keys: int) -> MessageFile:
    """Let some keys sign a message."""
    for key in keys:
        file = sign(office.coop, file, office.signer(key)).file
    return file


def agreed(office: Office, record: Record, *tickets: TicketId) -> MessageFile:
    """Write what both keys sign."""
    to = office.signer(NEW).address
    return MessageFile(write_move_now(office.coop, record, to, tickets, None), {})


def moved_at_once(office: Office, record: Record, file: MessageFile) -> MembershipMoved:
    """Let the registrar send what both keys signed."""
    to = office.signer(NEW).address
    done = move_now(office.coop, office.sender(), office.operator, file, record, to)
    assert isinstance(done, MembershipMoved)
    return done


@pytest.mark.parametrize("before", [None, proposed, vetoed])
def test_an_agreed_move_is_immediate(
    office: Office, ani: Record, before: Callable[[Office, Record], object] | None
) -> None:
    """With both keys' signatures the registrar moves at once, also what is proposed or vetoed."""
    ticket = buy(office, OLD, LATER)
    if before is not None:
        before(office, ani)
    file = signed(office, agreed(office, ani, ticket), OLD, NEW)
    moved = moved_at_once(office, ani, file)
    assert (moved.account, moved.tickets) == (office.signer(NEW).address, (ticket,))
    assert office.coop.ledger.member(moved.number).standing is Standing.FULL
    assert office.coop.ledger.member(ani.number).cause is Cause.MOVED
    assert list_moves(office.coop) == []
    with pytest.raises(TargetIsMember):
        moved_at_once(office, ani, file)


def test_an_agreed_move_needs_both_keys_for_exactly_this(office: Office, ani: Record) -> None:
    """Without either signature, with another's, or for other tickets the registrar sends nothing."""
    ticket = buy(office, OLD, LATER)
    file = agreed(office, ani, ticket)
    before = office.nonce()
    for keys, missing in (((), OLD), ((OLD,), NEW), ((NEW,), OLD)):
        with pytest.raises(NotSigned, match=office.signer(missing).address):
            moved_at_once(office, ani, signed(office, file, *keys))
    both = signed(office, file, OLD, NEW)
    old, new = both.signatures.values()
    swapped = dict(zip(both.signatures, (new, old), strict=True))
    with pytest.raises(SignatureOfAnother):
        moved_at_once(office, ani, MessageFile(both.message, swapped))
    altered = agreed(office, ani).message
    with pytest.raises(SignatureOfAnother):
        moved_at_once(office, ani, MessageFile(altered, both.signatures))
    other = office.signer(OTHER).address
    with pytest.raises(NotThisMove, match="moves membership 1 to"):
        move_now(office.coop, office.sender(), office.operator, both, ani, other)
    with pytest.raises(NotThisMove, match="is a Leave message"):
        leaving = leave_message(office.coop.ledger.signing_domain(), ani.number, Timestamp(0))
        moved_at_once(office, ani, MessageFile(leaving, {}))
    with pytest.raises(ContractRefusal, match="does not have the role"):
        move_now(
            *(office.coop, office.sender(OTHER), other),
            *(both, ani, office.signer(NEW).address),
        )
    office.dev.increase_time(8 * DAY_S)
    with pytest.raises(MessageExpired):
        moved_at_once(office, ani, both)
    assert office.nonce() == before
    assert office.coop.ledger.member_of(ani.account) == ani.number


def test_agreement_does_not_end_a_contested_move(office: Office, ani: Record) -> None:
    """A contested move is for the board: both keys together do not go round it."""
    both = signed(office, agreed(office, ani), OLD, NEW)
    contested(office, ani)
    with pytest.raises(MoveInTheWay):
        moved_at_once(office, ani, both)
    with pytest.raises(MoveInTheWay):
        agreed(office, ani)


def test_a_veto_by_signature(office: Office, ani: Record) -> None:
    """The old key signs its no, somebody else sends it, and it holds for this move alone."""
    proposed(office, ani)
    file = MessageFile(write_veto(office.coop, ani, None), {})
    with pytest.raises(NotYourMessage):
        signed(office, file, NEW)
    file = signed(office, file, OLD)
    relay(office.coop, office.sender(OTHER), file)
    assert status(office, ani).standing is MoveStanding.VETOED
    with pytest.raises(VetoTooLate):
        write_veto(office.coop, ani, None)
    cancelled(office, ani)
    proposed(office, ani, to=OTHER)
    with pytest.raises(Overtaken):
        relay(office.coop, office.sender(OTHER), file)


def test_an_acceptance_by_signature(office: Office, ani: Record) -> None:
    """The new key signs its yes on the first day; it is good for a week after the move is ready."""
    ticket = buy(office, OLD, LATER)
    move = proposed(office, ani)
    message = write_acceptance(office.coop, ani, [ticket], None)
    assert message.deadline == move.ready_at + 7 * DAY_S
    file = signed(office, MessageFile(message, {}), NEW)
    with pytest.raises(ContractRefusal, match="cannot be accepted before"):
        relay(office.coop, office.sender(OTHER), file)
    office.dev.set_time(Timestamp(message.deadline - 10))
    done = relay(office.coop, office.sender(OTHER), file)
    assert done.member == 2
    assert office.coop.ledger.ticket(ticket).owner == office.signer(NEW).address


def test_what_is_not_to_be_signed_is_not_written(office: Office, ani: Record) -> None:
    """No message is written for a move that is not there, was vetoed, or to a past deadline."""
    with pytest.raises(NoMovePending):
        write_veto(office.coop, ani, None)
    with pytest.raises(NoMovePending):
        write_acceptance(office.coop, ani, [], None)
    with pytest.raises(SameAccount):
        write_move_now(office.coop, ani, ani.account, [], None)
    vetoed(office, ani)
    with pytest.raises(MoveWasVetoed):
        write_acceptance(office.coop, ani, [], None)
    with pytest.raises(DeadlinePassed):
        write_move_now(
            office.coop, ani, office.signer(NEW).address, [], Timestamp(office.dev.now())
        )


def test_a_role_with_a_delay_is_checked_before_it_is_scheduled(office: Office, ani: Record) -> None:
    """Where RECOVERY has a delay, what the ledger would refuse is not even scheduled."""
    access, recovery, admin = office.coop.access, office.signer(5), office.sender(ADMIN)
    grant = access.grant_call(Role.RECOVERY, recovery.address, DAY_S)
    admin.send(access.schedule_call(grant))
    office.dev.increase_time(7 * DAY_S)
    admin.send(access.execute_call(grant))
    given = (office.coop, office.sender(5), recovery.address, ani)
    with pytest.raises(SameAccount):
        propose(*given, ani.account)
    assert list_pending(office.coop) == []
    new = office.signer(NEW).address
    waits = propose(*given, new)
    assert isinstance(waits, Scheduled)
    (operation,) = list_pending(office.coop)
    assert operation.described.says == f"propose to move member 1 to {new}"
    office.dev.set_time(waits.ready_at)
    (operation,) = list_pending(office.coop)
    execute(office.coop, office.sender(5), recovery.address, operation)
    assert status(office, ani).to == new
