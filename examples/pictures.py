"""Draws the ticket and the card that the README shows: ticket 237 and member 90 of its story.

Accounts differ from run to run of the story, so one of them stands for all.
"""

from datetime import datetime
from pathlib import Path

from eth_utils.address import to_checksum_address

from coopledger.domain.register import Cause, Consent, Record, Standing
from coopledger.domain.screenings import Film
from coopledger.domain.types import (
    NO_SEAT,
    WIB,
    MemberNumber,
    ScreeningId,
    TicketId,
    Timestamp,
    to_timestamp,
)
from coopledger.domain.visits import Visit
from coopledger.pictures.card import draw_card
from coopledger.pictures.codes import gate_code
from coopledger.pictures.faces import CardFace, TicketFace
from coopledger.pictures.language import House, Language
from coopledger.pictures.ticket import draw_ticket

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"

KINARYA = House("Kinarya")
TICKET, MEMBER = TicketId(237), MemberNumber(90)
ACCOUNT = to_checksum_address("0x139f6f2caec72230ea1918e0d13d0ecf4cc6a1ea")
JOINED = to_timestamp(datetime(2026, 11, 30, 9, 0, tzinfo=WIB))
STARTS = to_timestamp(datetime(2026, 12, 5, 19, 0, tzinfo=WIB))


def pictures() -> dict[str, str]:
    """Return each picture by its file's name."""
    evening = Visit(
        ScreeningId(1),
        STARTS,
        Timestamp(STARTS + 83 * 60),
        NO_SEAT,
        Film("Turah", 2016, 83),
        "Gedung Kesenian Tegal",
        "Tiket reguler",
    )
    ticket = TicketFace(TICKET, "valid", MEMBER, evening, gate_code(TICKET))
    record = Record(MEMBER, ACCOUNT, JOINED, None, Standing.ASSOCIATE, Consent.ATTESTED, Cause.NONE)
    return {
        "ticket.svg": draw_ticket(ticket, Language.ID, KINARYA),
        "card.svg": draw_card(CardFace(record, JOINED), Language.EN, KINARYA),
    }


def main() -> None:
    """Write the pictures into ``docs/pictures``."""
    FOLDER.mkdir(exist_ok=True)
    for name, picture in pictures().items():
        (FOLDER / name).write_text(picture, encoding="utf-8")
        print(f"docs/pictures/{name}")


if __name__ == "__main__":
    main()
