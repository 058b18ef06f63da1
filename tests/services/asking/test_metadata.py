"""What is public of a ticket: nothing of the screening before its end, all of it afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.domain.register import Cause, Standing
from coopledger.domain.types import (
    NO_SEAT,
    Attestation,
    Email,
    MemberNumber,
    ScreeningId,
    SeatNumber,
    TicketId,
    Timestamp,
)
from coopledger.pictures.codes import outline_of
from coopledger.pictures.language import House, Language
from coopledger.services.asking.metadata import (
    card_picture,
    contract_metadata,
    contract_picture,
    holder_ticket_picture,
    public_ticket_picture,
    ticket_metadata,
)
from coopledger.services.counter.door import find_tickets, redeem
from coopledger.services.counter.rescheduling import cancel_screening
from coopledger.services.counter.selling import CounterSale, sell, void
from coopledger.services.register.closing import close_membership

if TYPE_CHECKING:
    from tests.services.conftest import Office

BASE = "https://tiket.example.org/api/v1/metadata/"
KINARYA = House("Kinarya")
DOCUMENT = Attestation(b"a decision of 7.")
HALL, ZIARAH = ScreeningId(4), ScreeningId(3)
"""Two screenings of one evening: Turah with numbered seats, and Ziarah without."""

#: Whatever could give a screening away, in both languages.
TELLING = (
    *(
        "Turah",
        "2016",
        "90 m",
        "Gedung",
        "Tegal",
        "reguler",
        "Kelas",
        "Tier",
        "WIB",
        "19.00",
        "19:00",
    ),
    *("Desember", "December", "Mulai", "Starts", "Kursi", "Free seating", "Bebas", '"date"'),
)


def sold(
    office: Office, screening: ScreeningId, seat: int = NO_SEAT, *, email: str = "", form: str = ""
) -> TicketId:
    """Sell a ticket over the counter; its buyer joins if there is a form."""
    receipt = f"receipt-{office.coop.ledger.ticket_count()}"
    sale = CounterSale(
        screening,
        "Tiket reguler",
        SeatNumber(seat),
        receipt,
        Email(email) if email else None,
        consent=form,
    )
    return sell(office.coop, office.sender(), office.operator, office.people, sale).ticket_id


def set_clock(office: Office, moment: int) -> None:
    """Set the chain's clock, and make a block there."""
    office.dev.set_time(Timestamp(moment))
    office.dev.mine()


def end_of(office: Office, screening: ScreeningId) -> Timestamp:
    """Return when a screening ends."""
    return office.coop.ledger.screenings([screening])[0].ends_at


def told(office: Office, ticket: TicketId, language: Language = Language.EN) -> dict[str, Any]:
    """Return the metadata's attributes by name; no name may come twice."""
    metadata = ticket_metadata(office.coop, ticket, BASE, language, KINARYA)
    names = [each["trait_type"] for each in metadata["attributes"]]
    assert len(set(names)) == len(names)
    return {each["trait_type"]: each["value"] for each in metadata["attributes"]}


def everything_public(office: Office, ticket: TicketId) -> str:
    """Return all that anybody is told of a ticket, in both languages."""
    parts = []
    for language in Language:
        metadata = ticket_metadata(office.coop, ticket, BASE, language, KINARYA)
        parts.append(json.dumps(metadata, ensure_ascii=False))
        picture = public_ticket_picture(office.coop, ticket, language, KINARYA)
        parts.append("\n".join(ElementTree.fromstring(picture).itertext()))  # noqa: S314  ours
    return "\n".join(parts)


def test_nothing_of_the_screening_is_told_before_its_end(office: Office) -> None:
    """Until a second before the end no word of the screening is public; at the end all of it is."""
    ticket = sold(office, HALL, 7)
    end = end_of(office, HALL)
    for moment in (office.dev.now() + 60, end - 1):
        set_clock(office, moment)
        public = everything_public(office, ticket)
        assert "Kinarya" in public
        assert [word for word in TELLING if word in public] == []
        assert told(office, ticket) == {"State": "Valid"}
    set_clock(office, end)
    assert told(office, ticket) == {
        "State": "Valid",
        "Film": "Turah",
        "Year": 2016,
        "Length": 90,
        "Starts": end - 90 * 60,
        "Venue": "Gedung Kesenian Tegal",
        "Tier": "Tiket reguler",
        "Seat": "7",
    }
    picture = public_ticket_picture(office.coop, ticket, Language.EN, KINARYA)
    for word in (">Turah<", ">19:00 WIB<", ">Gedung Kesenian Tegal<", ">Tiket reguler<", ">7<"):
        assert word in picture, word
    assert 'id="code"' not in picture


