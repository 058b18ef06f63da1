"""The index held against the chain: an audit straight from the node, compared with the copy.

Both must mean the same second, whole. Where a block came meanwhile that shares the audited second, or the
index has yet to follow a turn of the chain, all is done again: that is no difference.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

from sqlalchemy import Connection, event

from coopledger.audit.run import Verdict, audit
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.wire.client import BlockUnknown, Chain
from coopledger.chain.wire.moments import pin
from coopledger.chain.wire.rpc import Interrupted
from coopledger.domain.moments import AtBlock
from coopledger.errors import CoopledgerError, Differs, Unavailable
from coopledger.index.asking import pinning
from coopledger.index.look import Look
from coopledger.services.auditing.comparing import compare_register, moment_to_compare
from coopledger.verdicts.store import Attempt, Audited

KEPT = 20
"""Findings of an audit that are recorded one by one."""

_TIMES = 5
_PAUSE_S = 1.0
_log = logging.getLogger(__name__)


class IndexInMotion(Unavailable):
    """Chain and index moved on each time before they could be compared."""

    times: int

    says = "chain and index moved on {times} times before they could be compared"
    advice = (
        "Let the index call a block final later (COOPLEDGER_INDEX_CONFIRMATIONS), and try again."
    )


class IndexDiffers(Differs):
    """The chain or the index is not what it should be; it is recorded."""

    count: int
    first: str

    advice = (
        "Run 'coopledger audit': if the chain itself agrees, the copy is wrong. Then run 'coopledger "
        "index rebuild' and 'coopledger audit now', and find out who wrote to the database."
    )

    def __str__(self) -> str:
        differences = "1 difference" if self.count == 1 else f"{self.count:,} differences"
        return f"the audit found {differences}; the first is {self.first}"


class AuditNotDone(Unavailable):
    """The audit could not be done; that is recorded, and is no verdict."""

    reason: str

    says = "the audit could not be done: {reason}"
    advice = "Mend what the reason names, and run 'coopledger audit now'."


def audit_index(coop: Cooperative, look: Look, stop: Event) -> Verdict:
    """Audit the register as of the index's last final second, and compare the index with it.

    Args:
        coop: the cooperative, over a connection of its own that ends with ``stop``.
        look: gives a consistent look at the index.
        stop: ends the comparison, and the waiting for an index that has to follow first.

    Raises:
        IndexInMotion: chain and index were never at rest for long enough.
        Interrupted: it was told to stop.
        CoopledgerError: the node or the database does not answer, or there is no index.
    """
    for time_left in reversed(range(_TIMES)):
        with look() as connection:
            moment = moment_to_compare(connection, coop.chain, final=True)
        verdict = audit(coop.ledger, moment, first_block=coop.first_block)
        with look() as connection:
            _end_with(stop, connection)
            if _at_rest(coop.chain, verdict, connection, or_never=not time_left):
                compare_register(verdict, connection)
                return verdict
        stop.wait(_PAUSE_S)
    raise IndexInMotion(_TIMES)


def attempted(work: Callable[[], Verdict]) -> Attempt:
    """Do an audit, and return what is to be recorded of it, also where it could not be done.

    Raises:
        Interrupted: it was told to stop; nothing is to be recorded.
    """
    began_at, started = datetime.now(UTC), time.monotonic()
    audited, reason = None, None
    try:
        audited = _audited(work())
    except Interrupted:
        raise
    except (CoopledgerError, ContractRefusal) as failure:
        reason = str(failure)
    except Exception as fault:
        # A watch that ends by a fault of its own must not do so unseen.
        _log.exception("a fault of the audit's own")
        reason = f"a fault of the audit's own: {type(fault).__name__}"
    return Attempt(began_at, time.monotonic() - started, audited, reason)


def refuse(attempt: Attempt) -> None:
    """Raise where an audit did not end well.

    Raises:
        IndexDiffers: it found something.
        AuditNotDone: it could not be done.
    """
    if attempt.audited is None:
        raise AuditNotDone(attempt.reason or "")
    if attempt.audited.findings:
        raise IndexDiffers(attempt.audited.findings, attempt.audited.first_findings[0])


def told(attempt: Attempt) -> str:
    """Return an audit in a sentence."""
    audited = attempt.audited
    if audited is None:
        return f"The audit could not be done: {attempt.reason}."
    about = f"as of block {audited.block} ({audited.records:,} records, {attempt.seconds:.1f} s)"
    if not audited.findings:
        return f"The audit agrees {about}."
    return (
        f"THE AUDIT FOUND DIFFERENCES {about}: {audited.findings:,}."
        f" The first is {audited.first_findings[0]}."
    )


def _at_rest(chain: Chain, verdict: Verdict, connection: Connection, *, or_never: bool) -> bool:
    """Say whether the index follows the chain that was audited, and the audit saw its whole second.

    An index whose newest block is not the chain's has to follow a turn first. Where it never does
    (``or_never``: this is the last look), that is a difference, and for the comparison to find.
    """
    mark = pinning.reach(connection).newest
    as_of = verdict.moment.block.number
    if pin(chain, AtBlock(as_of)).block.number != as_of:
        return False
    try:
        follows = chain.block(mark.number).hash == mark.hash
    except BlockUnknown:
        follows = False
    return follows or or_never


def _end_with(stop: Event, connection: Connection) -> None:
    """Let every further question to the database fail once it is told to stop."""

    @event.listens_for(connection, "before_cursor_execute")
    def look_up(*_: object) -> None:
        if stop.is_set():
            raise Interrupted("a look at the index")


def _audited(verdict: Verdict) -> Audited:
    as_of = verdict.moment.block
    return Audited(
        block=as_of.number,
        block_hash=as_of.hash,
        block_time=as_of.time,
        records=verdict.register.records,
        findings=verdict.findings.count,
        first_findings=tuple(map(str, verdict.findings.listed[:KEPT])),
    )
