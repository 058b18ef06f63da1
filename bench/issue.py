"""Tickets a second through the whole import, beside what the chain takes of the same transactions.

All chains here are deployed by the same keys in the same steps, so their contracts have the same
addresses, and the very bytes that the import signed can be handed to another chain that has seen nothing
of it.
"""

import argparse
import csv
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_bytes

from eth_account import Account
from rich.console import Console
from rich.table import Table

from coopledger.chain.contracts.access import ADMIN_DELAY_S
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.development import development_signer
from coopledger.chain.sending.sender import Prepared, Sender
from coopledger.chain.wire.client import Chain, connect
from coopledger.cli.frame.interpreter import collect_less_often
from coopledger.domain.roles import Role
from coopledger.domain.screenings import Announcement, Film, Tier
from coopledger.domain.types import (
    NO_SEAT,
    WIB,
    Attestation,
    BylawsVersion,
    OrderReference,
    Rupiah,
    ScreeningId,
    TierIndex,
    Timestamp,
    to_timestamp,
)
from coopledger.domain.words import pack_line
from coopledger.imports.map.mapping import OrderMap
from coopledger.imports.orders.files import read_positions
from coopledger.local.chain.node import LocalNode, NodeOptions
from coopledger.local.chain.programs import NodeProgram
from coopledger.local.database.server import EmbeddedServer
from coopledger.people.desk import People
from coopledger.people.master import master_secrets_of_trial
from coopledger.services.founding import deploying
from coopledger.services.importing.consents import ConsentRule, Consents
from coopledger.services.importing.sending import import_orders
from coopledger.services.programme import films_and_screenings
from coopledger.services.register import bylaws
from coopledger.settings import Settings

_PROMISED_SHARE = 0.55
_BEGUN = datetime.now(WIB)
_NOW = to_timestamp(_BEGUN)
_ORDERED = (_BEGUN - timedelta(days=2)).isoformat(timespec="seconds")
_OPERATOR, _DEPLOYER, _OTHER = 0, 9, 8
SCREENING = ScreeningId(1)
PAPER = Attestation(b"\x01" * 16)
MAP = """
[events]
turah = 1
[products]
"Tiket reguler" = "Tiket reguler"
"""


