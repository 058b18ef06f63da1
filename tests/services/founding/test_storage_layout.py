"""What stands in which slot, as auditors read it by storage proof (``docs/storage-layout.md``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from coopledger.chain import artifacts
from coopledger.domain.types import MemberNumber
from coopledger.domain.words import bits, unpack_record

if TYPE_CHECKING:
    from tests.services.conftest import Office

REGISTER_SLOT = (
    int.from_bytes(
        keccak(encode(["uint256"], [int.from_bytes(keccak(text="coopledger.register")) - 1]))
    )
    & ~0xFF
)


def slot(office: Office, place: int) -> int:
    """Return the word that the ledger keeps at a place."""
    ledger = office.coop.ledger.address
    word: str = office.chain.rpc.request("eth_getStorageAt", ledger, hex(place), "latest")
    return int(word, 16)


def test_the_register_stands_where_the_document_says(busy: Office) -> None:
    """Head, counters, records and by-laws are read from their slots as from the contract."""
    ledger = busy.coop.ledger
    assert int.from_bytes(ledger.ask("REGISTER_SLOT")) == REGISTER_SLOT
    assert slot(busy, REGISTER_SLOT).to_bytes(32) == ledger.register_head()
    counters = slot(busy, REGISTER_SLOT + 1)
    assert [bits(counters, start, size) for start, size in ((0, 64), (64, 32), (96, 32))] == [
        ledger.ticket_count(),
        ledger.screening_count(),
        ledger.member_count(),
    ]
    assert [bits(counters, start, size) for start, size in ((128, 32), (160, 32), (192, 64))] == [
        ledger.active_count(),
        ledger.bylaws_version(),
        ledger.event_count(),
    ]
    for number in (MemberNumber(1), MemberNumber(251)):
        place = int.from_bytes(keccak(encode(["uint32", "uint256"], [number, REGISTER_SLOT + 2])))
        assert unpack_record(number, slot(busy, place)) == ledger.member(number)
    bylaws = int.from_bytes(keccak((REGISTER_SLOT + 3).to_bytes(32)))
    assert slot(busy, bylaws).to_bytes(32) == ledger.bylaws_hash(ledger.bylaws_version())


SLOTS = {
    "TicketLedger": "_screenings _baseURI _used _moves",
    "BoxOffice": "_films _sales _tiers _tierCounts _seats venue _used _tills _deposits",
}


@pytest.mark.parametrize("contract", SLOTS)
def test_no_other_slot_has_moved(contract: str) -> None:
    """The compiler lays the other variables out in the order that the document lists."""
    layout = artifacts.load(contract).storage_layout["storage"]
    found = [(entry["label"], int(entry["slot"])) for entry in layout]
    authority = [("_authority", 0), ("_consumingSchedule", 0)]
    own = [(name, place) for place, name in enumerate(SLOTS[contract].split(), start=1)]
    assert found == authority + own
