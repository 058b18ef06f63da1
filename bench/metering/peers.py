"""The same work on other people's contracts, on the same chain in the same run.

None of them does all of ours. Unlock sells time-limited keys, one an account; OpenZeppelin's and
ERC721A's tokens say who owns them and no more; only the naive pair keeps ticket data and a membership.
What a peer leaves out is said beside its figure.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from web3 import Web3

from bench.metering.house import NATIVE_COIN, NATIVE_PRICE, RUPIAH_PRICE, crowd
from bench.metering.meter import Contract, Meter, Runs, word
from coopledger.chain import artifacts
from coopledger.chain.building.compiler import compile_sources
from coopledger.chain.wire.transactions import Receipt
from coopledger.domain.types import Address

RUNS = 3
BATCH = 100
NAIVE_BATCH = 50
"""As many as fit under the gas cap of a transaction."""

ABOUT: dict[str, str] = {
    "unlock_purchase": "PublicLock V14 `purchase` by a new holder, native coin",
    "unlock_purchase_v15": "the same, V15",
    "unlock_purchase_free": "PublicLock V14 `purchase` by a new holder, price zero",
    "unlock_purchase_erc20": "PublicLock V14 `purchase` by a new holder, ERC-20 with an allowance",
    "unlock_grant": "PublicLock V14 `grantKeys`, each of 100 new holders; no reference, no seat",
    "unlock_grant_v15": "the same, V15",
    "unlock_grant_38": "PublicLock V14 `grantKeys`, each of 38",
    "unlock_grant_one": "PublicLock V14 `grantKeys`, one",
    "openzeppelin_mint": "ERC721 `_mint`, each of 100 new holders; no ticket data, no membership",
    "openzeppelin_mint_again": "the same to 100 who hold one already",
    "erc721a_mint": "ERC721A `_mint`, each of 100 new holders; a poor fit: it saves by minting "
    "many tokens to one holder",
    "erc721a_mint_again": "the same to 100 who hold one already",
    "naive_pair": "two OpenZeppelin contracts, ticket struct and enumerable membership, each of "
    f"{NAIVE_BATCH} (100 are over the gas cap)",
}

_PEERS = "bench/peers"
_UNLOCK = "node_modules/@unlock-protocol/contracts/dist/abis"
_UNLOCK_VERSION = 14
_LOCK_VERSIONS = (14, 15)
_FOREVER = 2**256 - 1


class PeerWork:
    """All of the peers' work; ``runs`` holds what was measured."""

    def __init__(self, meter: Meter, project_root: Path) -> None:
        self.meter = meter
        self.runs: Runs = {}
        self._root = project_root
        self._owner = self.meter.person("owner of the peers")

    def measure(self) -> Runs:
        """Do all the work and return what each piece took.

        Raises:
            SourceMissing, CompilerMissing, CompilationFailed: the peers cannot be compiled.
            ContractRefusal: a peer refuses what it should do.
        """
        self._tokens()
        self._naive_pair()
        self._unlock()
        return self.runs

    def _note(self, name: str, receipt: Receipt, each: int = 1) -> None:
        self.runs.setdefault(name, []).append(receipt.gas_used / each)

    def _tokens(self) -> None:
        for name, contract in (
            ("openzeppelin", "OpenZeppelinTickets"),
            ("erc721a", "Erc721aTickets"),
        ):
            token = self._compiled(contract)
            people = [crowd(f"{name}/{run}") for run in range(RUNS + 1)]
            # The first batch also pays for what is written once.
            self.meter.send(self._owner, token, "mintBatch", people[0])
            for step in ("mint", "mint_again"):
                for batch in people[1:]:
                    receipt = self.meter.send(self._owner, token, "mintBatch", batch)
                    self._note(f"{name}_{step}", receipt, BATCH)

    def _naive_pair(self) -> None:
        tickets = self._compiled("NaiveTickets")
        for run in range(RUNS + 1):
            people = crowd(f"naive/{run}", NAIVE_BATCH)
            seats = [run * NAIVE_BATCH + i + 1 for i in range(NAIVE_BATCH)]
            references = [word(f"naive/{seat}") for seat in seats]
            arguments = (4_321, people, seats, references)
            receipt = self.meter.send(self._owner, tickets, "sell", *arguments)
            if run:
                self._note("naive_pair", receipt, NAIVE_BATCH)

    def _unlock(self) -> None:
        factory = self._factory()
        for version in _LOCK_VERSIONS:
            template = self._published("PublicLock", version)
            arguments = (template.address, version)
            self.meter.send(self._owner, factory, "addLockTemplate", *arguments)
            self.meter.send(self._owner, factory, "setLockTemplate", template.address)
            suffix = "" if version == _LOCK_VERSIONS[0] else f"_v{version}"
            lock = self._lock(factory, template, version, NATIVE_COIN, NATIVE_PRICE)
            self._purchases(f"unlock_purchase{suffix}", lock, native_price=NATIVE_PRICE)
            for run in range(RUNS):
                self._grant(f"unlock_grant{suffix}", lock, f"{version}/{run}", BATCH)
                if not suffix:
                    self._grant("unlock_grant_38", lock, f"{version}/38/{run}", 38)
                    self._grant("unlock_grant_one", lock, f"{version}/1/{run}", 1)
            if not suffix:
                free = self._lock(factory, template, version, NATIVE_COIN, 0)
                self._purchases("unlock_purchase_free", free)
                rupiah = self.meter.deploy(self._owner, artifacts.load("LocalRupiah"))
                lock = self._lock(factory, template, version, rupiah.address, RUPIAH_PRICE)
                self._purchases("unlock_purchase_erc20", lock, rupiah=rupiah)

    def _purchases(
        self, name: str, lock: Contract, *, native_price: int = 0, rupiah: Contract | None = None
    ) -> None:
        """Sell a key to one person after the other; the first pays for what is written once."""
        for run in range(RUNS + 1):
            buyer = self.meter.person(f"{name}/{run}")
            price = 0 if rupiah is None else RUPIAH_PRICE
            if rupiah is not None:
                self.meter.send(self._owner, rupiah, "mint", buyer.address, 10**7)
                self.meter.send(buyer, rupiah, "approve", lock.address, 100 * RUPIAH_PRICE)
            call = _purchase(buyer.address, price)
            receipt = self.meter.send(buyer, lock, *call, value=native_price)
            if run:
                self._note(name, receipt)

    def _grant(self, name: str, lock: Contract, people: str, count: int) -> None:
        holders = crowd(f"unlock/{people}", count)
        managers = [NATIVE_COIN] * count
        arguments = (holders, [_FOREVER] * count, managers)
        receipt = self.meter.send(self._owner, lock, "grantKeys", *arguments)
        self._note(name, receipt, count)

    def _factory(self) -> Contract:
        unlock = self._published("Unlock", _UNLOCK_VERSION)
        setting = unlock.face.encode_abi("initialize", args=[self._owner.address])
        proxy = self._compiled("UnlockProxy", unlock.address, setting)
        return Contract(proxy.address, unlock.face, proxy.deployment_gas)

    def _lock(
        self, factory: Contract, template: Contract, version: int, currency: str, price: int
    ) -> Contract:
        """Create a lock as Unlock's factory does: a proxy of its own behind which is the template."""
        arguments = (self._owner.address, _FOREVER, currency, price, 10**6, "Tickets")
        setting = template.face.encode_abi("initialize", args=arguments)
        create = "createUpgradeableLockAtVersion(bytes,uint16)"
        receipt = self.meter.send(self._owner, factory, create, setting, version)
        lock = next(log.address for log in receipt.logs if log.address != factory.address)
        return Contract(lock, template.face, receipt.gas_used)

    def _published(self, name: str, version: int) -> Contract:
        """Deploy what Unlock published, to the byte."""
        file = self._root / _UNLOCK / name / f"{name}V{version}.json"
        built = json.loads(file.read_text("utf-8"))
        code = bytes.fromhex(built["bytecode"][2:])
        return self.meter.deploy_code(self._owner, built["abi"], code)

    def _compiled(self, contract: str, *arguments: Any) -> Contract:
        """Deploy a peer that our own compiler made, with our own settings."""
        built = next(names[contract] for names in self._built.values() if contract in names)
        face = Web3().eth.contract(abi=built["abi"], bytecode=built["evm"]["bytecode"]["object"])
        code = bytes.fromhex(face.constructor(*arguments).data_in_transaction[2:])
        return self.meter.deploy_code(self._owner, built["abi"], code)

    @cached_property
    def _built(self) -> Mapping[str, Mapping[str, Any]]:
        files = sorted((self._root / _PEERS).glob("*.sol"))
        entries = {f"{_PEERS}/{file.name}": file.read_text("utf-8") for file in files}
        contracts = compile_sources(entries, self._root).contracts
        return {source: contracts[source] for source in entries}


def _purchase(holder: Address, price: int) -> Sequence[Any]:
    """Return V14's and V15's common form of ``purchase`` for one key."""
    function = "purchase(uint256[],address[],address[],address[],bytes[])"
    return (function, [price], [holder], [NATIVE_COIN], [NATIVE_COIN], [b""])
