"""An audit of an honest chain agrees, whatever happened on it, as of any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coopledger.audit import run
from coopledger.audit.events import reading
from coopledger.audit.run import audit
from coopledger.audit.views import lists
from coopledger.chain.contracts.access import ADMIN_DELAY_S
from coopledger.chain.wire.client import BlockUnknown
from coopledger.chain.wire.moments import TimeToCome, pin
from coopledger.domain.moments import AtBlock, AtTime
from coopledger.domain.register import Standing
from coopledger.domain.roles import Role
from coopledger.domain.types import BlockNumber, MemberNumber, Timestamp
from coopledger.domain.words import unpack_record
from coopledger.services.register.finding import list_members

if TYPE_CHECKING:
    from tests.services.conftest import Office

DAY_S = 86_400


def test_an_honest_chain_agrees(eventful: Office) -> None:
    """On a chain on which everything happened nothing is found, and everything was looked at."""
    ledger = eventful.coop.ledger
    verdict = audit(ledger)
    assert list(verdict.findings) == []
    assert verdict.records == ledger.member_count() > 251
    assert verdict.events == ledger.event_count()
    assert verdict.tickets == ledger.ticket_count()
    assert (verdict.screenings, verdict.box_offices, verdict.pins) == (6, 1, 1)
    assert verdict.register.head == ledger.register_head()
    assert verdict.register.open == ledger.active_count()
    assert verdict.powers.unusual == ()


def test_as_of_any_time_it_is_the_register_of_then(eventful: Office) -> None:
    """Counts and records as of earlier times and blocks are those that a list of members has."""
    ledger, chain = eventful.coop.ledger, eventful.chain
    everything = audit(ledger)
    blocks = [chain.block(BlockNumber(n)) for n in range(0, chain.head() + 1, 12)]
    for block in blocks:
        for at in (AtBlock(block.number), AtTime(Timestamp(block.timestamp + 1))):
            when = pin(chain, at)
            listed = list(
                list_members(eventful.coop, when, MemberNumber(1), closed=True, annulled=True)
            )
            verdict = audit(ledger, at)
            assert verdict.moment == when
            assert list(verdict.findings) == []
            numbered = enumerate(verdict.register.words, start=1)
            assert [unpack_record(MemberNumber(n), word) for n, word in numbered] == listed
            opened = [record for record in listed if record.left_at is None]
            assert (verdict.register.records, verdict.register.open) == (len(listed), len(opened))
            full = [record for record in opened if record.standing is Standing.FULL]
            assert verdict.register.full == len(full)
            assert verdict.events == everything.events
            last = verdict.moment.block
            assert last.time == block.timestamp or isinstance(at, AtTime)
            if chain.code_at(ledger.address, last.number):
                assert verdict.register.head == ledger.register_head(last.number)


def test_a_time_to_come_or_no_block_is_refused(eventful: Office) -> None:
    """There is no verdict on what has not been, or on a block that there is not."""
    with pytest.raises(TimeToCome):
        audit(eventful.coop.ledger, AtTime(Timestamp(eventful.dev.now() + 10**9)))
    with pytest.raises(BlockUnknown):
        audit(eventful.coop.ledger, AtBlock(BlockNumber(eventful.chain.head() + 1)))


def test_a_role_granted_behind_the_back_is_shown(eventful: Office) -> None:
    """Who got a role stands there with since when; an unknown minter is said to be unusual."""
    access, admin = eventful.coop.access, eventful.sender(8)
    stranger = eventful.signer(6).address
    for role in (Role.TREASURER, Role.MINTER):
        call = access.grant_call(role, stranger, 0)
        admin.send(access.schedule_call(call))
        eventful.dev.increase_time(ADMIN_DELAY_S)
        admin.send(access.execute_call(call))
    verdict = audit(eventful.coop.ledger)
    assert list(verdict.findings) == []
    (listed,) = [h for h in verdict.powers.of(Role.TREASURER).holders if h.account == stranger]
    assert listed.in_force(eventful.dev.now())
    assert f"{stranger} holds MINTER and is no box office known here" in verdict.powers.unusual


def test_a_screening_of_a_stranger_is_named(eventful: Office) -> None:
    """What somebody opened and issued past the box office is named, with who did it."""
    access, admin = eventful.coop.access, eventful.sender(8)
    stranger, ledger = eventful.signer(6), eventful.coop.ledger
    call = access.grant_call(Role.MINTER, stranger.address, 0)
    admin.send(access.schedule_call(call))
    eventful.dev.increase_time(ADMIN_DELAY_S)
    admin.send(access.execute_call(call))
    now = eventful.dev.now()
    eventful.sender(6).send(ledger.call("openScreening", now + DAY_S, now + 2 * DAY_S))
    (found,) = audit(ledger).findings
    assert found.what == "the issuer of screening 7"
    assert found.found == stranger.address


def test_logs_in_small_pieces_give_the_same(
    eventful: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few logs and records are asked for at once, the verdict is the same."""
    whole = audit(eventful.coop.ledger)
    monkeypatch.setattr(reading, "_WANTED_A_QUESTION", 40)
    monkeypatch.setattr(reading, "_FIRST_BLOCKS", 1)
    monkeypatch.setattr(lists, "LARGEST_PAGE", 30)
    monkeypatch.setattr(run, "_TICKETS_A_QUESTION", 11)
    pieces = audit(eventful.coop.ledger)
    assert (pieces.register, pieces.events, pieces.tickets) == (
        *(whole.register, whole.events),
        whole.tickets,
    )
    assert list(pieces.findings) == []
