"""The whole story, on a real export: found, import, sell, join, give, move, refund, leave, close, audit.

Everything runs on this machine, in a temporary folder, and is gone afterwards. The local chain's clock is
set, so the story is the same on any day.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from coopledger import settings
from coopledger.bootstrap import Application
from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.domain.types import WIB, to_timestamp
from coopledger.imports.orders.files import read_positions
from coopledger.local.chain.node import LocalNode, NodeOptions
from coopledger.local.database.server import EmbeddedServer
from examples.audit_chapters import AUDIT_CHAPTERS, audited
from examples.telling import chapter, tell, told

EXAMPLES = Path(__file__).resolve().parent

MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=WIB)
VIEWER, FRIEND, WALLET, NEW_KEY = 2, 3, 4, 5
"""Which of the local chain's public keys plays whom."""
DOORS_OPEN = "2026-12-05 18:30"
MEETING = "2026-12-10 10:00"
LEAVING = "2026-12-10 10:30"
LATER = "2026-12-10 11:00"
CLOSING_DAY = "2026-12-13 11:00"

FILMS = (("Turah", 2016, 83), ("Siti", 2014, 88), ("Ziarah", 2016, 87))
REGULAR = "Tiket reguler"
CHAPTERS = (
    *("cash_sale", "wallet_purchase", "gift", "claim", "lost_key", "refund"),
    *("left_with_deposit", *AUDIT_CHAPTERS),
)
SHOWS = (("2026-12-05 19:00", 1), ("2026-12-12 19:00", 2), ("2026-12-19 19:00", 3))


@contextmanager
def cooperative_on_this_machine() -> Iterator[Path]:
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
            yield Path(folder)


def story(folder: Path) -> dict[str, Any]:
    """Tell the story; return what each chapter came to."""
    found: dict[str, Any] = {}
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
    found |= {"imported": imported, "after_import": counts()}

    chapter("The same orders again, as JSON: nothing is sold twice")
    files = [f"examples/{slug}-orders.json" for slug in ("turah", "siti", "ziarah")]
    again = told("import-orders", *files, *order_map)
    if again["tickets"]:
        sys.exit("demo: an order was sold twice")

    chapter("At the counter: Budi pays cash, and joins by a form")
    budi = ("--email", "budi@example.org", "--name", "Budi Santoso", "--consent", "Formulir 12")
    found["cash_sale"] = told("sell", "1", "--tier", REGULAR, "--receipt", "0001", *budi)

    chapter("A viewer with a wallet buys, and joins in the same step")
    tell("play-money", "105000", key=VIEWER)
    joins = ("--join", "--bylaws", "1", "--yes")
    found["wallet_purchase"] = told("buy", "1", "--tier", REGULAR, *joins, key=VIEWER)
    tell("buy", "3", "--tier", REGULAR, "--yes", key=VIEWER)

    chapter("A gift: the friend is no member by it, and joins by a word of their own")
    gift = told("buy", "1", "--tier", REGULAR, "--yes", key=VIEWER)
    tell("give", str(gift["ticket"]), account(FRIEND), key=VIEWER)
    tell("join", str(gift["ticket"]), "--bylaws", "1", key=FRIEND)
    found["gift"] = {"ticket": gift["ticket"], "member": member_of(FRIEND)}

    chapter("Budi claims: membership and ticket move to a wallet of his own, which signs for it")
    message = str(folder / "claim.json")
    claim = ("claim", "budi@example.org", "--account", account(WALLET), "--message", message)
    tell(*claim)
    tell("sign", message, "--yes", key=WALLET)
    found["claim"] = told(*claim)

    chapter("Budi loses that key. A move to a new one is proposed; anybody sees it for seven days")
    lost = found["claim"]["member"]
    tell("move", "propose", str(lost), account(NEW_KEY))

    chapter("Saturday evening at the door: a ticket id, a scanned code, an order number")
    tell("clock", DOORS_OPEN)
    scanned = read_positions(EXAMPLES / "turah-orders.json").positions
    paid = [position for position in scanned if position.status == "paid"]
    tell("redeem", "1", "2", "3", paid[0].secret, str(paid[1].key), str(paid[2].key))
    tell("redeem", "2", expect=9)

    chapter("Thursday: the move's delay is over, and the new key accepts")
    tell("clock", MEETING)
    tell("move", "accept", str(lost), key=NEW_KEY)
    found["lost_key"] = {"old_member": lost, "member": member_of(NEW_KEY)}

    chapter("The board cancels a screening: what was paid on the chain goes back to its holders")
    tell("screening", "cancel", "3")
    found["refund"] = told("refund-all", "3")

    chapter("A member leaves; the deposit comes back, the seat stays")
    tell("clock", LEAVING)
    tell("leave", "--yes", key=VIEWER)
    tell("my", key=VIEWER)
    found["left_with_deposit"] = {
        "member": found["wallet_purchase"]["member"],
        "deposit": balance_of(VIEWER) - 35_000,
    }

    chapter("The board closes a record: announced, then executed after its delay")
    decision = ("--cause", "deceased", "--reference", "Berita acara 7/2026")
    tell("close", "4", *decision)
    tell("clock", CLOSING_DAY)
    tell("close", "4", *decision)

    chapter("The register, and one member of it")
    tell("members", "--start", "250", "--count", "5", "--closed")
    tell("member", "budi@example.org")
    tell("members", "--start", "3", "--count", "3")
    tell("members", "--start", "3", "--count", "3", "--at", "2026-12-10T12:00+07:00")
    leaver = found["left_with_deposit"]["member"]
    return found | audited(folder, left=leaver, before=MEETING, after=LATER)


