"""What the index answers of the register is what the chain says, as of any moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from coopledger.chain.wire.moments import pin
from coopledger.database.dsn import Dsn
from coopledger.domain.moments import AtBlock
from coopledger.domain.register import Cause, Record
from coopledger.domain.types import BlockNumber, MemberNumber, TicketId
from coopledger.services.register.finding import list_members
from coopledger.settings import Settings
from tests.api.conftest import settings_of
from tests.api.indexed import Indexed, settings_with
from tests.api.test_answers import read, seconds, told
from tests.databases import drop_database
from tests.index.conftest import Index, new_index

if TYPE_CHECKING:
    from tests.services.conftest import Office

__all__ = ["new_index"]

PROBLEM = "application/problem+json"
ROUTES = (
    *("", "/counts", "/changes?from=0", "/joins?from=0", "/exits?from=0", "/growth"),
    *("/members/4", "/members/4/tickets", "/screenings/1/tickets"),
    *(".csv", ".json", ".xlsx", ".pdf"),
)


def by_chain(office: Office, block: int) -> list[Record]:
    """Return all records as of a block as the chain tells them, open and closed."""
    when = pin(office.chain, AtBlock(BlockNumber(block)))
    return list(list_members(office.coop, when, MemberNumber(1), closed=True, annulled=True))


def moments(office: Office) -> list[int]:
    """Return blocks of different times of the story."""
    newest = office.chain.head()
    return [newest, newest - 8, newest - 25, newest // 2, 3]


def test_lists_are_the_chain_s(indexed: Indexed) -> None:
    """As of any block, page by page, each state lists the records that the chain lists."""
    for at in moments(indexed.office):
        expected = by_chain(indexed.office, at)
        for state, wanted in (
            ("all", expected),
            ("open", [record for record in expected if record.left_at is None]),
            ("closed", [record for record in expected if record.left_at is not None]),
        ):
            path = f"?at={at}&state={state}&annulled=true&count=97"
            found = indexed.everything(path, "members")
            assert [read(member) for member in found] == [told(record) for record in wanted]
        left_out = indexed.everything(f"?at={at}&state=all", "members")
        kept = [record for record in expected if record.cause is not Cause.ANNULLED]
        assert [member["number"] for member in left_out] == [record.number for record in kept]


def test_filters_leave_out_what_they_say(indexed: Indexed) -> None:
    """Standing, consent and the time of joining, alone and together."""
    newest = indexed.office.chain.head()
    expected = by_chain(indexed.office, newest)
    times = sorted({record.joined_at for record in expected})
    middle = times[len(times) // 2]
    time = datetime.fromtimestamp(middle, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    filters: dict[str, Callable[[Record], bool]] = {
        "standing=full": lambda record: record.standing.name == "FULL",
        "standing=associate": lambda record: record.standing.name == "ASSOCIATE",
        "consent=purchased": lambda record: record.consent.name == "PURCHASED",
        "consent=signed": lambda record: record.consent.name == "SIGNED",
        f"joined_from={time}": lambda record: record.joined_at >= middle,
        f"joined_to={time}": lambda record: record.joined_at < middle,
        f"consent=attested&joined_from={time}": lambda record: (
            record.consent.name == "ATTESTED" and record.joined_at >= middle
        ),
    }
    for query, belongs in filters.items():
        found = indexed.everything(f"?state=all&annulled=true&at={newest}&{query}", "members")
        wanted = [told(record) for record in expected if belongs(record)]
        assert wanted, query
        assert [read(member) for member in found] == wanted


def test_pages_are_of_one_register(indexed: Indexed) -> None:
    """Without a moment, the pages stay as of the first one's, though members come and go meanwhile."""
    whole = indexed.everything("?count=500&state=all", "members")
    first = indexed.ask("?count=100&state=all")
    indexed.office.dev.increase_time(60)
    indexed.office.sell_plain({"order": "L", "email": "late@example.org"})
    indexed.follow()
    rest = indexed.everything(first["next"], "members")
    assert [*first["members"], *rest] == whole
    assert len({member["number"] for member in whole}) == len(whole)


