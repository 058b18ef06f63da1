"""The ledger's typed face: tickets and the register, read and written.

Methods that ask return values, methods named ``..._call`` return a call that somebody with the right role
still has to send.
"""

from collections.abc import Sequence
from typing import ClassVar

from eth_utils.address import to_checksum_address

from coopledger.chain.contracts.contract import Contract, events_of
from coopledger.chain.wire.client import BlockId
from coopledger.chain.wire.transactions import Call
from coopledger.domain.moves import Move, MoveState
from coopledger.domain.register import Cause, Link, Record, Standing
from coopledger.domain.screenings import Screening
from coopledger.domain.signed_messages import SigningDomain
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import (
    Address,
    Attestation,
    BlockNumber,
    BylawsVersion,
    Gas,
    MemberNumber,
    ScreeningId,
    TicketId,
    Timestamp,
)
from coopledger.domain.words import unpack_record, unpack_ticket

LARGEST_PAGE = 500
"""Records a call; a node answers a page of these in a few milliseconds."""


class LedgerContract(Contract):
    """``TicketLedger`` at an address. Every method raises ``ContractRefusal`` as ``ask`` does."""

    artifact: ClassVar[str] = "TicketLedger"

    # -- the register --

    def register_head(self, at: BlockId = "latest") -> bytes:
        """Return the head of the hash chain: 32 bytes."""
        head: bytes = self.ask("registerHead", at=at)
        return head

    def event_count(self, at: BlockId = "latest") -> int:
        """Return how many events the hash chain covers."""
        return int(self.ask("eventCount", at=at))

    def member_count(self, at: BlockId = "latest") -> int:
        """Return how many records there are, open and closed; the newest one's number."""
        return int(self.ask("memberCount", at=at))

    def active_count(self, at: BlockId = "latest") -> int:
        """Return how many records are open."""
        return int(self.ask("activeCount", at=at))

    def members(self, start: MemberNumber, count: int, at: BlockId = "latest") -> list[Record]:
        """Return up to ``count`` records from number ``start`` (at least 1) on."""
        words = self.member_words(start, count, at)
        return [unpack_record(MemberNumber(start + i), word) for i, word in enumerate(words)]

    def member_words(self, start: MemberNumber, count: int, at: BlockId = "latest") -> list[int]:
        """Return up to ``count`` records from number ``start`` (at least 1) on, packed as stored."""
        return list(self.ask("members", start, count, at=at))

    def member(self, number: MemberNumber, at: BlockId = "latest") -> Record:
        """Return one record.

        Raises:
            UnknownMember: there is none of that number.
        """
        return unpack_record(number, self.ask("member", number, at=at))

    def records(
        self, numbers: Sequence[MemberNumber], at: BlockId = "latest"
    ) -> dict[MemberNumber, Record]:
        """Return many records in few requests; they must exist."""
        words = self.ask_many("member", [(number,) for number in numbers], at)
        return {n: unpack_record(n, word) for n, word in zip(numbers, words, strict=True)}

    def link_of(self, number: MemberNumber, at: BlockId = "latest") -> Link:
        """Return how a record hangs together with others."""
        return self.links_of([number], at)[0]

    def links_of(self, numbers: Sequence[MemberNumber], at: BlockId = "latest") -> list[Link]:
        """Return how records hang together with others, in few requests."""
        answers = self.ask_many("linkOf", [(number,) for number in numbers], at)
        return [
            Link(previous or None, moved_from or None, MemberNumber(origin))
            for previous, moved_from, origin in answers
        ]

    def member_of(self, account: Address, at: BlockId = "latest") -> MemberNumber | None:
        """Return the number of an account's open membership, or None if it has none."""
        return self.ask("memberOf", account, at=at) or None

    def members_of(
        self, accounts: Sequence[Address], at: BlockId = "latest"
    ) -> dict[Address, MemberNumber | None]:
        """Return the open membership of many accounts in few requests."""
        numbers = self.ask_many("memberOf", [(account,) for account in accounts], at)
        return {a: number or None for a, number in zip(accounts, numbers, strict=True)}

    def latest_member_of(self, account: Address, at: BlockId = "latest") -> MemberNumber | None:
        """Return an account's newest record, open or closed, or None if it never had one."""
        return self.ask("latestMemberOf", account, at=at) or None

    def latest_members_of(
        self, accounts: Sequence[Address], at: BlockId = "latest"
    ) -> dict[Address, MemberNumber | None]:
        """Return the newest record, open or closed, of many accounts in few requests."""
        numbers = self.ask_many("latestMemberOf", [(account,) for account in accounts], at)
        return {a: number or None for a, number in zip(accounts, numbers, strict=True)}

    def ticket_of(self, account: Address, at: BlockId = "latest") -> TicketId | None:
        """Return an account's membership card, or None if it is no member."""
        return self.ask("ticketOf", account, at=at) or None

    def standings_at(
        self, numbers: Sequence[MemberNumber], moment: Timestamp, at: BlockId = "latest"
    ) -> list[Standing]:
        """Return what standing records had at a time that has passed (NONE where not open)."""
        answers = self.ask_many("standingAt", [(number, moment) for number in numbers], at)
        return [Standing(answer) for answer in answers]

    def bylaws_version(self, at: BlockId = "latest") -> BylawsVersion:
        """Return the version in force; 0 if none was recorded."""
        return BylawsVersion(self.ask("bylawsVersion", at=at))

    def bylaws_hash(self, version: BylawsVersion, at: BlockId = "latest") -> bytes:
        """Return the hash of a version of the by-laws.

        Raises:
            WrongBylaws: no such version was recorded.
        """
        recorded: bytes = self.ask("bylawsHash", version, at=at)
        return recorded

    # -- screenings and tickets --

    def name(self) -> str:
        """Return what the ledger calls its tickets (ERC-721)."""
        return str(self.ask("name"))

    def symbol(self) -> str:
        """Return the tickets' short name (ERC-721)."""
        return str(self.ask("symbol"))

    def ticket_count(self, at: BlockId = "latest") -> int:
        """Return how many tickets were ever issued; the newest one's id."""
        return int(self.ask("ticketCount", at=at))

    def ticket(self, ticket_id: TicketId, at: BlockId = "latest") -> Ticket:
        """Return a ticket.

        Raises:
            TokenDoesNotExist: none of that id was issued.
        """
        return unpack_ticket(ticket_id, self.ask("ticket", ticket_id, at=at))

    def tickets(self, ticket_ids: Sequence[TicketId], at: BlockId = "latest") -> list[Ticket]:
        """Return many tickets in few requests; they must exist."""
        words = self.ticket_words(ticket_ids, at)
        return [unpack_ticket(t, word) for t, word in zip(ticket_ids, words, strict=True)]

    def ticket_words(self, ticket_ids: Sequence[TicketId], at: BlockId = "latest") -> list[int]:
        """Return many tickets in few requests, packed as stored; they must exist."""
        return self.ask_many("ticket", [(ticket_id,) for ticket_id in ticket_ids], at)

    def screening_count(self, at: BlockId = "latest") -> int:
        """Return how many screenings were ever opened; the newest one's id."""
        return int(self.ask("screeningCount", at=at))

    def screenings(self, ids: Sequence[ScreeningId], at: BlockId = "latest") -> list[Screening]:
        """Return screenings; the issuer of one that does not exist is the zero address."""
        answers = self.ask_many("screening", [(each,) for each in ids], at)
        return [
            Screening(each, to_checksum_address(issuer), Timestamp(starts_at), Timestamp(ends_at))
            for each, (issuer, starts_at, ends_at) in zip(ids, answers, strict=True)
        ]

    def tickets_of(self, account: Address, first: BlockNumber) -> list[Ticket]:
        """Return the tickets that an account holds, found by what it was ever given.

        Args:
            account: the holder.
            first: the block of the deployment.
        """
        topics = [events_of(self.artifact)["Transfer"].topic, None, bytes(12) + _packed(account)]
        logs = self.chain.logs([self.address], topics, first, self.chain.head())
        ids = sorted({TicketId(int.from_bytes(log.topics[3])) for log in logs})
        return [ticket for ticket in self.tickets(ids) if ticket.owner == account]

    # -- moves --

    def move_of(self, number: MemberNumber, at: BlockId = "latest") -> Move | None:
        """Return a record's pending move, or None if there is none."""
        return self.moves_of([number], at).get(number)

    def moves_of(
        self, numbers: Sequence[MemberNumber], at: BlockId = "latest"
    ) -> dict[MemberNumber, Move]:
        """Return the pending moves of those records that have one, in few requests."""
        answers = self.ask_many("moveOf", [(number,) for number in numbers], at)
        return {
            number: Move(to_checksum_address(to), Timestamp(ready_at), MoveState(state))
            for number, (to, ready_at, state) in zip(numbers, answers, strict=True)
            if state != MoveState.NONE
        }

    def is_frozen(self, account: Address, at: BlockId = "latest") -> bool:
        """Say whether a contested move has frozen an account."""
        return bool(self.ask("isFrozen", account, at=at))

    def frozen_among(self, accounts: Sequence[Address]) -> set[Address]:
        """Return those of some accounts that a contested move has frozen."""
        answers = self.ask_many("isFrozen", [(account,) for account in accounts])
        return {account for account, frozen in zip(accounts, answers, strict=True) if frozen}

    def signing_domain(self) -> SigningDomain:
        """Return what messages to this ledger are signed for."""
        return SigningDomain(self.chain.chain_id, self.address)

    # -- calls of holders and members, and what they sign for others to send --

    def give_call(self, ticket_id: TicketId, to: Address) -> Call:
        """Give the sender's ticket to somebody."""
        return self.call("give", ticket_id, to)

    def give_by_signature_call(
        self, ticket_id: TicketId, to: Address, deadline: Timestamp, signature: bytes
    ) -> Call:
        """Give a ticket as its holder signed."""
        return self.call("giveBySig", ticket_id, to, deadline, signature)

    def join_call(self, ticket_id: TicketId, bylaws: BylawsVersion) -> Call:
        """Join with the sender's ticket under the by-laws in force."""
        return self.call("join", ticket_id, bylaws)

    def join_by_signature_call(
        self,
        account: Address,
        ticket_id: TicketId,
        bylaws: BylawsVersion,
        consented_at: Timestamp,
        deadline: Timestamp,
        signature: bytes,
    ) -> Call:
        """Let an account join as it signed."""
        return self.call("joinBySig", account, ticket_id, bylaws, consented_at, deadline, signature)

    def leave_call(self) -> Call:
        """Close the sender's membership."""
        return self.call("leave")

    def leave_by_signature_call(
        self, number: MemberNumber, deadline: Timestamp, signature: bytes
    ) -> Call:
        """Close a membership as its member signed."""
        return self.call("leaveBySig", number, deadline, signature)

    def veto_move_call(self, number: MemberNumber) -> Call:
        """Say no to a move of the sender's membership."""
        return self.call("vetoMove", number)

    def veto_move_by_signature_call(
        self, number: MemberNumber, deadline: Timestamp, signature: bytes
    ) -> Call:
        """Say no to a move as the old key signed."""
        return self.call("vetoMoveBySig", number, deadline, signature)

    def accept_move_call(self, number: MemberNumber, ticket_ids: Sequence[TicketId]) -> Call:
        """Accept a move that leads to the sender, and take tickets along."""
        return self.call("acceptMove", number, list(ticket_ids))

    def accept_move_by_signature_call(
        self,
        number: MemberNumber,
        ticket_ids: Sequence[TicketId],
        deadline: Timestamp,
        signature: bytes,
    ) -> Call:
        """Accept a move as the new key signed."""
        return self.call("acceptMoveBySig", number, list(ticket_ids), deadline, signature)

    # -- calls of the roles --

    def enrol_call(
        self,
        ticket_id: TicketId,
        bylaws: BylawsVersion,
        consented_at: Timestamp,
        attestation: Attestation,
    ) -> Call:
        """Enrol a ticket's holder, whose consent is on paper (role REGISTRAR)."""
        return self.call("enrol", ticket_id, bylaws, consented_at, attestation)

    def propose_move_call(self, number: MemberNumber, to: Address) -> Call:
        """Propose to move a membership (role RECOVERY)."""
        return self.call("proposeMove", number, to)

    def contest_move_call(self, number: MemberNumber, to: Address) -> Call:
        """Open a contested move after a veto (role BOARD)."""
        return self.call("contestMove", number, to)

    def cancel_move_call(self, number: MemberNumber) -> Call:
        """Stop a move, or clear a veto (role GUARDIAN)."""
        return self.call("cancelMove", number)

    def move_now_call(
        self,
        number: MemberNumber,
        to: Address,
        ticket_ids: Sequence[TicketId],
        deadline: Timestamp,
        old_signature: bytes,
        new_signature: bytes,
    ) -> Call:
        """Move a membership at once, as both keys signed (role REGISTRAR)."""
        return self.call(
            "moveNow", number, to, list(ticket_ids), deadline, old_signature, new_signature
        )

    def set_base_uri_call(self, uri: str) -> Call:
        """Say where metadata is read (role BOARD)."""
        return self.call("setBaseURI", uri)

    def unredeem_call(self, screening: ScreeningId, ticket_id: TicketId) -> Call:
        """Take a redemption back (role BOX_OFFICE)."""
        return self.call("unredeem", screening, ticket_id)

    def set_bylaws_call(self, bylaws_hash: bytes) -> Call:
        """Record the next version of the by-laws (role BOARD)."""
        return self.call("setBylaws", bylaws_hash)

    def set_standing_call(
        self,
        number: MemberNumber,
        standing: Standing,
        document: Attestation,
        gas: Gas | None = None,
    ) -> Call:
        """Make a member associate or full (role REGISTRAR)."""
        return self.call("setStanding", number, standing, document, gas=gas)

    def redeem_call(self, screening: ScreeningId, ticket_ids: Sequence[TicketId]) -> Call:
        """Let the bearers of tickets in (role GATE)."""
        return self.call("redeem", screening, list(ticket_ids))

    def close_call(self, number: MemberNumber, cause: Cause, document: Attestation) -> Call:
        """Close a record (role CLOSING, which usually has a delay)."""
        return self.call("close", number, cause, document)


def _packed(account: Address) -> bytes:
    return bytes.fromhex(account[2:])
