"""The treasurer's commands, and what the board and the box office change about a screening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.chain.contracts.deployments import open_cooperative
from coopledger.chain.development import development_signer
from coopledger.chain.sending.sender import Sender
from coopledger.domain.purchases import Purchase
from coopledger.domain.types import (
    NO_SEAT,
    Address,
    BylawsVersion,
    Rupiah,
    ScreeningId,
    TierIndex,
    Timestamp,
    Wei,
)
from coopledger.settings import load

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine

ANI, BUDI = 2, 3
NOBODY = "0x" + "00" * 20


def buy(cli: CommandLine, viewer: int, *, joins: bool = True) -> Address:
    """Let a viewer buy a ticket of the first screening; return the viewer's account."""
    settings = load()
    coop = open_cooperative(cli.chain, settings.deployments_folder)
    signer = development_signer(cli.chain, viewer)
    sender = Sender(cli.chain, signer, settings)
    money = CurrencyContract(cli.chain, coop.box_office.currency())
    price = Rupiah(35_000)
    bylaws = BylawsVersion(1 if joins else 0)
    sender.send(money.mint_call(signer.address, price))
    sender.send(money.approve_call(coop.box_office.address, price))
    wanted = Purchase(ScreeningId(1), NO_SEAT, TierIndex(0), signer.address, price, bylaws)
    sender.send(coop.box_office.buy_call(wanted, Wei(0)))
    return signer.address


def settle(cli: CommandLine) -> None:
    """Move the clock to 48 hours after the first screening's end."""
    settings = load()
    coop = open_cooperative(cli.chain, settings.deployments_folder)
    (found,) = coop.ledger.screenings([ScreeningId(1)])
    cli.dev.set_time(Timestamp(found.ends_at + 48 * 3600))


def test_the_statement_and_a_withdrawal(cli: CommandLine) -> None:
    """The statement names the three parts; a withdrawal shows them before and after."""
    account = buy(cli, ANI)
    shown = cli.done("held").out
    assert "Rp 25.000" in shown
    assert "2026-12-07 20:23:00 WIB" in shown
    facts = cli.done("held", "-f", "json").facts
    assert facts["box_offices"][0]["held_in_all"] == 35_000
    assert facts["box_offices"][0]["not_accounted_for"] == 0
    (row,) = cli.done("held", "1", "-f", "json").facts
    assert (row["refundable"], row["deposits"], row["free"]) == (25_000, 10_000, 0)

    early = cli("withdraw", "1", "--to", account)
    assert (early.code, "possible from" in early.err) == (5, True)
    settle(cli)
    assert cli("withdraw", "1", "--to", NOBODY).code == 3
    paid = cli.done("withdraw", "1", "--to", account, "-f", "json").facts
    assert paid["paid_out"] == 25_000
    assert paid["held_before"] == {"refundable": 0, "deposits": 10_000, "free": 25_000}
    assert paid["held_after"] == {"refundable": 0, "deposits": 10_000, "free": 0}
    assert cli("withdraw", "1", "--to", account).code == 5


def test_money_that_is_missing_is_said_loudly(cli: CommandLine) -> None:
    """Where the account has less than it holds, the statement ends with a failure."""
    buy(cli, ANI)
    coop = open_cooperative(cli.chain, load().deployments_folder)
    thief = coop.box_office.address
    cli.chain.rpc.request("anvil_impersonateAccount", thief)
    cli.dev.set_balance(thief, Wei(10**18))
    money = CurrencyContract(cli.chain, coop.box_office.currency())
    call = money.call("transfer", development_signer(cli.chain, BUDI).address, 1_000)
    transaction = {"from": thief, "to": call.to, "data": "0x" + call.data.hex()}
    cli.chain.rpc.request("eth_sendTransaction", transaction)
    said = cli("held")
    assert said.code == 8
    assert "1,000 less than it holds" in said.err


def test_a_cancelled_screening_is_refunded(cli: CommandLine) -> None:
    """Cancelling says what goes back where; the refunds are pushed; again there is nothing to do."""
    account = buy(cli, ANI)
    buy(cli, BUDI, joins=False)
    cli.done("sell", "1", "--tier", "Tiket pelajar", "--receipt", "R1")
    assert cli("refund-all", "1").code == 5
    said = cli.done("screening", "cancel", "1")
    assert said.out == (
        "Screening 1 is cancelled.\n"
        "Paid on the chain: 2 tickets, Rp 60.000 to return; "
        "Rp 10.000 of deposits stay with the memberships.\n"
        "Paid outside the chain: 1 ticket, Rp 20.000 to return.\n"
    )
    assert "coopledger refund-all 1" in said.err
    done = cli.done("refund-all", "1", "-f", "json").facts
    assert (done["tickets_refunded"], done["holders"], done["paid"]) == (2, 2, 60_000)
    assert (done["deposits_withheld"], done["left_out"]) == (10_000, [])
    assert cli.done("refund-all", "1", "-f", "json").facts["refunded_before"] == 2
    coop = open_cooperative(cli.chain, load().deployments_folder)
    money = CurrencyContract(cli.chain, coop.box_office.currency())
    assert money.balance_of(account) == 25_000


