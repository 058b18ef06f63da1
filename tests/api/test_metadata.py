"""Metadata and pictures over HTTP are those of the service, and a picture can do no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from coopledger.domain.types import MemberNumber, TicketId, Timestamp
from coopledger.pictures.language import Language
from coopledger.services.asking import metadata

if TYPE_CHECKING:
    from tests.services.conftest import Office

BASE = "/api/v1/metadata"
URI = f"http://testserver{BASE}/"


def test_the_token_uri_leads_to_the_metadata(busy: Office, client: TestClient) -> None:
    """With the base URI set to where the API is, the ledger's own addresses lead to the answers."""
    busy.sender().send(busy.coop.ledger.call("setBaseURI", URI))
    ticket_uri = str(busy.coop.ledger.ask("tokenURI", 1))
    answer = client.get(ticket_uri)
    expected: Any = metadata.ticket_metadata(busy.coop, TicketId(1), URI)
    assert (answer.status_code, answer.json()) == (200, expected)
    picture = client.get(answer.json()["image"])
    assert picture.text == metadata.public_ticket_picture(busy.coop, TicketId(1))
    contract = client.get(str(busy.coop.ledger.ask("contractURI"))).json()
    assert contract == metadata.contract_metadata(busy.coop, URI)
    assert client.get(contract["image"]).text == metadata.contract_picture()


@pytest.mark.parametrize("language", Language)
def test_pictures_are_the_services(busy: Office, client: TestClient, language: Language) -> None:
    """In each language a picture is the service's own."""
    asked = f"?language={language}"
    card = client.get(f"{BASE}/cards/4/picture.svg{asked}")
    assert card.text == metadata.card_picture(busy.coop, MemberNumber(4), language)
    ticket = client.get(f"{BASE}/tickets/1/picture.svg{asked}")
    assert ticket.text == metadata.public_ticket_picture(busy.coop, TicketId(1), language)


@pytest.mark.parametrize("path", ["contract", "tickets/1", "cards/1"])
def test_a_picture_can_do_no_harm(busy: Office, client: TestClient, path: str) -> None:
    """A picture loads and runs nothing, is not taken for a page, and says its block."""
    answer = client.get(f"{BASE}/{path}/picture.svg")
    policy = answer.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    newest = busy.chain.block("latest")
    assert answer.headers["Coopledger-Block"] == f"{newest.number} 0x{newest.hash.hex()}"
    unchanged = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(f"{BASE}/{path}/picture.svg", headers=unchanged).status_code == 304


def test_a_screening_is_not_told_before_its_end(busy: Office, client: TestClient) -> None:
    """Neither metadata nor picture names the film, the venue or the time before the show is over."""
    ends = busy.coop.ledger.screenings([busy.coop.ledger.ticket(TicketId(1)).screening])[0].ends_at
    paths = (f"{BASE}/tickets/1", f"{BASE}/tickets/1/picture.svg")
    busy.dev.set_time(Timestamp(ends - 1))
    for path in paths:
        assert not any(
            word in client.get(path).text for word in ("Turah", "Kesenian", "2026-12-05")
        )
    busy.dev.set_time(ends)
    assert all("Turah" in client.get(path).text for path in paths)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("tickets/99999", 404),
        ("tickets/99999/picture.svg", 404),
        ("cards/99999/picture.svg", 404),
        ("tickets/1?language=fr", 422),
        ("tickets/1.svg", 422),
        ("cards/1/picture.svg?size=9", 422),
        ("holders/1", 404),
    ],
)
def test_what_cannot_be_drawn(client: TestClient, path: str, status: int) -> None:
    """What does not exist or cannot be asked for is a problem, also where a picture was wanted."""
    answer = client.get(f"{BASE}/{path}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        status,
        "application/problem+json",
    )
