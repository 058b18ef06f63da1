"""What was sold, as the index and the node's logs tell it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from coopledger.domain.types import BlockNumber, ScreeningId
from coopledger.services.counter.receipts import LogsMissing, sold_by_reference
from coopledger.services.programme.films_and_screenings import showings_of

if TYPE_CHECKING:
    from tests.services.conftest import Office


def test_logs_that_a_node_does_not_give_stop_the_sale(busy: Office) -> None:
    """Where the node shows fewer batches than the box office has sold, nothing is sold on it."""
    showings = showings_of(busy.coop, [ScreeningId(1)])
    assert len(sold_by_reference(busy.coop, None, (), showings)) == 749
    forgetful = replace(busy.coop, first_block=BlockNumber(busy.chain.head()))
    before = busy.nonce()
    with pytest.raises(LogsMissing) as failure:
        sold_by_reference(forgetful, None, (), showings)
    assert failure.value.screening == 1
    assert failure.value.found < failure.value.batches
    assert busy.nonce() == before
