"""How the service is at one moment, and what it answers from: chain, database, index, last audit.

An index that was never made, and a worker that is off, are no faults. The chain itself answers then. What
is wrong is a part that does not answer, and an audit that found a difference.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

import psycopg

from coopledger.api.index_source import IndexSource
from coopledger.api.problems import NotOpenYet
from coopledger.api.source import Source
from coopledger.chain.contracts.deployments import DeploymentUnreadable, NotDeployed, read_journal
from coopledger.domain.moments import Moment
from coopledger.domain.types import BlockNumber
from coopledger.errors import Unavailable, Untrusted
from coopledger.index.asking.reading import (
    IndexNotBuilt,
    IndexOfAnotherVersion,
    IndexStatus,
    read_status,
)
from coopledger.index.following.store import OtherOrigin
from coopledger.local.database.server import ServerNotRunning
from coopledger.settings import Settings
from coopledger.verdicts.store import Attempt, Of, Outcome

BLOCKS_TOLERATED = 2
"""How far behind an index may be that follows a chain in motion."""
POLLS_TOLERATED = 2
"""How many of the worker's looks may lie between the index's newest block and the chain's."""


class Index(StrEnum):
    """How the index is."""

    NONE = "not built"
    OTHER = "of another ledger"
    BEHIND = "behind"
    CAUGHT_UP = "caught up"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Audits:
    """What is recorded of the audits."""

    in_force: Attempt | None = None
    """The newest that was done: its verdict holds until the next one."""
    newest: Attempt | None = None
    """The newest, done or not."""

    @property
    def differ(self) -> bool:
        """Whether a difference was found and no audit has agreed since."""
        return self.in_force is not None and self.in_force.outcome is Outcome.DIFFERS


@dataclass(frozen=True)
class Condition:
    """How everything is."""

    chain: str
    cooperative: str
    newest: Moment | None
    """The chain's newest block; None where it is not reachable or holds no cooperative yet."""
    database: str
    index: Index
    indexed: IndexStatus | None
    """None where there is no index, or nothing in it."""
    blocks_behind: int | None
    """Negative where the index knows blocks that the node does not. None where nobody knows."""
    audits: Audits

    @property
    def answers(self) -> bool:
        """Whether the chain is there to answer from, with a cooperative on it."""
        return self.chain == "reachable" and self.cooperative == "deployed"

    @property
    def ready(self) -> bool:
        """Whether questions are answered, and by an index that has caught up if there is one."""
        return self.answers and self.index not in (Index.BEHIND, Index.UNKNOWN)

    @property
    def well(self) -> bool:
        """Whether no part is at fault."""
        return (
            self.chain == "reachable"
            and self.cooperative in {"deployed", "not deployed yet"}
            and self.database in {"running", "not needed"}
            and not self.audits.differ
        )

    @property
    def age_s(self) -> int | None:
        """Seconds since the chain's newest block, by this machine's clock."""
        return None if self.newest is None else max(0, int(time.time()) - self.newest.time)


def look(
    source: Source, index: IndexSource, settings: Settings, *, needs_database: bool
) -> Condition:
    """Return how everything is.

    Args:
        source: where the answers come from.
        index: where index and verdicts are.
        settings: name chain and deployment.
        needs_database: whether the embedded database is meant to run.
    """
    chain, cooperative, newest = "reachable", "deployed", None
    try:
        newest = source.newest()
    except NotOpenYet:
        cooperative = "not deployed yet"
    except Unavailable:
        chain, cooperative = "unreachable", "unknown"
    except Untrusted:
        cooperative = "not what it should be"
    database = _database(index, needed=needs_database)
    state, indexed, behind, audits = Index.NONE, None, None, Audits()
    if database == "running":
        try:
            state, indexed, behind = _indexed(index, settings, newest)
            audits = _audits(index, settings)
        except Unavailable:
            # A verdict that cannot be read must not pass for a good one.
            database = "not running"
    if database == "not running":
        state = Index.UNKNOWN
    return Condition(chain, cooperative, newest, database, state, indexed, behind, audits)


def caught_up(newest: Moment, indexed: IndexStatus, poll_s: float) -> bool:
    """Say whether an index has caught up with the chain, which may be in motion.

    It has where its newest block is at most ``BLOCKS_TOLERATED`` below the chain's, or at most
    ``POLLS_TOLERATED`` of the worker's looks older, by the blocks' own clocks; and where both have a
    block of the same number, it is the same one. The index may be as far ahead of a node that lags.
    """
    blocks, seconds = newest.block.number - indexed.block, newest.time - indexed.time
    if blocks == 0:
        return newest.block.hash == indexed.block_hash
    return abs(blocks) <= BLOCKS_TOLERATED or abs(seconds) <= POLLS_TOLERATED * poll_s


def _database(index: IndexSource, *, needed: bool) -> str:
    try:
        index.try_out()
    except ServerNotRunning:
        return "not running" if needed else "not needed"
    except psycopg.Error:
        return "not running"
    return "running"


def _indexed(
    index: IndexSource, settings: Settings, newest: Moment | None
) -> tuple[Index, IndexStatus | None, int | None]:
    try:
        first, of = _deployed(settings)
        behind = None if newest is None else newest.block.number - first + 1
        with index.of(of.chain_id, of.ledger)() as connection:
            try:
                found = read_status(connection)
            except IndexNotBuilt:
                return Index.BEHIND, None, behind
    except (IndexNotBuilt, NotDeployed, DeploymentUnreadable):
        return Index.NONE, None, None
    except IndexOfAnotherVersion:
        return Index.BEHIND, None, behind
    except OtherOrigin:
        return Index.OTHER, None, None
    if newest is None:
        return Index.UNKNOWN, found, None
    follows = caught_up(newest, found, settings.index_poll_s)
    return Index.CAUGHT_UP if follows else Index.BEHIND, found, newest.block.number - found.block


def _audits(index: IndexSource, settings: Settings) -> Audits:
    with suppress(NotDeployed, DeploymentUnreadable):
        _, of = _deployed(settings)
        return Audits(*index.audits(of))
    return Audits()


def _deployed(settings: Settings) -> tuple[BlockNumber, Of]:
    """Return the deployment's first block and ledger, as its file says: the chain may be away."""
    journal = read_journal(settings.deployments_folder, settings.chain_id)
    ledger = journal.contracts.get("TicketLedger")
    if ledger is None:
        raise NotDeployed(settings.chain_id, settings.deployments_folder)
    return journal.first_block, Of(journal.chain_id, ledger)
