"""Events a second from a real node into an empty index, beside web3.py's ``get_logs`` of the same events.

The index does everything that a worker does (hash chain, reorganisations, tickets' terms, senders, rows,
cursor), and web3.py only fetches and decodes, over the very same ranges of blocks. Each is in a process
of its own, one after the other, before the same node.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

from rich.console import Console
from rich.table import Table

from bench._filled_chain import filled
from bench._fresh import measured
from bench._ponder import PonderUnavailable, time_ponder
from coopledger.chain import artifacts
from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.deployments import Cooperative, open_cooperative
from coopledger.chain.contracts.event_log import topics_of
from coopledger.chain.wire.client import Chain, connect
from coopledger.cli.frame.interpreter import collect_less_often, prepare_to_follow
from coopledger.domain.events import LedgerEvent, OfficeEvent
from coopledger.domain.types import Address, BlockNumber
from coopledger.index.following.sync import Progress
from coopledger.index.following.worker import Worker
from coopledger.local.database.server import EmbeddedServer
from coopledger.settings import LOCAL_CHAIN_ID, Settings

_PER_S, _TIMES = 15_000, 10
_FOLLOWED = {
    "TicketLedger": topics_of(LedgerEvent.__args__),
    "BoxOffice": topics_of(OfficeEvent.__args__),
}


def main(arguments: Sequence[str]) -> int:
    """Measure and show; return 1 where a promise is not met."""
    parser = argparse.ArgumentParser(prog="scripts/bench index", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="events to index, at least")
    parser.add_argument("--with-ponder", action="store_true", help="also beside Ponder, by npm")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    options = parser.parse_args(arguments)
    figures = measure(options.events, with_ponder=options.with_ponder)
    show(figures)
    if options.json:
        print(json.dumps(figures))
    kept = figures["events_per_s"] >= _PER_S and figures["ratio"] >= _TIMES
    return 0 if kept else 1


def measure(events: int, *, with_ponder: bool = False) -> dict[str, Any]:
    """Fill a chain, and return what the index and its peers take for its events."""
    started = time.perf_counter()
    with (
        tempfile.TemporaryDirectory(prefix="coopledger-bench-") as folder,
        filled(Path(folder), "indexed", events) as (coop, made),
    ):
        fill_s = time.perf_counter() - started
        url, blocks = coop.chain.rpc.url, coop.chain.head() - coop.first_block + 1
        addresses = (coop.ledger.address, coop.box_office.address)
        # Whoever asks first pays for the node's first look at its logs: so nobody here does.
        first, last = coop.first_block, coop.chain.head()
        looks = [(start, min(start + 15, last)) for start in range(first, last + 1, 16)]
        measured("bench.index:fetch", url, *addresses, json.dumps(looks))
        built = measured("bench.index:build", url, str(Path(folder) / "indexed"))
        ranges = json.dumps(built.result["ranges"])
        node = measured("bench.index:fetch", url, *addresses, ranges)
        peer = measured("bench.index:decode", url, *addresses, ranges)
        ponder = measure_ponder(coop) if with_ponder else {}
    counts = {built.result["events"], node.result["events"], peer.result["events"]}
    counts |= {ponder["ponder_events"]} if "ponder_events" in ponder else set()
    if len(counts) != 1 or not 0 <= built.result["events"] - made < 20:
        raise AssertionError(f"not the same events: {counts}, and {made} were made")
    count, seconds, peer_s = (
        *(built.result["events"], built.result["seconds"], peer.result["seconds"]),
    )
    return {
        "events": count,
        "blocks": blocks,
        "ranges": len(built.result["ranges"]),
        "fill_s": round(fill_s, 1),
        "seconds": round(seconds, 2),
        "node_s": round(node.result["seconds"], 2),
        "web3_s": round(peer_s, 2),
        "events_per_s": round(count / seconds),
        "web3_events_per_s": round(count / peer_s),
        "ratio": round(peer_s / seconds, 1),
        "peak_mb": round(built.peak_mb, 1),
        "web3_peak_mb": round(peer.peak_mb, 1),
        **ponder,
    }


def measure_ponder(coop: Cooperative) -> dict[str, Any]:
    """Return what Ponder takes for the same events; where it cannot be had, why."""
    names = {
        contract: [name for name, face in events_of(contract).items() if face.topic in set(topics)]
        for contract, topics in _FOLLOWED.items()
    }
    try:
        seconds, events = time_ponder(coop, names)
    except PonderUnavailable as reason:
        return {"ponder": f"not measured: {reason}"}
    figures = {"ponder_s": round(seconds, 2), "ponder_events": events}
    return {**figures, "ponder_events_per_s": round(events / seconds)}


# -- each in a process of its own --


def build(url: str, deployments: str) -> dict[str, Any]:
    """Follow the chain into an empty database until caught up, as ``coopledger worker`` does."""
    prepare_to_follow()
    chain = connect(url, LOCAL_CHAIN_ID)
    coop = open_cooperative(chain, Path(deployments))
    ranges: list[tuple[int, int]] = []
    events = 0

    def watch(progress: Progress) -> None:
        nonlocal events
        events += progress.events
        first = ranges[-1][1] + 1 if ranges else coop.first_block
        if progress.block >= first:
            ranges.append((first, progress.block))

    with (
        tempfile.TemporaryDirectory(prefix="coopledger-bench-") as folder,
        EmbeddedServer(Path(folder) / "postgresql") as server,
    ):
        worker = Worker(coop, server.start(), Settings(), Event(), watch=watch)
        started = time.perf_counter()
        worker.run(until_caught_up=True)
        seconds = time.perf_counter() - started
    return {"events": events, "ranges": ranges, "seconds": seconds}


def fetch(url: str, ledger: str, office: str, ranges: str) -> dict[str, Any]:
    """Ask the node for the logs and do nothing with them: the node's own part."""
    chain = connect(url, LOCAL_CHAIN_ID)
    addresses = [Address(ledger), Address(office)]  # type: ignore[arg-type]  # as they were printed
    topics = [[topic for topics in _FOLLOWED.values() for topic in topics]]
    started = time.perf_counter()
    events = sum(
        len(chain.raw_logs_at_once(addresses, topics, BlockNumber(first), BlockNumber(last)))
        for first, last in json.loads(ranges)
    )
    return {"events": events, "seconds": time.perf_counter() - started}


