"""What wallets and marketplaces read of a ticket, and the pictures that they show.

What is public tells nothing of a screening before it has ended (design rule 7), by the chain's own clock.
Neither do the colours of the picture, nor that a screening was cancelled. Which ticket is for which
screening can be read on the chain all the same; here it is not spread.
"""

from typing import Any
from urllib.parse import urljoin

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.register import Record
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import MemberNumber, TicketId
from coopledger.domain.visits import Visit
from coopledger.pictures.card import draw_card
from coopledger.pictures.codes import gate_code
from coopledger.pictures.emblem import draw_emblem
from coopledger.pictures.faces import (
    CardFace,
    TicketFace,
    card_state,
    film_name,
    house_name,
    seat_name,
    ticket_state,
    ticket_title,
)
from coopledger.pictures.language import House, Language, Words, words_of
from coopledger.pictures.ticket import draw_ticket
from coopledger.services.programme.films_and_screenings import showings_of

Attribute = dict[str, str | int]

_HOUSE = House()


def ticket_metadata(
    coop: Cooperative,
    ticket_id: TicketId,
    base_url: str,
    language: Language = Language.ID,
    house: House = _HOUSE,
) -> dict[str, Any]:
    """Return a ticket's ERC-721 metadata, with the attributes as OpenSea's standard has them.

    Args:
        coop: the deployed contracts.
        ticket_id: the ticket.
        base_url: the ledger's base URI; the picture is at ``tickets/<id>/picture.svg`` below it.
        language: of the texts.
        house: the cooperative's name and time zone.

    Raises:
        TokenDoesNotExist: none of that id was issued.
    """
    words = words_of(language)
    face = _public_face(coop, ticket_id)
    picture = f"{_folder(base_url)}tickets/{ticket_id}/picture.svg?language={language}"
    return {
        "name": ticket_title(face, words),
        "description": _description(face, words, house),
        "image": picture,
        "external_url": picture,
        "attributes": [
            {"trait_type": words.state, "value": ticket_state(face, words)},
            *_membership(coop, face.member, words),
            *_visit_attributes(face.visit, words),
        ],
    }


def contract_metadata(
    coop: Cooperative,
    base_url: str,
    language: Language = Language.ID,
    house: House = _HOUSE,
) -> dict[str, Any]:
    """Return the ledger's own metadata (ERC-7572).

    Args:
        coop: the deployed contracts.
        base_url: the ledger's base URI; the picture is at ``contract/picture.svg`` below it.
        language: of the texts.
        house: the cooperative's name.
    """
    words = words_of(language)
    return {
        "name": house.name or coop.ledger.name(),
        "symbol": coop.ledger.symbol(),
        "description": words.contract,
        "image": f"{_folder(base_url)}contract/picture.svg",
        "external_link": urljoin(_folder(base_url), "/"),
    }


def public_ticket_picture(
    coop: Cooperative,
    ticket_id: TicketId,
    language: Language = Language.ID,
    house: House = _HOUSE,
) -> str:
    """Return the picture that anybody may see, as SVG. It is no entry pass: it has no code.

    Raises:
        TokenDoesNotExist: none of that id was issued.
    """
    return draw_ticket(_public_face(coop, ticket_id), language, house)


def holder_ticket_picture(
    coop: Cooperative,
    ticket_id: TicketId,
    language: Language = Language.ID,
    house: House = _HOUSE,
) -> str:
    """Return the holder's own picture, as SVG: all of the ticket, and the code for the gate.

    It shows the ticket as it is now, and is for the holder alone.

    Raises:
        TokenDoesNotExist: none of that id was issued.
    """
    ticket = coop.ledger.ticket(ticket_id)
    face = _face(ticket, _visit_of(coop, ticket), gate_code(ticket_id))
    return draw_ticket(face, language, house)


def card_picture(
    coop: Cooperative,
    number: MemberNumber,
    language: Language = Language.ID,
    house: House = _HOUSE,
) -> str:
    """Return a member's card as SVG. It shows only what the register shows to anybody.

    Raises:
        UnknownMember: there is none of that number.
    """
    return draw_card(_card_face(coop, coop.ledger.member(number)), language, house)


def contract_picture(house: House = _HOUSE) -> str:
    """Return the cooperative's own picture as SVG: a square."""
    return draw_emblem(house)


def _public_face(coop: Cooperative, ticket_id: TicketId) -> TicketFace:
    # The clock is read first: what is read after it can only be newer.
    now = coop.chain.block("latest").timestamp
    ticket = coop.ledger.ticket(ticket_id)
    visit = _visit_of(coop, ticket)
    return _face(ticket, visit if visit.ends_at <= now else None, None)


def _face(ticket: Ticket, visit: Visit | None, code: str | None) -> TicketFace:
    return TicketFace(ticket.ticket_id, ticket.state, ticket.member, visit, code)


def _visit_of(coop: Cooperative, ticket: Ticket) -> Visit:
    """Return what a ticket admits to; of another box office's, what the ledger itself knows."""
    (screening,) = coop.ledger.screenings([ticket.screening])
    showing = next(iter(showings_of(coop, [ticket.screening])), None)
    if showing is None:
        return Visit(ticket.screening, screening.starts_at, screening.ends_at, ticket.seat)
    return Visit(
        ticket.screening,
        screening.starts_at,
        screening.ends_at,
        ticket.seat,
        showing.film,
        showing.venue,
        showing.tiers[ticket.tier].name,
        showing.sale.cancelled,
    )


def _card_face(coop: Cooperative, record: Record) -> CardFace:
    origin = coop.ledger.link_of(record.number).origin
    first = record if origin == record.number else coop.ledger.member(origin)
    return CardFace(record, first.joined_at)


def _description(face: TicketFace, words: Words, house: House) -> str:
    told = [words.ticket_tells.format(cooperative=house_name(words, house))]
    if face.member is not None:
        told.append(words.card_tells.format(number=face.member))
    elif face.state != "void":
        told.append(words.free_tells)
    if face.state == "void":
        told.append(words.void_tells)
    if face.visit is None:
        told.append(words.veiled)
    return " ".join(told)


def _membership(coop: Cooperative, number: MemberNumber | None, words: Words) -> list[Attribute]:
    if number is None:
        return []
    face = _card_face(coop, coop.ledger.member(number))
    return [
        _number(words.member, number),
        {"trait_type": words.membership, "value": card_state(face.record, words)},
        {"trait_type": words.standing, "value": words.standings[face.record.standing]},
        _date(words.since, face.since),
    ]


def _visit_attributes(visit: Visit | None, words: Words) -> list[Attribute]:
    if visit is None:
        return []
    told: list[Attribute] = [{"trait_type": words.film, "value": film_name(visit, words)}]
    if visit.film:
        told.append(_number(words.year, visit.film.year))
        told.append(_number(words.length, visit.film.minutes_long))
    told.append(_date(words.starts, visit.starts_at))
    if visit.venue:
        told.append({"trait_type": words.venue, "value": visit.venue})
    if visit.tier:
        told.append({"trait_type": words.tier, "value": visit.tier})
    told.append({"trait_type": words.seat, "value": seat_name(visit, words)})
    return told


def _number(name: str, value: int) -> Attribute:
    return {"trait_type": name, "value": value, "display_type": "number"}


def _date(name: str, moment: int) -> Attribute:
    """Return a moment, in seconds since 1970 UTC, as marketplaces read one."""
    return {"trait_type": name, "value": moment, "display_type": "date"}


def _folder(base_url: str) -> str:
    return base_url if base_url.endswith("/") else f"{base_url}/"
