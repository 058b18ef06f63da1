"""The migrations and the table they make."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from coopledger.chain.contracts.deployments import NATIVE_COIN
from coopledger.database.engine import engine_of
from coopledger.domain.types import BlockNumber, ChainId, Timestamp
from coopledger.index import tables
from coopledger.verdicts import store
from coopledger.verdicts.schema import MIGRATIONS, SCHEMA, metadata
from coopledger.verdicts.store import Attempt, Audited, Of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.index.conftest import Index

OURS = Of(ChainId(1), NATIVE_COIN)


def test_the_migrations_make_the_table_that_the_code_uses(new_index: Callable[[], Index]) -> None:
    """Nothing differs between the migrated database and ``schema.py``, also after a second time."""
    engine = engine_of(new_index().dsn)
    with engine.begin() as connection:
        MIGRATIONS.upgrade(connection)
        MIGRATIONS.upgrade(connection)
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
                "version_table_schema": SCHEMA,
                "compare_type": True,
                "compare_server_default": True,
            },
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_what_is_kept_is_read_as_it_was(new_index: Callable[[], Index]) -> None:
    """Audits come back whole, the newest first; dropping the index leaves them, another ledger's too."""
    now = datetime(2026, 12, 5, 12, 0, 0, 123_456, tzinfo=UTC)
    looked_at = (BlockNumber(7), b"\1" * 32, Timestamp(9), 5)
    agreed = Attempt(now, 1.5, Audited(*looked_at, 0, ()))
    differed = Attempt(now, 2.5, Audited(*looked_at, 2, ("one thing", "another, with 'quotes'")))
    failed = Attempt(now, 0.5, None, "the node is away")
    engine = engine_of(new_index().dsn)
    with engine.begin() as connection:
        assert store.newest(connection, OURS, 9) == []
        assert store.verdict_in_force(connection, OURS) is None
        MIGRATIONS.upgrade(connection)
        for each in (agreed, differed, failed):
            store.add(connection, OURS, each)
        store.add(connection, Of(ChainId(2), NATIVE_COIN), agreed)
        tables.prepare(connection)
        tables.drop(connection)
        assert store.newest(connection, OURS, 2) == [failed, differed]
        assert store.verdict_in_force(connection, OURS) == differed
        assert [each.outcome for each in store.newest(connection, OURS, 9)] == [
            *("not done", "differs", "agrees")
        ]
        assert store.newest(connection, Of(ChainId(2), NATIVE_COIN), 9) == [agreed]
    engine.dispose()
