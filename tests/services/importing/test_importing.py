"""Importing the real export: counts, owners, consents, and that nothing is sold twice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coopledger.domain.orders import Position, PositionKey, PositionStatus
from coopledger.domain.register import Cause, Consent
from coopledger.domain.types import (
    NO_ATTESTATION,
    WIB,
    Attestation,
    Gas,
    MemberNumber,
    to_timestamp,
)
from coopledger.imports.orders.files import ImportedFile, read_positions
from coopledger.services.authority.delays import Scheduled
from coopledger.services.importing.consents import ConsentRule, Consents, NoSuchQuestion
from coopledger.services.importing.report import RowsUnusable
from coopledger.services.register.closing import close_membership

if TYPE_CHECKING:
    from coopledger.services.importing.report import ImportReport
    from tests.services.conftest import Office

ROOT = Path(__file__).parents[3]
INDONESIAN = ROOT / "examples" / "kinarya-positions.csv"
ENGLISH = ROOT / "tests" / "imports" / "data" / "kinarya-positions.en.csv"
JSONS = tuple(ROOT / "examples" / f"{name}-orders.json" for name in ("turah", "siti", "ziarah"))
SMALL = Gas(1_500_000)
PAPER = Attestation(b"a signed sheet..")


def paid_positions(file: ImportedFile) -> dict[PositionKey, Position]:
    """Return the paid positions of a file by their keys."""
    return {p.key: p for p in file.positions if p.status is PositionStatus.PAID}


def test_the_whole_set_is_sold_once(founded_and_sold: tuple[Office, ImportReport]) -> None:
    """The example set gives 749 tickets of 340 orders and 251 members, and says what it skips."""
    office, report = founded_and_sold
    assert (report.orders, report.tickets, report.joined) == (340, 749, 251)
    assert report.skipped == {"pending": 50, "cancelled": 48, "expired": 20}
    assert (report.problems, report.to_collect, report.withdrawn) == ((), (), ())
    ledger = office.coop.ledger
    counts = (ledger.ticket_count(), ledger.member_count(), ledger.active_count())
    assert counts == (749, 251, 251)
    by_screening = Counter(ticket.screening for ticket in office.tickets())
    assert by_screening == {1: 236, 2: 281, 3: 232}
    tiers = Counter(ticket.tier for ticket in office.tickets())
    assert tiers == {0: 477, 1: 272}


def test_the_same_orders_in_other_clothes_sell_nothing(busy: Office) -> None:
    """The English CSV and the JSON of orders that were imported before sell nothing again."""
    nonce = busy.nonce()
    for files in ((INDONESIAN,), (ENGLISH,), JSONS, (ENGLISH, *JSONS)):
        report = busy.sell(*files)
        assert (report.orders, report.tickets, report.joined, report.gas) == (0, 0, 0, 0)
        skipped = {"issued before": 749, "pending": 50, "cancelled": 48, "expired": 20}
        assert report.skipped == skipped
    assert busy.nonce() == nonce
    assert busy.coop.ledger.ticket_count() == 749


def test_each_ticket_belongs_to_its_holder(busy: Office) -> None:
    """Each ticket is in the hands of its holder's derived account, and its reference is keyed."""
    positions = paid_positions(read_positions(INDONESIAN))
    keyed = {
        busy.people.order_reference(key.source, key.order, key.position): position
        for key, position in positions.items()
    }
    sold = busy.sold()
    assert [each.ticket_id for each in sold] == list(range(1, 750))
    assert {each.reference for each in sold} == set(keyed)
    tickets = busy.tickets()
    chain, ledger = busy.chain.chain_id, busy.coop.ledger.address
    for each in sold:
        position, ticket = keyed[each.reference], tickets[each.ticket_id - 1]
        assert position.holder_email is not None
        assert ticket.owner == busy.people.account_of(position.holder_email, chain, ledger)
        assert (
            ticket.screening
            == each.screening
            == 1
            + [
                "turah",
                "siti",
                "ziarah",
            ].index(position.event)
        )
        assert ticket.tier == ["Tiket reguler", "Tiket pelajar"].index(position.product)
        assert not ticket.paid_on_chain


