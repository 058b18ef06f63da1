"""A real chain with a cooperative's life on it, made fast: sales in batches, standings, exits, the door.

An event is one log of the ledger or a box office that becomes one event of ours
(``coopledger.domain.events``), whether it names one ticket or a hundred. ``Locked``, which wallets want
and the index does not, is none.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.issue import cooperative
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.development import DevChain, development_signer
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.client import Chain
from coopledger.chain.wire.transactions import Call
from coopledger.domain.register import Cause, Standing
from coopledger.domain.types import (
    NO_SEAT,
    Address,
    Attestation,
    BylawsVersion,
    Gas,
    MemberNumber,
    OrderReference,
    ScreeningId,
    TicketId,
    TierIndex,
    Timestamp,
)
from coopledger.domain.words import pack_line
from coopledger.settings import TRANSACTION_GAS_CAP, Settings

_SCREENING = ScreeningId(1)
_PAPER = Attestation(b"\x01" * 16)
_NEW_A_BATCH, _KNOWN_A_BATCH, _AT_THE_DOOR = 150, 300, 50
"""Tickets a transaction: sold to people who join by them, to members, and let in at once."""
_STANDINGS_A_ROUND, _EXITS_A_ROUND = 3, 1
_BLOCK_GAS = 60_000_000
"""Gas of the transactions of a block: the default limit of EIP-7935."""
_NEW_GAS, _KNOWN_GAS, _DOOR_GAS, _CHANGE_GAS = 90_000, 45_000, 10_000, 300_000
"""What a ticket, or one change of the register, may take."""
_MOST_TICKETS = 10_000_000


@contextmanager
def filled(folder: Path, name: str, events: int) -> Iterator[tuple[Cooperative, int]]:
    """Give a cooperative on a chain of its own, and how many events its sales and changes have made.

    Args:
        folder: where ``name`` becomes the deployments folder.
        name: a name.
        events: at least so many; a few more come from opening and from the door.
    """
    with cooperative(folder, name, _MOST_TICKETS) as coop:
        life = Life(coop)
        play(coop.chain, life.until(events))
        DevChain(coop.chain).set_time(coop.ledger.screenings([_SCREENING])[0].starts_at)
        play(coop.chain, life.door())
        if (coop.ledger.member_count(), coop.ledger.ticket_count()) != (life.members, life.tickets):
            raise AssertionError("the chain did not take all of it")
        yield coop, life.events


def play(chain: Chain, calls: Iterable[Call]) -> None:
    """Send calls, as many a block as fit: anvil takes the longer for a block the more there is."""
    dev, sender = DevChain(chain), Sender(chain, development_signer(chain), Settings())
    # Blocks that are half full do not make gas dearer.
    chain.rpc.request("evm_setBlockGasLimit", hex(2 * _BLOCK_GAS))
    dev.set_automine(False)
    nonce, gas, fees = sender.next_nonce(), 0, sender.fees()
    for call in calls:
        asked = call.gas or TRANSACTION_GAS_CAP
        if gas + asked > _BLOCK_GAS:
            dev.mine()
            gas, fees = 0, sender.fees()
        sender.broadcast(sender.prepare(call, asked, nonce, fees))
        nonce, gas = nonce + 1, gas + asked
    dev.mine()
    dev.set_automine(True)


@dataclass
class Life:
    """Makes the calls of a cooperative's life, and counts the events that they will make."""

    coop: Cooperative
    events: int = 0
    members: int = 0
    tickets: int = 0
    sequence: int = 0
    _random: random.Random = field(default_factory=lambda: random.Random(4))
    _gone: set[int] = field(default_factory=set)
    _full: set[int] = field(default_factory=set)

    def until(self, events: int) -> Iterator[Call]:
        """Yield sales and changes of the register until they make so many events."""
        now = self.coop.chain.block("latest").timestamp
        while self.events < events:
            yield self.newcomers(now)
            for _ in range(_STANDINGS_A_ROUND):
                yield self._standing()
            for _ in range(_EXITS_A_ROUND):
                yield self._exit()
            if self.sequence % 4 == 1:
                yield self._sale([self._open() for _ in range(_KNOWN_A_BATCH)], now, _KNOWN_GAS)

    def newcomers(self, now: Timestamp) -> Call:
        """Return a batch of tickets to people who join by them."""
        people = range(self.members + 1, self.members + _NEW_A_BATCH + 1)
        self.members += _NEW_A_BATCH
        self.events += _NEW_A_BATCH
        return self._sale(people, now, _NEW_GAS)

    def door(self) -> Iterator[Call]:
        """Yield what lets in the first tenth of the tickets."""
        for first in range(1, self.tickets // 10, _AT_THE_DOOR):
            tickets = [TicketId(first + index) for index in range(_AT_THE_DOOR)]
            self.events += 1
            call = self.coop.ledger.redeem_call(_SCREENING, tickets)
            yield replace(call, gas=Gas(_AT_THE_DOOR * _DOOR_GAS))

    def _sale(self, people: Sequence[int], now: Timestamp, gas: int) -> Call:
        lines = [pack_line(_account(each), NO_SEAT, TierIndex(0), now) for each in people]
        first = self.tickets
        references = [OrderReference((first + i).to_bytes(32)) for i in range(len(lines))]
        call = self.coop.box_office.sell_call(
            *(_SCREENING, self.sequence, lines, references, BylawsVersion(1), _PAPER),
            gas=Gas(gas * len(lines)),
        )
        self.sequence += 1
        self.tickets += len(lines)
        self.events += len(lines) + 1
        return call

    def _standing(self) -> Call:
        self.events += 1
        number = self._open()
        standing = Standing.ASSOCIATE if number in self._full else Standing.FULL
        self._full ^= {number}
        ledger = self.coop.ledger
        return ledger.set_standing_call(MemberNumber(number), standing, _PAPER, Gas(_CHANGE_GAS))

    def _exit(self) -> Call:
        self.events += 1
        number = self._open()
        self._gone.add(number)
        call = self.coop.ledger.close_call(MemberNumber(number), Cause.EXPELLED, _PAPER)
        return replace(call, gas=Gas(_CHANGE_GAS))

    def _open(self) -> int:
        while (number := self._random.randint(1, self.members)) in self._gone:
            pass
        return number


def _account(number: int) -> Address:
    # The checksum is of no use here, and takes longer than the rest.
    return Address(f"0x{0xC0FFEE + number * 0x9E3779B97F4A7C15:040x}")  # type: ignore[arg-type]  # no checksum needed
