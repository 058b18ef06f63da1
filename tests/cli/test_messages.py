"""Signed messages on the command line: written by a clerk, signed by a person, sent by anybody."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from coopledger.chain.development import development_signer

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine, Said

ANI, BUDI, CLERK = 2, 3, 0
REGULAR = ("buy", "1", "--tier", "Tiket reguler")


class Desk:
    """The command line, used by one person after another."""

    def __init__(self, cli: CommandLine) -> None:
        self.cli = cli
        self.ani, self.budi = (development_signer(cli.chain, each).address for each in (ANI, BUDI))

    def __call__(self, who: int, *words: str) -> Said:
        """Run a person's command."""
        self.cli.set(development_key=str(who))
        return self.cli(*words)

    def done(self, who: int, *words: str) -> Said:
        """Run a person's command that must succeed."""
        said = self(who, *words)
        assert said.code == 0, said.err
        return said


@pytest.fixture
def desk(cli: CommandLine) -> Desk:
    """People at a desk; Ani has bought tickets 1 and 2."""
    desk = Desk(cli)
    desk.done(ANI, "play-money", "200000")
    for _ in range(2):
        desk.done(ANI, *REGULAR)
    return desk


def test_joining_with_a_clerks_help(desk: Desk) -> None:
    """A clerk writes the message, the person reads and signs it, the clerk sends it."""
    written = desk.done(CLERK, "join", "1", "--message", "join.json", "--account", desk.ani)
    assert written.out.startswith("join.json is ready to be signed. It is good until 2026-12-07")
    assert "coopledger sign join.json" in written.err
    other = desk(BUDI, "sign", "join.json", "--yes")
    assert other.code == 6
    assert f"for {desk.ani} to sign" in other.err
    unasked = desk(ANI, "sign", "join.json")
    assert unasked.code == 3
    for words in (
        f"It is the word of {desk.ani}.",
        "become a member with ticket 1",
        "By-laws: version 1, Keccak-256 0x",
        "Ticket 1: Turah, 2026-12-05 19:00:00 WIB.",
        "It is good until 2026-12-07",
    ):
        assert words in unasked.err
    assert desk(CLERK, "relay", "join.json").code == 3
    signed = desk.done(ANI, "sign", "join.json", "--yes")
    assert signed.out == f"join.json is signed by {desk.ani}.\n"
    assert "Nothing has happened yet" in signed.err
    facts = desk.done(CLERK, "relay", "join.json", "--format", "json").facts
    assert facts == {
        "done": "Join",
        "signed_by": desk.ani,
        "member": 1,
        "ticket": 1,
        "to": None,
        "paid_back": [],
    }
    assert desk.done(ANI, "my", "--format", "json").facts["consent"] == "signed"
    again = desk(CLERK, "relay", "join.json")
    assert again.code == 5
    assert "is member 1 by now" in again.err


def test_giving_leaving_and_handing_back(desk: Desk) -> None:
    """Each of a holder's commands can be written, signed and sent instead."""
    desk.done(ANI, "join", "1", "--bylaws", "1")
    for name, words, asks in (
        ("give", ("give", "2", desk.budi), f"It asks to give ticket 2 to {desk.budi}."),
        ("leave", ("leave",), "It asks to end membership 1;"),
        ("refund", ("refund", "1"), "The holder is paid Rp 25.000."),
    ):
        desk.done(ANI, *words, "--message", f"{name}.json")
        signed = desk.done(ANI, "sign", f"{name}.json", "--yes", "--out", f"{name}-signed.json")
        assert asks in signed.err
    said = desk.done(CLERK, "relay", "refund-signed.json")
    assert "Rp 25.000 for ticket 1" in said.out
    assert desk.budi in desk.done(CLERK, "relay", "give-signed.json").out
    assert desk.done(CLERK, "relay", "leave-signed.json", "-f", "json").facts["member"] == 1
    assert desk(CLERK, "relay", "give-signed.json").code == 5


