"""The door: what a code stands for, who is let in, and what a second scan is told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.sending.sender import Sender
from coopledger.domain.tickets import GateRefusal
from coopledger.domain.types import Attestation, ScreeningId, TicketId, Timestamp
from coopledger.imports.orders.files import read_positions
from coopledger.people.desk import People
from coopledger.people.positions import (
    PositionAmbiguous,
    PositionUnknown,
    TicketSecretAmbiguous,
    TicketSecretUnknown,
)
from coopledger.services.counter.batching import StoppedHalfway
from coopledger.services.counter.door import (
    Admission,
    NothingToSee,
    NotIssued,
    TurnedAway,
    find_tickets,
    redeem,
    unredeem,
)
from coopledger.services.counter.rescheduling import cancel_screening
from coopledger.services.counter.selling import void

if TYPE_CHECKING:
    from tests.services.conftest import Office

TURAH = Path(__file__).parents[3] / "examples" / "turah-orders.json"
DOORS_OPEN_S = 1_800


def open_doors(office: Office, screening: int = 1) -> None:
    """Set the clock to half an hour before a screening."""
    starts = office.coop.ledger.screenings([ScreeningId(screening)])[0].starts_at
    office.dev.set_time(Timestamp(starts - DOORS_OPEN_S))


def test_every_code_of_a_ticket_finds_it(busy: Office) -> None:
    """A ticket's id, its QR secret and ORDER-POSITION, in any spelling, lead to the same ticket."""
    sold = {each.reference: each.ticket_id for each in busy.sold()}
    paid = [p for p in read_positions(TURAH).positions if p.status == "paid"][:5]
    for position in paid:
        key = position.key
        wanted = sold[busy.people.order_reference(key.source, key.order, key.position)]
        codes = [str(wanted), f" {wanted} ", position.secret, str(key), str(key).lower()]
        assert find_tickets(busy.coop, lambda: busy.people, codes) == [wanted] * 5


def test_a_ticket_id_needs_no_database(busy: Office) -> None:
    """Whoever types ticket ids can work without the people's database."""

    def people() -> People:
        raise AssertionError("the database was asked")

    assert find_tickets(busy.coop, people, ["7", "749"]) == [7, 749]


def test_unknown_codes_are_named(busy: Office) -> None:
    """A code that nothing was issued for is refused; a secret is not repeated in words."""
    with pytest.raises(TicketSecretUnknown) as scanned:
        find_tickets(busy.coop, lambda: busy.people, ["nosuchsecret"])
    assert "nosuchsecret" not in str(scanned.value)
    with pytest.raises(PositionUnknown, match="ZZZZZ-1"):
        find_tickets(busy.coop, lambda: busy.people, ["ZZZZZ-1"])
    with pytest.raises(ContractRefusal) as missing:
        redeem(busy.coop, busy.sender(), [TicketId(750)])
    assert missing.value.name == "TokenDoesNotExist"


def test_a_secret_may_hold_a_hyphen(office: Office) -> None:
    """A shop whose QR codes have hyphens, as UUIDs have, is served, too."""
    office.sell_plain({"order": "A", "secret": "2b4e-77aa-1c"})
    found = find_tickets(office.coop, lambda: office.people, ["2b4e-77aa-1c", "A-1"])
    assert found == [1, 1]


def test_a_secret_may_be_a_number(office: Office) -> None:
    """A shop whose codes are barcodes of digits alone is served; up to nine digits are an id."""
    secrets = ("8991234567890", "0000000000001")
    rows = ({"order": f"A{number}", "secret": secret} for number, secret in enumerate(secrets))
    office.sell_plain(*rows)
    found = find_tickets(office.coop, lambda: office.people, [*secrets, "000000001"])
    assert found == [1, 2, 1]


def test_a_code_of_several_tickets_is_not_guessed(office: Office) -> None:
    """A secret that sellers gave twice, or that is another ticket's ORDER-POSITION, lets nobody in."""
    office.sell_plain(
        {"order": "A", "secret": "twice"},
        {"order": "B", "secret": "twice"},
        {"order": "C", "secret": "A-1"},
    )
    with pytest.raises(TicketSecretAmbiguous, match="2 tickets"):
        find_tickets(office.coop, lambda: office.people, ["twice"])
    with pytest.raises(PositionAmbiguous):
        find_tickets(office.coop, lambda: office.people, ["A-1"])
    assert find_tickets(office.coop, lambda: office.people, ["B-1", "C-1"]) == [2, 3]


