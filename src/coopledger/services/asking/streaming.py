"""The register read while it is sent, for readers of whom nobody knows how slow they are.

No connection is held between two pages, so whoever reads slowly, or goes away, holds up nothing. Each
page is pinned anew to the same moment, and the register as of it must be the same.
"""

from collections.abc import Iterator

from coopledger.domain.types import BlockNumber, MemberNumber
from coopledger.errors import Unavailable
from coopledger.exports.data import About
from coopledger.index.asking import pinning
from coopledger.index.asking.entries import Entry
from coopledger.index.asking.queries import EXPORT_PAGE, Register
from coopledger.index.asking.wanted import BEFORE_THE_FIRST
from coopledger.index.look import Look


class RegisterChanged(Unavailable):
    """The register as of a moment became another while it was read."""

    block: BlockNumber

    says = "the register as of block {block} changed while it was read"
    advice = "Ask again, best as of a moment that is some blocks old."


def entries_of(look: Look, about: About, page_size: int = EXPORT_PAGE) -> Iterator[Entry]:
    """Yield what an export lists, by number, read page by page while it is taken.

    Raises:
        NotIndexedYet, BlockReplaced, RegisterChanged: it is another register now; what was yielded is no
            whole.
    """
    after = BEFORE_THE_FIRST
    while page := _page(look, about, after, page_size):
        yield from page
        after = page[-1].number


def _page(look: Look, about: About, after: MemberNumber, size: int) -> tuple[Entry, ...]:
    block = about.as_of.block
    with look() as connection:
        register = Register(connection, pinning.pin(connection, block, about.as_of.time))
        head = register.head() or (0, about.head)
        counts = register.counts()
        if (head, counts) != ((about.events, about.head), about.counts):
            raise RegisterChanged(block.number)
        return register.page(about.wanted, size, after)
