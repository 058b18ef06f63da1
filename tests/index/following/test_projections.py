"""What stands in the index is what the chain says, of each record, ticket and screening."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import pytest

from coopledger.database.engine import engine_of
from coopledger.domain import events
from coopledger.domain.moves import MoveKind
from coopledger.domain.register import Cause, Standing, genesis_head, next_head
from coopledger.domain.types import MemberNumber, OrderReference, ScreeningId, TierIndex, Timestamp
from coopledger.index import schema
from coopledger.index.following import store
from coopledger.index.following.gathering import Range, gather
from coopledger.index.following.known import KnownState
from coopledger.index.following.projections import HANDLERS, project
from coopledger.index.following.ranges import RangeSize
from coopledger.index.following.store import OtherOrigin
from coopledger.index.kinds import TicketEventKind
from tests.index.history import make_history

if TYPE_CHECKING:
    from tests.index.conftest import Index
    from tests.services.conftest import Office


def address(account: str | None) -> bytes | None:
    """Return an account as the tables hold it."""
    return None if account is None else bytes.fromhex(account[2:])


def test_every_event_has_a_handler() -> None:
    """No kind of event is without a place in the index."""
    assert HANDLERS.keys() == set(get_args(events.LedgerEvent)) | set(get_args(events.OfficeEvent))


def test_the_register_is_the_ledger_s(busy: Office, index: Index) -> None:
    """Each record, its links, its card and the hash chain are what the ledger says."""
    make_history(busy)
    index.follow(busy)
    ledger = busy.coop.ledger
    records = ledger.members(MemberNumber(1), 500)
    found = index.rows(
        "SELECT number, account, joined_at, left_at, standing, consent, cause, previous, moved_from,"
        " origin FROM index.record ORDER BY number"
    )
    assert len(found) == len(records) == ledger.member_count() == 255
    for row, record in zip(found, records, strict=True):
        link = ledger.link_of(record.number)
        assert row == (
            *(record.number, address(record.account), record.joined_at, record.left_at),
            *(record.standing, record.consent, record.cause),
            *(link.previous, link.moved_from, link.origin),
        )
    head = index.rows("SELECT sequence, head FROM index.register_event ORDER BY 1 DESC LIMIT 1")
    assert head == [(ledger.event_count(), ledger.register_head())]
    exits = index.rows("SELECT time FROM index.exit ORDER BY ordinal")
    assert exits == [(ledger.ask("exitAt", i),) for i in range(len(exits))]
    for account, number in index.rows("SELECT account, max(number) FROM index.record GROUP BY 1"):
        assert ledger.ask("latestMemberOf", "0x" + account.hex()) == number
    moved = "SELECT standing, consent, bylaws, consented_at, attestation FROM index.record"
    old = index.rows(f"{moved} WHERE number = 8")
    assert old == index.rows(f"{moved} WHERE moved_from = 8")
    assert old[0][0] == Standing.FULL


def test_tickets_and_screenings_are_the_ledger_s(busy: Office, index: Index) -> None:
    """Each ticket's word and each screening is what the ledger and the box office say."""
    make_history(busy)
    index.follow(busy)
    ledger, box_office = busy.coop.ledger, busy.coop.box_office
    found = index.rows(
        "SELECT id, owner, screening, seat, tier, member, redeemed, void, non_transferable,"
        " paid_on_chain FROM index.ticket ORDER BY id"
    )
    assert found == [
        (
            *(t.ticket_id, address(t.owner), t.screening, t.seat, t.tier, t.member),
            *(t.redeemed, t.void, t.non_transferable, t.paid_on_chain),
        )
        for t in busy.tickets()
    ]
    assert Counter(row[7] for row in found) == {True: 3, False: len(found) - 3}
    sold = index.rows("SELECT id, reference FROM index.ticket WHERE reference IS NOT NULL")
    assert sorted(sold) == [(each.ticket_id, each.reference) for each in busy.sold()]
    bought = index.rows("SELECT seat, price, buyer FROM index.ticket WHERE paid_on_chain")
    buyer = address(busy.signer(3).address)
    assert sorted(bought) == [(seat, 20_000, buyer) for seat in (1, 2, 3, 4)]
    for each in ledger.screenings([ScreeningId(n) for n in range(1, 7)]):
        sale = box_office.sale(each.screening_id)
        put_off = sale.refundable_until if each.screening_id == 3 else None
        (row,) = index.rows(
            "SELECT starts_at, ends_at, film, venue, cancelled, refundable_until, issuer"
            " FROM index.screening WHERE id = :id",
            id=each.screening_id,
        )
        venue = box_office.venue(each.screening_id)
        assert row == (
            *(each.starts_at, each.ends_at, sale.film, venue, sale.cancelled, put_off),
            address(each.issuer),
        )
    for tier in box_office.tiers(ScreeningId(1)):
        named = index.rows(
            "SELECT price, deposit FROM index.tier WHERE name = :name", name=tier.name
        )
        assert set(named) == {(tier.price, tier.deposit)}
    assert TierIndex(1) in {row[0] for row in index.rows("SELECT tier FROM index.tier")}