def test_the_unknown_one_of_many_codes_is_told(office: Office) -> None:
    """Which of several codes is unknown is said by its place, for a code is not repeated."""
    office.sell_plain({"order": "A", "secret": "known"})
    with pytest.raises(TicketSecretUnknown, match="code number 2"):
        find_tickets(office.coop, lambda: office.people, ["known", "nosuchsecret", "A-1"])


def test_nobody_is_let_in_where_nothing_is_shown(office: Office) -> None:
    """At a cancelled screening the tickets stay unused, so that they can be voided or refunded."""
    office.sell_plain({"order": "A"})
    cancelled = ScreeningId(office.tickets()[0].screening)
    cancel_screening(office.coop, office.sender(), office.operator, cancelled)
    open_doors(office, cancelled)
    with pytest.raises(NothingToSee, match=f"screening {cancelled} was cancelled"):
        redeem(office.coop, office.sender(), [TicketId(1)])
    assert void(office.coop, office.sender(), [TicketId(1)], Attestation(b"a cancellation..")) == 1


def test_a_position_may_be_known_and_not_issued(office: Office) -> None:
    """A position that was to be sold, and was not on this chain, is told apart from an unknown."""
    snapshot = office.dev.snapshot()
    office.sell_plain({"order": "LOST", "secret": "lostsecret"})
    office.dev.revert(snapshot)
    with pytest.raises(NotIssued, match="LOST-1"):
        find_tickets(office.coop, lambda: office.people, ["LOST-1"])
    with pytest.raises(NotIssued) as scanned:
        find_tickets(office.coop, lambda: office.people, ["lostsecret"])
    assert "lostsecret" not in str(scanned.value)


def test_more_bearers_than_fit_into_one_transaction_are_let_in(busy: Office) -> None:
    """A gate that comes with a whole evening's tickets is served in several transactions."""
    open_doors(busy)
    small = busy.settings.model_copy(update={"transaction_gas_cap": 170_000})
    ids = [TicketId(number) for number in range(1, 21)]
    sender = Sender(busy.chain, busy.signer(), small)
    first = sender.next_nonce()
    assert redeem(busy.coop, sender, [*ids, *ids]) == Admission(tuple(ids), ())
    assert sender.next_nonce() - first == 3


def test_who_is_in_is_told_where_the_others_fail(busy: Office) -> None:
    """Where a later transaction is refused, the tickets of those before it are named."""
    open_doors(busy)
    small = busy.settings.model_copy(update={"transaction_gas_cap": 170_000})
    ids = [TicketId(number) for number in range(1, 9)]
    second = next(t.screening for t in busy.tickets() if t.screening != 1)
    other = next(t.ticket_id for t in busy.tickets() if t.screening == second)
    sender = Sender(busy.chain, busy.signer(), small)
    with pytest.raises(StoppedHalfway, match="tickets were done: 1, 2, 3") as stopped:
        redeem(busy.coop, sender, [*ids, other])
    assert stopped.value.done == tuple(ids)
    assert isinstance(stopped.value.cause, ContractRefusal)
    assert [t.redeemed for t in busy.coop.ledger.tickets([*ids, other])] == [*[True] * 8, False]


def test_each_used_ticket_is_told_by_its_own_use(busy: Office) -> None:
    """Of several tickets that were used before, each is told when it was."""
    open_doors(busy)
    moments = []
    for number in (1, 2):
        redeem(busy.coop, busy.sender(), [TicketId(number)])
        moments.append(busy.dev.now())
        busy.dev.increase_time(60)
    again = redeem(busy.coop, busy.sender(), [TicketId(1), TicketId(2)])
    assert again.admitted == ()
    assert [each.used_at for each in again.turned_away] == moments
    assert {each.used_by for each in again.turned_away} == {busy.operator}


