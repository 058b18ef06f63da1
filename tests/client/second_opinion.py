"""The Python library's values in the words of those whom it is compared with."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from coopledger.client import Cooperative, Member, Ticket
from coopledger.domain import tickets as fast
from coopledger.domain.register import Record

if TYPE_CHECKING:
    from tests.services.conftest import Office


def opened(office: Office, url: str | None = None) -> Cooperative:
    """Open an office's cooperative by the library."""
    ledger, chain_id = office.coop.ledger.address, office.chain.chain_id
    return Cooperative.at(url or office.url, ledger, chain_id=chain_id)


def as_told(member: Member) -> dict[str, Any]:
    """Return a record as the API tells it."""
    return {
        "number": member.number,
        "account": member.account,
        "standing": member.standing.name.lower(),
        "consent": member.consent.name.lower(),
        "joined": in_iso(member.joined_at),
        "left": None if member.left_at is None else in_iso(member.left_at),
        "cause": member.cause.name.lower() if member.cause else None,
    }


def in_iso(moment: datetime) -> str:
    """Return a time as the API writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


FIELDS = ("number", "account", "standing", "consent", "joined", "left", "cause")


def common(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return of each record that the API told what the library knows, too."""
    return [{field: each[field] for field in FIELDS} for each in found]


def as_record(member: Member) -> Record:
    """Return a record as the fast reader gives it."""
    left_at = None if member.left_at is None else int(member.left_at.timestamp())
    return Record(
        *(member.number, member.account, int(member.joined_at.timestamp()), left_at),  # type: ignore[arg-type]  # seconds
        *(member.standing, member.consent, member.cause),
    )


def as_ticket(ticket: Ticket) -> fast.Ticket:
    """Return a ticket as the fast reader gives it."""
    return fast.Ticket(**vars(ticket))