def test_counts_and_changes_are_the_chain_s(indexed: Indexed) -> None:
    """Opening + joins - exits = closing, and each term is what the chain's own lists give."""
    later, *earlier = moments(indexed.office)
    after = by_chain(indexed.office, later)
    counts = indexed.ask(f"/counts?at={later}")
    opened = [record for record in after if record.left_at is None]
    assert counts["counts"]["records"] == len(after)
    assert counts["counts"]["open"] == len(opened)
    for name in ("signed", "purchased", "attested"):
        assert counts["counts"][name] == sum(r.consent.name.lower() == name for r in opened)
    ledger = indexed.office.coop.ledger
    assert counts["head"] == f"0x{ledger.register_head().hex()}"
    assert counts["events"] == ledger.event_count()
    for since in earlier:
        before = by_chain(indexed.office, since)
        said = indexed.ask(f"/changes?from={since}&to={later}")
        assert said["opening"] == sum(record.left_at is None for record in before)
        assert said["closing"] == len(opened)
        assert said["opening"] + said["joins"] - said["exits"] == said["closing"]
        path = f"?from={since}&to={later}&annulled=true&count=3"
        joins = indexed.everything(f"/joins{path}", "members")
        assert [read(member) for member in joins] == [told(r) for r in after[len(before) :]]
        gone = {r.number for r in before if r.left_at is not None}
        closed = [told(r) for r in after if r.left_at is not None and r.number not in gone]
        exits = indexed.everything(f"/exits{path}", "exits")
        assert sorted(read(each["member"]) for each in exits) == closed
        assert [each["ordinal"] for each in exits] == sorted(each["ordinal"] for each in exits)
        assert (said["joins"], said["exits"]) == (len(joins), len(exits))
        by_cause = [each["member"]["cause"] for each in exits]
        assert said["annulled"] == by_cause.count("annulled")
        assert said["moved_in"] == said["moved_out"] == by_cause.count("moved")


def test_growth_goes_on_from_page_to_page(indexed: Indexed) -> None:
    """The days follow one another without gap and end with the open members of the moment."""
    newest = indexed.office.chain.head()
    days = indexed.everything(f"/growth?at={newest}&count=2", "days")
    assert days == indexed.ask(f"/growth?at={newest}")["days"]
    dates = [datetime.fromisoformat(each["day"]) for each in days]
    assert all((later - day).days == 1 for day, later in pairwise(dates))
    records = by_chain(indexed.office, newest)
    assert sum(each["joins"] for each in days) == len(records)
    assert days[-1]["open"] == sum(record.left_at is None for record in records)
    third = indexed.ask(f"/growth?at={newest}&from={days[2]['day']}&count=1")
    assert third["days"] == days[2:3]


def test_a_history_has_every_transaction(indexed: Indexed) -> None:
    """Each event of a member, also of the tickets, is a log of the transaction that it names."""
    office = indexed.office
    newest = office.chain.head()
    kinds = set()
    for number in (4, 6, 7, 8, *range(office.coop.ledger.member_count() - 4, 256)):
        said = indexed.ask(f"/members/{number}?at={newest}")
        on_chain = indexed.ask(f"/api/v1/members/{number}")
        assert read(said["member"]) == read(on_chain["member"])
        events = [each for each in said["history"] if not each["kind"].startswith("ticket")]
        names = set(on_chain["history"][0])
        assert [{n: each[n] for n in names} for each in events] == on_chain["history"]
        for each in said["history"]:
            sent = office.chain.rpc.request("eth_getTransactionReceipt", each["transaction"])
            assert int(sent["blockNumber"], 16) == each["block"]
            assert sent["from"] == each["sender"].lower()
            assert each["log_index"] in {int(log["logIndex"], 16) for log in sent["logs"]}
            if each["ticket"] is not None:
                assert "issued" not in each["kind"] or each["amount"] is None
        kinds |= {each["kind"] for each in said["history"]}
    assert {"joined", "left", "moved here", "moved away", "ticket issued", "ticket given"} <= kinds
    assert indexed.client.get("/api/v1/register/members/4294967295").status_code == 404
    assert indexed.client.get("/api/v1/register/members/4?at=1").status_code == 404


