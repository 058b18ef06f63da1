"""Moving a membership, as it is typed by the four that take part."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest
from eth_account import Account

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine

DAY_S = 86_400
CLERK, OLD, NEW, GUARDIAN = "0", "2", "3", "7"


@pytest.fixture
def accounts() -> dict[str, str]:
    """The accounts of the development keys."""
    Account.enable_unaudited_hdwallet_features()
    phrase = " ".join(["test"] * 11 + ["junk"])
    return {
        index: str(Account.from_mnemonic(phrase, account_path=f"m/44'/60'/0'/0/{index}").address)
        for index in (CLERK, OLD, NEW, "4", GUARDIAN)
    }


@pytest.fixture
def sold(cli: CommandLine, accounts: dict[str, str]) -> CommandLine:
    """The command line after somebody with a wallet joined, and got two tickets more."""
    for number in range(3):
        consent = ("--consent", "Formulir 1") if number == 0 else ()
        cli.done(
            *("sell", "1", "--tier", "Tiket reguler", "--receipt", f"R-{number}"),
            *("--account", accounts[OLD], *consent),
        )
    return cli


def as_key(cli: CommandLine, key: str) -> CommandLine:
    """Let the next commands act with a development key."""
    cli.set(development_key=key)
    return cli


def test_a_move_from_the_proposal_to_the_new_key(
    sold: CommandLine, accounts: dict[str, str]
) -> None:
    """Proposed, seen in each format, refused before its time, and accepted with its tickets."""
    said = sold.done("move", "propose", "1", accounts[NEW])
    assert re.fullmatch(
        rf"Proposed: membership 1 moves to {accounts[NEW]}. "
        r"It can be accepted from 2026-12-07 \d\d:\d\d:\d\d WIB on.\n",
        said.out,
    )
    assert "The new key accepts: coopledger move accept 1" in said.err
    assert "proposed, waiting" in sold.done("move", "list").out
    (listed,) = sold.done("move", "list", "-f", "json").facts
    assert sold.done("move", "status", accounts[OLD], "-f", "json").facts == listed
    assert (listed["from"], listed["to"]) == (accounts[OLD], accounts[NEW])
    assert listed["possible"][0] == "the old key can veto"
    (row,) = csv.DictReader(io.StringIO(sold.done("move", "list", "-f", "csv").out))
    assert list(row) == list(listed)
    early = as_key(sold, NEW)("move", "accept", "1")
    assert early.code == 5
    assert "cannot be accepted before 2026-12-07" in early.err
    sold.dev.increase_time(7 * DAY_S)
    assert as_key(sold, "4")("move", "accept", "1").code == 6
    done = as_key(sold, NEW).done("move", "accept", "1")
    assert done.out == (
        f"Membership 1 has moved: {accounts[NEW]} is member 2 now.\n"
        "Tickets that came along: 2, 3.\n"
    )
    assert "Refunds of them go to the new account" in done.err
    assert sold.done("move", "list").err == "No move is pending.\n"
    gone = sold("move", "status", "1")
    assert gone.code == 5
    assert "the record of member 1 is closed (moved)" in gone.err
    assert sold("move", "status", "2").code == 4


@pytest.mark.parametrize(
    ("options", "along", "stay"),
    [(("--tickets", "3"), "3", "2"), (("--no-tickets",), "", "2, 3")],
)
def test_tickets_may_be_left_behind(
    sold: CommandLine,
    accounts: dict[str, str],
    options: tuple[str, ...],
    along: str,
    stay: str,
) -> None:
    """Who accepts names which tickets come along, and is told what stays with the old account."""
    sold.done("move", "propose", "1", accounts[NEW])
    sold.dev.increase_time(7 * DAY_S)
    as_key(sold, NEW)
    refused = sold("move", "accept", "1", "--tickets", "1")
    assert refused.code == 5
    assert "ticket 1 cannot come along" in refused.err
    done = sold.done("move", "accept", "1", *options)
    assert (f"Tickets that came along: {along}." in done.out) is bool(along)
    assert f"Tickets that stay with the old account, refunds too: {stay}." in done.err
    for ticket in stay.split(", "):
        assert sold.done("ticket", ticket, "-f", "json").facts["holder"] == accounts[OLD]


def test_a_veto_a_contest_and_the_guardian(sold: CommandLine, accounts: dict[str, str]) -> None:
    """The old key vetoes, the board contests with a warning first, and the guardian cancels."""
    sold.done("move", "propose", accounts[OLD], accounts[NEW])
    assert sold("move", "veto", "1").code == 6
    said = as_key(sold, OLD).done("move", "veto", "1")
    assert said.out == f"Vetoed: membership 1 stays with {accounts[OLD]}.\n"
    assert as_key(sold, NEW)("move", "accept", "1").code == 5
    contested = as_key(sold, CLERK).done("move", "contest", "1", accounts[NEW])
    assert contested.out.startswith("Contested: membership 1 moves to ")
    assert f"{accounts[OLD]} is frozen until the move is over" in contested.err
    (listed,) = sold.done("move", "list", "-f", "json").facts
    assert (listed["state"], listed["frozen"]) == ("contested, waiting", True)
    assert sold("move", "cancel", "1").code == 6
    said = as_key(sold, GUARDIAN).done("move", "cancel", "1")
    assert said.out == f"Cancelled: membership 1 stays with {accounts[OLD]}.\n"
    assert sold("move", "cancel", "1").code == 4


def test_slips_are_named(sold: CommandLine, accounts: dict[str, str]) -> None:
    """The same account, a member, nobody and a mistyped account have their own words and codes."""
    sold.done(
        *("sell", "1", "--tier", "Tiket reguler", "--receipt", "R-9"),
        *("--account", accounts["4"], "--consent", "Formulir 2"),
    )
    for to, code, words in (
        (accounts[OLD], 3, "belongs to"),
        (accounts["4"], 5, "is member 2 itself"),
        (accounts[NEW][:-1], 3, "is not an account"),
    ):
        said = sold("move", "propose", "1", to)
        assert (said.code, said.out) == (code, "")
        assert words in said.err
    assert sold("move", "propose", "9", accounts[NEW]).code == 4
    contest = sold("move", "contest", "1", accounts[NEW])
    assert contest.code == 4
    assert "frozen" not in contest.err


def test_an_agreed_move(sold: CommandLine, accounts: dict[str, str]) -> None:
    """One command writes the message; both keys sign the file; the same command moves at once."""
    file = str(sold.folder / "move.json")
    words = ("move", "now", "1", accounts[NEW], "--message", file)
    first = sold.done(*words, "--tickets", "2")
    assert f"is ready to be signed by {accounts[OLD]} and {accounts[NEW]}." in first.out
    assert "the registrar gives the same command again" in first.err
    nobody = sold(*words)
    assert nobody.code == 3
    assert f"it is for {accounts[OLD]} to sign" in nobody.err
    as_key(sold, OLD).done("sign", file, "--yes")
    one = as_key(sold, CLERK)(*words)
    assert f"it is for {accounts[NEW]} to sign" in one.err
    as_key(sold, NEW).done("sign", file, "--yes")
    as_key(sold, CLERK)
    assert sold(*words, "--no-tickets").code == 2
    assert sold("move", "now", "1", accounts["4"], "--message", file).code == 3
    assert sold("relay", file).code == 3
    done = sold.done(*words)
    assert done.out == (
        f"Membership 1 has moved: {accounts[NEW]} is member 2 now.\nTickets that came along: 2.\n"
    )


def test_a_veto_and_an_acceptance_that_others_send(
    sold: CommandLine, accounts: dict[str, str]
) -> None:
    """Messages are written by anybody, signed by the key they are about, and sent by anybody."""
    sold.done("move", "propose", "1", accounts[NEW])
    no, yes = str(sold.folder / "no.json"), str(sold.folder / "yes.json")
    # Longer than the move's delay, which passes below: on a slow machine seconds go by, too.
    vetoed = sold.done("move", "veto", "1", "--message", no, "--deadline", "2026-12-20")
    assert f"to be signed by {accounts[OLD]}." in vetoed.out
    written = sold.done("move", "accept", "1", "--no-tickets", "--message", yes)
    assert f"to be signed by {accounts[NEW]}. It is good until 2026-12-14" in written.out
    assert f"coopledger relay {yes}" in written.err
    assert sold("move", "accept", "1", "--message", yes).code == 5
    assert sold("move", "veto", "1", "--deadline", "2027-01-01").code == 3
    assert sold("move", "accept", "1", "--no-tickets", "--tickets", "2").code == 5
    as_key(sold, NEW).done("sign", yes, "--yes")
    sold.dev.increase_time(7 * DAY_S)
    assert sold("move", "accept", "1", "--no-tickets", "--tickets", "2").code == 2
    as_key(sold, OLD).done("sign", no, "--yes")
    as_key(sold, "4").done("relay", no)
    assert sold("relay", yes).code == 5
    assert sold.done("move", "status", "1", "-f", "json").facts["state"] == "vetoed"
