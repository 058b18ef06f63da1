"""Standing, one by one and by a file, and enrolling by form; behind a delay, too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.domain.register import Cause, Consent, Standing
from coopledger.domain.roles import Role
from coopledger.domain.types import WIB, Attestation, MemberNumber, TicketId, Timestamp
from coopledger.imports.orders.failures import ColumnTwice, MissingColumns, WrongFieldCount
from coopledger.imports.standings import read_standings
from coopledger.services.authority.delays import Scheduled
from coopledger.services.counter.selling import void
from coopledger.services.importing.consents import Consents
from coopledger.services.register.bylaws import NoBylaws
from coopledger.services.register.enrolling import (
    ConsentToCome,
    Enrolled,
    HeldByOffice,
    HolderTwice,
    enrol,
    today,
)
from coopledger.services.register.finding import RecordIsClosed, open_record
from coopledger.services.register.standings import (
    StandingRowsUnusable,
    StandingsReport,
    set_standing,
    set_standings,
)

if TYPE_CHECKING:
    from tests.services.conftest import Office

DOCUMENT = Attestation(b"minutes of July.")
REGISTRAR_DELAY_S = 86_400
ADMIN_INDEX = 8


def sold(office: Office, *names: str, **options: Any) -> None:
    """Sell a ticket to each of these people, who join with it unless said otherwise."""
    rows = [{"order": name, "email": f"{name}@example.org", "secret": name} for name in names]
    office.sell_plain(*rows, **options)


def listed(office: Office, text: str) -> Path:
    """Write a list of standings."""
    path = office.folder / "standings.csv"
    path.write_text(text, encoding="utf-8")
    return path


def apply(office: Office, path: Path, **options: Any) -> StandingsReport:
    """Give a file's members their standings."""
    return set_standings(
        office.coop,
        office.sender(),
        office.operator,
        office.people,
        read_standings(path),
        lambda _done, _total: None,
        **options,
    )


def standing_of(office: Office, number: int) -> Standing:
    """Return a record's standing."""
    return office.coop.ledger.member(MemberNumber(number)).standing


def make_registrar_wait(office: Office) -> None:
    """Take the operator's role REGISTRAR and give it anew, with a delay, by the admin's own delay."""
    access, admin = office.coop.access, office.sender(ADMIN_INDEX)
    calls = [
        access.revoke_call(Role.REGISTRAR, office.operator),
        access.grant_call(Role.REGISTRAR, office.operator, REGISTRAR_DELAY_S),
    ]
    for call in calls:
        admin.send(access.schedule_call(call))
    office.dev.increase_time(7 * 86_400)
    for call in calls:
        admin.send(access.execute_call(call))


def test_a_member_is_made_full(office: Office) -> None:
    """One member's standing changes both ways, with the reference's hash in the event."""
    sold(office, "ani")
    for standing in (Standing.FULL, Standing.ASSOCIATE):
        record = open_record(office.coop, lambda: office.people, "ani@example.org")
        done = set_standing(
            office.coop, office.sender(), office.operator, record, standing, DOCUMENT
        )
        assert done is None
        assert standing_of(office, 1) is standing
        assert office.events("StandingSet")[-1]["document"] == DOCUMENT


def test_what_is_so_already_is_named(office: Office) -> None:
    """A standing that is so already is refused with its name, and nothing is sent."""
    sold(office, "ani")
    record = office.coop.ledger.member(MemberNumber(1))
    before = office.nonce()
    with pytest.raises(ContractRefusal, match="member 1 is already associate"):
        set_standing(
            office.coop, office.sender(), office.operator, record, Standing.ASSOCIATE, DOCUMENT
        )
    assert office.nonce() == before


def test_a_closed_record_gets_no_standing(office: Office) -> None:
    """A closed record is named as closed, by whichever name it is asked for."""
    sold(office, "ani")
    close(office, 1)
    for who in ("1", "ani@example.org", office.coop.ledger.member(MemberNumber(1)).account):
        with pytest.raises(RecordIsClosed, match="member 1 is closed"):
            open_record(office.coop, lambda: office.people, who)


