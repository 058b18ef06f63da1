"""Deploying: resumed after a crash at every step, and no power left with the deployer."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from coopledger.chain.contracts.access import ADMIN_DELAY_S
from coopledger.chain.contracts.contract import functions_of
from coopledger.chain.contracts.deployments import (
    NATIVE_COIN,
    DeploymentUnfinished,
    DeploymentUnreadable,
    ForeignCode,
    NotDeployed,
    file_of,
    open_cooperative,
    read_journal,
    write_journal,
)
from coopledger.chain.development import DevelopmentKeyRefused, development_signer
from coopledger.chain.sending.sender import BeforeBroadcast, Prepared, Sender
from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.client import Chain, WrongChain, connect
from coopledger.chain.wire.transactions import Call, Creation, Receipt
from coopledger.domain.roles import Role
from coopledger.domain.types import ChainId
from coopledger.local.chain.node import LocalNode, NodeOptions
from coopledger.services.founding.deploying import (
    AlreadyDeployed,
    Holder,
    RolesAssignedOtherwise,
    RolesUnusable,
    deploy,
    read_holders,
)

if TYPE_CHECKING:
    from coopledger.chain.contracts.deployments import Cooperative
    from coopledger.settings import Settings
from tests.services.conftest import key_of

ROOT = Path(__file__).parents[3]
DEPLOYER, OTHER_DEPLOYER = 9, 6
TRANSACTIONS = 6
"""Five contracts (the play money is one) and the roles."""


class Crash(BaseException):
    """The process ends here."""


class CrashingSender(Sender):
    """Ends the process around its ``last`` transaction: before it is broadcast, or after."""

    def __init__(self, chain: Chain, signer: Signer, settings: Settings, last: int) -> None:
        super().__init__(chain, signer, settings)
        self.left = last
        self.before = True

    def broadcast(self, prepared: Prepared) -> bool:
        """Broadcast, unless this is the end."""
        self.left -= 1
        if self.left == 0 and self.before:
            raise Crash
        return super().broadcast(prepared)

    def send(
        self, call: Call | Creation, before_broadcast: BeforeBroadcast | None = None
    ) -> Receipt:
        """Send, and end after it if this was the last."""
        receipt = super().send(call, before_broadcast)
        if self.left == 0:
            raise Crash
        return receipt


def holders_of(chain: Chain, **changes: Any) -> tuple[Holder, ...]:
    """Return holders of all roles: each another development key, the admin's with its delay."""
    return tuple(
        Holder(
            role,
            development_signer(chain, index % 6).address,
            changes.get("admin_delay", ADMIN_DELAY_S) if role is Role.ADMIN else 0,
        )
        for index, role in enumerate(role for role in Role if role is not Role.MINTER)
    )


@pytest.fixture
def deployed(chain: Chain, settings: Settings, tmp_path: Path) -> Callable[..., Cooperative]:
    """Deploy, or go on, with a sender of one's own choice."""

    def run(
        sender: Sender | None = None,
        *,
        index: int = DEPLOYER,
        holders: tuple[Holder, ...] | None = None,
        progress: Callable[[str], None] = lambda _: None,
    ) -> Cooperative:
        signer = development_signer(chain, index)
        return deploy(
            chain,
            sender or Sender(chain, signer, settings),
            signer.address,
            tmp_path,
            holders or holders_of(chain),
            None,
            progress,
        )

    return run


def check_powers(coop: Cooperative, holders: tuple[Holder, ...], *strangers: int) -> None:
    """Check who holds what, and which role each function of the contracts asks for."""
    access = coop.access
    for holder in holders:
        holding = access.holding(holder.role, holder.account)
        assert (holding.held, holding.delay_s) == (True, holder.delay_s)
    assert access.holding(Role.MINTER, coop.box_office.address).held
    for role in Role:
        for index in strangers:
            assert not access.holding(role, development_signer(coop.chain, index).address).held
    table = json.loads((ROOT / "contracts" / "access" / "roles.json").read_text())
    for name, address in (
        ("TicketLedger", coop.ledger.address),
        ("BoxOffice", coop.box_office.address),
    ):
        for function, face in functions_of(name).items():
            asked = access.ask("getTargetFunctionRole", address, face.selector)
            assert asked == Role[table[name].get(function, "ADMIN")], function


def test_the_deployer_keeps_nothing(deployed: Callable[..., Cooperative], chain: Chain) -> None:
    """After deploying, the roles are held as asked, by nobody else, and guard what they should."""
    coop = deployed()
    check_powers(coop, holders_of(chain), DEPLOYER, OTHER_DEPLOYER, 7)
    admin = coop.access.holding(Role.ADMIN, development_signer(chain, 0).address)
    assert admin.delay_s >= 7 * 86_400
    assert coop.access.ask("getRoleGuardian", Role.CLOSING) == Role.GUARDIAN


