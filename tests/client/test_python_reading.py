"""The Python library reads from the views what the index makes of the events and the fast reader of words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from coopledger.api.app import create_app
from coopledger.client import Block, Cooperative
from coopledger.database.dsn import Dsn
from coopledger.domain.register import Cause, Standing
from coopledger.domain.types import Address, BlockNumber, MemberNumber, TicketId
from coopledger.services.authority.powers import role_holders
from coopledger.services.register.bylaws import list_bylaws
from tests.api.indexed import Indexed, settings_with
from tests.client.second_opinion import as_record, as_ticket, as_told, common, in_iso, opened
from tests.index.bad_node import in_front_of
from tests.index.conftest import index_maker
from tests.index.history import make_history
from tests.services.conftest import brought_back

if TYPE_CHECKING:
    from coopledger.services.importing.report import ImportReport
    from tests.services.conftest import Office

TURNING_POINTS = ("Left", "Moved", "StandingSet", "BylawsSet")


@pytest.fixture(scope="module")
def indexed(
    founded_and_sold: tuple[Office, ImportReport],
    database: Dsn,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Indexed]:
    """A cooperative to which everything has happened, an index of it, and the API over that."""
    folder = tmp_path_factory.mktemp("python")
    with brought_back(founded_and_sold[0], folder) as office:
        make_history(office)
        index = index_maker(database)()
        index.follow(office)
        with TestClient(create_app(settings_with(office, index))) as client:
            yield Indexed(client, office, index)


@pytest.fixture(scope="module")
def coop(indexed: Indexed) -> Cooperative:
    """The same cooperative through the library."""
    return opened(indexed.office)


def turning_points(office: Office, coop: Cooperative) -> list[BlockNumber]:
    """Return the blocks in which records were closed, moved or changed, and the ones before."""
    blocks = set()
    for name in TURNING_POINTS:
        for event in coop.ledger.events[name]().get_logs(from_block=0):
            blocks |= {event["blockNumber"], event["blockNumber"] - 1}
    return [BlockNumber(each) for each in sorted(blocks)]


def test_the_register_is_the_index_s_at_each_turn(indexed: Indexed, coop: Cooperative) -> None:
    """At and before each exit, move and change, records, head and count are what the index tells."""
    points = turning_points(indexed.office, coop)
    assert len(points) > 12
    causes = set()
    for at in points:
        path = f"?at={at}&state=all&annulled=true&count=500"
        told = indexed.ask(path)
        # The index takes a block's whole second in and says which block ends it.
        block = coop.block(told["as_of"]["block"])
        assert block.hash.to_0x_hex() == told["as_of"]["block_hash"]
        found = [as_told(each) for each in coop.records(block)]
        assert found == common(indexed.everything(path, "members"))
        counts, head = indexed.ask(f"/counts?at={at}"), coop.head(block)
        assert (head.hash.to_0x_hex(), head.events) == (counts["head"], counts["events"])
        assert len(coop.members(block)) == counts["counts"]["open"]
        causes |= {each["cause"] for each in found}
    assert causes == {None, "left", "expelled", "deceased", "moved", "annulled"}


def test_the_register_is_the_fast_reader_s(indexed: Indexed, coop: Cooperative) -> None:
    """At each turn, every record is what the service reads from the ledger's words at that block."""
    ledger = indexed.office.coop.ledger
    for at in turning_points(indexed.office, coop):
        expected = ledger.members(MemberNumber(1), 500, at)
        assert [as_record(each) for each in coop.records(int(at))] == expected
    assert any(record.standing is Standing.FULL for record in expected)
    assert any(record.cause is Cause.MOVED for record in expected)


def test_a_member_is_found_by_number_and_account(indexed: Indexed, coop: Cooperative) -> None:
    """One record, and an account's membership, are what the whole register says, then and now."""
    before = coop.block(int(turning_points(indexed.office, coop)[4]))
    for block in (before, coop.block()):
        open_now = {each.account: each for each in coop.members(block)}
        for record in coop.records(block):
            if record.left_at is not None or record.number > 250:
                assert coop.member(record.number, block) == record
                assert coop.member_of(record.account, block) == open_now.get(record.account)


def test_a_time_is_the_last_block_not_later(indexed: Indexed, coop: Cooperative) -> None:
    """Whatever the second, the block is the one that the service answers from."""
    for at in turning_points(indexed.office, coop)[4::3]:
        second = coop.block(int(at)).time
        for moment in (second, second + timedelta(seconds=1), second - timedelta(seconds=1)):
            said = indexed.ask(f"/api/v1/members?at={in_iso(moment)}&count=1")["as_of"]
            assert coop.block(moment).hash.to_0x_hex() == said["block_hash"]
    assert coop.block(second + timedelta(microseconds=1)) == coop.block(second)


