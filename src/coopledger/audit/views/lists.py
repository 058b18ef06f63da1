"""The register by view: the ledger's records page by page, compared with the register by events.

Records are compared as the packed words that the ledger stores, so no bit of them is left out; only where
two words differ are they unpacked, to name the field.
"""

from collections.abc import Iterator, Sequence

from coopledger.audit.events.replaying import ToldBook
from coopledger.audit.findings import Findings
from coopledger.chain.contracts.ledger import LARGEST_PAGE, LedgerContract
from coopledger.domain.register import Cause, Consent, Link, Standing
from coopledger.domain.types import BlockNumber, BylawsVersion, MemberNumber, Timestamp
from coopledger.domain.words import bits

_RULE = "records by view and by events"
_LINKS_A_QUESTION = 200

#: The fields of a record's word: name, lowest bit, length.
FIELDS = (
    ("account", 0, 160),
    ("joined", 160, 40),
    ("left", 200, 40),
    ("standing", 240, 8),
    ("consent", 248, 4),
    ("cause", 252, 4),
)
_NAMES = {"standing": Standing, "consent": Consent, "cause": Cause}


def field_text(name: str, value: int) -> str:
    """Return a field's value as people read it; a number where it has no name."""
    if name == "account":
        return f"0x{value:040x}"
    kind = _NAMES.get(name)
    return str(kind(value).name.lower()) if kind and value in set(kind) else str(value)


def compare_lists(
    book: ToldBook, ledger: LedgerContract, at: BlockNumber, findings: Findings
) -> int:
    """Compare counts, head and every record by view with the events'; return how many records.

    Raises:
        NodeRefused: the node does not answer (any more).
    """
    for what, by_events, by_view in (
        ("the number of register events", book.event_count, ledger.event_count(at)),
        ("the register head", "0x" + book.head.hex(), "0x" + ledger.register_head(at).hex()),
        ("the number of records", book.member_count, ledger.member_count(at)),
        ("the number of open records", book.active_count, ledger.active_count(at)),
        ("the number of by-laws", len(book.bylaws), int(ledger.bylaws_version(at))),
    ):
        findings.compare("the register by view and by events", what, by_events, by_view)
    for index, recorded in enumerate(book.bylaws[: ledger.bylaws_version(at)], start=1):
        by_view = "0x" + ledger.bylaws_hash(BylawsVersion(index), at).hex()
        findings.compare(_RULE, f"by-laws {index}", "0x" + recorded.hex(), by_view)
    _compare_links(book, ledger, at, findings)
    return _compare_records(book, ledger, at, findings)


def count_as_of(words: Sequence[int], moment: Timestamp) -> tuple[int, int, int]:
    """Return records, open records and full members as of a moment, by words as they stand now.

    The standings are those of now.
    """
    opened = [word for word in words if word and bits(word, 160, 40) <= moment]
    open_then = [w for w in opened if not bits(w, 200, 40) or moment < bits(w, 200, 40)]
    full = sum(1 for word in open_then if bits(word, 240, 8) == Standing.FULL)
    return len(opened), len(open_then), full


def _compare_records(
    book: ToldBook, ledger: LedgerContract, at: BlockNumber, findings: Findings
) -> int:
    number = 0
    for page in _pages(ledger, at):
        for word in page:
            number += 1
            by_events = book.word(MemberNumber(number)) if number <= book.member_count else 0
            if word != by_events:
                _name_fields(f"record {number}", by_events, word, findings)
    for missing in range(number + 1, book.member_count + 1):
        findings.add(_RULE, f"record {missing}", "a record", "none by view")
    return number


def _pages(ledger: LedgerContract, at: BlockNumber) -> Iterator[list[int]]:
    start = 1
    while True:
        page = ledger.member_words(MemberNumber(start), LARGEST_PAGE, at)
        yield page
        if len(page) < LARGEST_PAGE:
            return
        start += LARGEST_PAGE


def _name_fields(what: str, by_events: int, by_view: int, findings: Findings) -> None:
    if not by_events or not by_view:
        expected = "a record" if by_events else "none by the events"
        findings.add(_RULE, what, expected, "none by view" if by_events else "one by view")
        return
    for name, start, length in FIELDS:
        told, viewed = bits(by_events, start, length), bits(by_view, start, length)
        if told != viewed:
            texts = field_text(name, told), field_text(name, viewed)
            findings.add(_RULE, f"{what}, {name}", *texts)


def _compare_links(
    book: ToldBook, ledger: LedgerContract, at: BlockNumber, findings: Findings
) -> None:
    """Compare what ties records together: rejoinings and moves, which few records have."""
    origins: dict[int, int] = {}
    for number, (_, moved_from) in sorted(book.ties.items()):
        if moved_from:
            origins[number] = origins.get(moved_from, moved_from)
    numbers = [number for number in sorted(book.ties) if number <= ledger.member_count(at)]
    for start in range(0, len(numbers), _LINKS_A_QUESTION):
        part = numbers[start : start + _LINKS_A_QUESTION]
        for number, link in zip(part, ledger.links_of(part, at), strict=True):
            previous, moved_from = book.ties[number]
            by_events = Link(
                MemberNumber(previous) or None,
                MemberNumber(moved_from) or None,
                MemberNumber(origins.get(number, number)),
            )
            findings.compare(
                "ties by view and by events", f"record {number}", _ties(by_events), _ties(link)
            )


def _ties(link: Link) -> str:
    return f"before {link.previous}, moved from {link.moved_from}, origin {link.origin}"
