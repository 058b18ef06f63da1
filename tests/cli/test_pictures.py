"""The commands that make pictures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coopledger.chain.contracts.deployments import open_cooperative
from coopledger.pictures.codes import outline_of

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine

EMAIL = "budi@example.org"


@pytest.fixture
def sold(cli: CommandLine) -> CommandLine:
    """The command line after Budi bought a ticket and joined by it."""
    cli.done(
        *("sell", "1", "--tier", "Tiket reguler", "--receipt", "0001", "--email", EMAIL),
        *("--name", "Budi Santoso", "--consent", "Formulir 12"),
    )
    return cli


def test_a_tickets_picture(sold: CommandLine) -> None:
    """A ticket is found by its id or its receipt, and drawn for its holder in either language."""
    done = sold.done("picture", "ticket", "1", "--out", "tiket.svg")
    assert (done.out, done.err) == ("Ticket 1: tiket.svg\n", "")
    picture = Path("tiket.svg").read_text("utf-8")
    assert outline_of("1")[0] in picture
    assert ">Tunjukkan di pintu<" in picture
    sold.done("picture", "ticket", "0001-1", "--out", "ticket.svg", "--language", "en")
    assert ">Show this at the door<" in Path("ticket.svg").read_text("utf-8")


def test_a_members_card(sold: CommandLine) -> None:
    """A card is made for a number, an e-mail or an account, and holds no name or e-mail."""
    account = sold.done("member", "1", "--format", "json").facts["account"]
    cards = []
    for who in ("1", EMAIL, account):
        done = sold.done("picture", "card", who, "--out", "kartu.svg")
        assert done.out == "Member 1: kartu.svg\n"
        cards.append(Path("kartu.svg").read_text("utf-8"))
    assert len(set(cards)) == 1
    assert ">KARTU ANGGOTA NO.<" in cards[0]
    assert "udi" not in cards[0]


def test_the_cooperatives_name_and_zone_are_settings(sold: CommandLine) -> None:
    """The name and the zone of the settings are those of the picture."""
    sold.set(cooperative_name="Kinarya & Kawan", timezone="Asia/Makassar")
    sold.done("picture", "ticket", "1", "--out", "tiket.svg")
    picture = Path("tiket.svg").read_text("utf-8")
    assert ">KINARYA &amp; KAWAN<" in picture
    assert ">20.00 WITA<" in picture


def test_a_file_that_cannot_be_written(sold: CommandLine) -> None:
    """A folder that is missing, and a ticket that is, are said with what to do."""
    said = sold("picture", "ticket", "1", "--out", "nowhere/tiket.svg")
    assert said.code == 3
    assert "nowhere/tiket.svg cannot be written: No such file or directory" in said.err
    assert "What to do:" in said.err
    assert sold("picture", "ticket", "99", "--out", "tiket.svg").code == 4
    assert not Path("tiket.svg").exists()


def test_the_board_says_where_wallets_read(cli: CommandLine) -> None:
    """The ledger then leads to that address, with the slash; what is no web address is refused."""
    cli.done("sell", "1", "--tier", "Tiket reguler", "--receipt", "where")
    said = cli.done("picture", "address", "https://example.org/api/v1/metadata")
    assert "https://example.org/api/v1/metadata/tickets/ID" in said.out
    cli.done("picture", "address", "https://example.org/m/")
    deployments = Path(os.environ["COOPLEDGER_DEPLOYMENTS_FOLDER"])
    ledger = open_cooperative(cli.chain, deployments).ledger
    assert ledger.ask("tokenURI", 1) == "https://example.org/m/tickets/1"
    assert ledger.ask("contractURI") == "https://example.org/m/contract"
    assert cli("picture", "address", "example.org").code == 3