def main(arguments: Sequence[str]) -> int:
    """Measure and show; return 1 where the import is below what is promised."""
    parser = argparse.ArgumentParser(prog="scripts/bench issue", description=__doc__)
    parser.add_argument("--tickets", type=int, default=10_000, help="tickets to import")
    parser.add_argument("--naive", type=int, default=500, help="tickets to sell one by one")
    parser.add_argument(
        "--node", type=NodeProgram, choices=list(NodeProgram), default=NodeProgram.ANVIL
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    options = parser.parse_args(arguments)
    tickets: int = options.tickets
    node: NodeProgram = options.node
    collect_less_often()  # as the command does
    with tempfile.TemporaryDirectory(prefix="coopledger-bench-") as folder:
        file = Path(folder) / "orders.csv"
        write_orders(file, tickets)
        imported_s, raws = time_import(file, Path(folder), tickets, node)
        limit_s = time_ready_signed(Path(folder), raws, tickets, node)
        naive_s = time_one_by_one(Path(folder), options.naive, node)
    measured = {
        "node": node.value,
        "tickets": tickets,
        "transactions": len(raws),
        "tickets_per_s": round(tickets / imported_s, 1),
        "chain_limit_per_s": round(tickets / limit_s, 1),
        "naive_per_s": round(options.naive / naive_s, 1),
        "share_of_limit": round(limit_s / imported_s, 3),
    }
    show(measured)
    if options.json:
        print(json.dumps(measured))
    return 0 if limit_s / imported_s >= _PROMISED_SHARE else 1


def write_orders(file: Path, tickets: int) -> None:
    """Write a plain CSV of paid positions, each of a buyer of its own, who joins."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        names = "order,position,status,event,product,email,attendee_name,price,ordered_at"
        rows.writerow(names.split(","))
        for number in range(tickets):
            buyer = [f"penonton.{number}@example.org", f"Penonton {number}", "35000", _ORDERED]
            rows.writerow([f"B{number:06}", 1, "paid", "turah", "Tiket reguler", *buyer])


class RecordingSender(Sender):
    """Keeps the signed bytes of what it sends."""

    def __init__(self, chain: Chain, settings: Settings) -> None:
        super().__init__(chain, development_signer(chain, _OPERATOR), settings)
        self.raws: list[bytes] = []

    def broadcast(self, prepared: Prepared) -> bool:
        """Send, and keep the bytes."""
        self.raws.append(prepared.raw)
        return super().broadcast(prepared)


@contextmanager
def cooperative(
    folder: Path, name: str, capacity: int, node: NodeProgram = NodeProgram.ANVIL
) -> Iterator[Cooperative]:
    """Give a cooperative on a fresh chain, with one screening that is on sale."""
    settings = Settings()
    with LocalNode(NodeOptions(node)) as served:
        chain = connect(served.url, served.chain_id)
        operator = development_signer(chain, _OPERATOR).address
        other = development_signer(chain, _OTHER).address
        holders = [deploying.Holder(Role.ADMIN, other, ADMIN_DELAY_S)]
        holders += [deploying.Holder(role, operator) for role in Role if role not in {0, 9}]
        deployer = development_signer(chain, _DEPLOYER)
        coop = deploying.deploy(
            chain,
            Sender(chain, deployer, settings),
            deployer.address,
            folder / name,
            tuple(holders),
            None,
            lambda _step: None,
        )
        sender = Sender(chain, development_signer(chain, _OPERATOR), settings)
        bylaws.record_bylaws(coop, sender, operator, b"\x01" * 32)
        film = films_and_screenings.add_film(coop, sender, Film("Turah", 2016, 83))
        later = Timestamp(_NOW + 10 * 86_400)
        tier = Tier("Tiket reguler", Rupiah(35_000), Rupiah(10_000))
        films_and_screenings.add_screening(
            coop,
            sender,
            Announcement(
                film=film,
                venue="Tegal",
                capacity=capacity,
                starts_at=later,
                ends_at=Timestamp(later + 7200),
                opens_at=_NOW,
                closes_at=later,
                refundable_until=later,
                seated=False,
                non_transferable=False,
                tiers=(tier,),
            ),
        )
        yield coop
        chain.close()


def time_import(
    file: Path, folder: Path, tickets: int, node: NodeProgram
) -> tuple[float, list[bytes]]:
    """Return the seconds from the file to the last confirmed ticket, and what was signed."""
    with cooperative(folder, "import", tickets, node) as coop:
        return imported(coop, file, folder, tickets)


def imported(
    coop: Cooperative, file: Path, folder: Path, tickets: int
) -> tuple[float, list[bytes]]:
    """Import a file into a cooperative with people of its own; return the same."""
    state = folder / "state"
    state.mkdir()
    with (
        EmbeddedServer(state / "postgresql") as server,
        People.open(server.start(), master_secrets_of_trial(state)) as people,
    ):
        settings = Settings()
        sender = RecordingSender(coop.chain, settings)
        order_map = folder / "map.toml"
        order_map.write_text(MAP, "utf-8")
        started = time.perf_counter()
        with people.accounts_ahead(coop.chain.chain_id, coop.ledger.address):
            report = import_orders(
                coop,
                sender,
                development_signer(coop.chain, _OPERATOR).address,
                people,
                settings,
                [read_positions(file)],
                OrderMap.load(order_map),
                Consents(ConsentRule.BUYERS, "", people.attestation_of("bench")),
            )
        seconds = time.perf_counter() - started
        if (report.tickets, coop.ledger.member_count()) != (tickets, tickets):
            raise AssertionError(f"{report.tickets} tickets were issued, not {tickets}")
        return seconds, list(dict.fromkeys(sender.raws))  # what was lost went out again


def time_ready_signed(
    folder: Path, raws: Sequence[bytes], tickets: int, node: NodeProgram
) -> float:
    """Return the seconds that a fresh chain takes for the same signed transactions."""
    with cooperative(folder, "limit", tickets, node) as coop:
        started = time.perf_counter()
        hashes = [
            coop.chain.rpc.request("eth_sendRawTransaction", "0x" + raw.hex(), repeat=False)
            for raw in raws
        ]
        for waited in hashes:
            while not (receipt := coop.chain.rpc.request("eth_getTransactionReceipt", waited)):
                time.sleep(0.005)
            if receipt["status"] != "0x1":
                raise AssertionError(f"the chain refused {waited}")
        seconds = time.perf_counter() - started
        if coop.ledger.ticket_count() != tickets:
            raise AssertionError("the transactions issued another number of tickets")
        return seconds


def time_one_by_one(folder: Path, tickets: int, node: NodeProgram) -> float:
    """Return the seconds for selling tickets one a transaction, each awaited: the naive way."""
    with cooperative(folder, "naive", tickets, node) as coop:
        sender = Sender(coop.chain, development_signer(coop.chain, _OPERATOR), Settings())
        accounts = [Account.create().address for _ in range(tickets)]
        started = time.perf_counter()
        for sequence, account in enumerate(accounts):
            sender.send(
                coop.box_office.sell_call(
                    SCREENING,
                    sequence,
                    [pack_line(account, NO_SEAT, TierIndex(0), _NOW)],
                    [OrderReference(token_bytes(32))],
                    BylawsVersion(1),
                    PAPER,
                )
            )
        return time.perf_counter() - started


def show(measured: dict[str, float | str]) -> None:
    """Show the figures to people."""
    title = f"Issuing {measured['tickets']:,} tickets that join, on {measured['node']}"
    table = Table(title=title, title_justify="left")
    table.add_column("way")
    table.add_column("tickets a second", justify="right")
    table.add_row("coopledger, from the file to confirmed", f"{measured['tickets_per_s']:,}")
    table.add_row("the chain, same transactions ready-signed", f"{measured['chain_limit_per_s']:,}")
    table.add_row("one transaction a ticket", f"{measured['naive_per_s']:,}")
    Console(width=100).print(table)
    print(
        f"share of what the chain takes: {measured['share_of_limit']:.0%} (promised: {_PROMISED_SHARE:.0%})"
    )
