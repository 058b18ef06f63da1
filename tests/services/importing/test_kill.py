"""The importer killed with ``kill -9`` at random points: nothing lost, nothing doubled.

Each run draws its moments from a fresh seed, which is printed when a test fails. ``scripts/soak kills`` does
the same two hundred times, beside a counter and a worker.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from coopledger.domain.orders import PositionStatus
from coopledger.imports.orders.files import read_positions
from tests.killing import commands, kill_at_a_random_moment

if TYPE_CHECKING:
    from tests.services.conftest import Office

ROOT = Path(__file__).parents[3]
TURAH = ROOT / "examples" / "turah-orders.json"
IMPORT = [
    *("import-orders", str(TURAH), "--map", str(ROOT / "examples" / "kinarya-map.toml")),
    *("--consent", "buyers", "--format", "json"),
]


def check_sold_exactly_once(office: Office) -> None:
    """Check that each paid position has one ticket, and each who consented one membership."""
    positions = [p for p in read_positions(TURAH).positions if p.status is PositionStatus.PAID]
    paid = {
        office.people.order_reference(p.key.source, p.key.order, p.key.position) for p in positions
    }
    joining = {p.holder_email for p in positions if p.held_by_buyer}
    references = [each.reference for each in office.sold()]
    assert len(references) == len(paid) == office.coop.ledger.ticket_count() == 236
    assert set(references) == paid
    assert office.coop.ledger.member_count() == office.coop.ledger.active_count() == len(joining)


def test_killed_again_and_again(office: Office, environment: Callable[..., dict[str, str]]) -> None:
    """However often an import is killed, the next goes on, and each position is sold once."""
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    kills = interrupted = 0
    settings = environment(transaction_gas_cap=1_000_000, transactions_in_flight=4)
    with commands(settings) as processes:
        while interrupted < 12:
            snapshot = office.dev.snapshot()
            while office.coop.ledger.ticket_count() < 236:
                kill_at_a_random_moment(office, processes.start(IMPORT), chance)
                ended = processes.end()
                assert ended in (0, -signal.SIGKILL)
                kills += ended != 0
                interrupted += 0 < office.coop.ledger.ticket_count() < 236
                references = [each.reference for each in office.sold()]
                assert len(references) == len(set(references))
                if chance.random() < 0.15:
                    break
            assert processes.run(IMPORT) == 0
            check_sold_exactly_once(office)
            office.dev.revert(snapshot)
    assert kills >= 12


def test_killed_with_transactions_on_their_way(
    office: Office, environment: Callable[..., dict[str, str]]
) -> None:
    """Where blocks take a second, a kill leaves transactions behind, and they are not repeated."""
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    left_behind = 0
    settings = environment(transaction_gas_cap=1_000_000, transactions_in_flight=8)
    try:
        office.chain.rpc.request("evm_setIntervalMining", 1)
        with commands(settings) as processes:
            for _ in range(4):
                kill_at_a_random_moment(office, processes.start(IMPORT), chance, least=1)
                operator = office.operator
                left_behind += office.nonce() > office.chain.nonce_of(operator, "latest")
                assert processes.end() in (0, -signal.SIGKILL)
            assert processes.run(IMPORT) == 0
    finally:
        office.chain.rpc.request("evm_setIntervalMining", 0)
    check_sold_exactly_once(office)
    assert left_behind
