"""How full an import of fresh people keeps the blocks of a chain: 30 million gas every 2 seconds.

The first and the last of its blocks do not count: the import begins in the middle of one, and ends in one.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from bench.issue import cooperative, imported, write_orders
from coopledger.chain.wire.client import Chain
from coopledger.domain.types import BlockNumber

_BLOCK_GAS, _BLOCK_TIME_S = 30_000_000, 2
_ENOUGH = 0.9


def main(arguments: Sequence[str]) -> int:
    """Measure and show; return 1 where the blocks are less than nine tenths full."""
    parser = argparse.ArgumentParser(prog="scripts/bench fill", description=__doc__)
    parser.add_argument("--tickets", type=int, default=10_000, help="tickets to import")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    options = parser.parse_args(arguments)
    tickets: int = options.tickets
    with tempfile.TemporaryDirectory(prefix="coopledger-bench-") as name:
        folder = Path(name)
        file = folder / "orders.csv"
        write_orders(file, tickets)
        with cooperative(folder, "fill", tickets) as coop:
            coop.chain.rpc.request("evm_setBlockGasLimit", hex(_BLOCK_GAS))
            coop.chain.rpc.request("evm_setIntervalMining", _BLOCK_TIME_S)
            before = coop.chain.head()
            seconds, raws = imported(coop, file, folder, tickets)
            shares = shares_used(coop.chain, before)
    measured = {
        "tickets": tickets,
        "transactions": len(raws),
        "blocks": len(shares),
        "tickets_per_s": round(tickets / seconds, 1),
        "fullness": round(mean(shares[1:-1]), 3),
        "emptiest": round(min(shares[1:-1]), 3),
    }
    print(
        f"{tickets:,} tickets in {len(raws)} transactions and {len(shares)} blocks: the blocks between the"
        f" first and the last were {measured['fullness']:.1%} full, the emptiest {measured['emptiest']:.1%}"
        f" (promised: {_ENOUGH:.0%})"
    )
    if options.json:
        print(json.dumps(measured))
    return 0 if measured["fullness"] >= _ENOUGH else 1


def shares_used(chain: Chain, before: BlockNumber) -> list[float]:
    """Return the share of gas used of each block from the first to the last that held something."""
    shares = []
    for number in range(before + 1, chain.head() + 1):
        block = chain.rpc.request("eth_getBlockByNumber", hex(number), False)
        shares.append(int(block["gasUsed"], 16) / int(block["gasLimit"], 16))
    used = [place for place, share in enumerate(shares) if share]
    return shares[used[0] : used[-1] + 1]
