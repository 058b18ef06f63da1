"""What is scheduled is listed in plain words, executed by its scheduler and stopped by its guardian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from coopledger.chain import artifacts
from coopledger.chain.contracts.contract import functions_of
from coopledger.chain.contracts.operations import SAYS, describe
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.domain.register import Cause
from coopledger.domain.roles import Role
from coopledger.domain.types import Address, Attestation, MemberNumber, Timestamp
from coopledger.services.authority.delays import Scheduled
from coopledger.services.authority.pending import (
    MayNotCancel,
    NotAnOperationId,
    NothingScheduled,
    NotItsScheduler,
    Operation,
    OperationExpired,
    OperationState,
    OperationWaits,
    SeveralScheduled,
    cancel,
    execute,
    find_operation,
    list_pending,
)
from coopledger.services.register.bylaws import record_bylaws
from coopledger.services.register.closing import close_membership

if TYPE_CHECKING:
    from tests.services.conftest import Office

DOCUMENT = Attestation(b"minutes of July.")
STRANGER, GUARDIAN, ADMIN = 5, 7, 8
DAY_S = 86_400


def close(office: Office, number: int, cause: Cause = Cause.EXPELLED) -> Scheduled:
    """Schedule that a record is closed."""
    waits = close_membership(
        office.coop, office.sender(), office.operator, MemberNumber(number), cause, DOCUMENT
    )
    assert isinstance(waits, Scheduled)
    return waits


def the_one(office: Office) -> Operation:
    """Return the only operation that is scheduled."""
    (found,) = list_pending(office.coop)
    return found


def test_what_is_scheduled_is_told_in_plain_words(busy: Office) -> None:
    """An operation is listed with its scheduler, words, arguments, role, times and state."""
    assert list_pending(busy.coop) == []
    waits = close(busy, 4)
    found = the_one(busy)
    assert found.operation == waits.operation
    assert found.scheduled_by == busy.operator
    assert (found.contract, found.described.function) == ("TicketLedger", "close")
    assert found.described.arguments == {"number": 4, "cause": 2, "document": DOCUMENT}
    assert found.described.says == "close the record of member 4 (expelled)"
    assert (found.role, found.guardian) == (Role.CLOSING, Role.GUARDIAN)
    assert (found.ready_at, found.expires_at) == (waits.ready_at, waits.expires_at)
    assert found.ready_at == busy.dev.now() + 3 * DAY_S
    assert found.expires_at == found.ready_at + 7 * DAY_S


def test_the_states_follow_the_clock(busy: Office) -> None:
    """An operation waits to its last second, is ready for a week to the second, then expired."""
    waits = close(busy, 4)
    for moment, state in (
        (waits.ready_at - 1, OperationState.WAITING),
        (waits.ready_at, OperationState.READY),
        (waits.expires_at - 1, OperationState.READY),
        (waits.expires_at, OperationState.EXPIRED),
    ):
        busy.dev.set_time(Timestamp(moment))
        assert the_one(busy).state is state


def test_only_its_scheduler_executes_it_and_in_time(busy: Office) -> None:
    """Too early, by another key, or too late an operation is not executed, and nothing is sent."""
    waits = close(busy, 4)
    before = busy.nonce(), busy.nonce(STRANGER)
    with pytest.raises(OperationWaits, match="cannot be executed before 2026-12-03"):
        execute(busy.coop, busy.sender(), busy.operator, the_one(busy))
    busy.dev.set_time(waits.ready_at)
    with pytest.raises(NotItsScheduler, match="was scheduled by"):
        execute(busy.coop, busy.sender(STRANGER), busy.signer(STRANGER).address, the_one(busy))
    busy.dev.set_time(waits.expires_at)
    with pytest.raises(OperationExpired, match="expired at 2026-12-10"):
        execute(busy.coop, busy.sender(), busy.operator, the_one(busy))
    assert (busy.nonce(), busy.nonce(STRANGER)) == before
    again = close(busy, 4)
    assert again.operation == waits.operation
    assert the_one(busy).state is OperationState.WAITING


def test_an_operation_is_executed_once(busy: Office) -> None:
    """Once ready an operation is executed by its id alone, and is then no longer pending."""
    waits = close(busy, 4)
    busy.dev.set_time(waits.ready_at)
    execute(busy.coop, busy.sender(), busy.operator, the_one(busy))
    assert busy.coop.ledger.member(MemberNumber(4)).cause is Cause.EXPELLED
    assert list_pending(busy.coop) == []
    with pytest.raises(NothingScheduled, match="no operation 0x"):
        find_operation(busy.coop, f"0x{waits.operation.hex()}")
    busy.dev.set_time(waits.expires_at)
    assert list_pending(busy.coop) == []


def test_what_the_contract_refuses_stays_pending(busy: Office) -> None:
    """Two causes for one record: the second is refused by name when it is executed."""
    close(busy, 4)
    waits = close(busy, 4, Cause.DECEASED)
    busy.dev.set_time(waits.ready_at)
    first, second = list_pending(busy.coop)
    execute(busy.coop, busy.sender(), busy.operator, first)
    with pytest.raises(ContractRefusal, match="membership 4 is closed"):
        execute(busy.coop, busy.sender(), busy.operator, second)
    assert the_one(busy).operation == second.operation


@pytest.mark.parametrize("who", [0, GUARDIAN, ADMIN])
def test_who_cancels(busy: Office, who: int) -> None:
    """Its scheduler, the guardian and the admin can stop an operation, also one that is ready."""
    waits = close(busy, 4)
    busy.dev.set_time(waits.ready_at)
    cancel(busy.coop, busy.sender(who), busy.signer(who).address, the_one(busy))
    assert list_pending(busy.coop) == []
    busy.dev.set_time(waits.expires_at)
    assert list_pending(busy.coop) == []
    assert close(busy, 4).ready_at > waits.expires_at


def test_what_expired_is_cleared(busy: Office) -> None:
    """An expired operation can be cancelled, and then is no longer listed."""
    busy.dev.set_time(close(busy, 4).expires_at)
    cancel(busy.coop, busy.sender(), busy.operator, the_one(busy))
    assert list_pending(busy.coop) == []


def test_nobody_else_cancels(busy: Office) -> None:
    """Another key cannot stop an operation, and is told who can."""
    close(busy, 4)
    before = busy.nonce(STRANGER)
    with pytest.raises(MayNotCancel, match="or a holder of GUARDIAN or ADMIN, not by"):
        cancel(busy.coop, busy.sender(STRANGER), busy.signer(STRANGER).address, the_one(busy))
    assert busy.nonce(STRANGER) == before
    assert the_one(busy)


def test_ids_may_be_shortened(busy: Office) -> None:
    """An operation is found by any beginning of its id that names it alone, with or without 0x."""
    operations = [close(busy, number).operation for number in range(4, 40)]
    whole = operations[0].hex()
    for text in (whole, f"0x{whole}", f" 0x{whole[:12].upper()} "):
        assert find_operation(busy.coop, text.replace("0X", "0x")).operation == operations[0]
    for text in ("0x", "0x12", "rapat", "0x" + "1" * 65):
        with pytest.raises(NotAnOperationId):
            find_operation(busy.coop, text)
    absent = next(f"{i:04x}" for i in range(65536) if not shared(operations, f"{i:04x}"))
    with pytest.raises(NothingScheduled):
        find_operation(busy.coop, absent)


def shared(operations: Sequence[bytes], beginning: str) -> list[bytes]:
    """Return the ids that begin like this."""
    return [operation for operation in operations if operation.hex().startswith(beginning)]


def test_an_id_that_is_too_short_is_named(busy: Office) -> None:
    """A beginning that several operations share is refused with their whole ids."""
    close(busy, 4)
    first = the_one(busy).operation.hex()[:4]
    # A document is sought for which the ids share their first sixteen bits.
    ledger, access = busy.coop.ledger, busy.coop.access
    for attempt in range(1_000_000):
        call = ledger.close_call(MemberNumber(5), Cause.ANNULLED, Attestation(attempt.to_bytes(16)))
        if operation_hash(busy, call.to, call.data)[:2].hex() == first:
            break
    busy.sender().send(access.schedule_call(call))
    with pytest.raises(SeveralScheduled, match=f"several operations begin with {first}: 0x"):
        find_operation(busy.coop, first)


def operation_hash(office: Office, target: str, data: bytes) -> bytes:
    """Return an operation's id as the manager computes it."""
    return keccak(encode(["address", "address", "bytes"], [office.operator, target, data]))


