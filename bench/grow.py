"""Requests and bytes of a sale, a scanned code and an import's dry run, on a small and on a large chain.

The large chain has 30 times the tickets, and 200 memberships that moved, where the small one has none. An
index follows each, made by the worker itself; it asks the node directly and is not counted.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

from eth_account import Account
from eth_account.signers.local import LocalAccount
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from bench._counting import Counter, Traffic, counting_before
from bench._filled_chain import Life, play
from bench.issue import MAP, PAPER, SCREENING, cooperative, write_orders
from coopledger.bootstrap import Application
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.wire.transactions import Call
from coopledger.domain.signed_messages import move_now_message
from coopledger.domain.types import (
    NO_SEAT,
    BylawsVersion,
    Email,
    Gas,
    MemberNumber,
    OrderReference,
    TierIndex,
    Timestamp,
)
from coopledger.domain.words import pack_line
from coopledger.imports.map.mapping import OrderMap
from coopledger.imports.orders.files import read_positions
from coopledger.index.following.worker import Worker
from coopledger.local.database.server import EmbeddedServer
from coopledger.services.counter.door import find_tickets
from coopledger.services.counter.selling import CounterSale, sell
from coopledger.services.importing.consents import ConsentRule, Consents
from coopledger.services.importing.sending import import_orders
from coopledger.settings import Settings

_SMALL, _LARGE = (1_000, 0), (30_000, 200)
"""Tickets, and memberships that moved."""
_MOST = 1.1
_ROWS, _ISSUED = 100, 50
_CAPACITY = 100_000
_A_BATCH = 100
_GAS = 120_000

Figures = dict[str, Traffic]


def main(arguments: Sequence[str]) -> int:
    """Count and show; return 1 where the large chain costs more than a tenth more."""
    parser = argparse.ArgumentParser(prog="scripts/bench grow", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    options = parser.parse_args(arguments)
    small, large = figures_of(*_SMALL), figures_of(*_LARGE)
    show(small, large)
    figures = {
        f"{what}_{unit}_{size}": getattr(of[what], unit)
        for what in small
        for unit in ("requests", "bytes")
        for size, of in (("small", small), ("large", large))
    }
    if options.json:
        print(json.dumps(figures))
    dearer = [
        name
        for name, figure in figures.items()
        if name.endswith("large") and figure > _MOST * figures[name.replace("large", "small")]
    ]
    return 1 if dearer else 0


def figures_of(tickets: int, moves: int) -> Figures:
    """Return what each thing takes on a chain of its own with an index beside it."""
    with tempfile.TemporaryDirectory(prefix="coopledger-bench-") as name:
        folder = Path(name)
        with (
            EmbeddedServer(folder / "postgresql") as server,
            cooperative(folder, "deployments", _CAPACITY) as coop,
            counting_before(coop.chain.rpc.url) as counter,
        ):
            dsn = server.start()
            fill(coop, tickets, moves)
            settings = Settings(
                rpc_url=counter.url,
                state_folder=folder,
                deployments_folder=folder / "deployments",
                database_dsn=SecretStr(dsn.text),
            )
            with Application(settings) as work:

                def follow() -> None:
                    Worker(coop, dsn, settings, Event()).run(until_caught_up=True)

                return count(work, counter, follow, folder)


def count(work: Application, counter: Counter, follow: Callable[[], None], folder: Path) -> Figures:
    """Count a counter sale of which somebody joins, its code at the door, and an import's dry run."""
    coop, people, office = work.cooperative, work.people, work.operator.address
    orders, order_map = folder / "orders.csv", folder / "map.toml"
    order_map.write_text(MAP, "utf-8")

    def sale() -> None:
        buyer = Email("penonton.loket@example.org")
        sold = CounterSale(
            SCREENING, "Tiket reguler", NO_SEAT, "K1", buyer, "Penonton", consent="form"
        )
        sell(coop, work.sender, office, people, sold, work.index)

    def scan() -> None:
        find_tickets(coop, lambda: people, ["K1-1"], work.index)

    def take(rows: int, *, dry_run: bool) -> None:
        write_orders(orders, rows)
        report = import_orders(
            coop,
            work.sender,
            office,
            people,
            work.settings,
            [read_positions(orders)],
            OrderMap.load(order_map),
            Consents(ConsentRule.BUYERS, "", PAPER),
            look=work.index,
            dry_run=dry_run,
        )
        if dry_run and report.tickets != _ROWS - _ISSUED:
            raise AssertionError(f"{report.tickets} tickets would be issued")

    def counted(thing: Callable[[], None]) -> Traffic:
        follow()
        before = counter.passed
        thing()
        return counter.passed.since(before)

    follow()
    take(_ISSUED, dry_run=False)
    return {
        "sale": counted(sale),
        "scan": counted(scan),
        "import": counted(lambda: take(_ROWS, dry_run=True)),
    }


def fill(coop: Cooperative, tickets: int, moves: int) -> None:
    """Sell so many tickets, and move so many memberships to other accounts."""
    old = [Account.create() for _ in range(moves)]
    now = coop.chain.block("latest").timestamp
    life = Life(coop, members=moves, tickets=moves, sequence=-(-moves // _A_BATCH))

    def calls() -> Iterator[Call]:
        yield from _sales(coop, old, now)
        yield from _moves(coop, old, now)
        while life.tickets < tickets:
            yield life.newcomers(now)

    play(coop.chain, calls())
    known = coop.ledger.member_count(), coop.ledger.ticket_count()
    if known != (life.members + moves, life.tickets):
        raise AssertionError(f"the chain did not take all of it: {known}")


def _sales(coop: Cooperative, old: Sequence[LocalAccount], now: Timestamp) -> Iterator[Call]:
    for sequence, first in enumerate(range(0, len(old), _A_BATCH)):
        batch = old[first : first + _A_BATCH]
        lines = [pack_line(each.address, NO_SEAT, TierIndex(0), now) for each in batch]
        references = [OrderReference(bytes.fromhex(each.address[2:]).rjust(32)) for each in batch]
        yield coop.box_office.sell_call(
            *(SCREENING, sequence, lines, references, BylawsVersion(1), PAPER),
            gas=Gas(_GAS * len(lines)),
        )


def _moves(coop: Cooperative, old: Sequence[LocalAccount], now: Timestamp) -> Iterator[Call]:
    deadline = Timestamp(now + 86_400)
    for number, account in enumerate(old, start=1):
        new = Account.create()
        message = move_now_message(
            coop.ledger.signing_domain(), MemberNumber(number), new.address, [], deadline
        )
        signatures = [
            bytes(each.sign_typed_data(full_message=message.typed_data()).signature)
            for each in (account, new)
        ]
        call = coop.ledger.move_now_call(
            MemberNumber(number), new.address, [], deadline, *signatures
        )
        yield replace(call, gas=Gas(600_000))


def show(small: Figures, large: Figures) -> None:
    """Show the figures to people."""
    title = f"With an index, at {_SMALL[0]:,} and at {_LARGE[0]:,} tickets with {_LARGE[1]} moves"
    table = Table(title=title, title_justify="left")
    for column in ("what", "requests", "and large", "bytes", "and large"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for what in small:
        one, other = small[what], large[what]
        figures = (one.requests, other.requests, one.bytes, other.bytes)
        table.add_row(what, *(f"{figure:,}" for figure in figures))
    Console(width=100).print(table)
