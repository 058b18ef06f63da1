"""The commands for people without a wallet, as the registrar types them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import CommandLine

WAYAN = "wayan@example.org"
SALE = ("sell", "1", "--tier", "Tiket reguler", "--email", WAYAN, "--name", "Wayan")


def test_a_person_is_shown_served_and_erased(cli: CommandLine) -> None:
    """Each command does what it says, and what cannot be undone asks first."""
    cli.done(*SALE, "--receipt", "p1", "--consent", "form")
    cli.done(*SALE, "--receipt", "p2")
    shown = cli.done("person", "show", WAYAN, "--format", "json").facts
    assert shown["email"] == WAYAN
    assert shown["names"][0].startswith("Wayan (")
    assert shown["members"] == ["1 (open)"]
    assert shown["tickets"] == ["1 (valid)", "2 (valid)"]
    cli.done("person", "give", WAYAN, "2", "made@example.org")
    assert cli.done("member", WAYAN, "--format", "json").facts["card"] == 1
    asked = cli("person", "leave", WAYAN)
    assert asked.code == 3
    assert "add --yes" in asked.err
    cli.done("person", "leave", WAYAN, "--yes")
    cli.done("person", "change-email", WAYAN, "wayan.b@example.org")
    refused = cli("person", "erase", "wayan.b@example.org")
    assert refused.code == 3
    assert "stays on the chain" in refused.err
    cli.done("person", "erase", "wayan.b@example.org", "--yes")
    assert cli("person", "show", "wayan.b@example.org").code == 4


def test_a_claim_makes_a_key_and_moves_the_membership(cli: CommandLine, tmp_path: Path) -> None:
    """The new file opens with the password, the member moved, and a second claim finds nothing."""
    cli.done(*SALE, "--receipt", "p3", "--consent", "form")
    password = tmp_path / "password"
    password.write_text("a long enough sentence\n")
    password.chmod(0o600)
    keystore = tmp_path / "wayan.json"
    claim = ("claim", WAYAN, "--keystore", str(keystore), "--password-file", str(password))
    facts = cli.done(*claim, "--format", "json").facts
    assert facts["member"] == 2
    assert facts["account"][2:].lower() == json.loads(keystore.read_text())["address"]
    assert cli.done("member", WAYAN, "--format", "json").facts["number"] == 2
    again = cli(*claim)
    assert again.code == 5
    assert "nothing is left to claim" in again.err


def test_a_claim_to_an_account_waits_for_its_signature(cli: CommandLine, tmp_path: Path) -> None:
    """The first call writes the message; the second one refuses until the account has signed."""
    cli.done(*SALE, "--receipt", "p4", "--consent", "form")
    account = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
    claim = ("claim", WAYAN, "--account", account, "--message", str(tmp_path / "claim.json"))
    written = cli.done(*claim)
    assert f"{account} signs it" in written.err
    unsigned = cli(*claim)
    assert unsigned.code == 3
    assert f"not signed by {account}" in unsigned.err
