"""What the API answers is what the services say, as of the block that the answer names."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from coopledger.chain.development import development_signer
from coopledger.chain.wire.client import BlockUnknown
from coopledger.chain.wire.moments import TimeToCome, pin
from coopledger.domain.moments import AtBlock, AtTime
from coopledger.domain.register import Cause, Record, Standing
from coopledger.domain.roles import Role
from coopledger.domain.types import (
    Attestation,
    BlockNumber,
    MemberNumber,
    TicketId,
    Timestamp,
)
from coopledger.services.asking import from_the_chain
from coopledger.services.authority.powers import role_holders
from coopledger.services.register.finding import find_member, list_members

if TYPE_CHECKING:
    from tests.services.conftest import Office

PAPER = Attestation(b"a decision of 7.")

EVERY_GET = (
    *("/cooperative", "/films", "/films/1", "/screenings", "/screenings/1", "/screenings/4/seats"),
    *("/tickets", "/tickets/1", "/members", "/members?at=20", "/members/1"),
)


def ask(client: TestClient, path: str) -> Any:
    """Return what a route answers; it must answer."""
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(record: Record) -> tuple[object, ...]:
    """Return a record as the API tells it."""
    left = None if record.left_at is None else record.left_at
    cause = record.cause.name.lower() if record.cause else None
    return (
        record.number,
        record.account,
        record.standing.name.lower(),
        record.joined_at,
        left,
        cause,
    )


def read(member: dict[str, Any]) -> tuple[object, ...]:
    """Return what the API told of a record, its times as the chain counts them."""
    joined, left = (member[each] and seconds(member[each]) for each in ("joined", "left"))
    return member["number"], member["account"], member["standing"], joined, left, member["cause"]


def seconds(text: str) -> int:
    """Return an ISO time as seconds since 1970."""
    return int(datetime.fromisoformat(text).timestamp())


def close(office: Office, number: int, cause: Cause) -> None:
    """Close a record: schedule it, wait for its delay, execute it."""
    call = office.coop.ledger.close_call(MemberNumber(number), cause, PAPER)
    sender = office.sender()
    receipt = sender.send(office.coop.access.schedule_call(call))
    event = office.coop.access.events("OperationScheduled", receipt.logs)[0]
    office.dev.set_time(Timestamp(event["schedule"]))
    sender.send(office.coop.access.execute_call(call))


@pytest.mark.parametrize("path", EVERY_GET)
def test_every_answer_says_as_of_which_block(busy: Office, client: TestClient, path: str) -> None:
    """Each answer names its moment in two zones, and the block and hash that it was read at."""
    newest = busy.chain.block("latest")
    said = ask(client, path)["as_of"]
    assert (said["read_at_block"], said["read_at_hash"]) == (
        newest.number,
        f"0x{newest.hash.hex()}",
    )
    block = busy.chain.block(BlockNumber(said["block"]))
    assert said["block_hash"] == f"0x{block.hash.hex()}"
    assert seconds(said["time"]) == seconds(said["local_time"]) == block.timestamp
    assert said["time"].endswith("Z")
    assert (said["local_time"][-6:], said["zone"]) == ("+07:00", "Asia/Jakarta")


def test_a_page_of_members_is_the_services(busy: Office, client: TestClient) -> None:
    """Page after page, by their links, the members are those that the service lists."""
    when = pin(busy.chain, None)
    expected = list(list_members(busy.coop, when, MemberNumber(1), closed=False, annulled=False))
    assert len(expected) == 251
    page = ask(client, "/members?count=50")
    assert [member["number"] for member in page["members"]] == list(range(1, 51))
    pages = [ask(client, "/members?count=40")]
    while pages[-1]["next"]:
        pages.append(client.get(pages[-1]["next"]).json())
    assert [len(page["members"]) for page in pages] == [40] * 6 + [11]
    listed = [member for page in pages for member in page["members"]]
    assert [read(member) for member in listed] == [told(record) for record in expected]


@pytest.mark.parametrize("options", ["", "&closed=true", "&closed=true&annulled=true"])
def test_as_of_any_moment(busy: Office, client: TestClient, options: str) -> None:
    """As of any block and any time, the API lists whom the service lists, as they stood then."""
    busy.dev.increase_time(60)
    full = busy.coop.ledger.set_standing_call(MemberNumber(2), Standing.FULL, PAPER)
    busy.sender().send(full)
    close(busy, 3, Cause.EXPELLED)
    close(busy, 4, Cause.ANNULLED)
    busy.dev.increase_time(60)
    closed, annulled = "closed" in options, "annulled" in options
    for number in range(18, busy.chain.head() + 1):
        moment = busy.chain.block(BlockNumber(number)).timestamp
        local = datetime.fromtimestamp(moment, tz=busy.settings.timezone).isoformat()
        for at, value in (
            (str(number), AtBlock(BlockNumber(number))),
            (local.replace("+", "%2B"), AtTime(Timestamp(moment))),
        ):
            when = pin(busy.chain, value)
            expected = islice(
                list_members(busy.coop, when, MemberNumber(1), closed=closed, annulled=annulled),
                6,
            )
            said = ask(client, f"/members?count=6&at={at}{options}")
            assert [read(member) for member in said["members"]] == [told(r) for r in expected]
            assert (said["as_of"]["block"], seconds(said["as_of"]["time"])) == (
                when.block.number,
                moment,
            )
            if said["next"]:
                following = client.get(said["next"]).json()
                assert (following["as_of"], len(following["members"])) == (said["as_of"], 6)


def test_nothing_is_read_beyond_the_pinned_block(
    busy: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came after the pinned block is not there, neither as a block nor as of a time."""
    newest = pin(busy.chain, None).read
    busy.dev.increase_time(3600)
    with pytest.raises(BlockUnknown):
        pin(busy.chain, AtBlock(BlockNumber(newest.number + 1)), newest)
    hour = AtTime(Timestamp(newest.time + 3600))
    with pytest.raises(TimeToCome):
        pin(busy.chain, hour, newest)
    # By the clock of the day that hour has passed.
    monkeypatch.setattr(time, "time", lambda: newest.time + 3600)
    later = pin(busy.chain, hour, newest)
    assert (later.block, later.read, later.past) == (newest, newest, False)