def test_by_laws_of_a_board_with_a_delay(office: Office) -> None:
    """A board with a delay schedules by-laws, and the same call afterwards records them."""
    board = give_board_a_delay(office)
    given = (office.coop, office.sender(STRANGER), board, bytes(range(32)))
    waits = record_bylaws(*given)
    assert isinstance(waits, Scheduled)
    assert the_one(office).described.says == f"record by-laws 0x{bytes(range(32)).hex()}"
    assert record_bylaws(*given) == waits
    office.dev.set_time(waits.ready_at)
    assert record_bylaws(*given) == 2


def give_board_a_delay(office: Office) -> Address:
    """Let the admin grant BOARD with a day's delay, itself scheduled; return the account."""
    board, admin = office.signer(STRANGER).address, office.sender(ADMIN)
    call = office.coop.access.grant_call(Role.BOARD, board, DAY_S)
    admin.send(office.coop.access.schedule_call(call))
    scheduled = the_one(office)
    assert scheduled.described.says == f"grant BOARD to {board} with a delay of 86,400 s"
    assert (scheduled.contract, scheduled.role) == ("AccessManager", Role.ADMIN)
    office.dev.increase_time(7 * DAY_S)
    execute(office.coop, admin, office.signer(ADMIN).address, the_one(office))
    return board


def test_every_call_that_needs_a_role_has_words() -> None:
    """Each restricted function of our contracts has a sentence, which names its own arguments."""
    for contract in ("TicketLedger", "BoxOffice"):
        assert artifacts.load(contract).roles.keys() <= SAYS.keys()


def test_calls_that_cannot_be_read() -> None:
    """Unknown functions, garbled arguments and signs that a terminal obeys do no harm."""
    assert describe("TicketLedger", b"\1\2\3\4").says == "call an unknown function (0x01020304)"
    closing = selector("TicketLedger", "close")
    assert describe("TicketLedger", closing + b"\1").says == (
        "call close with arguments that cannot be read"
    )
    uri = functions_of("TicketLedger")["setBaseURI"].encode("https://\x1b[2J" + "x" * 200)
    says = describe("TicketLedger", uri).says
    assert says.startswith("read metadata at https://�[2J")
    assert says.endswith("…")
    assert len(says) < 120


def selector(contract: str, function: str) -> bytes:
    """Return a function's four bytes."""
    return functions_of(contract)[function].selector
