"""A viewer's own commands: buying, seeing what one has, and what a holder does with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from eth_account import Account

from coopledger.chain.development import development_signer
from coopledger.domain.types import Timestamp

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine

ROOT = Path(__file__).parents[2]
ANI, BUDI = 2, 3
REGULAR = ("buy", "1", "--tier", "Tiket reguler")
JOINING = (*REGULAR, "--join", "--bylaws", "1")


@pytest.fixture
def ani(cli: CommandLine) -> CommandLine:
    """The command line of a viewer who has Rp 100.000 of play money."""
    cli.set(development_key=str(ANI))
    cli.done("play-money", "100000")
    return cli


def account(cli: CommandLine, index: int = ANI) -> str:
    """Return a viewer's account."""
    return development_signer(cli.chain, index).address


def facts(cli: CommandLine, *words: str) -> Any:
    """Run a command and return its answer."""
    return cli.done(*words, "--format", "json").facts


def test_play_money(cli: CommandLine) -> None:
    """Play money is made for oneself or somebody else, and only in whole rupiah."""
    cli.set(development_key=str(ANI))
    assert cli.done("play-money", "50000").out == f"{account(cli)} has Rp 50.000 more.\n"
    cli.done("play-money", "7", "--to", account(cli, BUDI))
    assert facts(cli, "my", "--account", account(cli, BUDI))["money"] == "Rp 7"
    refused = cli("play-money", "35.000")
    assert (refused.code, refused.out) == (3, "")
    assert "35000" in refused.err


def test_buying(ani: CommandLine) -> None:
    """A purchase says what it costs before and what was bought after."""
    said = ani.done(*REGULAR)
    assert "Turah, 2026-12-05 19:00:00 WIB, Gedung Kesenian Tegal, Tiket reguler" in said.err
    assert "Rp 35.000. 400 of 400 places are left." in said.err
    assert "Rp 10.000 are the deposit" in said.err
    assert "a signed permit" in said.out
    bought = facts(ani, *REGULAR)
    assert (bought["ticket"], bought["price"], bought["member"]) == (2, "Rp 35.000", None)
    assert bought["holder"] == account(ani)


def test_a_dry_run_pays_nothing(ani: CommandLine) -> None:
    """A dry run shows the price, checks all, and leaves the money where it is."""
    assert ani.done(*REGULAR, "--dry-run").out == ""
    assert facts(ani, "my")["money"] == "Rp 100.000"
    ani.set(development_key=str(BUDI))
    refused = ani(*REGULAR, "--dry-run")
    assert refused.code == 6
    assert "Rp 35.000 are missing" in refused.err


def test_joining_names_the_by_laws(ani: CommandLine) -> None:
    """In a pipe a consent names the version; the by-laws are shown, and the person's copy is checked."""
    unnamed = ani(*REGULAR, "--join")
    assert (unnamed.code, unnamed.out) == (3, "")
    assert "By-laws in force: version 1, Keccak-256 0x" in unnamed.err
    assert "--bylaws VERSION" in unnamed.err
    other = ani(*REGULAR, "--join", "--bylaws", "2")
    assert other.code == 5
    assert "version 1 of the by-laws is in force, not version 2" in other.err
    wrong = ani(*JOINING, "--bylaws-file", ani.file("AD.md", "Pasal 1\n"))
    assert wrong.code == 8
    assert "is not version 1 of the by-laws" in wrong.err
    missing = ani(*JOINING, "--bylaws-file", "nowhere.md")
    assert missing.code == 3
    assert ani(*REGULAR, "--bylaws", "1").code == 3
    assert facts(ani, "my")["money"] == "Rp 100.000"


def test_joining_by_a_purchase(ani: CommandLine) -> None:
    """Who buys with --join is a member, and sees the card and the deposit."""
    text = str(ROOT / "examples" / "AD-ART.md")
    said = ani.done(*JOINING, "--bylaws-file", text)
    assert "is exactly this version" in said.err
    assert "Welcome, member 1. Ticket 1 is your card for good." in said.err
    mine = facts(ani, "my")
    assert (mine["member"], mine["standing"], mine["consent"]) == (1, "associate", "purchased")
    assert (mine["card"], mine["deposit"], mine["money"]) == (1, "Rp 10.000", "Rp 65.000")
    (card,) = mine["tickets"]
    assert card["can_be_given"] == "no: member's card"
    assert card["refundable_until"] == "2026-12-04 19:00:00 WIB"
    assert card["refund"] == "Rp 25.000"
    again = ani(*JOINING)
    assert again.code == 5
    assert "already member 1" in again.err


