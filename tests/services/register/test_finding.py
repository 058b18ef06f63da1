"""Who is a member, and who was: by page, as of a block, as of a time."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.development import development_signer
from coopledger.chain.wire.client import BlockUnknown
from coopledger.chain.wire.moments import TimeToCome, pin
from coopledger.domain.moments import At, AtBlock, AtTime
from coopledger.domain.register import Cause, Record, Standing
from coopledger.domain.types import (
    NO_SEAT,
    Attestation,
    BlockNumber,
    Email,
    MemberNumber,
    ScreeningId,
    Timestamp,
)
from coopledger.people.store import EmailUnknown
from coopledger.services.authority.delays import Scheduled
from coopledger.services.counter.selling import CounterSale, sell
from coopledger.services.register import finding
from coopledger.services.register.closing import Closed, ClosedBefore, close_membership
from coopledger.services.register.finding import (
    NeverAMember,
    find_member,
    find_member_by_email,
    find_member_of,
    list_members,
)

if TYPE_CHECKING:
    from tests.services.conftest import Office

DOCUMENT = Attestation(b"a decision of 7.")
FIRST = MemberNumber(1)
DAY_S = 86_400


def listed(
    office: Office,
    at: At | None = None,
    *,
    start: int = 1,
    closed: bool = False,
    annulled: bool = False,
) -> list[Record]:
    """Return the members as of a moment."""
    when = pin(office.chain, at)
    number = MemberNumber(start)
    return list(list_members(office.coop, when, number, closed=closed, annulled=annulled))


def close(office: Office, number: int, cause: Cause) -> None:
    """Close a record: schedule it, wait for its delay, execute it."""
    given = (office.coop, office.sender(), office.operator, MemberNumber(number), cause, DOCUMENT)
    first = close_membership(*given)
    assert isinstance(first, Scheduled)
    assert close_membership(*given) == first  # still waiting
    office.dev.set_time(first.ready_at)
    done = close_membership(*given)
    assert isinstance(done, Closed)
    assert (done.number, done.cause) == (number, cause)


def set_standing(office: Office, number: int, standing: Standing) -> None:
    """Set a standing as the registrar."""
    call = office.coop.ledger.set_standing_call(MemberNumber(number), standing, DOCUMENT)
    office.sender().send(call)


@pytest.mark.parametrize("page", [20, 83, 251, 252, 500])
def test_pages_hang_together(busy: Office, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    """However large a page is, each member is listed once, in the order of their numbers."""
    monkeypatch.setattr(finding, "LARGEST_PAGE", page)
    numbers = [record.number for record in listed(busy)]
    assert numbers == list(range(1, 252))
    assert [record.number for record in listed(busy, start=240)] == list(range(240, 252))
    assert listed(busy, start=252) == []
    past = listed(busy, AtBlock(BlockNumber(busy.chain.head())))
    assert [record.number for record in past] == numbers


def test_as_of_a_block_and_a_time(busy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of any block, and of its time, exactly those are listed who had joined by then."""
    monkeypatch.setattr(finding, "LARGEST_PAGE", 60)
    busy.dev.increase_time(60)
    busy.sell_plain({"order": "A", "email": "late@example.org"})
    busy.dev.increase_time(60)
    everybody = listed(busy)
    blocks = [busy.chain.block(BlockNumber(n)) for n in range(busy.chain.head() + 1)]
    seen = set()
    for block in blocks:
        expected = [r.number for r in everybody if r.joined_at <= block.timestamp]
        seen.add(len(expected))
        assert [r.number for r in listed(busy, AtBlock(BlockNumber(block.number)))] == expected
        assert [r.number for r in listed(busy, AtTime(Timestamp(block.timestamp)))] == expected
    assert {0, 251, 252} <= seen
    for earlier, later in pairwise(blocks[-8:]):
        # Between two blocks nothing changes.
        middle = listed(busy, AtTime(Timestamp(max(earlier.timestamp, later.timestamp - 1))))
        assert middle == listed(busy, AtBlock(BlockNumber(earlier.number)))


def test_a_closed_record_was_a_member_until_then(busy: Office) -> None:
    """A closed record is listed up to its last second, and later only when asked for."""
    close(busy, 4, Cause.EXPELLED)
    left_at = busy.coop.ledger.member(MemberNumber(4)).left_at
    assert left_at is not None
    busy.dev.increase_time(DAY_S)
    assert [r.number for r in listed(busy, start=3)][:2] == [3, 5]
    before = {r.number: r for r in listed(busy, AtTime(Timestamp(left_at - 1)))}
    assert (before[MemberNumber(4)].left_at, before[MemberNumber(4)].cause) == (None, Cause.NONE)
    assert MemberNumber(4) not in {r.number for r in listed(busy, AtTime(Timestamp(left_at)))}
    record = {r.number: r for r in listed(busy, AtTime(Timestamp(left_at)), closed=True)}[
        MemberNumber(4)
    ]
    assert (record.left_at, record.cause) == (left_at, Cause.EXPELLED)
    assert len(listed(busy, closed=True)) == 251
    with pytest.raises(ClosedBefore) as failure:
        close(busy, 4, Cause.DECEASED)
    assert (failure.value.number, failure.value.cause) == (4, Cause.EXPELLED)