def test_buyers_consent_is_dated_and_attested(busy: Office) -> None:
    """Who joins as a buyer is recorded as attested, with the attestation and the order's date."""
    keyed = {
        busy.people.order_reference(key.source, key.order, key.position): position
        for key, position in paid_positions(read_positions(INDONESIAN)).items()
    }
    by_ticket = {each.ticket_id: keyed[each.reference] for each in busy.sold()}
    joined = busy.events("Joined")
    assert [event["number"] for event in joined] == list(range(1, 252))
    for event in joined:
        position = by_ticket[event["ticketId"]]
        assert position.held_by_buyer
        assert position.ordered_at is not None
        assert event["consentedAt"] == to_timestamp(position.ordered_at)
        assert (event["consent"], event["bylaws"]) == (Consent.ATTESTED, 1)
        assert event["attestation"] == b"the sixteen byte"
    buyers = {p.holder_email for p in by_ticket.values() if p.held_by_buyer}
    assert len(buyers) == 251


def test_nothing_personal_is_on_the_chain(busy: Office) -> None:
    """No order code, e-mail, name or ticket secret is in any calldata or log of the chain."""
    public = bytearray()
    for number in range(busy.chain.head() + 1):
        block = busy.chain.rpc.request("eth_getBlockByNumber", hex(number), True)
        for transaction in block["transactions"]:
            public += bytes.fromhex(transaction["input"][2:])
    for log in busy.chain.rpc.request("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"}):
        public += bytes.fromhex(log["data"][2:]) + b"".join(
            bytes.fromhex(topic[2:]) for topic in log["topics"]
        )
    assert len(public) > 100_000
    assert b"Gedung Kesenian Tegal" in public  # what is public is found in this way
    haystack = bytes(public).lower()
    for position in read_positions(INDONESIAN).positions:
        code = position.key.order.lower().encode()
        # Five letters alone may turn up by chance; texts on the chain end in a zero byte.
        private = [code + b"\0", b"\0" + code, str(position.key).lower().encode()]
        for text in (position.buyer_email, position.attendee_email, position.secret):
            private += [text.lower().encode()] if text else []
        private += [position.buyer_name.lower().encode()] if len(position.buyer_name) > 5 else []
        assert not [text for text in private if text in haystack]


def test_without_consent_nobody_joins(office: Office) -> None:
    """With the rule ``none`` tickets are sold and nobody joins, also without any by-laws."""
    report = office.sell(JSONS[0], consents=Consents())
    assert (report.tickets, report.joined) == (236, 0)
    assert office.coop.ledger.member_count() == 0


def test_holders_join_with_the_attestation(office: Office) -> None:
    """With the rule ``holders`` every holder joins, once, on the paper that is named."""
    report = office.sell(JSONS[0], consents=Consents(ConsentRule.HOLDERS, "", PAPER))
    assert (report.tickets, report.joined) == (236, 170)
    joined = office.events("Joined")
    assert {event["attestation"] for event in joined} == {bytes(PAPER)}
    assert {event["consent"] for event in joined} == {Consent.ATTESTED}
    assert len({event["account"] for event in joined}) == 170


def test_a_column_says_who_joins(office: Office) -> None:
    """With the rule ``column`` those join whose row says yes, be they buyers or not."""
    rows = [
        {"order": "A", "Setuju: ikut?": "ya"},
        {"order": "B", "email": "budi@example.org", "Setuju: ikut?": "tidak"},
        {"order": "C", "attendee_email": "cici@example.org", "Setuju: ikut?": "Yes"},
        {"order": "D", "email": "dedi@example.org"},
    ]
    consents = Consents(ConsentRule.COLUMN, "Setuju: ikut?", PAPER)
    report = office.sell_plain(*rows, consents=consents)
    assert (report.tickets, report.joined) == (4, 2)
    chain, ledger = office.chain.chain_id, office.coop.ledger.address
    members = [
        office.coop.ledger.member_of(office.people.account_of(p.holder_email, chain, ledger))
        for p in read_positions(office.plain(*rows)).positions
        if p.holder_email
    ]
    assert members == [1, None, 2, None]


def test_a_column_must_be_there(office: Office) -> None:
    """A column of consents that no file has stops the import and names those that there are."""
    with pytest.raises(NoSuchQuestion) as failure:
        office.sell_plain({"order": "A"}, consents=Consents(ConsentRule.COLUMN, "Mau", PAPER))
    assert failure.value.questions == ("Setuju: ikut?",)


