"""One machine for all pages that are played."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.guides.player import Player, player


@pytest.fixture(scope="package")
def machine() -> Iterator[Player]:
    """The machine at which all pages are played."""
    with player() as started:
        yield started
