"""The connection to a database: what its failures say, and what they keep to themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from coopledger.database.engine import engine_of

if TYPE_CHECKING:
    from coopledger.database.dsn import Dsn


def test_a_failure_does_not_tell_what_was_to_be_stored(dsn: Dsn) -> None:
    """A statement that fails is named by its text alone: its values may be somebody's data."""
    engine = engine_of(dsn)
    with engine.connect() as connection, pytest.raises(DBAPIError) as failure:
        connection.execute(text("INSERT INTO nowhere VALUES (:value)"), {"value": "ani@here"})
    engine.dispose()
    assert "nowhere" in str(failure.value)
    assert "ani@here" not in str(failure.value)