def close(office: Office, number: int) -> None:
    """Close a record as expelled."""
    access = office.coop.access
    call = office.coop.ledger.close_call(MemberNumber(number), Cause.EXPELLED, DOCUMENT)
    office.sender().send(access.schedule_call(call))
    office.dev.increase_time(3 * 86_400)
    office.sender().send(access.execute_call(call))


def test_a_file_in_indonesian(office: Office) -> None:
    """Headers and standings may be Indonesian, the columns in any order, and who of three kinds."""
    sold(office, "ani", "budi", "cici")
    account = office.coop.ledger.member(MemberNumber(3)).account
    path = listed(
        office,
        "Rujukan;Catatan;Kedudukan;Anggota\r\n"
        f"BA 1;;Penuh;2\r\nBA 2;x;penuh;Ani@Example.org\r\nBA 3;;luar biasa;{account}\r\n;;;\r\n",
    )
    report = apply(office, path)
    assert (report.changed, report.unchanged, report.scheduled) == (2, 1, 0)
    assert [standing_of(office, n) for n in (1, 2, 3)] == [
        Standing.FULL,
        Standing.FULL,
        Standing.ASSOCIATE,
    ]
    documents = [event["document"] for event in office.events("StandingSet")]
    assert documents == [office.people.attestation_of(each) for each in ("BA 1", "BA 2")]


def test_a_file_again_sends_nothing(office: Office) -> None:
    """The same file again counts every row as unchanged and sends no transaction."""
    sold(office, "ani", "budi")
    path = listed(office, "who,standing,reference\n1,full,a\nbudi@example.org,full,b\n")
    first = apply(office, path)
    before = office.nonce()
    again = apply(office, path)
    assert (first.changed, again.changed, again.unchanged) == (2, 0, 2)
    assert first.gas > 0
    assert (again.gas, office.nonce()) == (0, before)


def test_an_email_follows_a_move(office: Office) -> None:
    """Whoever moved to a key of their own is still meant by their e-mail, in a file and alone."""
    sold(office, "ani")
    ledger, new = office.coop.ledger, office.signer(5)
    office.sender().send(ledger.propose_move_call(MemberNumber(1), new.address))
    office.dev.increase_time(7 * 86_400)
    office.sender(5).send(ledger.accept_move_call(MemberNumber(1), []))
    path = listed(office, "who,standing,reference\nani@example.org,full,a\n")
    assert apply(office, path).changed == 1
    assert standing_of(office, 2) is Standing.FULL
    record = open_record(office.coop, lambda: office.people, "ani@example.org")
    assert record.number == 2


def test_every_bad_row_is_named(office: Office) -> None:
    """Each bad row is named with line, field and reason, and nothing is sent, unless left out."""
    sold(office, "ani", "budi", "cici", "dedi")
    close(office, 4)
    stranger = office.signer(5).address
    path = listed(
        office,
        "who,standing,reference\n"
        "1,full,ok\n"
        "9,full,x\n"
        f"{stranger},full,x\n"
        "nobody@example.org,full,x\n"
        "no mail@,full,x\n"
        "0x12,full,x\n"
        "4,full,x\n"
        "2,voter,x\n"
        "3,full,\n"
        "ani@example.org,associate,x\n"
        ",full,x\n" + "9" * 5000 + ",full,x\n",
    )
    before = office.nonce()
    with pytest.raises(StandingRowsUnusable) as refused:
        apply(office, path)
    assert office.nonce() == before
    found = {
        problem.place.line: (problem.field, problem.reason) for problem in refused.value.problems
    }
    assert list(found) == list(range(3, 14))
    assert found[3] == ("who", "is not in the register")
    assert found[4] == ("who", "is not in the register")
    assert found[5] == ("who", "belongs to nobody who is known here")
    assert found[6][1].startswith("is no e-mail address: ")
    assert found[7][1].startswith("is neither a number, an e-mail nor an account: ")
    assert found[8] == ("who", "is member 4, whose record is closed (expelled)")
    assert found[9] == (
        "standing",
        "is no standing: write full (penuh) or associate (luar biasa)",
    )
    assert found[10] == ("reference", "is empty")
    assert found[11] == ("who", "is member 1, who stands on line 2 already")
    assert found[12] == ("who", "is empty")
    assert "standings.csv, line 3, who: '9' is not in the register" in str(refused.value)
    report = apply(office, path, skip_bad=True)
    assert (report.changed, len(report.problems)) == (1, 11)
    assert [standing_of(office, n) for n in (1, 2, 3)] == [
        Standing.FULL,
        Standing.ASSOCIATE,
        Standing.ASSOCIATE,
    ]


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("who,standing\n1,full\n", MissingColumns),
        ("standing,who,member,reference\nfull,1,1,x\n", ColumnTwice),
        ("who,standing,reference\n1,full\n", WrongFieldCount),
    ],
)
def test_a_file_that_is_no_list(office: Office, text: str, failure: type[Exception]) -> None:
    """A file without the columns, or with uneven rows, is refused as a whole."""
    with pytest.raises(failure):
        read_standings(listed(office, text))


