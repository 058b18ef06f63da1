"""Positions that were sold and are no longer: cancelled in the shop, or gone from their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.sending.sender import Sender
from coopledger.domain.types import Attestation, ScreeningId, TicketId
from coopledger.services.counter.door import redeem
from coopledger.services.counter.selling import void

if TYPE_CHECKING:
    from tests.services.conftest import Office

DOCUMENT = Attestation(b"a cancellation..")
MONDAY_S_FILE = [
    {"order": "A", "position": "1"},
    {"order": "A", "position": "2", "attendee_email": "budi@example.org"},
    {"order": "A", "position": "7"},
    {"order": "B", "position": "1", "email": "cici@example.org"},
    {"order": "C", "position": "1", "email": "dedi@example.org"},
]
TUESDAY_S_FILE = [
    {"order": "A", "position": "1"},
    {"order": "A", "position": "2", "status": "cancelled"},
    {"order": "B", "position": "1", "status": "cancelled"},
]
"""Position 7 of order A is gone; order C is not in the file, so nothing can be said of it."""


def withdrawn_of(office: Office) -> dict[str, str]:
    """Import Tuesday's file; return what is no longer sold and why."""
    report = office.sell_plain(*TUESDAY_S_FILE)
    assert report.tickets == 0
    return {str(each.key): each.reason for each in report.withdrawn}


def test_what_is_no_longer_sold_is_listed(office: Office) -> None:
    """A later import lists tickets whose positions are cancelled or gone, and voids none itself."""
    office.sell_plain(*MONDAY_S_FILE)
    assert withdrawn_of(office) == {"A-2": "cancelled", "B-1": "cancelled", "A-7": "gone"}
    assert [ticket.void for ticket in office.tickets()] == [False] * 5


def test_voided_tickets_are_not_listed_and_not_sold_again(office: Office) -> None:
    """Once void, a withdrawn ticket is not listed again, and a paid row never sells it again."""
    office.sell_plain(*MONDAY_S_FILE)
    assert void(office.coop, office.sender(), [TicketId(2), TicketId(3)], DOCUMENT) == 2
    assert withdrawn_of(office) == {"B-1": "cancelled"}
    report = office.sell_plain(*MONDAY_S_FILE)
    assert (report.tickets, report.skipped) == (0, {"issued before": 5})
    assert office.coop.ledger.ticket_count() == 5


def test_a_voided_place_is_free_again(office: Office) -> None:
    """The seat of a voided ticket can be sold to somebody else."""
    office.sell_plain({"order": "A", "event": "hall", "seat": "7"})
    void(office.coop, office.sender(), [TicketId(1)], DOCUMENT)
    report = office.sell_plain({"order": "B", "event": "hall", "seat": "7"})
    assert report.tickets == 1
    assert office.coop.box_office.sale(ScreeningId(4)).sold == 1


def test_a_used_ticket_says_so_and_cannot_be_voided(office: Office) -> None:
    """A withdrawn ticket whose bearer was let in is listed as used, and voiding it is refused."""
    office.sell_plain(*MONDAY_S_FILE)
    screening = office.coop.ledger.screenings([ScreeningId(1)])[0]
    office.dev.set_time(screening.starts_at)
    redeem(office.coop, office.sender(), [TicketId(2)])
    assert withdrawn_of(office) == {"A-2": "cancelled, but used", "B-1": "cancelled", "A-7": "gone"}
    with pytest.raises(ContractRefusal) as failure:
        void(office.coop, office.sender(), [TicketId(2)], DOCUMENT)
    assert failure.value.name == "TicketUsed"


def test_a_cancelled_membership_stays(office: Office) -> None:
    """Voiding the ticket by which somebody joined leaves them a member (rule 5)."""
    office.sell_plain(*MONDAY_S_FILE)
    before = office.coop.ledger.active_count()
    void(office.coop, office.sender(), [TicketId(4)], DOCUMENT)
    ticket = office.coop.ledger.ticket(TicketId(4))
    assert (ticket.void, ticket.member) == (True, 2)
    assert office.coop.ledger.active_count() == before


def test_more_tickets_than_fit_into_one_transaction_are_voided(office: Office) -> None:
    """A whole screening's tickets are voided, in as many transactions as the gas cap asks for."""
    office.sell_plain(*({"order": f"A{number}"} for number in range(12)))
    ids = [TicketId(number + 1) for number in range(12)]
    small = office.settings.model_copy(update={"transaction_gas_cap": 170_000})
    sender = Sender(office.chain, office.signer(), small)
    first = sender.next_nonce()
    assert void(office.coop, sender, [*ids, *ids], DOCUMENT) == 12
    assert all(ticket.void for ticket in office.tickets())
    assert sender.next_nonce() - first == 4


def test_nothing_is_said_of_a_screening_that_is_in_another_export(office: Office) -> None:
    """An order whose positions come in one file an event is not gone from the other event."""
    office.sell_plain({"order": "A", "position": "1"})
    report = office.sell_plain({"order": "A", "position": "2", "event": "hall", "seat": "7"})
    assert (report.tickets, report.withdrawn) == (1, ())


def test_a_position_that_is_paid_again_is_named(office: Office) -> None:
    """A paid position whose ticket was voided gets no second one by itself, and is said to have none."""
    office.sell_plain(*MONDAY_S_FILE)
    void(office.coop, office.sender(), [TicketId(2)], DOCUMENT)
    report = office.sell_plain(*MONDAY_S_FILE)
    assert report.paid_but_void == (("A-2", 2),)
    assert office.sell_plain(*TUESDAY_S_FILE).paid_but_void == ()