def test_my_in_each_format(ani: CommandLine) -> None:
    """What one has is shown as a table with the tickets below, as JSON, and as a CSV of tickets."""
    assert "account" in ani.done("my").out
    ani.done(*REGULAR)
    table = ani.done("my").out
    assert "Rp 65.000" in table
    assert "Tiket reguler" in table
    csv = ani.done("my", "--format", "csv").out.splitlines()
    assert csv[0].startswith("ticket,screening,film,starts,seat,tier,state")
    assert csv[1].startswith("1,1,Turah,2026-12-05 19:00:00 WIB,,Tiket reguler,valid,yes")
    elsewhere = facts(ani, "my", "--account", Account.from_key("0x" + "17" * 32).address)
    assert (elsewhere["member"], elsewhere["tickets"]) == (None, [])


def test_the_most_to_pay(ani: CommandLine) -> None:
    """A price above --max-price is not paid."""
    refused = ani(*REGULAR, "--max-price", "30000")
    assert refused.code == 5
    assert "costs Rp 35.000, more than Rp 30.000" in refused.err
    assert ani.done(*REGULAR, "--max-price", "35000").code == 0


def test_a_ticket_for_somebody_else(ani: CommandLine) -> None:
    """A ticket can be bought for another, who does not join by it."""
    other = account(ani, BUDI)
    refused = ani(*JOINING, "--holder", other)
    assert refused.code == 5
    assert facts(ani, *REGULAR, "--holder", other)["holder"] == other
    ani.set(development_key=str(BUDI))
    assert facts(ani, "my")["member"] is None


def test_joining_giving_leaving(ani: CommandLine) -> None:
    """A holder joins with a ticket, gives another away, and leaves with the deposit."""
    ani.done(*REGULAR)
    ani.done(*REGULAR)
    assert ani("join", "1").code == 3
    assert ani.done("join", "1", "--bylaws", "1").out.startswith("Welcome, member 1.")
    assert facts(ani, "my")["consent"] == "signed"
    other = account(ani, BUDI)
    assert ani.done("give", "2", other).out == f"Ticket 2 belongs to {other} now.\n"
    assert "cannot change hands" in ani("give", "1", other).err
    asked = ani("leave")
    assert asked.code == 3
    assert "Your deposit of Rp 10.000 comes back by a second transaction" in asked.err
    left = ani.done("leave", "--yes").out
    assert left == ("Membership 1 has ended.\nThe deposit of Rp 10.000 is back in your account.\n")
    mine = facts(ani, "my")
    assert (mine["member"], mine["cause"], mine["card"]) == (1, "left", None)
    assert ani("leave", "--yes").code == 4


def test_leaving_when_the_deposit_was_paid_at_the_counter(ani: CommandLine) -> None:
    """Who paid outside the chain is told before leaving that the deposit is not on it."""
    me = account(ani)
    ani.set(development_key="0")
    sale = ("sell", "1", "--tier", "Tiket reguler", "--receipt", "7", "--account", me)
    ani.done(*sale, "--consent", "form 7")
    ani.set(development_key=str(ANI))
    left = ani.done("leave", "--yes")
    assert "was not paid on the chain: ask the cooperative" in left.err
    assert left.out == "Membership 1 has ended.\n"


def test_refunds(ani: CommandLine) -> None:
    """A ticket is handed back until the deadline, and not after it."""
    for _ in range(2):
        ani.done(*REGULAR)
    assert facts(ani, "refund", "1") == [{"ticket": 1, "paid_back": "Rp 35.000"}]
    assert facts(ani, "my")["tickets"][0]["state"] == "void"
    ani.dev.set_time(Timestamp(1_796_473_800))
    late = ani("refund", "2")
    assert late.code == 5
    assert "possible until 2026-12-04 19:00:00 WIB" in late.err


def test_a_message_option_needs_a_message(ani: CommandLine) -> None:
    """--account and --deadline are about a message alone."""
    ani.done(*REGULAR)
    for words in (("--account", account(ani)), ("--deadline", "2026-12-04 19:00")):
        refused = ani("join", "1", "--bylaws", "1", *words)
        assert refused.code == 3
        assert "--message" in refused.err