def test_a_file_that_is_there_is_kept(desk: Desk) -> None:
    """A message is not written over another file, and a signed one not over the original by --out."""
    desk.done(ANI, "give", "2", desk.budi, "--message", "give.json")
    before = (desk.cli.folder / "give.json").read_bytes()
    assert desk(ANI, "give", "2", desk.budi, "--message", "give.json").code == 5
    assert desk(ANI, "sign", "give.json", "--yes", "--out", "give.json").code == 5
    assert (desk.cli.folder / "give.json").read_bytes() == before


def test_a_wallet_elsewhere(desk: Desk) -> None:
    """The file is what wallets sign; what one answers is added, if it is the right one's."""
    desk.done(CLERK, "join", "1", "--message", "join.json", "--account", desk.ani)
    content = json.loads((desk.cli.folder / "join.json").read_text())
    assert set(content) == {"types", "primaryType", "domain", "message"}
    made = {
        who: "0x" + development_signer(desk.cli.chain, who).sign_typed_data(content).hex()
        for who in (ANI, BUDI)
    }
    assert desk(CLERK, "sign", "join.json", "--signature", made[BUDI]).code == 6
    assert desk(CLERK, "sign", "join.json", "--signature", "yes").code == 3
    added = desk.done(CLERK, "sign", "join.json", "--signature", made[ANI])
    assert added.out == f"join.json is signed by {desk.ani}.\n"
    assert desk.done(CLERK, "relay", "join.json", "-f", "json").facts["member"] == 1


def test_a_deadline_can_be_named(desk: Desk) -> None:
    """A message is good until the time that its writer names, which must be to come."""
    words = ("give", "2", desk.budi, "--message", "give.json", "--deadline")
    assert desk(ANI, *words, "2026-11-01 09:00").code == 3
    assert desk(ANI, *words, "soon").code == 3
    assert "2026-12-01 09:00:00 WIB" in desk.done(ANI, *words, "2026-12-01 09:00").out


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{}", "the file lacks domain"),
        ('{"types":{},"primaryType":"Permit","domain":{},"message":{}}', "primaryType"),
        ("not json", "the file is not JSON"),
    ],
)
def test_other_files_are_refused(desk: Desk, content: str, place: str) -> None:
    """What is no message is refused by the place, before anything is signed or sent."""
    file = desk.cli.file("other.json", content)
    for command in ("sign", "relay"):
        refused = desk(ANI, command, file)
        assert (refused.code, refused.out) == (3, "")
        assert place in refused.err
    assert desk(ANI, "sign", "nowhere.json").code == 3


def at_terminal(desk: Desk, answer: bytes, *words: str) -> tuple[int, str]:
    """Run Ani's command at a terminal of its own and type an answer."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "coopledger.cli.main", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "COOPLEDGER_DEVELOPMENT_KEY": str(ANI), "COLUMNS": "200"},
    )
    os.close(theirs)
    os.write(ours, answer)
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:
        pass  # the other end of a terminal that was closed
    os.close(ours)
    return process.wait(60), said.decode()


def test_a_person_is_asked_at_a_terminal(desk: Desk) -> None:
    """At a terminal the by-laws are shown and the consent is asked for; a no does nothing."""
    code, said = at_terminal(desk, b"n\n", "join", "1")
    assert code == 3
    assert "By-laws in force: version 1, Keccak-256 0x" in said
    assert "Become a member under version 1 of the by-laws?" in said
    assert desk.done(ANI, "my", "-f", "json").facts["member"] is None
    code, said = at_terminal(desk, b"y\n", "join", "1")
    assert code == 0, said
    assert "Welcome, member 1." in said
    desk.done(ANI, "leave", "--message", "leave.json")
    code, said = at_terminal(desk, b"y\n", "sign", "leave.json")
    assert code == 0, said
    assert "It asks to end membership 1" in said
    code, said = at_terminal(desk, b"y\n", *REGULAR)
    assert code == 0, said
    assert "Pay Rp 35.000 from" in said