def test_a_screening_is_put_off(cli: CommandLine) -> None:
    """Its length and the sale's distance are kept; it cannot be had earlier."""
    said = cli.done("screening", "postpone", "1", "--starts", "2026-12-12 19:00")
    assert "from 2026-12-12 19:00:00 WIB to 2026-12-12 20:23:00 WIB" in said.out
    assert "refundable until 2026-12-12 19:00:00 WIB" in said.err
    early = cli("screening", "postpone", "1", "--starts", "2026-12-11 19:00")
    assert (early.code, "cannot move" in early.err) == (3, True)
    (row,) = cli.done("screening", "list", "-f", "json").facts
    assert row["starts"] == "2026-12-12 19:00:00 WIB"


def test_tiers_are_added_and_changed_until_something_is_sold(cli: CommandLine) -> None:
    """A new name adds, a known one changes, and a tier of which a ticket was sold is fixed."""
    cli.done("screening", "add-tier", "1", "--tier", "Emas=90000/10000")
    assert cli("screening", "add-tier", "1", "--tier", "Emas=1/0").code == 5
    cli.done("screening", "set-tier", "1", "--tier", "Emas=80000/10000")
    assert cli("screening", "set-tier", "1", "--tier", "Perak=1/0").code == 3
    (row,) = cli.done("screening", "list", "-f", "json").facts
    assert row["tiers"][2] == "Emas Rp 80.000"
    cli.done("sell", "1", "--tier", "Emas", "--receipt", "R1")
    fixed = cli("screening", "set-tier", "1", "--tier", "Emas=70000/10000")
    assert fixed.code == 5


def test_deposits_of_who_left_are_listed_and_returned(cli: CommandLine) -> None:
    """What is due is listed with how it goes back, and goes back once."""
    account = buy(cli, ANI)
    assert cli("deposit", "return", account).code == 4
    coop = open_cooperative(cli.chain, load().deployments_folder)
    viewer = Sender(cli.chain, development_signer(cli.chain, ANI), load())
    viewer.send(coop.ledger.leave_call())
    (row,) = cli.done("deposit", "due", "-f", "json").facts
    assert (row["member"], row["cause"], row["deposit"]) == (1, "left", 10_000)
    assert (row["how"], row["account"]) == ("deposit return", account)
    said = cli.done("deposit", "return", account)
    assert said.out == f"Returned Rp 10.000 of ticket 1 to {account}.\n"
    assert cli("deposit", "return", "1").code == 5
    assert cli.done("deposit", "due", "-f", "json").facts == []


def test_deposits_of_the_deceased_and_of_those_who_paid_outside(cli: CommandLine) -> None:
    """The heir is paid what was paid on the chain; the rest is recorded with its receipt."""
    buy(cli, ANI)
    sale = ("sell", "1", "--tier", "Tiket reguler", "--receipt", "R1", "--email", "b@example.org")
    cli.done(*sale, "--consent", "form 1")
    for number, cause in (("1", "deceased"), ("2", "expelled")):
        cli.done("close", number, "--cause", cause, "--reference", "letter")
    cli.dev.increase_time(3 * 86_400)
    for number, cause in (("1", "deceased"), ("2", "expelled")):
        cli.done("close", number, "--cause", cause, "--reference", "letter")
    rows = cli.done("deposit", "due", "-f", "json").facts
    assert [row["how"] for row in rows] == ["deposit pay-heir", "deposit record"]
    heir = development_signer(cli.chain, BUDI).address
    said = cli.done("deposit", "pay-heir", "1", heir, "--reference", "will 3")
    assert said.out == f"Paid Rp 10.000 of ticket 1 to {heir}.\n"
    said = cli.done("deposit", "record", "2", "--reference", "transfer 12")
    assert said.out == "Recorded: Rp 10.000 of ticket 2 went back outside.\n"
    assert cli.done("deposit", "due", "-f", "json").facts == []
