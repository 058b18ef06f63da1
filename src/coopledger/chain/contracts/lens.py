"""The lens's typed face: many tickets at once, and what was true at a time.

It holds no state and no power. Whoever does not trust ours deploys another, or reads the ledger's words
one by one; the answers must be the same.
"""

from typing import ClassVar

from coopledger.chain.contracts.contract import Contract
from coopledger.chain.wire.client import BlockId
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import Address, MemberNumber, TicketId, Timestamp
from coopledger.domain.words import unpack_ticket

LARGEST_TICKET_PAGE = 500
"""Tickets a call."""


class LensContract(Contract):
    """``TicketLens`` at an address. Every method raises ``ContractRefusal`` as ``ask`` does."""

    artifact: ClassVar[str] = "TicketLens"

    def tickets(self, start: TicketId, count: int, at: BlockId = "latest") -> list[Ticket]:
        """Return up to ``count`` tickets from id ``start`` (at least 1) on."""
        words = self.ticket_words(start, count, at)
        return [unpack_ticket(TicketId(start + i), word) for i, word in enumerate(words)]

    def ticket_words(self, start: TicketId, count: int, at: BlockId = "latest") -> list[int]:
        """Return up to ``count`` tickets from id ``start`` on, packed (see ``domain.words``)."""
        return self.ask_words("tickets", start, count, at=at)

    def member_at(
        self, account: Address, moment: Timestamp, at: BlockId = "latest"
    ) -> MemberNumber | None:
        """Return an account's record that was open at a time that has passed, or None."""
        return self.ask("memberAt", account, moment, at=at) or None

    def members_at(self, moment: Timestamp, at: BlockId = "latest") -> int:
        """Return how many records were open at a time that has passed."""
        return int(self.ask("membersAt", moment, at=at))

    def voting_record(
        self, account: Address, moment: Timestamp, at: BlockId = "latest"
    ) -> MemberNumber | None:
        """Return the record in whose name an account votes on a question of that time, or None."""
        return self.ask("votingRecord", account, moment, at=at) or None
