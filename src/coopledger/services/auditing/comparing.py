"""The index, held against the chain: its register against an audit's verdict, its tables against new ones.

The index is only as far as its cursor, and the register knows seconds, not blocks. So the audit is of the
last whole second that the index knows (:func:`moment_to_compare`). The index may have gone on when the
two are compared, even within that second: it is asked as of the verdict's block.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from coopledger.audit.files.compare import Listing, compare_list
from coopledger.audit.files.register_file import NUMBER, ListedRecord
from coopledger.audit.findings import Findings
from coopledger.audit.run import Verdict, audit
from coopledger.audit.views.lists import field_text
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.wire.client import BlockUnknown, Chain
from coopledger.chain.wire.rpc import NodeRefused
from coopledger.domain.moments import AtTime, BlockMark
from coopledger.domain.types import WIB, BlockNumber, MemberNumber
from coopledger.index.asking import register_store
from coopledger.index.asking.pinning import NotIndexedYet
from coopledger.index.asking.queries import EXPORT_PAGE
from coopledger.index.comparing.differing import Anew, Tables
from coopledger.services.asking.moments import last_whole_second

RULE = "the index and the chain"
TABLES_RULE = "the index and one made anew"

MakeAnew = Callable[[BlockNumber], AbstractContextManager[Anew]]
"""Makes the index anew from the chain, up to a block."""

_BEFORE_ALL = MemberNumber(-(2**63))
"""Numbers that the ledger never gives are read, too."""


@dataclass(frozen=True)
class IndexComparison:
    """The verdict on the chain as of an index's moment, with all that the index has otherwise."""

    verdict: Verdict
    block: BlockNumber
    """The one that the index has come to."""
    records: int
    rows: int | None
    """How many of all tables were compared; None where they were not."""


def compare_index(
    coop: Cooperative, connection: Connection, make_anew: MakeAnew | None, zone: ZoneInfo = WIB
) -> IndexComparison:
    """Audit the chain as of the index's moment, and hold the index against it.

    Where the chain itself breaks a rule no index is made from it: the verdict says so.

    Args:
        coop: the deployed contracts, through the node that is trusted.
        connection: a consistent look at the index.
        make_anew: without it the register alone is compared, not the tables.
        zone: of the times in the findings.

    Raises:
        NotIndexedYet, BlockUnknown: see :func:`moment_to_compare`.
        CoopledgerError: whatever an audit, or the making of an index, raises.
    """
    moment = moment_to_compare(connection, coop.chain)
    verdict = audit(coop.ledger, moment, first_block=coop.first_block)
    sound = verdict.agrees
    records = compare_register(verdict, connection, zone)
    block, rows = _newest(connection, coop.chain), None
    if make_anew is not None and sound:
        with make_anew(block) as anew:
            rows = compare_tables(verdict.findings, connection, anew)
    return IndexComparison(verdict, block, records, rows)


def compare_tables(findings: Findings, connection: Connection, anew: Anew) -> int:
    """Hold every column of every table against an index that was made anew; return how many rows."""
    tables = Tables(anew, connection)
    for each in tables.differences():
        findings.add(TABLES_RULE, each.where, each.expected, each.found)
    return tables.rows


def moment_to_compare(connection: Connection, chain: Chain, *, final: bool = False) -> AtTime:
    """Return the newest moment as of which the index can be held against the chain.

    Args:
        connection: a consistent look at the index.
        chain: the chain that it is a copy of.
        final: leave out what a reorganisation may still take back.

    Raises:
        NotIndexedYet: the index has not begun.
        BlockUnknown: the node has not got as far as the index.
    """
    mark, final_block = _cursor(connection, BlockNumber(0))
    block = final_block if final else min(mark.number, _newest(connection, chain))
    return AtTime(last_whole_second(chain, block))


def compare_register(verdict: Verdict, connection: Connection, zone: ZoneInfo = WIB) -> int:
    """Hold the index's register against a verdict; return how many records it has as of its moment.

    Differences are added to the verdict's findings. The records pass through the memory page by page.

    Args:
        verdict: of a moment that the index knows, see :func:`moment_to_compare`.
        connection: a consistent look at the index.
        zone: of the times in the findings.

    Raises:
        NotIndexedYet: the index is behind the verdict's moment.
    """
    _compare_origin(verdict, connection)
    _compare_blocks(verdict, connection)
    everything = Listing(closed=True, annulled=True, zone=zone)
    return compare_list(verdict, _records(verdict, connection), everything, RULE)


def _newest(connection: Connection, chain: Chain) -> BlockNumber:
    """Return the block that the index has come to, as the chain counts.

    It is told by its hash first: then a number that was altered is a difference, and not another block.
    """
    mark, _ = _cursor(connection, BlockNumber(0))
    try:
        block = chain.block_by_hash(mark.hash)
        if chain.block(block.number).hash == mark.hash:
            return block.number
    except (BlockUnknown, NodeRefused):
        pass
    return chain.block(mark.number).number


def _compare_origin(verdict: Verdict, connection: Connection) -> None:
    chain_id, ledger = register_store.origin(connection) or (0, b"")
    own = verdict.ledger.chain.chain_id, verdict.ledger.address.lower()
    verdict.findings.compare(RULE, "the index's chain", own[0], chain_id)
    verdict.findings.compare(RULE, "the index's ledger", own[1], "0x" + ledger.hex())


def _compare_blocks(verdict: Verdict, connection: Connection) -> None:
    """Compare the verdict's block and the newest one, as the index remembers them, with the chain's."""
    then = verdict.moment.block
    newest, _ = _cursor(connection, then.number)
    marks = [newest]
    if newest.number != then.number:
        known = register_store.known_block(connection, then.number)
        marks += [] if known is None else [known]
    for mark in marks:
        try:
            (block,) = verdict.ledger.chain.blocks([mark.number])
        except BlockUnknown:
            continue  # The node has not got as far as the index.
        hashes = "0x" + block.hash.hex(), "0x" + mark.hash.hex()
        verdict.findings.compare(RULE, f"block {mark.number}, hash", *hashes)
        verdict.findings.compare(RULE, f"block {mark.number}, time", block.timestamp, mark.time)


def _cursor(connection: Connection, wanted: BlockNumber) -> tuple[BlockMark, BlockNumber]:
    found = register_store.cursor(connection)
    if found is None:
        raise NotIndexedYet(wanted, None)
    if found[0].number < wanted:
        raise NotIndexedYet(wanted, found[0].number)
    return found


def _records(verdict: Verdict, connection: Connection) -> Iterator[ListedRecord]:
    """Yield the records as they stood after the verdict's block; what does not fit is handed on, too."""
    block, known = verdict.moment.block.number, len(verdict.register.words)
    newest, _ = _cursor(connection, block)
    after = _BEFORE_ALL
    while rows := register_store.records_after(connection, block, after, EXPORT_PAGE):
        for row in rows:
            if row.number > known and block < row.block <= newest.number:
                continue
            yield ListedRecord(
                "the index",
                {
                    NUMBER: str(row.number),
                    "account": "0x" + row.account.hex(),
                    "joined": str(row.joined_at),
                    "left": None if row.left_at is None else str(row.left_at),
                    "standing": field_text("standing", row.standing),
                    "consent": field_text("consent", row.consent),
                    "cause": field_text("cause", row.cause),
                },
            )
        after = rows[-1].number