def fully(ticket: dict[str, Any]) -> tuple[object, ...]:
    """Return what the ledger itself knows of a ticket, as the API told it in full."""
    return ticket["id"], ticket["holder"], ticket["screening"], ticket["seat"], ticket["state"]


def test_tickets_by_member_and_by_screening_are_the_chain_s(indexed: Indexed) -> None:
    """All of them, page after page; a screening's only when it has ended."""
    office, newest = indexed.office, indexed.office.chain.head()
    tickets = office.tickets()
    for number in (1, 2, 4, office.coop.ledger.member_count()):
        account = office.coop.ledger.member(MemberNumber(number)).account
        found = indexed.everything(f"/members/{number}/tickets?at={newest}&count=1", "tickets")
        held = [ticket for ticket in tickets if ticket.owner == account]
        assert [(t["id"], t["state"], t["member"], t["locked"]) for t in found] == [
            (t.ticket_id, t.state, t.member, t.locked) for t in held
        ]
        for ticket in found:
            assert ticket["shown_in_full"] or (ticket["screening"], ticket["price"]) == (None, None)
    first = [ticket for ticket in tickets if ticket.screening == 1]
    found = indexed.everything(f"/screenings/1/tickets?at={newest}&count=100", "tickets")
    assert [fully(each) for each in found] == [
        (t.ticket_id, t.owner, 1, t.seat or None, t.state) for t in first
    ]
    early = indexed.client.get(f"/api/v1/register/screenings/3/tickets?at={newest}")
    assert (early.status_code, early.headers["Content-Type"]) == (409, PROBLEM)
    assert early.json()["type"].endswith(":screening-not-over")
    unknown = indexed.client.get("/api/v1/register/screenings/99/tickets")
    assert (unknown.status_code, "screening 99" in unknown.json()["detail"]) == (404, True)
    ends = office.coop.ledger.screenings([tickets[0].screening])[0].ends_at
    before = datetime.fromtimestamp(ends - 1, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = f"/api/v1/register/screenings/1/tickets?at={before}"
    assert indexed.client.get(path).status_code == 409
    after = datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(indexed.ask(f"/screenings/1/tickets?at={after}")["tickets"]) == 50


def test_a_ticket_s_price_is_told_with_its_seat(indexed: Indexed) -> None:
    """What was paid on the chain for a ticket, and where it admits to, is told when the show is over."""
    office = indexed.office
    number = office.coop.ledger.latest_member_of(office.signer(4).address)
    path = f"/members/{number}/tickets"
    (before,) = indexed.ask(path)["tickets"]
    hidden = (before["screening"], before["seat"], before["price"])
    assert (before["paid_on_chain"], *hidden) == (True, None, None, None)
    ticket = office.coop.ledger.ticket(TicketId(before["id"]))
    office.dev.set_time(office.coop.ledger.screenings([ticket.screening])[0].ends_at)
    indexed.follow()
    (after,) = indexed.ask(path)["tickets"]
    shown = (after["screening"], after["seat"], after["price"])
    assert shown == (ticket.screening, ticket.seat, "20000")


@pytest.mark.parametrize("path", [each for each in ROUTES if not each.startswith(".")])
def test_what_is_final_stays_unchanged(indexed: Indexed, path: str) -> None:
    """A final answer names its block, and keeps ETag and body when the chain goes on."""
    newest = indexed.office.chain.head()
    name = "to" if "from=" in path else "at"
    sign = "&" if "?" in path else "?"
    asked = f"/api/v1/register{path}{sign}{name}={newest}"
    go_on(indexed)
    first = indexed.client.get(asked)
    block = indexed.office.chain.block(BlockNumber(newest))
    said = first.json()["as_of"]
    assert (said["block"], said["block_hash"]) == (newest, f"0x{block.hash.hex()}")
    assert (seconds(said["time"]), said["final"]) == (block.timestamp, True)
    assert seconds(said["time"]) == seconds(said["local_time"])
    assert first.headers["Coopledger-Block"] == f"{newest} 0x{block.hash.hex()}"
    etag, by_default = (
        answer.headers["ETag"] for answer in (first, indexed.client.get(f"/api/v1/register{path}"))
    )
    go_on(indexed)
    again = indexed.client.get(asked, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert indexed.client.get(asked).content == first.content
    moved = indexed.client.get(f"/api/v1/register{path}", headers={"If-None-Match": by_default})
    head = indexed.office.chain.head()
    assert (moved.status_code, moved.json()["as_of"]["block"]) == (200, head)


def go_on(indexed: Indexed) -> None:
    """Let the chain go on by two blocks of later seconds, and the index follow."""
    indexed.office.dev.increase_time(60)
    indexed.office.dev.mine(2)
    indexed.follow()


def test_blocks_of_one_second_are_not_kept_apart(indexed: Indexed) -> None:
    """What may still get more of its second names another block, by another ETag, when it does."""
    rpc = indexed.office.chain.rpc
    newest = indexed.office.chain.head()
    path = f"/api/v1/register/counts?at={newest}"
    first = indexed.client.get(path)
    rpc.request("anvil_setBlockTimestampInterval", 0)
    indexed.office.dev.mine()
    rpc.request("anvil_removeBlockTimestampInterval")
    indexed.follow()
    later = indexed.client.get(path)
    assert first.headers["ETag"] != later.headers["ETag"]
    told, again = (answer.json()["as_of"] for answer in (first, later))
    assert (told["block"], again["block"]) == (newest, newest + 1)
    assert told["time"] == again["time"]
    assert first.json()["counts"] == later.json()["counts"]


def test_what_is_not_final_changes_with_the_index(
    busy: Office, new_index: Callable[[], Index], serve: Callable[[Settings], TestClient]
) -> None:
    """Before it is final an answer says so, and has another ETag once it is."""
    index = new_index()
    index.settings = index.settings.model_copy(update={"index_confirmations": 4})
    for _ in range(5):
        busy.dev.increase_time(12)
    index.follow(busy)
    client = serve(settings_with(busy, index))
    newest = busy.chain.head()
    early = client.get(f"/api/v1/register/counts?at={newest}")
    assert early.json()["as_of"]["final"] is False
    by_default = client.get("/api/v1/register/counts").json()["as_of"]
    assert (by_default["final"], by_default["block"] <= newest - 3) == (True, True)
    busy.dev.increase_time(60)
    busy.dev.mine(5)
    index.follow(busy)
    late = client.get(f"/api/v1/register/counts?at={newest}")
    assert late.json()["as_of"]["final"] is True
    assert late.json()["counts"] == early.json()["counts"]
    assert late.headers["ETag"] != early.headers["ETag"]


@pytest.mark.parametrize("path", ROUTES)
def test_without_an_index_it_is_said(
    busy: Office, serve: Callable[[Settings], TestClient], path: str
) -> None:
    """Where the chain alone is there, what needs the index is a 503 that names it, and no more."""
    client = serve(settings_of(busy, state_folder=busy.folder / "nothing-runs-here"))
    answer = client.get(f"/api/v1/register{path}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, PROBLEM), answer.text
    said = answer.json()
    assert said["type"] == "urn:coopledger:problem:no-index"
    assert "coopledger worker" in said["advice"]
    assert answer.headers["Retry-After"]
    assert "nothing-runs-here" not in answer.text


def test_an_index_that_is_behind_says_how_far_it_is(indexed: Indexed) -> None:
    """A block that it does not know yet is not answered; what it knows is answered meanwhile."""
    known, reached = indexed.ask("/counts"), indexed.office.chain.head()
    indexed.office.dev.increase_time(60)
    indexed.office.dev.mine(2)
    newest = indexed.office.chain.head()
    answer = indexed.client.get(f"/api/v1/register?at={newest}")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:coopledger:problem:not-indexed-yet"
    assert f"is at block {reached} " in answer.json()["detail"]
    assert indexed.ask("/counts") == known


def test_a_database_without_an_index_is_none(
    busy: Office, new_index: Callable[[], Index], serve: Callable[[Settings], TestClient]
) -> None:
    """An index that was never begun, and one that cannot be logged in to, are none."""
    empty = new_index()
    wrong = Index(
        type(empty.dsn)(empty.dsn.text.replace("coopledger:", "nobody:", 1)), busy.settings
    )
    for index in (empty, wrong):
        answer = serve(settings_with(busy, index)).get("/api/v1/register/counts")
        assert (answer.status_code, answer.json()["title"]) == (503, "No index")
        assert "nobody" not in answer.text


def test_an_index_that_goes_away_is_said(indexed: Indexed, database: Dsn) -> None:
    """Where the database is lost while the service runs, it is said, and the chain answers the rest."""
    assert indexed.ask("/counts")
    drop_database(database, indexed.index.dsn)
    for path in ("/counts", ".csv", ".pdf"):
        answer = indexed.client.get(f"/api/v1/register{path}")
        assert (answer.status_code, answer.json()["title"]) == (503, "No index")
    members = indexed.client.get("/api/v1/members?count=1")
    assert members.json()["as_of"]["answered_by"] == "chain"


HOSTILE = (
    *("?state=opened", "?state=", "?standing=FULL", "?standing=none", "?consent=paper"),
    *("?joined_from=20", "?joined_from=2026-12-05", "?joined_to=yesterday", "?joined_to=%00"),
    *("?annulled=1", "?at=now", "?at=2026-12-05T19:00:00", "?names=true", "?with_names=true"),
    *("?start=0", "?count=501", "?state=open&state=all", "?closed=true"),
    *("/changes", "/changes?from=", "/changes?from=x", "/changes?from=1&to=x", "/changes?since=1"),
    *("/joins?to=3", "/exits?from=1&start=-1", "/growth?from=2026-13-01", "/growth?from=20261201"),
    *("/growth?from=2026-W01-1", "/growth?from=0001-01-01", "/growth?from=1e9", "/growth?count=0"),
    *("/growth?from=2026-02-30", "/members/0", "/members/x/tickets", "/screenings/-1/tickets"),
    *("/members/1?start=1", "/members/1/tickets?start=9007199254740992", "/counts?state=all"),
    *(".csv?language=id", ".pdf?language=jv", ".xlsx?count=5", ".json?start=1", ".csv?names=1"),
)


@pytest.mark.parametrize("question", HOSTILE)
def test_a_bad_question_is_refused(client: TestClient, question: str) -> None:
    """What cannot be used gets a 422 that names the parameter, whether there is an index or not."""
    answer = client.get(f"/api/v1/register{question}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, PROBLEM), answer.text
    said = answer.json()
    assert said["advice"]
    path, _, query = question.partition("?")
    blamed = query.rpartition("&")[2].partition("=")[0]
    if path in {"/changes", "/joins"} and "from=" not in query:
        blamed = "from"
    assert blamed in said["detail"] or "number" in said["detail"] or "screening" in said["detail"]


def test_moments_in_the_wrong_order_are_refused(indexed: Indexed) -> None:
    """A stretch that ends before it begins, and a time to come, are named as such."""
    for path in ("changes", "joins", "exits"):
        answer = indexed.client.get(f"/api/v1/register/{path}?from=20&to=10")
        assert (answer.status_code, answer.json()["title"]) == (422, "Wrong order")
    absent = indexed.client.get("/api/v1/register/changes?from=999999")
    assert absent.status_code == 404
    to_come = indexed.client.get("/api/v1/register?at=2400-01-01T00:00:00Z")
    assert (to_come.status_code, to_come.json()["title"]) == (422, "Time to come")