def test_without_the_role_nothing_is_sent(office: Office) -> None:
    """Somebody who is no registrar changes nothing, by a file either."""
    sold(office, "ani", "budi")
    path = listed(office, "who,standing,reference\n1,full,a\n2,full,b\n")
    with pytest.raises(ContractRefusal, match="does not have the role"):
        set_standings(
            office.coop,
            office.sender(5),
            office.signer(5).address,
            office.people,
            read_standings(path),
            lambda _done, _total: None,
        )
    assert standing_of(office, 1) is Standing.ASSOCIATE


def test_many_at_once(busy: Office) -> None:
    """A list of all 251 members is sent with its progress told, in fixed gas limits."""
    rows = "".join(f"{number},full,BA 7\n" for number in range(1, 252))
    told: list[tuple[int, int]] = []
    report = set_standings(
        busy.coop,
        busy.sender(),
        busy.operator,
        busy.people,
        read_standings(listed(busy, "who,standing,reference\n" + rows)),
        lambda done, total: told.append((done, total)),
    )
    assert report.changed == 251
    assert told == [(done, 251) for done in range(1, 252)]


def test_a_registrar_with_a_delay(office: Office) -> None:
    """Behind a delay the first run schedules, the next waits, and the one after it executes."""
    sold(office, "ani", "budi")
    make_registrar_wait(office)
    path = listed(office, "who,standing,reference\n1,full,a\n2,full,b\n")
    first, again = apply(office, path), apply(office, path)
    assert (first.changed, first.scheduled, again.changed, again.scheduled) == (0, 2, 0, 2)
    assert first.last is not None
    assert again.gas == 0
    assert standing_of(office, 1) is Standing.ASSOCIATE
    office.dev.increase_time(REGISTRAR_DELAY_S)
    done = apply(office, path)
    assert (done.changed, done.scheduled) == (2, 0)
    assert standing_of(office, 2) is Standing.FULL


def test_one_standing_behind_a_delay(office: Office) -> None:
    """One standing behind a delay says when it can be executed, and until when."""
    sold(office, "ani")
    make_registrar_wait(office)
    record = office.coop.ledger.member(MemberNumber(1))
    given = (office.coop, office.sender(), office.operator, record, Standing.FULL, DOCUMENT)
    waits = set_standing(*given)
    assert isinstance(waits, Scheduled)
    assert waits.ready_at == office.dev.now() + REGISTRAR_DELAY_S
    assert waits.expires_at == waits.ready_at + 7 * 86_400
    # The registrar has no guardian of its own, so the admin is the one who can stop it.
    assert waits.guardian is Role.ADMIN
    assert set_standing(*given) == waits
    office.dev.increase_time(REGISTRAR_DELAY_S)
    assert set_standing(*given) is None
    assert standing_of(office, 1) is Standing.FULL