def test_of_blocks_of_one_second_a_time_means_the_last(indexed: Indexed, coop: Cooperative) -> None:
    """A time takes its whole second in; a block's number means that block."""
    office = indexed.office
    with brought_back(office, office.folder):
        office.dev.increase_time(60)
        first = office.chain.head()
        office.chain.rpc.request("anvil_setBlockTimestampInterval", 0)
        office.dev.mine(2)
        office.chain.rpc.request("anvil_removeBlockTimestampInterval")
        assert [coop.block(first).number, coop.block(coop.block(first).time).number] == [
            first,
            first + 2,
        ]


def holders(indexed: Indexed) -> list[Address]:
    """Return accounts whose tickets moved, were given, handed back, used, voided, or lost a member."""
    office = indexed.office
    by_role = [office.signer(index).address for index in (3, 4, 5)]
    closed = [each.account for each in office.coop.ledger.members(MemberNumber(1), 10)]
    used = {each.owner for each in office.tickets() if each.redeemed or each.void}
    return [*by_role, *closed, *used]


def test_tickets_are_the_fast_reader_s_and_the_index_s(indexed: Indexed, coop: Cooperative) -> None:
    """Who held which ticket in which state, at several moments, three ways."""
    office, kinds = indexed.office, set()
    points = turning_points(office, coop)
    for at in (points[4], points[len(points) // 2], office.chain.head()):
        count = office.coop.ledger.ticket_count(at)
        ids = [TicketId(each) for each in range(1, count + 1)]
        everything = office.coop.ledger.tickets(ids, at)
        for account in holders(indexed):
            found = coop.tickets_of(account, int(at))
            expected = [each for each in everything if each.owner == account]
            assert [as_ticket(each) for each in found] == expected
            kinds |= {"void" for each in found if each.void}
            kinds |= {"used" for each in found if each.redeemed}
            kinds |= {"card" for each in found if each.member}
            member = coop.member_of(account, int(at))
            if member:
                path = f"/members/{member.number}/tickets?at={at}"
                told = indexed.everything(path, "tickets")
                assert [(each["id"], each["member"]) for each in told] == [
                    (each.ticket_id, each.member) for each in found
                ]
    assert kinds == {"void", "used", "card"}


def test_bylaws_and_roles_are_the_service_s(indexed: Indexed, coop: Cooperative) -> None:
    """By-laws and who holds which role are what the service reads from the events."""
    office, told = indexed.office, indexed.ask("/api/v1/cooperative")
    versions = [(each.version, bytes(each.hash)) for each in coop.bylaws()]
    assert versions == [(each.version, each.hash) for each in list_bylaws(office.coop)]
    newest = coop.bylaws()[-1]
    assert told["bylaws"] == {"version": newest.version, "hash": newest.hash.to_0x_hex()}
    founding, recorded, *_ = turning_points(office, coop)
    assert [len(coop.bylaws(int(at))) for at in (founding, recorded)] == [0, 1]
    roles = {(each.role.name, each.account, each.delay.total_seconds()) for each in coop.roles()}
    assert roles == {(each["role"], each["account"], each["delay_s"]) for each in told["roles"]}
    assert len(roles) == len(coop.roles()) > 9


def test_roles_are_as_of_a_block(indexed: Indexed, coop: Cooperative) -> None:
    """While the cooperative was being founded, each block's roles are what the service says."""
    office, seen = indexed.office, set()
    for at in range(office.coop.access.chain.head() + 1)[4:12]:
        found = [(each.role, each.account) for each in coop.roles(at)]
        expected = role_holders(office.coop, BlockNumber(at))
        assert sorted(found) == sorted((each.role, each.account) for each in expected)
        seen.add(len(found))
    assert len(seen) > 1


def test_a_node_with_short_ranges_is_asked_by_halves(indexed: Indexed, coop: Cooperative) -> None:
    """A node that gives events of a few blocks at a time only leads to the same answers."""
    buyer = indexed.office.signer(4).address
    with in_front_of(indexed.office.url) as node:
        node.longest_range = 7
        through = opened(indexed.office, node.url)
        assert through.tickets_of(buyer) == coop.tickets_of(buyer) != []
        assert through.roles() == coop.roles()
        assert max(node.ranges) > 7 >= min(node.ranges)


def test_what_is_asked_of_a_block_is_of_that_block(indexed: Indexed, coop: Cooperative) -> None:
    """A block by number, hash, time or as it was given is the same moment, in UTC."""
    block = coop.block(coop.block(int(turning_points(indexed.office, coop)[3])).time)
    assert isinstance(block, Block)
    assert block.time.tzinfo is UTC
    for at in (block, block.number, block.hash, block.time):
        assert coop.members(at) == coop.members(block)
    assert coop.members(block) != coop.members()