def test_tickets_for_different_screenings_look_the_same_before(office: Office) -> None:
    """Before the end the pictures of two screenings' tickets differ in their numbers alone."""
    tickets = (sold(office, HALL, 7), sold(office, ZIARAH))

    def shown() -> set[str]:
        """Return the pictures without the numbers, and so how many there are."""
        return {
            public_ticket_picture(office.coop, ticket, Language.ID, KINARYA)
            .replace(f">{ticket}<", "><")
            .replace(f">Tiket {ticket}<", "><")
            for ticket in tickets
        }

    assert len(shown()) == 1
    set_clock(office, end_of(office, HALL))
    assert len(shown()) == 2


def test_a_cancelled_screening_gives_nothing_away_before_its_end(office: Office) -> None:
    """That a ticket's screening was cancelled would name it; it is told when it would have ended."""
    ticket = sold(office, HALL, 7)
    before = everything_public(office, ticket)
    cancel_screening(office.coop, office.sender(), office.operator, HALL)
    assert everything_public(office, ticket) == before
    holders = holder_ticket_picture(office.coop, ticket, Language.EN, KINARYA)
    assert "SCREENING CANCELLED" in holders
    assert 'id="code"' not in holders
    set_clock(office, end_of(office, HALL))
    assert told(office, ticket)["State"] == "Screening cancelled"
    assert "CANCELLED" in public_ticket_picture(office.coop, ticket, Language.EN, KINARYA)


def test_the_metadata_is_what_wallets_read(office: Office) -> None:
    """A card's metadata has the fields and display types of ERC-721 and OpenSea, as JSON."""
    ticket = sold(office, HALL, 7, email="ani@example.org", form="Formulir 1")
    joined = office.coop.ledger.member(MemberNumber(1)).joined_at
    metadata = ticket_metadata(office.coop, ticket, BASE, Language.EN, KINARYA)
    picture = f"{BASE}tickets/{ticket}/picture.svg?language=en"
    assert metadata == {
        "name": f"Ticket {ticket}",
        "description": (
            "A film ticket of Kinarya. It is the card of member 1 and cannot be transferred. "
            "Film, time, venue and seat are shown here once the screening has ended."
        ),
        "image": picture,
        "external_url": picture,
        "attributes": [
            {"trait_type": "State", "value": "Valid"},
            {"trait_type": "Member", "value": 1, "display_type": "number"},
            {"trait_type": "Membership", "value": "Active"},
            {"trait_type": "Standing", "value": "Associate member"},
            {"trait_type": "Member since", "value": joined, "display_type": "date"},
        ],
    }
    set_clock(office, end_of(office, HALL))
    after = ticket_metadata(office.coop, ticket, BASE.rstrip("/"), Language.ID, KINARYA)
    assert after["name"] == f"Turah, Tiket {ticket}"
    assert after["image"] == f"{BASE}tickets/{ticket}/picture.svg?language=id"
    dates = [a["trait_type"] for a in after["attributes"] if a.get("display_type") == "date"]
    assert dates == ["Anggota sejak", "Mulai"]
    assert "tampil" not in after["description"]


def test_both_languages_tell_as_much(office: Office) -> None:
    """Indonesian and English metadata have as many attributes, with other names."""
    ticket = sold(office, HALL, 7, email="ani@example.org", form="Formulir 1")
    set_clock(office, end_of(office, HALL))
    one, other = (told(office, ticket, language) for language in Language)
    assert len(one) == len(other) == 12
    assert set(one) & set(other) == {"Film"}


def test_the_contracts_own_metadata(office: Office) -> None:
    """The ledger's metadata (ERC-7572) names the cooperative, and a picture that is drawn."""
    metadata = contract_metadata(office.coop, BASE, Language.EN, KINARYA)
    assert metadata == {
        "name": "Kinarya",
        "symbol": "TIKET",
        "description": "Film tickets that double as membership cards of the cooperative.",
        "image": f"{BASE}contract/picture.svg",
        "external_link": "https://tiket.example.org/",
    }
    assert contract_metadata(office.coop, BASE)["name"] == "Koperasi film tickets"
    assert contract_picture(KINARYA).startswith("<svg ")


