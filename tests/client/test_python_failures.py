"""What the Python library cannot answer it names: the wrong chain, the wrong contract, the wrong time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from web3 import Web3

from coopledger.chain.wire.transactions import Creation
from coopledger.client import (
    BlockMissing,
    CallRefused,
    Cooperative,
    MomentToCome,
    MomentWithoutZone,
    NodeAway,
    NodeSaysNo,
    NoSuchNumber,
    NothingAnswers,
    NotTheLedger,
    OtherChain,
)
from tests.client.second_opinion import opened
from tests.index.bad_node import in_front_of
from tests.middleman import Refuse, middleman_before

if TYPE_CHECKING:
    from tests.services.conftest import Office

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def coop(office: Office) -> Cooperative:
    """A cooperative through the library."""
    return opened(office)


def test_another_chain_is_refused(office: Office) -> None:
    """A node that serves another chain than the one that was named is not read from."""
    with pytest.raises(OtherChain, match="serves chain 31337, not 1"):
        Cooperative.at(office.url, office.coop.ledger.address, chain_id=1)


def test_an_address_without_the_ledger_is_refused(office: Office) -> None:
    """No address, no code, another contract of ours, or code that differs by a byte is no ledger."""
    for address, found in (
        ("0x12", "no address"),
        (office.operator, "no code"),
        (office.coop.box_office.address, "another contract's"),
        (altered_ledger(office), "another contract's"),
    ):
        with pytest.raises(NotTheLedger, match=found):
            Cooperative.at(office.url, address)
    assert Cooperative.at(office.url, office.coop.ledger.address.lower()).records() == []


def altered_ledger(office: Office) -> str:
    """Deploy a contract with the ledger's code and one byte more, which its views do not notice."""
    code = office.chain.code_at(office.coop.ledger.address) + b"\0"
    # Copies what follows it (10 bytes on) into the new contract's code.
    copy = bytes.fromhex(f"61{len(code):04x}80600a5f395ff3")
    created = office.sender().send(Creation(copy + code)).created
    assert created is not None
    assert office.chain.code_at(created) == code
    return created


def test_a_node_that_is_away_is_named(office: Office) -> None:
    """No node at the address, at first or later on."""
    with pytest.raises(NodeAway):
        Cooperative.at(NOWHERE, office.coop.ledger.address)
    with middleman_before(office.url) as between:
        coop = opened(office, between.url)
    for ask in (coop.members, coop.block, coop.roles):
        with pytest.raises(NodeAway):
            ask()


def test_a_web3_of_one_s_own_is_used_as_it_is(office: Office) -> None:
    """Whoever has a Web3 gives it, with its provider and middleware."""
    web3 = Web3(Web3.HTTPProvider(office.url))
    assert Cooperative.at(web3, office.coop.ledger.address).web3 is web3


def test_a_time_to_come_is_refused(coop: Cooperative) -> None:
    """Of the future nothing is known; a time that names no zone is none."""
    newest = coop.block().time
    assert coop.block(newest).time == newest
    with pytest.raises(MomentToCome):
        coop.members(newest + timedelta(seconds=1))
    with pytest.raises(MomentWithoutZone):
        coop.members(newest.replace(tzinfo=None))


def test_a_time_after_the_newest_block_that_has_passed_is_answered(office: Office) -> None:
    """Where nothing happens no block is made; what has passed since is as the newest block says."""
    with middleman_before(office.url) as between:
        between.tell(a_year_ago)
        coop = opened(office, between.url)
        newest = coop.block()
        assert newest.time < datetime.now(newest.time.tzinfo)
        assert coop.block(newest.time + timedelta(days=1)) == newest
        with pytest.raises(MomentToCome):
            coop.block(datetime.now(newest.time.tzinfo) + timedelta(minutes=1))


def a_year_ago(method: str, parameters: list[Any], result: Any) -> Any:
    """Tell of each block that it is a year older."""
    if method.startswith("eth_getBlock"):
        result["timestamp"] = hex(int(result["timestamp"], 16) - 365 * 86_400)
    return result


def test_a_block_that_there_is_not_is_named(coop: Cooperative) -> None:
    """A number or hash of no block, and a time before the first."""
    first = coop.block(0).time
    for at in (10_000, "0x" + "11" * 32, bytes(32), first - timedelta(seconds=1)):
        with pytest.raises(BlockMissing):
            coop.members(at)  # type: ignore[arg-type]  # some as web3.py takes them, too
    with pytest.raises(NothingAnswers, match="memberCount"):
        coop.members(0)


def test_what_is_not_there_is_named(coop: Cooperative) -> None:
    """Members, tickets and screenings by numbers that there are not."""
    asked: tuple[tuple[str, Callable[[int], object]], ...] = (
        ("member", coop.member),
        ("ticket", coop.ticket),
        ("screening", coop.tiers),
    )
    for what, ask in asked:
        with pytest.raises(NoSuchNumber, match=f"no {what} 9999"):
            ask(9999)
    assert coop.member_of(coop.ledger.address) is None
    assert coop.tickets_of(coop.ledger.address) == []


def test_a_node_without_old_states_is_named(office: Office) -> None:
    """A node that keeps the newest state alone answers now, and says why it cannot answer then."""
    with middleman_before(office.url) as between:
        coop = opened(office, between.url)
        newest = hex(coop.block().number)

        def forget(method: str, parameters: list[Any], result: Any) -> Any:
            if method == "eth_call" and parameters[1] != newest:
                raise Refuse("missing trie node")
            return result

        between.tell(forget)
        assert coop.head().events == 1
        with pytest.raises(NodeSaysNo, match="missing trie node"):
            coop.head(coop.block().number - 1)


def test_a_node_that_gives_no_events_is_named(office: Office) -> None:
    """A node that refuses even one block's events is not asked for ever."""
    with in_front_of(office.url) as node:
        coop = opened(office, node.url)
        node.longest_range = 0
        with pytest.raises(NodeSaysNo, match="block range is too large"):
            coop.roles()
        assert len(node.ranges) < 10


def test_a_revert_without_a_known_reason_is_a_refusal(office: Office) -> None:
    """What no ABI of ours describes is given as it came."""
    with middleman_before(office.url) as between:
        coop = opened(office, between.url)

        def revert(request: Any, pass_on: Callable[[], bytes]) -> bytes:
            data = '"data":"0xdeadbeef"' if request["method"] == "eth_call" else None
            if data is None:
                return pass_on()
            error = f'{{"code":3,"message":"execution reverted",{data}}}'
            return f'{{"jsonrpc":"2.0","id":{request["id"]},"error":{error}}}'.encode()

        between.intercept = revert
        with pytest.raises(CallRefused, match="0xdeadbeef") as refusal:
            coop.head()
        assert (refusal.value.error, refusal.value.arguments) == ("", {})


def test_the_library_knows_nothing_of_the_readers_that_it_checks() -> None:
    """In a process that imports the library alone, nothing of the service's readers is loaded."""
    program = "import sys, coopledger.client; print(*sys.modules, sep='\\n')"
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    ours = {each for each in said.stdout.split() if each.startswith("coopledger.")}
    rooms = {each.split(".")[1] for each in ours}
    assert rooms == {"client", "domain", "errors"}