def test_holders_are_enrolled_by_form(office: Office) -> None:
    """The holders of tickets join as attested on the day that the paper says."""
    sold(office, "ani", "budi", consents=Consents())
    day = Timestamp(today(office.coop, WIB) - 86_400)
    tickets = [ticket.ticket_id for ticket in office.tickets()]
    assert office.coop.ledger.member_count() == 0
    outcome = enrol(office.coop, office.sender(), office.operator, tickets, DOCUMENT, day)
    assert [each.number for each in outcome if isinstance(each, Enrolled)] == [1, 2]
    joined = office.events("Joined")
    assert [event["consentedAt"] for event in joined] == [day, day]
    assert [event["attestation"] for event in joined] == [DOCUMENT, DOCUMENT]
    assert office.coop.ledger.member(MemberNumber(1)).consent is Consent.ATTESTED


def test_who_cannot_be_enrolled(office: Office) -> None:
    """A void ticket, a card, a member, one holder twice and a day to come are refused unsent."""
    sold(office, "ani")
    office.sell_plain(
        *({"order": f"ani{i}", "email": "ani@example.org", "secret": f"s{i}"} for i in (1, 2)),
        *({"order": f"eka{i}", "email": "eka@example.org", "secret": f"e{i}"} for i in (1, 2)),
        {"order": "nobody", "email": "", "secret": "n"},
        {"order": "fitri", "email": "fitri@example.org", "secret": "f"},
        consents=Consents(),
    )
    by_owner: dict[str, list[TicketId]] = {}
    for ticket in office.tickets():
        by_owner.setdefault(ticket.owner, []).append(ticket.ticket_id)
    ani = next(tickets for tickets in by_owner.values() if len(tickets) == 3)
    eka = next(tickets for tickets in by_owner.values() if len(tickets) == 2)
    (left,) = by_owner[office.operator]
    gone = max(ticket.ticket_id for ticket in office.tickets())
    void(office.coop, office.sender(), [gone], DOCUMENT)
    before, now = office.nonce(), today(office.coop, WIB)

    def attempt(tickets: list[TicketId], day: Timestamp = now) -> None:
        enrol(office.coop, office.sender(), office.operator, tickets, DOCUMENT, day)

    for tickets, words in (
        ([eka[0], ani[0]], "already the card of member 1"),
        ([eka[0], ani[1]], "is already member 1"),
        ([eka[0], gone], f"ticket {gone} is void"),
        ([TicketId(99)], "no such ticket"),
    ):
        with pytest.raises(ContractRefusal, match=words):
            attempt(tickets)
    with pytest.raises(HolderTwice, match="have the same holder"):
        attempt(eka)
    with pytest.raises(HeldByOffice, match="held by the box office"):
        attempt([left])
    with pytest.raises(ConsentToCome, match="nobody has consented on"):
        attempt(eka[:1], Timestamp(now + 2 * 86_400))
    assert office.nonce() == before


def test_nobody_is_enrolled_without_by_laws(unfounded: Office) -> None:
    """Without by-laws there is nothing to consent to."""
    with pytest.raises(NoBylaws):
        enrol(
            unfounded.coop,
            unfounded.sender(),
            unfounded.operator,
            [TicketId(1)],
            DOCUMENT,
            Timestamp(1),
        )


def test_a_limit_holds_in_the_next_second(busy: Office) -> None:
    """What was estimated in the second of another change goes through after it, too."""
    sender, ledger = busy.sender(), busy.coop.ledger
    for number in (10, 20, 30):
        sender.send(ledger.set_standing_call(MemberNumber(number), Standing.FULL, DOCUMENT))
        call = ledger.set_standing_call(MemberNumber(number + 1), Standing.FULL, DOCUMENT)
        limit = sender.estimate(call)
        busy.dev.increase_time(60)
        assert sender.send(replace(call, gas=limit)).succeeded
