"""The index's register, held against an audit's verdict: every record, open or closed or annulled.

The one subtlety: the index is only as far as its cursor, and the register knows seconds, not blocks. So the
audit is of the last whole second that the index knows (:func:`moment_to_compare`). The index may have gone on
when the two are compared: it is asked as of the verdict's moment.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from coopledger.audit.compare import Listing, compare_list
from coopledger.audit.lists import field_text
from coopledger.audit.register_file import NUMBER, ListedRecord
from coopledger.audit.run import Verdict
from coopledger.chain.client import BlockUnknown, Chain
from coopledger.domain.types import WIB, BlockNumber, MemberNumber, Timestamp
from coopledger.index import register_store
from coopledger.index.batch import BlockMark
from coopledger.index.pinning import NotIndexedYet
from coopledger.index.queries import EXPORT_PAGE
from coopledger.index.wanted import ALL
from coopledger.services.register_moments import last_whole_second

RULE = "the index and the chain"

_BEFORE_ALL, _LAST = MemberNumber(-(2**63)), MemberNumber(2**63 - 1)
"""Numbers that the ledger never gave are read, too."""


def moment_to_compare(connection: Connection, chain: Chain, *, final: bool = False) -> Timestamp:
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
    return last_whole_second(chain, final_block if final else mark.number)


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


def _compare_origin(verdict: Verdict, connection: Connection) -> None:
    chain_id, ledger = register_store.origin(connection) or (0, b"")
    own = verdict.ledger.chain.chain_id, verdict.ledger.address.lower()
    verdict.findings.compare(RULE, "the index's chain", own[0], chain_id)
    verdict.findings.compare(RULE, "the index's ledger", own[1], "0x" + ledger.hex())


def _compare_blocks(verdict: Verdict, connection: Connection) -> None:
    """Compare the verdict's block and the newest one, as the index remembers them, with the chain's."""
    then = verdict.pin.as_of
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
    """Yield the records as of the verdict's moment; what does not fit in is handed on as it stands."""
    moment, known = verdict.pin.moment, len(verdict.register.words)
    newest, _ = _cursor(connection, verdict.pin.as_of.number)
    may_have_more = newest.number > verdict.pin.as_of.number
    after = _BEFORE_ALL
    while rows := register_store.records(connection, moment, ALL, after, _LAST, EXPORT_PAGE):
        for row in rows:
            if may_have_more and row.number > known and row.joined_at > moment:
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