def test_bearers_are_let_in_once(busy: Office) -> None:
    """A ticket lets in once; a second scan says when and by which gate it was used first."""
    open_doors(busy)
    ids = [TicketId(number) for number in (1, 2, 3)]
    assert redeem(busy.coop, busy.sender(), ids) == Admission(tuple(ids), ())
    used_at = busy.dev.now()
    busy.dev.increase_time(600)
    again = redeem(busy.coop, busy.sender(), [TicketId(2), TicketId(4)])
    assert again == Admission(
        (TicketId(4),),
        (TurnedAway(TicketId(2), GateRefusal.ALREADY_REDEEMED, used_at, busy.operator),),
    )


def test_a_void_ticket_is_turned_away(busy: Office) -> None:
    """A void ticket lets nobody in, and the others of the queue go through."""
    void(busy.coop, busy.sender(), [TicketId(2)], Attestation(b"a cancellation.."))
    open_doors(busy)
    done = redeem(busy.coop, busy.sender(), [TicketId(1), TicketId(2)])
    assert done == Admission((TicketId(1),), (TurnedAway(TicketId(2), GateRefusal.VOID),))


def test_another_evening_s_ticket_is_turned_away(busy: Office) -> None:
    """At the door of one screening a ticket for another is turned away and stays good."""
    other = next(ticket for ticket in busy.tickets() if ticket.screening == 2)
    open_doors(busy)
    done = redeem(busy.coop, busy.sender(), [other.ticket_id], ScreeningId(1))
    assert done.turned_away == (TurnedAway(other.ticket_id, GateRefusal.NOT_OF_THIS_SCREENING),)
    assert not busy.coop.ledger.ticket(other.ticket_id).redeemed


@pytest.mark.parametrize("shift_s", [-13 * 3600, 14 * 3600], ids=["too early", "too late"])
def test_the_gate_has_hours(busy: Office, shift_s: int) -> None:
    """Half a day before the start the gate is closed, and half a day after the end again."""
    starts = busy.coop.ledger.screenings([ScreeningId(1)])[0].starts_at
    busy.dev.set_time(Timestamp(starts + shift_s))
    with pytest.raises(ContractRefusal) as failure:
        redeem(busy.coop, busy.sender(), [TicketId(1)])
    assert failure.value.name == "OutsideGateHours"
    assert failure.value.arguments["screening"] == 1
    assert not busy.coop.ledger.ticket(TicketId(1)).redeemed


def test_only_the_gate_lets_in(busy: Office) -> None:
    """A clerk without the role GATE cannot let anybody in."""
    open_doors(busy)
    with pytest.raises(ContractRefusal) as failure:
        redeem(busy.coop, busy.sender(1), [TicketId(1)])
    assert failure.value.name == "AccessManagedUnauthorized"


def test_a_second_scan_is_told_the_use_that_counts(busy: Office) -> None:
    """After a use was taken back, whoever comes again hears of the later use, not of the first."""
    open_doors(busy)
    ticket = TicketId(1)
    redeem(busy.coop, busy.sender(), [ticket])
    unredeem(busy.coop, busy.sender(), ticket)
    busy.dev.increase_time(600)
    redeem(busy.coop, busy.sender(), [ticket])
    later = busy.chain.block("latest").timestamp
    (turned_away,) = redeem(busy.coop, busy.sender(), [ticket]).turned_away
    assert turned_away.used_at == later


def test_a_redemption_is_taken_back_until_the_end(busy: Office) -> None:
    """What was scanned by mistake lets its bearer in again; after the end nothing is changed."""
    open_doors(busy)
    ticket = TicketId(1)
    with pytest.raises(ContractRefusal) as failure:
        unredeem(busy.coop, busy.sender(), ticket)
    assert failure.value.name == "TicketNotRedeemed"
    redeem(busy.coop, busy.sender(), [ticket])
    assert unredeem(busy.coop, busy.sender(), ticket) == 1
    assert not busy.coop.ledger.ticket(ticket).redeemed
    assert redeem(busy.coop, busy.sender(), [ticket]) == Admission((ticket,), ())
    (screening,) = busy.coop.ledger.screenings([ScreeningId(1)])
    busy.dev.set_time(Timestamp(screening.ends_at + 1))
    with pytest.raises(ContractRefusal) as failure:
        unredeem(busy.coop, busy.sender(), ticket)
    assert failure.value.name == "OutsideGateHours"
    assert busy.coop.ledger.ticket(ticket).redeemed