def test_a_second_deployment_is_refused(deployed: Callable[..., Cooperative], chain: Chain) -> None:
    """A chain that has its ledger gets no second one, and nothing is sent."""
    coop = deployed()
    nonce = chain.nonce_of(development_signer(chain, DEPLOYER).address)
    with pytest.raises(AlreadyDeployed) as failure:
        deployed()
    assert failure.value.ledger == coop.ledger.address
    assert chain.nonce_of(development_signer(chain, DEPLOYER).address) == nonce


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("last", range(1, TRANSACTIONS + 1))
def test_a_crash_is_resumed(
    deployed: Callable[..., Cooperative],
    chain: Chain,
    settings: Settings,
    tmp_path: Path,
    last: int,
    before: bool,
) -> None:
    """Whichever transaction a crash comes before or after, the next run ends with one of each."""
    sender = CrashingSender(chain, development_signer(chain, DEPLOYER), settings, last)
    sender.before = before
    with pytest.raises(Crash):
        deployed(sender)
    with pytest.raises(DeploymentUnfinished):
        open_cooperative(chain, tmp_path)
    check_powers(deployed(), holders_of(chain), DEPLOYER)
    assert chain.nonce_of(development_signer(chain, DEPLOYER).address) == TRANSACTIONS


def test_a_crash_between_steps_is_resumed(
    deployed: Callable[..., Cooperative], chain: Chain
) -> None:
    """A crash after any step was written down is resumed, too."""
    steps: list[str] = []

    def crash(step: str) -> None:
        if step not in steps:
            steps.append(step)
            raise Crash

    for _ in range(TRANSACTIONS - 1):
        with pytest.raises(Crash):
            deployed(progress=crash)
    with pytest.raises(Crash):
        deployed(progress=crash)
    with pytest.raises(AlreadyDeployed):
        deployed()
    assert chain.nonce_of(development_signer(chain, DEPLOYER).address) == TRANSACTIONS


def test_another_deployer_cannot_finish(
    deployed: Callable[..., Cooperative], chain: Chain, settings: Settings, tmp_path: Path
) -> None:
    """Resumed by a key that cannot assign the roles, a deployment is refused and not finished."""
    sender = CrashingSender(chain, development_signer(chain, DEPLOYER), settings, TRANSACTIONS)
    with pytest.raises(Crash):
        deployed(sender)
    with pytest.raises(RolesAssignedOtherwise):
        deployed(index=OTHER_DEPLOYER)
    assert not read_journal(tmp_path, chain.chain_id).finished
    check_powers(deployed(), holders_of(chain), DEPLOYER, OTHER_DEPLOYER)


def test_a_fresh_local_chain_is_deployed_to_again(
    deployed: Callable[..., Cooperative], chain: Chain, tmp_path: Path
) -> None:
    """A local chain that has forgotten its contracts gets new ones; until then it is refused."""
    coop = deployed()
    for address in (coop.ledger.address, coop.access.address):
        chain.rpc.request("anvil_setCode", address, "0x")
    with pytest.raises(ForeignCode):
        open_cooperative(chain, tmp_path)
    again = deployed()
    assert again.ledger.address != coop.ledger.address
    check_powers(again, holders_of(chain), DEPLOYER)


def test_foreign_code_is_refused(
    deployed: Callable[..., Cooperative], chain: Chain, tmp_path: Path
) -> None:
    """Whatever else than our ledger stands at its address is refused, a bit's difference too."""
    coop = deployed()
    code = bytearray(chain.code_at(coop.ledger.address))
    code[100] ^= 1
    for other in (code.hex(), chain.code_at(coop.box_office.address).hex()):
        chain.rpc.request("anvil_setCode", coop.ledger.address, "0x" + other)
        with pytest.raises(ForeignCode) as failure:
            open_cooperative(chain, tmp_path)
        assert (failure.value.contract, failure.value.address) == (
            "TicketLedger",
            coop.ledger.address,
        )