def test_a_long_stretch_of_closed_records(
    busy: Office, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page looks at a bounded number of records, may be short, and its link goes on from there."""
    for number in (3, 4, 5):
        close(busy, number, Cause.EXPELLED)
    monkeypatch.setattr(from_the_chain, "MOST_LOOKED_AT", 3)
    first = ask(client, "/members?count=2")
    assert [member["number"] for member in first["members"]] == [1, 2]
    assert first["next"].endswith("start=4")
    assert ask(client, "/members?start=4&count=1")["members"][0]["number"] == 6
    none = ask(client, "/members?start=3&count=1")
    assert (none["members"], "start=6&" in none["next"]) == ([], True)
    last = ask(client, "/members?start=250&count=2")
    assert ([m["number"] for m in last["members"]], last["next"]) == ([250, 251], None)
    assert ask(client, "/members?start=252")["members"] == []


def test_a_members_history(busy: Office, client: TestClient) -> None:
    """A record's history has each of its events with block and transaction, and nobody else's."""
    full = busy.coop.ledger.set_standing_call(MemberNumber(4), Standing.FULL, PAPER)
    receipt = busy.sender().send(full)
    close(busy, 4, Cause.EXPELLED)
    found = find_member(busy.coop, MemberNumber(4))
    said = ask(client, "/members/4")
    assert read(said["member"]) == told(found.record)
    history = said["history"]
    assert [event["kind"] for event in history] == ["joined", "standing set", "left"]
    assert history[1]["transaction"] == f"0x{receipt.logs[0].transaction_hash.hex()}"
    assert (history[1]["standing"], history[1]["document"]) == ("full", f"0x{PAPER.hex()}")
    assert (history[2]["cause"], seconds(history[2]["time"])) == ("expelled", found.record.left_at)
    account = said["member"]["account"]
    for spelling in (account, account.lower(), "0x" + account[2:].upper()):
        assert ask(client, f"/accounts/{spelling}/member")["history"] == history


def test_a_move_is_told_on_both_sides(busy: Office, client: TestClient) -> None:
    """A membership that moved is told in the old record's history and in the new one's."""
    own = busy.signer(5)
    busy.sell_plain({"order": "M", "email": "moving@example.org"})
    number = busy.coop.ledger.member_count()
    call = busy.coop.ledger.call("proposeMove", number, own.address)
    busy.sender().send(call)
    busy.dev.increase_time(8 * 86_400)
    busy.sender(5).send(busy.coop.ledger.call("acceptMove", number, []))
    old, new = ask(client, f"/members/{number}"), ask(client, f"/members/{number + 1}")
    assert [e["kind"] for e in old["history"]] == ["joined", "move proposed", "moved away"]
    assert (old["history"][1]["to"], old["history"][2]["to"]) == (own.address, own.address)
    assert old["history"][2]["other_member"] == number + 1
    assert [e["kind"] for e in new["history"]] == ["moved here"]
    assert (new["moved_from"], new["origin"]) == (number, number)
    assert new["history"][0]["other_member"] == number
    assert new["history"][0]["transaction"] == old["history"][2]["transaction"]


def test_the_whole_and_its_roles(busy: Office, client: TestClient) -> None:
    """The cooperative's facts are the contracts' own, and a role that was taken back is gone."""
    said = ask(client, "/cooperative")
    ledger = busy.coop.ledger
    assert said["counts"]["members"] == ledger.member_count() == 251
    assert said["register"] == {
        "head": f"0x{ledger.register_head().hex()}",
        "events": ledger.event_count(),
    }
    held = {(each["role"], each["account"]): each["delay_s"] for each in said["roles"]}
    clerk = busy.signer(1).address
    assert held[("BOX_OFFICE", clerk)] == 0
    assert held[("CLOSING", busy.operator)] == 3 * 86_400
    assert ("MINTER", busy.coop.box_office.address) in held
    deployer = development_signer(busy.chain, 9).address
    assert deployer not in {account for _, account in held}
    renounce = busy.coop.access.call("renounceRole", Role.BOX_OFFICE, clerk)
    busy.sender(1).send(renounce)
    left = {(each["role"], each["account"]) for each in ask(client, "/cooperative")["roles"]}
    assert set(held) - left == {("BOX_OFFICE", clerk)}
    assert {(h.role.name, h.account) for h in role_holders(busy.coop, busy.chain.head())} == left


def test_the_programme(busy: Office, client: TestClient) -> None:
    """Screenings say how they stand and what is left, seat by seat where they are numbered."""
    said = ask(client, "/screenings")["screenings"]
    assert [each["id"] for each in said] == [1, 2, 3, 4, 5, 6]
    assert [each["state"] for each in said] == ["on sale"] * 4 + ["cancelled", "on sale"]
    assert all(each["left"] == each["capacity"] - each["sold"] for each in said)
    assert said[0]["sold"] == 236
    busy.sell_plain({"order": "S", "event": "hall", "seat": "A-1"})
    seats = ask(client, "/screenings/4/seats?count=4")
    assert [seat["taken"] for seat in seats["seats"]] == [True, False, False, False]
    rest = client.get(seats["next"] + "0").json()  # from seat 50 of 10
    assert (rest["seats"], rest["next"]) == ([], None)
    assert ask(client, "/screenings/4")["screening"]["left"] == 9
    assert ask(client, "/screenings/1/seats")["seats"] == []


def test_a_seat_is_not_told_before_the_show_is_over(busy: Office, client: TestClient) -> None:
    """Where a holder will sit, and when, is told when the screening has ended, and not before."""
    busy.sell_plain({"order": "S", "event": "hall", "seat": "A-1"})
    ticket = busy.coop.ledger.ticket(TicketId(busy.coop.ledger.ticket_count()))
    ends = busy.coop.ledger.screenings([ticket.screening])[0].ends_at
    path = f"/tickets/{ticket.ticket_id}"
    hidden = {"shown_in_full": False, "screening": None, "tier": None, "seat": None}
    busy.dev.set_time(Timestamp(ends - 1))
    before = ask(client, path)["ticket"]
    assert hidden.items() <= before.items()
    assert before["holder"] == ticket.owner
    assert hidden.items() <= ask(client, f"/tickets?start={ticket.ticket_id}")["tickets"][0].items()
    busy.dev.set_time(ends)
    shown = ask(client, path)["ticket"]
    assert (shown["shown_in_full"], shown["screening"], shown["seat"]) == (True, 4, 1)