def account(key: int) -> str:
    """Return the account of one of the local chain's public keys."""
    with Application(settings.load()) as work:
        return work.development_account(key)


def member_of(key: int) -> int | None:
    """Return the membership of such an account, read from the chain."""
    with Application(settings.load()) as work:
        return work.cooperative.ledger.member_of(work.development_account(key))


def balance_of(key: int) -> int:
    """Return the play money of such an account, in rupiah."""
    with Application(settings.load()) as work:
        coop = work.cooperative
        currency = CurrencyContract(coop.chain, coop.box_office.currency())
        return currency.balance_of(work.development_account(key))


def counts() -> dict[str, int]:
    """Return how many tickets and records there are, read back from the chain."""
    with Application(settings.load()) as work:
        ledger = work.cooperative.ledger
        return {"tickets": ledger.ticket_count(), "members": ledger.member_count()}


def figures(found: dict[str, Any]) -> dict[str, Any]:
    """Read the figures back from the chain; what each chapter came to stands beside them."""
    imported = found["imported"]
    with Application(settings.load()) as work:
        coop = work.cooperative
        ids = range(1, coop.ledger.ticket_count() + 1)
        words = coop.ledger.ask_many("ticket", [(each,) for each in ids])
        return {
            "chain_id": coop.chain.chain_id,
            "ledger": coop.ledger.address,
            "orders_imported": imported["orders_imported"],
            "positions_skipped": imported["positions_skipped"],
            **found["after_import"],
            "tickets_in_the_end": coop.ledger.ticket_count(),
            "members_in_the_end": coop.ledger.member_count(),
            "members_open": coop.ledger.active_count(),
            "redeemed": sum(word >> 248 & 1 for word in words),
            "register_head": "0x" + coop.ledger.register_head().hex(),
            "register_events": coop.ledger.event_count(),
            "gas_per_ticket": round(imported["gas"] / imported["tickets"]),
            **{chapter: found[chapter] for chapter in CHAPTERS},
        }


def main() -> None:
    """Tell the story and, with --json, end with its figures as one line."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    as_json: bool = parser.parse_args().json
    started = time.monotonic()
    os.chdir(EXAMPLES.parent)
    with cooperative_on_this_machine() as folder:
        found = figures(story(folder))
    chapter(
        f"{found['tickets_in_the_end']} tickets and {found['members_open']} members on the chain, "
        f"in {time.monotonic() - started:.0f} seconds"
    )
    if as_json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
