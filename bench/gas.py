"""Gas of every kind of work, beside Unlock, OpenZeppelin and ERC721A on the same chain.

Two runs give the same figures to the last unit (see ``metering/meter.py``), so the table is committed
(``docs/gas.json``) and a test holds the contracts to it.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.metering import figures, page, peers
from bench.metering.meter import Meter, Runs, number
from bench.metering.own import OwnWork
from bench.metering.peers import PeerWork
from coopledger.chain.building.compiler import read_config
from coopledger.chain.wire.client import Chain, connect
from coopledger.local.chain.node import LocalNode
from coopledger.settings import find_project_root

TABLE = "docs/gas.json"
PAGE = "docs/gas.md"

_PIPE_WIDTH = 120


def main(arguments: Sequence[str]) -> int:
    """Measure, show, and write where asked; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(prog="scripts/bench gas", description="Measure gas.")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    parser.add_argument("--write", action="store_true", help=f"write {TABLE} and {PAGE}")
    options = parser.parse_args(arguments)
    root = find_project_root()
    with LocalNode() as node:
        chain = connect(node.url, node.chain_id)
        measured = measure_all(chain, root)
        chain.close()
    if options.write:
        write(measured, root)
    if options.json:
        print(json.dumps(measured))
    else:
        page.show(measured, Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH))
    return 0 if all(promise["met"] for promise in measured["promises"].values()) else 1


def measure_all(chain: Chain, root: Path) -> dict[str, Any]:
    """Measure our own work and the peers' on a fresh local chain, and return the table.

    Returns:
        Each of our figures by name, gas a ticket (the median); ``peers`` likewise; ``promises``
        with limit, worst run and whether it is met; ``spent_on``, ``deployments``, ``runs``,
        ``compiler`` and ``chain``.

    Raises:
        ContractRefusal: a contract refuses what it should do.
        SourceMissing, CompilerMissing, CompilationFailed: the peers cannot be compiled.
    """
    meter = Meter(chain)
    own = OwnWork(meter)
    runs = own.measure()
    peer_runs = PeerWork(meter, root).measure()
    spent = own.spent_on()
    config = read_config(root)
    ours = figures.medians(runs)
    theirs = figures.medians(peer_runs)
    return {
        **{name: ours[name] for name in figures.ABOUT},
        "peers": {name: theirs[name] for name in peers.ABOUT},
        "promises": figures.judged(runs),
        "spent_on": {
            name: {part: number(gas) for part, gas in spent[name].items()}
            for name in figures.ABOUT
            if name in spent
        },
        "deployments": own.deployments(),
        "runs": _rounded(runs) | _rounded(peer_runs),
        "compiler": {"version": config.version, "settings": dict(config.settings)},
        "chain": {
            "client": chain.client_version,
            "hardfork": chain.rpc.request("anvil_nodeInfo")["hardFork"],
        },
    }


def read(root: Path) -> dict[str, Any]:
    """Return the committed table."""
    table: dict[str, Any] = json.loads((root / TABLE).read_text("utf-8"))
    return table


def write(measured: page.Measured, root: Path) -> None:
    """Write the table that is committed, and the page that shows it."""
    (root / TABLE).write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    (root / PAGE).write_text(page.render(measured), "utf-8")


def _rounded(runs: Runs) -> dict[str, list[int | float]]:
    return {name: [number(gas) for gas in runs[name]] for name in runs}