def test_who_is_a_member_does_not_join_again(office: Office) -> None:
    """Whoever joined by an earlier import gets further tickets without joining a second time."""
    first = office.sell_plain({"order": "A"})
    second = office.sell_plain(
        {"order": "B"}, {"order": "C", "email": "budi@example.org"}, {"order": "D"}
    )
    assert (first.joined, second.joined, second.tickets) == (1, 1, 3)
    cards = [ticket.member for ticket in office.tickets()]
    assert cards == [1, None, 2, None]


def test_an_old_consent_brings_nobody_back(office: Office) -> None:
    """Whoever was expelled joins again by a consent given since, not by one from before."""
    office.sell_plain({"order": "A"})
    assert _close(office) == 1
    later = office.dev.now()
    old = office.sell_plain({"order": "B"})
    assert (old.tickets, old.joined, old.outdated) == (1, 0, ("B-1",))
    ended = office.coop.ledger.member(MemberNumber(1)).left_at
    assert ended is not None
    office.dev.increase_time(3_600)
    moment = datetime.fromtimestamp(ended, WIB).isoformat()
    then = office.sell_plain({"order": "D", "ordered_at": moment})
    assert (then.tickets, then.joined, then.outdated) == (1, 0, ("D-1",))
    moment = datetime.fromtimestamp(later + 60, WIB).isoformat()
    new = office.sell_plain({"order": "C", "ordered_at": moment})
    assert (new.tickets, new.joined, new.outdated) == (1, 1, ())


def test_a_batch_takes_no_more_than_it_was_planned_to(office: Office) -> None:
    """Newcomers, members, guests, who joins again, and distant seats: each batch leaves its reserve."""
    several = range(12)

    def leaves_its_reserve() -> None:
        rpc, sale = office.chain.rpc, office.sales()[-1]
        limit = int(rpc.request("eth_getTransactionByHash", sale)["gas"], 16)
        used = int(rpc.request("eth_getTransactionReceipt", sale)["gasUsed"], 16)
        assert used <= limit * 0.95

    people = [{"order": f"P{i}", "email": f"p{i}@example.org"} for i in several]
    seats = [{"order": f"S{i}", "event": "hall", "seat": str(i + 2)} for i in range(8)]
    guests = [{"order": f"G{i}", "email": f"g{i}@example.org"} for i in several]
    assert office.sell_plain(*people).joined == 12
    leaves_its_reserve()
    office.sell_plain(*({**each, "position": "2"} for each in people))
    leaves_its_reserve()
    office.sell_plain(*guests, consents=Consents())
    leaves_its_reserve()
    office.sell_plain(*({**each, "email": f"{each['order']}@example.org"} for each in seats))
    leaves_its_reserve()
    for number in several:
        _close(office, number + 1)
    later = datetime.fromtimestamp(office.dev.now() + 60, WIB).isoformat()
    office.dev.increase_time(3_600)
    again = [{**each, "order": f"{each['order']}X", "ordered_at": later} for each in people]
    assert office.sell_plain(*again).joined == 12
    leaves_its_reserve()


def _close(office: Office, member: int = 1) -> int:
    """Expel a member, the first one unless said otherwise; return how many records are closed."""
    number = MemberNumber(member)
    given = (office.coop, office.sender(), office.operator, number, Cause.EXPELLED, PAPER)
    scheduled = close_membership(*given)
    assert isinstance(scheduled, Scheduled)
    office.dev.set_time(scheduled.ready_at)
    close_membership(*given)
    return office.coop.ledger.member_count() - office.coop.ledger.active_count()


def test_nobody_s_tickets_wait_at_the_box_office(office: Office) -> None:
    """A paid position without any address goes to the office, never joins, and is listed."""
    report = office.sell_plain(
        {"order": "A", "email": ""},
        {"order": "B"},
        consents=Consents(ConsentRule.HOLDERS, "", PAPER),
    )
    assert report.to_collect == (("A-1", 1),)
    assert (report.tickets, report.joined) == (2, 1)
    assert office.coop.ledger.ticket(report.to_collect[0][1]).owner == office.operator
    assert office.coop.ledger.member_of(office.operator) is None


