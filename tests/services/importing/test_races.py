"""Two clerks at once: first that the race exists, then that nothing is sold twice in it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from coopledger.chain.contracts.reverts import ContractRefusal, exception_of
from coopledger.chain.sending.send_failures import SentByAnother, TransactionReverted
from coopledger.chain.wire.transactions import Call, SignedTransaction
from coopledger.domain.types import (
    NO_ATTESTATION,
    NO_SEAT,
    BylawsVersion,
    Gas,
    OrderReference,
    ScreeningId,
    TierIndex,
)
from coopledger.domain.words import pack_line
from coopledger.imports.orders.files import read_positions
from coopledger.services.importing.report import RowsUnusable

if TYPE_CHECKING:
    from coopledger.services.importing.report import ImportReport
    from tests.services.conftest import Office

EXAMPLES = Path(__file__).parents[3] / "examples"
TURAH = EXAMPLES / "turah-orders.json"
OPERATOR, SECOND = 0, 1


def a_batch(office: Office, sequence: int) -> Call:
    """Return the sale of one ticket with a sequence."""
    line = pack_line(office.operator, NO_SEAT, TierIndex(0), None)
    return office.coop.box_office.sell_call(
        ScreeningId(1),
        sequence,
        [line],
        [OrderReference(bytes(31) + b"\7")],
        BylawsVersion(0),
        NO_ATTESTATION,
        gas=Gas(400_000),
    )


def test_the_same_batch_twice_is_refused_on_the_chain(office: Office) -> None:
    """Of two clerks' batches with one sequence, both on their way, the second is refused there."""
    office.dev.set_automine(False)
    senders = [office.sender(OPERATOR), office.sender(SECOND)]
    prepared = [
        sender.prepare(a_batch(office, 0), Gas(400_000), sender.next_nonce(), sender.fees())
        for sender in senders
    ]
    for sender, one in zip(senders, prepared, strict=True):
        sender.broadcast(one)
    office.dev.mine()
    outcomes: Counter[str] = Counter()
    for sender, one in zip(senders, prepared, strict=True):
        try:
            sender.wait_for(one)
            outcomes["sold"] += 1
        except TransactionReverted as failure:
            assert isinstance(failure.refusal, exception_of("WrongSequence"))
            outcomes["refused"] += 1
    assert outcomes == {"sold": 1, "refused": 1}
    assert office.coop.ledger.ticket_count() == 1


def test_what_another_command_with_the_same_key_has_sent_is_not_ours(office: Office) -> None:
    """Two commands sign the very same transaction: one has sold, the other is told so."""
    office.dev.set_automine(False)
    first, second = office.sender(OPERATOR), office.sender(OPERATOR)
    same = first.prepare(a_batch(office, 0), Gas(400_000), first.next_nonce(), first.fees())

    def come_first(_: SignedTransaction) -> None:
        first.broadcast(same)

    with pytest.raises(SentByAnother):
        second.send(a_batch(office, 0), before_broadcast=come_first)
    office.dev.mine()
    assert office.coop.ledger.ticket_count() == 1


def test_without_the_sequence_the_batch_would_be_sold_twice(office: Office) -> None:
    """The race is real: the same references under the next sequence do mint a second time."""
    office.sender().send(a_batch(office, 0))
    office.sender(SECOND).send(a_batch(office, 1))
    assert Counter(each.reference for each in office.sold()).most_common(1)[0][1] == 2
    with pytest.raises(ContractRefusal) as failure:
        office.sender(SECOND).send(a_batch(office, 1))
    assert failure.value.name == "WrongSequence"


