"""All SQL of the verdicts: one is added, the newest are read.

An audit that could not be done is a row as well, but no verdict. What holds is the newest row that is
one: a difference stays until an audit agrees, not until one fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, insert, inspect, select

from coopledger.domain.types import Address, BlockNumber, ChainId, Timestamp
from coopledger.verdicts import schema


class Outcome(StrEnum):
    """How an audit ended."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_DONE = "not done"


@dataclass(frozen=True)
class Of:
    """Whose register was audited."""

    chain_id: ChainId
    ledger: Address

    @property
    def values(self) -> Mapping[str, object]:
        """What names it in a row."""
        return {"chain_id": self.chain_id, "ledger": bytes.fromhex(self.ledger[2:])}


@dataclass(frozen=True)
class Audited:
    """What an audit that was done looked at, and what it found."""

    block: BlockNumber
    block_hash: bytes
    block_time: Timestamp
    records: int
    findings: int
    first_findings: tuple[str, ...]


@dataclass(frozen=True)
class Attempt:
    """An audit, done or not."""

    began_at: datetime
    seconds: float
    audited: Audited | None
    """None where it could not be done."""
    reason: str | None = None
    """Why it could not be done."""

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        if self.audited is None:
            return Outcome.NOT_DONE
        return Outcome.DIFFERS if self.audited.findings else Outcome.AGREES


def add(connection: Connection, of: Of, attempt: Attempt) -> None:
    """Add an audit."""
    facts: dict[str, object] = {}
    if attempt.audited is not None:
        facts = {**vars(attempt.audited), "first_findings": list(attempt.audited.first_findings)}
    connection.execute(
        insert(schema.verdict).values(
            **of.values,
            began_at=attempt.began_at,
            seconds=attempt.seconds,
            outcome=attempt.outcome,
            reason=attempt.reason,
            **facts,
        )
    )


def newest(connection: Connection, of: Of, count: int) -> list[Attempt]:
    """Return the newest audits, done or not, newest first; none where there is no table yet."""
    return _read(connection, _of(of).limit(count))


def verdict_in_force(connection: Connection, of: Of) -> Attempt | None:
    """Return the newest audit that was done, or None."""
    found = _read(connection, _of(of).where(schema.verdict.c.outcome != Outcome.NOT_DONE).limit(1))
    return found[0] if found else None


def _of(of: Of) -> Select[Any]:
    c = schema.verdict.c
    mine = (c[name] == value for name, value in of.values.items())
    return select(schema.verdict).where(*mine).order_by(c.id.desc())


def _read(connection: Connection, query: Select[Any]) -> list[Attempt]:
    if not inspect(connection).has_table(schema.verdict.name, schema=schema.SCHEMA):
        return []
    return [_attempt(row) for row in connection.execute(query)]


def _attempt(row: Any) -> Attempt:
    audited = None
    if row.outcome != Outcome.NOT_DONE:
        audited = Audited(
            block=BlockNumber(row.block),
            block_hash=row.block_hash,
            block_time=Timestamp(row.block_time),
            records=row.records,
            findings=row.findings,
            first_findings=tuple(row.first_findings),
        )
    return Attempt(row.began_at, row.seconds, audited, row.reason)