def test_what_is_no_ticket_is_not_issued(office: Office) -> None:
    """A paid product that the map calls no ticket is counted as such and not issued."""
    report = office.sell_plain({"order": "A", "product": "Popcorn"}, {"order": "B"})
    assert report.tickets == 1
    assert report.skipped == {"no ticket": 1}


def test_small_transactions_give_the_same_result(office: Office) -> None:
    """Under a small gas cap the import takes more batches, each within it, to the same end."""
    snapshot = office.dev.snapshot()
    large = office.sell(JSONS[0])
    large_batches = len(office.sales())
    expected = [(t.owner, t.screening, t.tier, t.member) for t in office.tickets()]
    office.dev.revert(snapshot)

    office.settings = office.settings.model_copy(update={"transaction_gas_cap": SMALL})
    small = office.sell(JSONS[0])
    sales = office.sales()
    assert len(sales) > 3 * large_batches
    assert [(t.owner, t.screening, t.tier, t.member) for t in office.tickets()] == expected
    assert (small.tickets, small.joined) == (large.tickets, large.joined)
    for hash_ in sales:
        transaction = office.chain.rpc.request("eth_getTransactionByHash", hash_)
        assert int(transaction["gas"], 16) <= SMALL


def test_a_dry_run_sends_nothing(office: Office) -> None:
    """A dry run says what would be sold, and sends no transaction."""
    nonce = office.nonce()
    report = office.sell(INDONESIAN, dry_run=True)
    assert (report.orders, report.tickets) == (340, 749)
    assert (office.nonce(), office.coop.ledger.ticket_count()) == (nonce, 0)


def test_no_attestation_means_no_membership(office: Office) -> None:
    """An import that joins people without naming any paper is refused by the ledger."""
    with pytest.raises(Exception, match="paper") as failure:
        office.sell_plain({"order": "A"}, consents=Consents(ConsentRule.BUYERS, "", NO_ATTESTATION))
    assert type(failure.value).__name__ == "AttestationMissing"
    assert office.coop.ledger.ticket_count() == 0


def test_consent_is_dated_by_the_order(office: Office) -> None:
    """The day of the consent is the order's, to the second, in the shop's zone."""
    office.sell_plain({"order": "A", "ordered_at": "2026-11-30 08:59"})
    moment = to_timestamp(datetime(2026, 11, 30, 8, 59, tzinfo=WIB))
    assert office.events("Joined")[0]["consentedAt"] == moment


def test_positions_of_two_files_count_once(office: Office) -> None:
    """A position that several files list, in any format, is sold once in one run."""
    report = office.sell(JSONS[0], ENGLISH, INDONESIAN)
    assert (report.tickets, report.orders) == (749, 340)
    assert len({each.reference for each in office.sold()}) == 749


def test_files_that_contradict_each_other_sell_neither(office: Office) -> None:
    """A position that is paid in one file and cancelled in another is a problem, whichever is first."""
    paid = office.plain({"order": "A"}, {"order": "B"})
    cancelled = office.plain({"order": "A", "status": "cancelled"}, {"order": "B"})
    for files in ((paid, cancelled), (cancelled, paid)):
        with pytest.raises(RowsUnusable) as refused:
            office.sell(*files, order_map=office.plain_map())
        [problem] = refused.value.problems
        assert problem.value == "A-1"
        assert problem.reason == f"stands with other contents at {files[0].name}, line 2, too"
    report = office.sell(paid, cancelled, order_map=office.plain_map(), skip_bad=True)
    assert (report.tickets, report.skipped) == (1, {"unusable": 1})


def test_files_that_name_different_holders_sell_to_neither(office: Office) -> None:
    """Whose ticket it is is told alike by every file, or nobody gets it."""
    hers = office.plain({"order": "A", "attendee_email": "ani@example.org"})
    his = office.plain({"order": "A", "attendee_email": "budi@example.org"})
    for files in ((hers, his), (his, hers)):
        with pytest.raises(RowsUnusable, match="stands with other contents"):
            office.sell(*files, order_map=office.plain_map())
    assert office.sold() == []


def test_the_last_seat_of_a_hall_is_sold(office: Office) -> None:
    """Seats are numbered from 1 to the capacity, both included."""
    report = office.sell_plain(
        {"order": "A", "event": "hall", "seat": "1"}, {"order": "B", "event": "hall", "seat": "10"}
    )
    assert (report.tickets, report.problems) == (2, ())
