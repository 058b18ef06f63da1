"""The main job, on a real export: deploy, import a Monday file, let people in, close, list.

Everything runs on this machine, in a temporary folder, and is gone afterwards. The one subtlety:
the local chain's clock is set, so the story is the same on any day.
"""

import argparse
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any

from coopledger import settings
from coopledger.bootstrap import Application
from coopledger.chain.node import LocalNode, NodeOptions
from coopledger.cli.main import run
from coopledger.cli.output import Format, show_one
from coopledger.domain.types import WIB, to_timestamp
from coopledger.imports.files import read_positions
from coopledger.people.server import EmbeddedServer

EXAMPLES = Path(__file__).resolve().parent

MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=WIB)
DOORS_OPEN = "2026-12-05 18:30"
MEETING = "2026-12-10 10:00"
CLOSING_DAY = "2026-12-13 10:01"

FILMS = (("Turah", 2016, 83), ("Siti", 2014, 88), ("Ziarah", 2016, 87))
SHOWS = (("2026-12-05 19:00", 1), ("2026-12-12 19:00", 2), ("2026-12-19 19:00", 3))


def tell(*words: str, expect: int = 0) -> None:
    """Run a command as a person would type it, and show it."""
    print("\n$ coopledger " + " ".join(f'"{w}"' if " " in w else w for w in words), flush=True)
    code = run(list(words))
    if code != expect:
        sys.exit(f"demo: the command ended with {code}, not {expect}")


def told(*words: str) -> dict[str, Any]:
    """Run a command, show its facts, and return them."""
    print("\n$ coopledger " + " ".join(f'"{w}"' if " " in w else w for w in words), flush=True)
    answer = io.StringIO()
    with redirect_stdout(answer):
        code = run([*words, "--format", "json"])
    if code:
        sys.exit(f"demo: the command ended with {code}")
    facts: dict[str, Any] = json.loads(answer.getvalue())
    show_one(facts, Format.TABLE)
    return facts


def chapter(text: str) -> None:
    """Say what comes next."""
    print(f"\n--- {text}", flush=True)


@contextmanager
def cooperative_on_this_machine() -> Iterator[None]:
    """Start a local chain and a database in a temporary folder, for the length of the story."""
    with tempfile.TemporaryDirectory(prefix="coopledger-demo-") as folder:
        state = Path(folder) / "state"
        state.mkdir()
        with (
            LocalNode(NodeOptions(timestamp=to_timestamp(MONDAY))) as node,
            EmbeddedServer(state / "postgresql"),
        ):
            os.environ["COOPLEDGER_RPC_URL"] = node.url
            os.environ["COOPLEDGER_STATE_FOLDER"] = str(state)
            os.environ["COOPLEDGER_DEPLOYMENTS_FOLDER"] = str(Path(folder) / "deployments")
            yield


def story() -> dict[str, Any]:
    """Tell the story; return the figures."""
    chapter("A cooperative is founded: its contracts, its by-laws, its programme")
    tell("deploy")
    tell("bylaws", str(EXAMPLES.joinpath("AD-ART.md").relative_to(Path.cwd())))
    for title, year, minutes in FILMS:
        tell("film", "add", title, "--year", str(year), "--minutes", str(minutes))
    for starts, film in SHOWS:
        tell(
            *("screening", "add", "--film", str(film), "--starts", starts),
            *("--tier", "Tiket reguler=35000/10000", "--tier", "Tiket pelajar=20000/10000"),
            *("--venue", "Gedung Kesenian Tegal", "--capacity", "400"),
        )

    chapter("Monday: the box office imports what pretix sold; buyers who agreed become members")
    order_map = ("--map", "examples/kinarya-map.toml", "--consent", "buyers")
    imported = told("import-orders", "examples/kinarya-positions.csv", *order_map)

    chapter("The same orders again, as JSON: nothing is sold twice")
    files = [f"examples/{slug}-orders.json" for slug in ("turah", "siti", "ziarah")]
    again = told("import-orders", *files, *order_map)
    if again["tickets"]:
        sys.exit("demo: an order was sold twice")

    chapter("Saturday evening at the door: a ticket id, a scanned code, an order number")
    tell("clock", DOORS_OPEN)
    scanned = read_positions(EXAMPLES / "turah-orders.json").positions
    paid = [position for position in scanned if position.status == "paid"]
    tell("redeem", "1", "2", "3", paid[0].secret, str(paid[1].key), str(paid[2].key))
    tell("redeem", "2", expect=9)

    chapter("The register, and one member of it")
    tell("members", "--count", "5")
    tell("member", "4")

    chapter("The board closes a record: announced, then executed after its delay")
    tell("clock", MEETING)
    decision = ("--cause", "deceased", "--reference", "Berita acara 7/2026")
    tell("close", "4", *decision)
    tell("clock", CLOSING_DAY)
    tell("close", "4", *decision)
    tell("members", "--start", "3", "--count", "3")
    tell("members", "--start", "3", "--count", "3", "--at", "2026-12-10T12:00+07:00")
    return imported


def figures(imported: dict[str, Any]) -> dict[str, Any]:
    """Read the figures back from the chain."""
    with Application(settings.load()) as work:
        coop = work.cooperative
        ids = range(1, coop.ledger.ticket_count() + 1)
        words = coop.ledger.ask_many("ticket", [(each,) for each in ids])
        return {
            "chain_id": coop.chain.chain_id,
            "ledger": coop.ledger.address,
            "orders_imported": imported["orders_imported"],
            "positions_skipped": imported["positions_skipped"],
            "tickets": coop.ledger.ticket_count(),
            "members": coop.ledger.member_count(),
            "members_open": coop.ledger.active_count(),
            "redeemed": sum(word >> 248 & 1 for word in words),
            "register_head": "0x" + coop.ledger.register_head().hex(),
            "register_events": coop.ledger.event_count(),
            "gas_per_ticket": round(imported["gas"] / imported["tickets"]),
        }


def main() -> None:
    """Tell the story and, with --json, end with its figures as one line."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    as_json: bool = parser.parse_args().json
    started = time.monotonic()
    os.chdir(EXAMPLES.parent)
    with cooperative_on_this_machine():
        found = figures(story())
    chapter(
        f"{found['tickets']} tickets and {found['members']} members on the chain, "
        f"in {time.monotonic() - started:.0f} seconds"
    )
    if as_json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