def decode(url: str, ledger: str, office: str, ranges: str) -> dict[str, Any]:
    """Fetch and decode with web3.py, as its users do: ``get_logs`` of each kind of event."""
    chain = connect(url, LOCAL_CHAIN_ID)
    kinds = [
        *_kinds(chain, "TicketLedger", ledger),
        *_kinds(chain, "BoxOffice", office),
    ]
    collect_less_often()
    started = time.perf_counter()
    events = sum(
        len(kind.get_logs(from_block=first, to_block=last))
        for first, last in json.loads(ranges)
        for kind in kinds
    )
    return {"events": events, "seconds": time.perf_counter() - started}


def _kinds(chain: Chain, name: str, address: str) -> list[Any]:
    """Return web3.py's object for each event of a contract that the index follows."""
    # Imported only here: the index's own process is not to have its memory.
    from web3 import HTTPProvider, Web3

    web3 = Web3(HTTPProvider(chain.rpc.url, request_kwargs={"timeout": 30}))
    contract: Any = web3.eth.contract(
        address=Address(address),  # type: ignore[arg-type]  # as it was printed
        abi=artifacts.load(name).abi,
    )
    wanted = set(_FOLLOWED[name])
    names = [event for event, face in events_of(name).items() if face.topic in wanted]
    return [contract.events[event]() for event in names]


def show(figures: dict[str, Any]) -> None:
    """Show the figures to people."""
    title = f"{figures['events']:,} events in {figures['blocks']:,} blocks of a real chain"
    table = Table(title=title, title_justify="left")
    for column in ("what", "seconds", "events a second", "peak MB"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for what, seconds, per_s, peak in (
        ("coopledger: from nothing into PostgreSQL", "seconds", "events_per_s", "peak_mb"),
        ("web3.py: get_logs, decoding only", "web3_s", "web3_events_per_s", "web3_peak_mb"),
    ):
        row = (f"{figures[seconds]:,}", f"{figures[per_s]:,}", f"{figures[peak]:,}")
        table.add_row(what, *row)
    if "ponder_s" in figures:
        told = (f"{figures['ponder_s']:,}", f"{figures['ponder_events_per_s']:,}", "")
        table.add_row("Ponder: a row an event, with its start", *told)
    per_s = figures["events"] / figures["node_s"]
    table.add_row("the node: eth_getLogs alone", f"{figures['node_s']:,}", f"{per_s:,.0f}", "")
    Console(width=100).print(table)
    if "ponder" in figures:
        print(f"Ponder: {figures['ponder']}")
    print(
        f"{figures['ratio']} times web3.py; promised: {_TIMES} times,"
        f" and {_PER_S:,} events a second"
    )