def test_the_holders_picture_opens_the_gate(office: Office) -> None:
    """The holder's picture shows all at once, and its code is what the gate takes."""
    ticket = sold(office, HALL, 7)
    picture = holder_ticket_picture(office.coop, ticket, Language.ID, KINARYA)
    assert f'd="{outline_of(str(ticket))[0]}"' in picture
    for word in (">Turah<", ">19.00 WIB<", ">7<", ">BERLAKU<"):
        assert word in picture, word
    assert find_tickets(office.coop, lambda: office.people, [str(ticket)]) == [ticket]


def test_used_and_void_tickets_say_so(busy: Office) -> None:
    """A used and a void ticket are shown as such at once, and their holders' pictures have no code."""
    void(busy.coop, busy.sender(), [TicketId(2)], DOCUMENT)
    set_clock(busy, busy.coop.ledger.screenings([ScreeningId(1)])[0].starts_at)
    redeem(busy.coop, busy.sender(), [TicketId(1)])
    assert told(busy, TicketId(1))["State"] == "Used"
    assert told(busy, TicketId(2))["State"] == "Void"
    for ticket, state in ((TicketId(1), "SUDAH DIPAKAI"), (TicketId(2), "BATAL")):
        assert state in public_ticket_picture(busy.coop, ticket)
        holders = holder_ticket_picture(busy.coop, ticket)
        assert state in holders
        assert 'id="code"' not in holders


def test_another_box_offices_ticket(office: Office) -> None:
    """Of a former box office's ticket the ledger's own facts are told: number, time and seat."""
    ticket = sold(office, HALL, 7)
    successor = BoxOfficeContract(office.chain, office.coop.lens)
    coop = replace(office.coop, box_office=successor)
    assert "Turah" not in holder_ticket_picture(coop, ticket)
    assert "Penayangan 4" in holder_ticket_picture(coop, ticket)
    set_clock(office, end_of(office, HALL))
    metadata = ticket_metadata(coop, ticket, BASE, Language.EN)
    assert [(each["trait_type"], each["value"]) for each in metadata["attributes"]] == [
        ("State", "Valid"),
        ("Film", "Screening 4"),
        ("Starts", end_of(office, HALL) - 90 * 60),
        ("Seat", "7"),
    ]


def test_a_card_shows_the_registers_state(office: Office) -> None:
    """The card follows the register: standing, then closed with its cause and day."""
    ticket = sold(office, HALL, 7, email="ani@example.org", form="Formulir 1")
    number = MemberNumber(1)
    assert "Anggota luar biasa" in card_picture(office.coop, number)
    call = office.coop.ledger.set_standing_call(number, Standing.FULL, DOCUMENT)
    office.sender().send(call)
    card = card_picture(office.coop, number, Language.ID, KINARYA)
    for word in (">AKTIF<", ">1<", ">Anggota penuh<", ">30 November 2026, 09."):
        assert word in card, word
    decision = (office.operator, number, Cause.ANNULLED, DOCUMENT)
    scheduled = close_membership(office.coop, office.sender(), *decision)
    set_clock(office, scheduled.ready_at)  # type: ignore[union-attr]  # the first call schedules
    close_membership(office.coop, office.sender(), *decision)
    assert ">DIBATALKAN<" in card_picture(office.coop, number)
    assert "Member" not in told(office, ticket)


def test_a_new_key_does_not_make_a_new_member(office: Office) -> None:
    """After a move the new record's card says since when the person has been a member."""
    sold(office, HALL, 7, email="ani@example.org", form="Formulir 1")
    old = office.coop.ledger.member(MemberNumber(1))
    heir = office.signer(5)
    office.sender().send(office.coop.ledger.call("proposeMove", 1, heir.address))
    set_clock(office, office.dev.now() + 8 * 86_400)
    office.sender(5).send(office.coop.ledger.call("acceptMove", 1, []))
    moved = office.coop.ledger.member(MemberNumber(2))
    assert moved.joined_at > old.joined_at
    card = card_picture(office.coop, MemberNumber(2), Language.ID, KINARYA)
    assert ">30 November 2026, 09." in card
    assert ">PINDAH AKUN<" in card_picture(office.coop, MemberNumber(1), Language.ID, KINARYA)


def test_what_does_not_exist_is_refused(office: Office) -> None:
    """There is no picture and no metadata of a ticket or member that does not exist."""
    for ask in (public_ticket_picture, holder_ticket_picture):
        with pytest.raises(ContractRefusal) as missing:
            ask(office.coop, TicketId(99))
        assert missing.value.name == "TokenDoesNotExist"
    with pytest.raises(ContractRefusal):
        ticket_metadata(office.coop, TicketId(99), BASE)
    with pytest.raises(ContractRefusal):
        card_picture(office.coop, MemberNumber(99))