def test_each_event_names_who_sent_it_where(busy: Office, index: Index) -> None:
    """Each row of an event leads to its block and to the sender of its transaction."""
    make_history(busy)
    index.follow(busy)
    dump = index.dump()
    senders = {row[0]: row[1] for row in dump["transaction"]}
    holding = {row[0] for row in dump["block"] if row[-1]}
    for table in ("register_event", "ticket_event", "screening_event", "move_event", "ticket"):
        columns = list(schema.metadata.tables[f"index.{table}"].columns.keys())
        for row in dump[table]:
            facts = dict(zip(columns, row, strict=True))
            assert senders[facts["transaction"]] == facts["block"]
            assert facts["block"] in holding
    leavers = index.rows(
        "SELECT t.sender FROM index.register_event e JOIN index.transaction t"
        " ON t.hash = e.transaction WHERE e.kind = 2 AND get_byte(e.argument, 31) = 1"
    )
    assert leavers == [(address(busy.signer(each).address),) for each in (3, 5)]


def open_at(rows: list[tuple[Any, ...]], moment: Timestamp) -> list[tuple[Any, ...]]:
    """Return the records that were open at a time, by the plain rule."""
    return [row for row in rows if row[0] <= moment and (row[1] is None or moment < row[1])]


def test_the_tally_counts_as_the_events_do(busy: Office, index: Index) -> None:
    """At every moment the running totals are what a plain count gives, and the ledger's own."""
    make_history(busy)
    busy.dev.mine()
    index.follow(busy)
    rows = index.rows("SELECT joined_at, left_at, consent, cause, number FROM index.record")
    changes = index.rows(
        "SELECT number, time, standing FROM index.standing_change ORDER BY sequence"
    )
    moments = sorted({t for row in rows for t in row[:2] if t} | {c[1] for c in changes})
    newest = busy.chain.block("latest").timestamp
    for moment in sorted({m + d for m in moments for d in (-1, 0, 1) if m + d < newest}):
        (tally,) = index.rows(
            "SELECT opened, closed, moved, annulled, open_associate, open_full, open_signed,"
            " open_purchased, open_attested FROM index.tally WHERE time <= :moment"
            " ORDER BY time DESC, block DESC LIMIT 1",
            moment=moment,
        ) or [(0,) * 9]
        were_open = open_at(rows, Timestamp(moment))
        standings = {number: standing for number, time, standing in changes if time <= moment}
        full = sum(standings.get(row[4], 1) == Standing.FULL for row in were_open)
        closed = [row for row in rows if row[1] is not None and row[1] <= moment]
        causes = Counter(row[3] for row in closed)
        consents = Counter(row[2] for row in were_open)
        assert tally == (
            *(sum(row[0] <= moment for row in rows), len(closed)),
            *(causes[Cause.MOVED], causes[Cause.ANNULLED], len(were_open) - full, full),
            *(consents[1], consents[2], consents[3]),
        )
        ledger_says = busy.coop.ledger.ask("votersAt", moment)
        assert full == ledger_says


