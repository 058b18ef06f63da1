"""The deployed contracts that a story is played on, and how a call is made of them fast.

Each action has its second. What the rules allow is sent and mined at that second; what they forbid is
only asked for, as of that second, because a refusal changes nothing.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from coopledger.chain import artifacts
from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.currency import CurrencyContract
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.contracts.reverts import decode_revert
from coopledger.chain.development import DevChain, development_signer
from coopledger.chain.sending.sender import Sender
from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.client import Chain, connect
from coopledger.chain.wire.rpc import NodeRefused
from coopledger.chain.wire.transactions import Call, Creation, Receipt
from coopledger.domain.types import WIB, Address, to_timestamp
from coopledger.local.chain.node import LocalNode, NodeOptions
from coopledger.services.founding.deploying import Holder, deploy
from coopledger.settings import Settings
from tests.machine.cast import CAST, DELAYS, DEPLOYER, FIRST_OFFICE, SECOND_OFFICE, STAFF
from tests.machine.rules.world import NOBODY, Account

MONDAY = to_timestamp(datetime(2026, 11, 30, 9, 0, tzinfo=WIB))
_GAS = hex(15_000_000)
_ZERO = Address("0x0000000000000000000000000000000000000000")  # type: ignore[arg-type]  # checksummed as it stands


@dataclass
class Stage:
    """A cooperative on a node of its own."""

    chain: Chain
    dev: DevChain
    coop: Cooperative
    currency: CurrencyContract
    offices: dict[Account, BoxOfficeContract]
    addresses: dict[Account, Address] = field(default_factory=dict)
    names: dict[str, Account] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for index, name in enumerate(CAST):
            self.call_it(name, development_signer(self.chain, index).address)
        self.call_it(NOBODY, _ZERO)
        for name, office in self.offices.items():
            self.call_it(name, office.address)

    def call_it(self, name: Account, address: Address) -> None:
        """Give an address a name."""
        self.addresses[name] = address
        self.names[address] = name

    def signer(self, name: Account) -> Signer:
        """Return somebody's key."""
        return development_signer(self.chain, CAST.index(name))

    def send(self, who: Account, call: Call | Creation, moment: int) -> Receipt:
        """Make a call in a block of its own at a moment.

        Raises:
            ContractRefusal: the contract refused it.
        """
        rpc = self.chain.rpc
        rpc.request("evm_setNextBlockTimestamp", hex(moment), repeat=False)
        raw = rpc.request("eth_sendTransactionSync", self._json(who, call), repeat=False)
        receipt = Receipt.from_json(raw)
        if not receipt.succeeded:
            self.ask_for(who, call, moment, hex(receipt.block_number - 1))
            raise LookupError("it failed in its block, and not when it was asked for again")
        return receipt

    def ask_for(
        self, who: Account, call: Call | Creation, moment: int, block: str = "latest"
    ) -> None:
        """Ask what a call would do at a moment.

        Raises:
            ContractRefusal: the contract would refuse it.
        """
        question = self._json(who, call)
        try:
            self.chain.rpc.request("eth_call", question, block, None, {"time": hex(moment)})
        except NodeRefused as refused:
            if refused.data is None:
                raise
            raise decode_revert(refused.data) from None

    def open_second_office(self, moment: int) -> None:
        """Create another box office; it has no role yet."""
        access, ledger = self.coop.access.address, self.coop.ledger.address
        code = artifacts.load("BoxOffice").creation_code(access, ledger, self.currency.address)
        created = self.send(DEPLOYER, Creation(code), moment).created
        assert created is not None
        self.offices[SECOND_OFFICE] = BoxOfficeContract(self.chain, created)
        self.call_it(SECOND_OFFICE, created)

    def _json(self, who: Account, call: Call | Creation) -> dict[str, str]:
        said = {"from": self.addresses[who], "data": "0x" + call.data.hex(), "gas": _GAS}
        return said | {"to": call.to} if isinstance(call, Call) else said

    def by_name(self, value: Any) -> Any:
        """Return an address as its name, anything else as it is."""
        return self.names.get(value, value) if isinstance(value, str) else value


@contextmanager
def new_stage() -> Iterator[Stage]:
    """Start a node on a Monday morning and deploy a cooperative on it."""
    options = NodeOptions(timestamp=MONDAY, accounts=len(CAST))
    with LocalNode(options) as node, tempfile.TemporaryDirectory() as folder:
        chain = connect(node.url, node.chain_id)
        deployer = development_signer(chain, CAST.index(DEPLOYER))
        holders = tuple(
            Holder(role, development_signer(chain, CAST.index(name)).address, DELAYS.get(role, 0))
            for role, name in STAFF.items()
        )
        coop = deploy(
            chain,
            Sender(chain, deployer, Settings.model_construct()),
            deployer.address,
            Path(folder),
            holders,
            None,
            lambda _: None,
        )
        currency = CurrencyContract(chain, coop.box_office.currency())
        yield Stage(chain, DevChain(chain), coop, currency, {FIRST_OFFICE: coop.box_office})
        chain.close()