@pytest.mark.parametrize("name", ["BoxOffice", "TicketLens"])
def test_a_contract_of_another_ledger_is_refused(
    deployed: Callable[..., Cooperative], chain: Chain, tmp_path: Path, name: str
) -> None:
    """A box office or a lens that was made for another ledger does not pass for this one's."""
    first = deployed()
    file = file_of(tmp_path, chain.chain_id)
    written = json.loads(file.read_text())
    file.unlink()
    second = deployed()
    assert second.box_office.address != first.box_office.address
    written["contracts"][name] = read_journal(tmp_path, chain.chain_id).contracts[name]
    file.write_text(json.dumps(written))
    with pytest.raises(ForeignCode, match="serves the ledger"):
        open_cooperative(chain, tmp_path)


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(
    deployed: Callable[..., Cooperative],
    chain: Chain,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A disk that is full while the deployment is written down leaves the file before it, whole."""
    deployed()
    journal = read_journal(tmp_path, chain.chain_id)
    before = file_of(tmp_path, chain.chain_id).read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_journal(tmp_path, replace(journal, finished=False, steps={}))
    assert file_of(tmp_path, chain.chain_id).read_bytes() == before


def test_the_file_must_be_this_chain_s(
    deployed: Callable[..., Cooperative], chain: Chain, tmp_path: Path
) -> None:
    """A missing, damaged, or other chain's deployment file is each named as that."""
    with pytest.raises(NotDeployed):
        open_cooperative(chain, tmp_path)
    deployed()
    file = file_of(tmp_path, chain.chain_id)
    whole = file.read_text()
    file.write_text(whole[:-40])
    with pytest.raises(DeploymentUnreadable):
        open_cooperative(chain, tmp_path)
    file.write_text(whole.replace(f'"chain_id": {chain.chain_id}', '"chain_id": 1'))
    with pytest.raises(DeploymentUnreadable, match="chain 1"):
        open_cooperative(chain, tmp_path)


def test_another_chain_is_refused(node: LocalNode) -> None:
    """A node of another chain than the one that is meant is refused before anything is asked."""
    with pytest.raises(WrongChain) as failure:
        connect(node.url, ChainId(1))
    assert (failure.value.expected, failure.value.found) == (1, node.chain_id)


@pytest.fixture(scope="module")
def public_chain() -> Iterator[Chain]:
    """A chain that does not count as local: its id is none of a development chain."""
    with LocalNode(NodeOptions(chain_id=ChainId(4242))) as node:
        chain = connect(node.url, node.chain_id)
        yield chain
        chain.close()


def test_a_public_chain_gets_no_development_key(public_chain: Chain) -> None:
    """Development keys are refused on every chain that is not local."""
    with pytest.raises(DevelopmentKeyRefused):
        development_signer(public_chain)


def test_a_public_chain_is_never_deployed_to_twice(
    public_chain: Chain, chain: Chain, settings: Settings, tmp_path: Path
) -> None:
    """On a public chain the currency must be named, and missing code stops everything."""
    signer = Signer(bytes.fromhex(key_of(DEPLOYER)))
    sender = Sender(public_chain, signer, settings)
    given = (public_chain, sender, signer.address, tmp_path, holders_of(chain))
    with pytest.raises(RolesUnusable, match="play money"):
        deploy(*given, None, lambda _: None)
    coop = deploy(*given, NATIVE_COIN, lambda _: None)
    assert coop.box_office.currency() == NATIVE_COIN
    public_chain.rpc.request("anvil_setCode", coop.ledger.address, "0x")
    nonce = public_chain.nonce_of(signer.address)
    with pytest.raises(ForeignCode):
        deploy(*given, NATIVE_COIN, lambda _: None)
    assert public_chain.nonce_of(signer.address) == nonce


def test_roles_that_make_no_cooperative_are_refused(
    deployed: Callable[..., Cooperative], chain: Chain
) -> None:
    """A role that nobody holds, a hasty admin, a minter, or the deployer as holder is refused."""
    whole = holders_of(chain)
    deployer = development_signer(chain, DEPLOYER).address
    for holders, said in (
        (whole[:-1], "nobody holds GUARDIAN"),
        (holders_of(chain, admin_delay=ADMIN_DELAY_S - 1), "at least 7 days"),
        ((*whole, Holder(Role.MINTER, whole[0].account)), "MINTER"),
        ((*whole, Holder(Role.GATE, deployer)), "must hold no role"),
    ):
        with pytest.raises(RolesUnusable, match=said):
            deployed(holders=holders)
    assert chain.nonce_of(deployer) == 0


GOOD = '[[holder]]\nrole = "GATE"\naccount = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[holder", "array"),
        ("[holder]\nrole = 1", r"write \[\[holder\]\]"),
        (GOOD.replace("role", "rolle"), "needs role and account"),
        (GOOD + "delay = 1", "delay means nothing"),
        (GOOD.replace("GATE", "KING"), "no role KING"),
        (GOOD + "delay_days = -1", "0 to 365"),
        (GOOD + "delay_days = true", "0 to 365"),
        (GOOD + "delay_days = inf", "0 to 365"),
        (GOOD.replace("0xf39", "0xF39"), "mistyped"),
        (GOOD.replace('"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"', "7"), "not an account"),
        (GOOD.replace("0xf39", "0xf3"), "not an account"),
        (GOOD.replace('"GATE"', "3"), "no role 3"),
        (GOOD.replace('"GATE"', '["GATE"]'), "no role"),
    ],
)
def test_a_bad_roles_file_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    """Each mistake in a roles file is named with the entry that it stands in."""
    file = tmp_path / "roles.toml"
    file.write_text(text)
    with pytest.raises(RolesUnusable, match=said):
        read_holders(file)


def test_a_roles_file_is_read(tmp_path: Path) -> None:
    """A roles file gives each holder's role, account and delay in seconds."""
    file = tmp_path / "roles.toml"
    file.write_text(GOOD + "delay_days = 1.5\n" + GOOD.lower().replace('"gate"', '"ADMIN"'))
    assert read_holders(file) == (
        Holder(Role.GATE, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", 129_600),  # type: ignore[arg-type]  # checksummed as it stands
        Holder(Role.ADMIN, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", 0),  # type: ignore[arg-type]  # checksummed as it stands
    )
    with pytest.raises(RolesUnusable, match=r"missing\.toml"):
        read_holders(tmp_path / "missing.toml")