def test_however_the_blocks_are_cut(busy: Office, new_index: Callable[[], Index]) -> None:
    """Read block by block, in pieces, or at once: the dump is the same."""
    make_history(busy)
    dumps = []
    for blocks in (1, 7, 1_000):
        index = new_index()
        with index.sync(busy) as sync:
            sync.size = RangeSize(blocks=blocks, most=blocks)
            while not sync.step().caught_up:
                pass
        dumps.append(index.dump())
    assert dumps[0] == dumps[1] == dumps[2]


def test_the_state_is_what_the_facts_give(busy: Office, index: Index) -> None:
    """Computing every row of state again changes nothing."""
    make_history(busy)
    index.follow(busy)
    before = index.dump()
    engine = engine_of(index.dsn)
    with engine.begin() as connection:
        keys = [[row[0] for row in before[table]] for table in ("record", "ticket", "screening")]
        store.refresh(connection, *keys)
    engine.dispose()
    assert index.dump() == before


def test_another_ledger_is_refused(office: Office, unfounded: Office, index: Index) -> None:
    """An index that was made for one ledger takes nothing of another, nor of another chain."""
    index.follow(office)
    before = index.dump()
    with pytest.raises(OtherOrigin) as failure:
        index.follow(unfounded)
    assert office.coop.ledger.address.lower() in str(failure.value)
    assert index.dump() == before


def test_a_text_that_the_database_refuses_is_kept(office: Office, index: Index) -> None:
    """A zero character in a title stops nothing."""
    call = office.coop.box_office.call("addFilm", "Turah\0 2", 2016, 90)
    office.sender().send(call)
    index.follow(office)
    assert ("Turah\ufffd 2",) in index.rows("SELECT title FROM index.film")


def test_a_ticket_keeps_the_reference_that_its_own_sale_gave(office: Office) -> None:
    """What another office says later of tickets that it did not sell changes no reference."""
    office.sell_plain({"order": "A"})
    first, head = office.coop.first_block, office.chain.head()
    batch = gather(
        office.coop,
        Range(first, head, (), frozenset({office.coop.box_office.address}), is_newest=True),
    )
    (sale,) = (each for each in batch.events if isinstance(each, events.Sold))
    later = replace(sale, references=(OrderReference(b"\x07" * 32),))
    known = KnownState(head=genesis_head(office.chain.chain_id, office.coop.ledger.address))
    rows = project(replace(batch, events=[*batch.events, later]), known)
    place = list(schema.ticket.columns.keys()).index("reference")
    assert [row[place] for row in rows.added[schema.ticket]] == [sale.references[0]]


def test_only_what_a_move_takes_along_is_said_to_have_moved(office: Office) -> None:
    """A gift to somebody else within the very transaction of a move is a gift."""
    office.sell_plain({"order": "A"}, {"order": "B", "position": "2"})
    old = office.tickets()[0].owner
    new, friend = office.signer(3).address, office.signer(4).address
    first, head = office.coop.first_block, office.chain.head()
    batch = gather(
        office.coop,
        Range(first, head, (), frozenset({office.coop.box_office.address}), is_newest=True),
    )
    (joined,) = (each for each in batch.events if isinstance(each, events.Joined))
    last = max(each.place.order for each in batch.events)[1]
    here = [replace(joined.place, log_index=last + each) for each in (1, 2, 3)]
    number = MemberNumber(joined.number + 1)
    moved = events.Moved(
        here[0],
        number,
        new,
        joined.number,
        joined.ticket_id,
        MoveKind.DELAYED,
        joined.timestamp,
        b"",
    )
    moved = replace(moved, head=next_head(joined.head, moved.register_event()))
    tickets = [each.ticket_id for each in office.tickets()]
    transfers = [
        events.TicketTransferred(here[1], old, new, tickets[0]),
        events.TicketTransferred(here[2], old, friend, tickets[1]),
    ]
    known = KnownState(head=genesis_head(office.chain.chain_id, office.coop.ledger.address))
    more = replace(batch, events=[*batch.events, moved, *transfers], checkpoint=None)
    rows = project(more, known)
    kind = list(schema.ticket_event.columns.keys()).index("kind")
    kinds = [row[kind] for row in rows.added[schema.ticket_event]]
    assert kinds[-2:] == [TicketEventKind.MOVED, TicketEventKind.GIVEN]