class Interrupter:
    """Lets something happen just before a connection's request of a certain number."""

    def __init__(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.at = 0
        self.action: Callable[[], object] = lambda: None
        self.methods: Counter[str] = Counter()
        rpc = office.chain.rpc
        passed_on = rpc._post

        def post(method: str, body: Any, *, repeat: bool) -> Any:
            self.count += 1
            self.methods[method] += 1
            if self.count == self.at:
                self.action()
            return passed_on(method, body, repeat=repeat)

        monkeypatch.setattr(rpc, "_post", post)

    def arm(self, at: int, action: Callable[[], object]) -> None:
        """Do ``action`` before the ``at``-th request from now on."""
        self.count, self.at, self.action = 0, at, action


ROWS = [
    {"order": "A", "position": "1", "email": ""},
    {"order": "A", "position": "2"},
    {"order": "B", "position": "1", "email": "budi@example.org"},
    {"order": "C", "position": "1", "event": "small"},
]


def test_another_clerk_at_every_moment(
    office: Office, second_clerk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the moment at which another clerk sells the same orders, each is sold once."""
    interrupter = Interrupter(office, monkeypatch)
    file = office.plain(*ROWS)
    order_map = office.plain_map()
    others: list[ImportReport] = []

    def other() -> None:
        others.append(second_clerk.sell(file, order_map=order_map, clerk=SECOND))

    outcomes: Counter[tuple[int, int]] = Counter()
    at = 0
    while True:
        at += 1
        snapshot = second_clerk.dev.snapshot()
        others.clear()
        interrupter.arm(at, other)
        report = office.sell(file, order_map=order_map)
        interrupter.arm(0, other)
        references = [each.reference for each in office.sold()]
        members = office.coop.ledger.member_count()
        second_clerk.dev.revert(snapshot)
        if not others:
            break
        theirs = others[0].tickets
        assert len(references) == len(set(references)) == 4, f"before request {at}"
        assert report.tickets + theirs == 4
        assert report.joined + others[0].joined == members
        assert report.skipped == ({"issued before": theirs} if theirs else {})
        assert len(report.to_collect) == len(set(report.to_collect))
        outcomes[report.tickets, theirs] += 1
    assert at > 15
    # Both the first and the second to come were met, and a run cut in two between screenings.
    assert outcomes[0, 4]
    assert outcomes[4, 0]


def test_what_was_sent_is_said_when_a_seat_is_lost_on_the_way(
    office: Office, second_clerk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a seat is lost to another clerk in the middle, the failure says what was sent."""
    interrupter = Interrupter(office, monkeypatch)
    mine = [
        {"order": "A"},
        {"order": "B", "event": "hall", "seat": "7"},
    ]
    file, order_map = office.plain(*mine), office.plain_map()
    happened: list[bool] = []

    def other() -> None:
        happened.append(True)
        with suppress(RowsUnusable):
            second_clerk.sell_plain({"order": "Z", "event": "hall", "seat": "7"}, clerk=SECOND)

    said = set()
    at = 0
    while len(happened) == at:
        at += 1
        snapshot = second_clerk.dev.snapshot()
        interrupter.arm(at, other)
        try:
            office.sell(file, order_map=order_map)
        except RowsUnusable as failure:
            count = office.coop.ledger.ticket_count()
            assert failure.sent == count - 1
            said.add(str(failure).splitlines()[0])
        second_clerk.dev.revert(snapshot)
    assert said == {
        "1 row cannot be imported, and nothing was sent:",
        "1 row cannot be imported, after 1 ticket was issued:",
    }


def test_what_is_on_its_way_is_waited_for(
    office: Office, second_clerk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another clerk's batch is in no block yet, the same block is not read again."""
    second_clerk.dev.set_automine(False)
    sender = second_clerk.sender(SECOND)
    sender.broadcast(
        sender.prepare(a_batch(office, 0), Gas(400_000), sender.next_nonce(), sender.fees())
    )

    def mine() -> None:
        second_clerk.dev.set_automine(True)
        second_clerk.dev.mine()

    interrupter = Interrupter(office, monkeypatch)
    interrupter.arm(60, mine)
    report = office.sell_plain({"order": "A"})
    assert report.tickets == 1
    assert interrupter.methods["eth_getLogs"] == 2


def clerk_s_process(environment: dict[str, str], *extra: str) -> subprocess.Popen[str]:
    """Start an import in a process of its own."""
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "coopledger.cli.main", "import-orders", str(TURAH)),
            *("--map", str(EXAMPLES / "kinarya-map.toml"), "--consent", "buyers"),
            *("--format", "json", *extra),
        ],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("clerks", [(OPERATOR, SECOND), (OPERATOR, OPERATOR)], ids=["two", "one"])
def test_two_processes_at_once(
    office: Office,
    environment: Callable[..., dict[str, str]],
    clerks: tuple[int, int],
) -> None:
    """Two processes, with two keys or one, sell the 236 tickets of a file exactly once together."""
    small = {"transaction_gas_cap": 1_500_000, "transactions_in_flight": 3}
    processes = [clerk_s_process(environment(clerk, **small)) for clerk in clerks]
    reports = []
    for process in processes:
        answer, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
        reports.append(json.loads(answer))
    references = [each.reference for each in office.sold()]
    assert len(references) == len(set(references)) == 236
    assert sum(report["tickets"] for report in reports) == 236
    assert sum(report["new_members"] for report in reports) == office.coop.ledger.member_count()
    expected = {
        office.people.order_reference(p.key.source, p.key.order, p.key.position)
        for p in read_positions(TURAH).positions
        if p.status == "paid"
    }
    assert set(references) == expected
