"""An audit of an honest chain agrees, whatever happened on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coopledger.audit.run import audit

if TYPE_CHECKING:
    from tests.services.conftest import Office


def test_an_honest_chain_agrees(busy: Office) -> None:
    """On the sold-out chain nothing is found, and everything was looked at."""
    verdict = audit(busy.coop.ledger)
    assert list(verdict.findings) == []
    assert (verdict.records, verdict.events, verdict.register.open) == (251, 252, 251)
