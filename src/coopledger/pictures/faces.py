"""What a picture shows, and how it is said in words: to screen readers, and in metadata.

A face can only tell what it was given. A ticket's face without a visit knows nothing of the screening, so
neither can its picture.
"""

from dataclasses import dataclass

from coopledger.domain.register import Record
from coopledger.domain.types import NO_SEAT, MemberNumber, TicketId, Timestamp
from coopledger.domain.visits import Visit
from coopledger.pictures.language import House, Words, day_of, time_of


@dataclass(frozen=True)
class TicketFace:
    """What a ticket's picture shows."""

    ticket_id: TicketId
    state: str
    """valid, redeemed or void."""
    member: MemberNumber | None
    visit: Visit | None
    """None where screening and seat are not to be told."""
    code: str | None = None
    """What the gate scans; None for a picture that is no entry pass."""

    @property
    def called_off(self) -> bool:
        """Whether it may be told that the screening does not take place."""
        return self.visit is not None and self.visit.cancelled

    @property
    def admits(self) -> bool:
        """Whether the picture is an entry pass."""
        return self.code is not None and self.state == "valid" and not self.called_off


@dataclass(frozen=True)
class CardFace:
    """What a member's card shows: a record, and since when its holder has been a member."""

    record: Record
    since: Timestamp
    """When the first of its moved records was opened; a new key does not make a new member."""


def house_name(words: Words, house: House) -> str:
    """Return what the cooperative is called."""
    return house.name or words.cooperative


def ticket_title(face: TicketFace, words: Words) -> str:
    """Return what a ticket is called: its film, if that may be told, and its number."""
    numbered = f"{words.ticket} {face.ticket_id}"
    return f"{film_name(face.visit, words)}, {numbered}" if face.visit else numbered


def ticket_state(face: TicketFace, words: Words) -> str:
    """Return a ticket's state, or that its screening was cancelled."""
    if face.called_off and face.state != "void":
        return words.cancelled
    return {"valid": words.valid, "redeemed": words.redeemed, "void": words.void}[face.state]


def film_name(visit: Visit, words: Words) -> str:
    """Return the film's title; where only another box office knows it, the screening's number."""
    return visit.film.title if visit.film else f"{words.screening} {visit.screening}"


def seat_name(visit: Visit, words: Words) -> str:
    """Return the seat as people read it."""
    return words.free_seating if visit.seat == NO_SEAT else str(visit.seat)


def moment_name(moment: Timestamp, words: Words, house: House) -> str:
    """Return a day and time with its zone: 5 Desember 2026, 19.00 WIB."""
    day = day_of(moment, words, house.zone, weekday=False)
    return f"{day}, {time_of(moment, words, house.zone)}"


def tell_ticket(face: TicketFace, words: Words, house: House) -> str:
    """Return the whole ticket in sentences, for those who do not see it."""
    told = [house_name(words, house), f"{words.state}: {ticket_state(face, words)}"]
    if face.visit is None:
        told.append(words.veiled.rstrip("."))
    else:
        visit = face.visit
        told.append(f"{words.starts}: {moment_name(visit.starts_at, words, house)}")
        told.append(f"{words.venue}: {visit.venue or words.unknown_venue}")
        if visit.tier:
            told.append(f"{words.tier}: {visit.tier}")
        told.append(f"{words.seat}: {seat_name(visit, words)}")
    if face.member is not None:
        told.append(f"{words.member} {words.number} {face.member}")
    return ". ".join(told) + "."


def card_title(face: CardFace, words: Words) -> str:
    """Return what a card is called."""
    return f"{words.card} {words.number} {face.record.number}"


def card_state(record: Record, words: Words) -> str:
    """Return a record's state: open, or why it was closed."""
    return words.open if record.left_at is None else words.causes[record.cause]


def tell_card(face: CardFace, words: Words, house: House) -> str:
    """Return the whole card in sentences, for those who do not see it."""
    record = face.record
    told = [
        house_name(words, house),
        f"{words.since}: {moment_name(face.since, words, house)}",
        f"{words.standing}: {words.standings[record.standing]}",
        f"{words.state}: {card_state(record, words)}",
    ]
    if record.left_at is not None:
        told.append(f"{words.until}: {moment_name(record.left_at, words, house)}")
    return ". ".join(told) + "."