def test_entries_made_in_error_are_left_out(busy: Office) -> None:
    """An annulled entry is in no list, not even of the time before, unless it is asked for."""
    block = busy.chain.head()
    close(busy, 4, Cause.ANNULLED)
    for at in (None, AtBlock(block)):
        numbers = [r.number for r in listed(busy, at, closed=True)]
        assert MemberNumber(4) not in numbers
        assert len(numbers) == 250
    then = listed(busy, AtBlock(BlockNumber(block)), annulled=True)
    assert MemberNumber(4) in {r.number for r in then}
    assert len(listed(busy, closed=True, annulled=True)) == 251
    assert len(listed(busy, annulled=True)) == 250


def test_standings_are_those_of_the_moment(busy: Office) -> None:
    """As of an earlier time a member has the standing of that time, open or closed by now."""
    moments = []
    for standing in (Standing.FULL, Standing.ASSOCIATE, Standing.FULL):
        busy.dev.increase_time(60)
        set_standing(busy, 7, standing)
        set_standing(busy, 8, standing)
        moments.append((busy.dev.now(), standing))
    close(busy, 8, Cause.DECEASED)
    for moment, standing in moments:
        found = {r.number: r.standing for r in listed(busy, AtTime(Timestamp(moment)))}
        assert (found[MemberNumber(7)], found[MemberNumber(8)]) == (standing, standing)
        assert found[MemberNumber(9)] is Standing.ASSOCIATE
    before = {r.number: r.standing for r in listed(busy, AtTime(Timestamp(moments[0][0] - 30)))}
    assert set(before.values()) == {Standing.ASSOCIATE}
    # A record that was closed by then keeps the standing that it was closed with.
    busy.dev.increase_time(60)
    closed = {
        r.number: r.standing
        for r in listed(busy, AtTime(Timestamp(busy.dev.now() - 1)), closed=True)
    }
    assert closed[MemberNumber(8)] is Standing.FULL


def test_only_times_that_were_have_members(busy: Office) -> None:
    """A block that is not there, a time before the chain, and one to come are refused."""
    with pytest.raises(BlockUnknown):
        listed(busy, AtBlock(BlockNumber(busy.chain.head() + 1)))
    with pytest.raises(BlockUnknown):
        listed(busy, AtTime(Timestamp(busy.chain.block(BlockNumber(0)).timestamp - 1)))
    with pytest.raises(TimeToCome):
        listed(busy, AtTime(Timestamp(busy.dev.now() + 10 * 365 * DAY_S)))


def test_one_member_by_each_name(busy: Office) -> None:
    """A member is found by number, account and e-mail, with card and other records."""
    joined = busy.events("Joined")[3]
    chain, ledger = busy.chain.chain_id, busy.coop.ledger.address
    by_number = find_member(busy.coop, MemberNumber(4))
    assert by_number.card == joined["ticketId"]
    assert by_number.others == ()
    assert (by_number.link.origin, by_number.link.moved_from) == (4, None)
    email = busy.people.person_of(by_number.record.account, chain, ledger).email
    assert find_member_of(busy.coop, by_number.record.account) == by_number
    assert find_member_by_email(busy.coop, busy.people, email) == by_number


def test_wrong_names_of_a_member_are_named(busy: Office) -> None:
    """A number, an account and an e-mail that belong to no member each fail in their own way."""
    for number in (0, 252):
        with pytest.raises(ContractRefusal) as unknown:
            find_member(busy.coop, MemberNumber(number))
        assert unknown.value.name == "UnknownMember"
    stranger = development_signer(busy.chain, 5).address
    with pytest.raises(NeverAMember) as never:
        find_member_of(busy.coop, stranger)
    assert never.value.account == stranger
    with pytest.raises(EmailUnknown):
        find_member_by_email(busy.coop, busy.people, Email("nobody@example.org"))


def test_who_rejoins_has_both_records(office: Office) -> None:
    """Whoever leaves and joins again has two records; each shows the other."""
    member = development_signer(office.chain, 5)
    ledger = office.coop.ledger
    office.sell_plain({"order": "A"}, {"order": "B", "email": "budi@example.org"})
    numbers = []
    for receipt in ("R1", "R2"):
        sale = CounterSale(
            screening=ScreeningId(1),
            tier="Tiket reguler",
            seat=NO_SEAT,
            receipt=receipt,
            account=member.address,
            consent="form",
        )
        sold = sell(office.coop, office.sender(), office.operator, office.people, sale)
        numbers.append(sold.member)
        if receipt == "R1":
            office.sender(5).send(ledger.call("leave"))
    assert numbers == [3, 4]
    now, before = find_member_of(office.coop, member.address), find_member(office.coop, FIRST)
    assert before.others == ()
    assert now.record.number == 4
    assert [record.number for record in now.others] == [3]
    assert now.others[0].cause is Cause.LEFT
    assert now.link.previous == 3
    earlier = find_member(office.coop, MemberNumber(3))
    assert [record.number for record in earlier.others] == [4]
    assert earlier.card is None
