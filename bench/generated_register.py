"""Registers of any size, as the events that a ledger would have emitted, block by block.

The events are under a right hash chain, in blocks with times and hashes, so they go through the real
projections. Nothing is put into the tables that a chain could not have put there.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from eth_utils.address import to_checksum_address

from coopledger.domain.events import ChainEvent, Joined, Left, Moved, Place, StandingSet
from coopledger.domain.moments import BlockMark
from coopledger.domain.moves import MoveKind
from coopledger.domain.register import Cause, Consent, Standing, genesis_head, next_head
from coopledger.domain.types import (
    NO_ATTESTATION,
    Address,
    Attestation,
    BlockNumber,
    BylawsVersion,
    ChainId,
    MemberNumber,
    TicketId,
    Timestamp,
)
from coopledger.index.following.batch import BlockBatch
from coopledger.index.origin import Origin

CHAIN = ChainId(31337)
LEDGER = to_checksum_address("0x" + "1ed9e5" * 6 + "0000")
FIRST_BLOCK = BlockNumber(10)
BEGAN = Timestamp(1_700_000_000)
ORIGIN = Origin(CHAIN, LEDGER, FIRST_BLOCK)

_PAPER = Attestation(b"a paper, hashed.")
_CONSENTS = (Consent.SIGNED, *[Consent.PURCHASED] * 5, *[Consent.ATTESTED] * 2)
_CAUSES = (*[Cause.LEFT] * 7, Cause.EXPELLED, Cause.DECEASED, Cause.ANNULLED)


@dataclass
class Shares:
    """How often what happens, per record that is opened."""

    leaves: float = 0.05
    standings: float = 0.2
    moves: float = 0.005
    rejoins: float = 0.01


@dataclass
class Generator:
    """Makes the history of a register."""

    seed: int = 1
    shares: Shares = field(default_factory=Shares)
    seconds_a_block: int = 12
    events: list[ChainEvent] | None = None
    """Set to a list to keep every event, for a model to compare with."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._head = genesis_head(CHAIN, LEDGER)
        self._members = 0
        self._open: list[tuple[MemberNumber, Address, TicketId, Standing]] = []
        self._gone: list[tuple[MemberNumber, Address]] = []
        self._block = FIRST_BLOCK - 1
        self._time = int(BEGAN)
        self._tickets = 0

    def batches(self, members: int, per_block: int, blocks_a_batch: int) -> Iterator[BlockBatch]:
        """Yield batches until so many records were opened."""
        while self._members < members:
            yield self._batch(members, per_block, blocks_a_batch)

    def _batch(self, members: int, per_block: int, blocks: int) -> BlockBatch:
        first = BlockNumber(self._block + 1)
        made: list[ChainEvent] = []
        times: dict[BlockNumber, Timestamp] = {}
        senders: dict[bytes, Address] = {}
        for _ in range(blocks):
            self._block += 1
            self._time += self._random.randrange(1, 2 * self.seconds_a_block)
            place_hash = _hash(self._block)
            transaction = _hash(self._block + 2**40)
            there = len(made)
            count = min(per_block, members - self._members)
            for index in range(count):
                place = Place(BlockNumber(self._block), place_hash, transaction, 3 * index)
                self._happen(place, made)
            if len(made) > there:
                times[BlockNumber(self._block)] = Timestamp(self._time)
                senders[transaction] = LEDGER
        end = BlockMark(BlockNumber(self._block), _hash(self._block), Timestamp(self._time))
        if self.events is not None:
            self.events.extend(made)
        return BlockBatch(first, end, made, times, [end], {}, senders)

    def _happen(self, place: Place, made: list[ChainEvent]) -> None:
        """Open a record, and let something else happen, too."""
        shares, chance = self.shares, self._random.random
        if self._gone and chance() < shares.rejoins:
            previous, account = self._gone.pop(self._random.randrange(len(self._gone)))
        else:
            previous, account = None, _account(self._members + 1)
        self._join(place, account, previous, made)
        if chance() < shares.standings:
            self._set_standing(_after(place, 1), made)
        if chance() < shares.moves:
            self._move(_after(place, 2), made)
        if chance() < shares.leaves:
            self._leave(_after(place, 2), made)

    def _join(
        self, place: Place, account: Address, previous: MemberNumber | None, made: list[ChainEvent]
    ) -> None:
        self._members += 1
        self._tickets += 1
        number, ticket = MemberNumber(self._members), TicketId(self._tickets)
        consent = self._random.choice(_CONSENTS)
        paper = _PAPER if consent is Consent.ATTESTED else NO_ATTESTATION
        now = Timestamp(self._time)
        facts = (place, number, account, ticket, consent, BylawsVersion(1), now, previous, paper)
        self._add(Joined(*facts, now, b""), made)
        self._open.append((number, account, ticket, Standing.ASSOCIATE))

    def _set_standing(self, place: Place, made: list[ChainEvent]) -> None:
        index = self._random.randrange(len(self._open))
        number, account, ticket, was = self._open[index]
        standing = Standing.FULL if was is Standing.ASSOCIATE else Standing.ASSOCIATE
        self._open[index] = (number, account, ticket, standing)
        now = Timestamp(self._time)
        self._add(StandingSet(place, number, account, standing, _PAPER, now, b""), made)

    def _move(self, place: Place, made: list[ChainEvent]) -> None:
        index = self._random.randrange(len(self._open))
        old, former, ticket, standing = self._open[index]
        self._members += 1
        number, account = MemberNumber(self._members), _account(2**60 + self._members)
        now = Timestamp(self._time)
        self._add(Moved(place, number, account, old, ticket, MoveKind.DELAYED, now, b""), made)
        self._open[index] = (number, account, ticket, standing)
        self._gone.append((old, former))

    def _leave(self, place: Place, made: list[ChainEvent]) -> None:
        index = self._random.randrange(len(self._open))
        self._open[index], self._open[-1] = self._open[-1], self._open[index]
        number, account, ticket, _ = self._open.pop()
        cause = self._random.choice(_CAUSES)
        self._gone.append((number, account))
        paper = NO_ATTESTATION if cause is Cause.LEFT else _PAPER
        self._add(
            Left(place, number, account, ticket, cause, paper, Timestamp(self._time), b""), made
        )

    def _add(self, event: Joined | Left | StandingSet | Moved, made: list[ChainEvent]) -> None:
        self._head = next_head(self._head, event.register_event())
        object.__setattr__(event, "head", self._head)
        made.append(event)


def _after(place: Place, steps: int) -> Place:
    return Place(place.block, place.block_hash, place.transaction, place.log_index + steps)


def _hash(number: int) -> bytes:
    return (number * 0x9E3779B97F4A7C15 % 2**256).to_bytes(32)


def _account(number: int) -> Address:
    # No checksum: it would take longer than everything else, and no table holds one.
    return Address(f"0x{number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**160:040x}")  # type: ignore[arg-type]
