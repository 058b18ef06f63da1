"""How the service says that it is: its parts, its index, its last audit."""

from datetime import UTC, datetime

from pydantic import Field

from coopledger import __version__
from coopledger.api.condition import Condition, Index
from coopledger.api.models.common import HEX_32, Shape, hexadecimal, utc
from coopledger.domain.moments import BlockMark
from coopledger.domain.types import ChainId
from coopledger.verdicts.store import Attempt, Outcome

NAMED = 5
"""Differences that ``/health`` names one by one."""

_INDEX = f"^({'|'.join(Index)})$"


class BlockSeen(Shape):
    """The newest block."""

    number: int
    hash: str = Field(pattern=HEX_32)
    time: datetime
    age_s: int
    """Seconds since then, by this machine's clock; 0 where the chain's clock is ahead."""

    @classmethod
    def of(cls, block: BlockMark, age_s: int) -> "BlockSeen":
        """Return the shape of a block."""
        return cls(
            number=block.number, hash=hexadecimal(block.hash), time=utc(block.time), age_s=age_s
        )


class IndexSeen(Shape):
    """The index, the copy of the chain that members and tickets are answered from."""

    state: str = Field(pattern=_INDEX)
    """Not built, and of another ledger: the chain itself answers. Behind: the worker has to follow."""
    block: int | None
    """How far it is; null where there is nothing in it."""
    final_block: int | None
    """Up to there nothing can be taken back any more."""
    blocks_behind: int | None
    """How far behind the chain's newest block; null where that is not known."""

    @classmethod
    def of(cls, seen: Condition) -> "IndexSeen":
        """Return the shape of the index."""
        found = seen.indexed
        return cls(
            state=seen.index.value,
            block=None if found is None else found.block,
            final_block=None if found is None else found.final_block,
            blocks_behind=seen.blocks_behind,
        )


class AuditSeen(Shape):
    """The newest audit that was done: the chain itself, and the index against it."""

    verdict: str = Field(pattern="^(agrees|differs)$")
    """Differs: something is not what it should be, until a later audit agrees."""
    began_at: datetime
    age_s: int
    """Seconds since then, by this machine's clock."""
    block: int
    """The register was compared as of this block."""
    block_hash: str = Field(pattern=HEX_32)
    block_time: datetime
    records: int
    """How many records the register had by then."""
    differences: int
    """How many were found."""
    first_differences: list[str]
    """The first of them: which member, which field, both values."""
    last_attempt_failed: bool
    """Whether a later audit could not be done; ``coopledger audit history`` says why."""

    @classmethod
    def of(cls, seen: Condition) -> "AuditSeen | None":
        """Return the shape of the newest audit that was done; None where there was none."""
        last = seen.audits.in_force
        if last is None or last.audited is None:
            return None
        found = last.audited
        return cls(
            verdict=last.outcome.value,
            began_at=last.began_at.astimezone(UTC),
            age_s=age_s(last),
            block=found.block,
            block_hash=hexadecimal(found.block_hash),
            block_time=utc(found.block_time),
            records=found.records,
            differences=found.findings,
            first_differences=list(found.first_findings[:NAMED]),
            last_attempt_failed=last_attempt_failed(seen),
        )


class Health(Shape):
    """How the service is. Status 200 when all is well, 503 when a part or an audit says otherwise."""

    status: str = Field(pattern="^(ok|failing)$")
    version: str
    """The version of coopledger."""
    chain: str = Field(pattern="^(reachable|unreachable)$")
    chain_id: int
    """The chain that is meant."""
    newest_block: BlockSeen | None
    """None where the chain is not reachable or holds no cooperative yet."""
    cooperative: str = Field(pattern="^(deployed|not deployed yet|not what it should be|unknown)$")
    database: str = Field(pattern="^(running|not running|not needed)$")
    index: IndexSeen
    """How the index is. It fails nothing: what it has not come to, the chain answers."""
    audit: AuditSeen | None
    """The last audit; null where none was done yet. A difference fails the service's health."""

    @classmethod
    def of(cls, seen: Condition, chain_id: ChainId) -> "Health":
        """Return the shape of how everything is."""
        newest, block = seen.newest, None
        if newest is not None:
            block = BlockSeen.of(newest.block, seen.age_s or 0)
        return cls(
            status="ok" if seen.well else "failing",
            version=__version__,
            chain=seen.chain,
            chain_id=chain_id,
            newest_block=block,
            cooperative=seen.cooperative,
            database=seen.database,
            index=IndexSeen.of(seen),
            audit=AuditSeen.of(seen),
        )


class Readiness(Shape):
    """Whether questions may be sent here: 200, or 503."""

    ready: bool
    reason: str
    """Why, in a sentence."""
    chain_block: int | None
    """The chain's newest block; null where the chain is not reachable or holds no cooperative."""
    index: IndexSeen

    @classmethod
    def of(cls, seen: Condition) -> "Readiness":
        """Return the shape of whether the service is ready."""
        return cls(
            ready=seen.ready,
            reason=_reason(seen),
            chain_block=None if seen.newest is None else seen.newest.block.number,
            index=IndexSeen.of(seen),
        )


def age_s(attempt: Attempt) -> int:
    """Return the seconds since an audit began, by this machine's clock."""
    return max(0, int((datetime.now(UTC) - attempt.began_at).total_seconds()))


def last_attempt_failed(seen: Condition) -> bool:
    """Say whether the newest audit could not be done."""
    newest = seen.audits.newest
    return newest is not None and newest.outcome is Outcome.NOT_DONE


def _reason(seen: Condition) -> str:
    if seen.chain != "reachable":
        return "The chain's node does not answer."
    if seen.cooperative != "deployed":
        return f"The cooperative is {seen.cooperative}."
    behind = "1 block" if seen.blocks_behind == 1 else f"{seen.blocks_behind} blocks"
    at = "has not begun" if seen.indexed is None else f"is at block {seen.indexed.block}"
    return {
        Index.NONE: "There is no index. The chain itself answers.",
        Index.OTHER: "The index is of another ledger. The chain itself answers.",
        Index.BEHIND: f"The index {at}, {behind} behind the chain.",
        Index.CAUGHT_UP: f"The index has caught up; it {at}.",
        Index.UNKNOWN: "Nobody knows how far the index is: the database does not answer.",
    }[seen.index]
