"""What only a local chain allows: funded keys that everybody knows, and a clock that can be set.

The development keys are public, so handing one out on a chain that others use would give money and roles
away. A chain is local when three independent things say so: a development chain id, a node that calls
itself anvil or Hardhat, and a loopback address.
"""

import hashlib
import hmac
import ipaddress
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from eth_keys.constants import SECPK1_N
from eth_keys.datatypes import PrivateKey

from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.client import Chain
from coopledger.domain.types import Address, ChainId, Timestamp, Wei
from coopledger.errors import NotAllowed

LOCAL_CHAIN_IDS = frozenset({ChainId(31337), ChainId(1337)})

#: The phrase that anvil and Hardhat publish and fund; it protects nothing.
_DEVELOPMENT_MNEMONIC = " ".join(["test"] * 11 + ["junk"])
_HARDENED = 1 << 31


class DevelopmentKeyRefused(NotAllowed):
    """A development key was asked for on a chain that is not a local one."""

    chain_id: ChainId
    reason: str

    says = "chain {chain_id} gets no development key: {reason}"
    advice = "Configure the operator's own key: COOPLEDGER_KEYSTORE."


class NotALocalChain(NotAllowed):
    """The clock or the state of a chain was to be changed that is not a local one."""

    chain_id: ChainId
    reason: str

    says = "chain {chain_id} cannot be steered: {reason}"
    advice = "Use a local chain for this (coopledger up)."


def why_not_local(chain: Chain) -> str:
    """Return why a chain does not count as local; the empty text when it does."""
    if chain.chain_id not in LOCAL_CHAIN_IDS:
        return "its id is none of a development chain"
    if not chain.client_version.lower().startswith(("anvil/", "hardhatnetwork/")):
        return f"its node is {chain.client_version or 'unnamed'}, not anvil or Hardhat"
    if not _is_loopback(chain.rpc.url):
        return "its node is not on this machine"
    return ""


def is_local(chain: Chain) -> bool:
    """Say whether a chain is a local one, for trials and tests."""
    return not why_not_local(chain)


def development_signer(chain: Chain, index: int = 0) -> Signer:
    """Return one of the keys that local chains fund.

    Raises:
        DevelopmentKeyRefused: the chain is not local.
    """
    reason = why_not_local(chain)
    if reason:
        raise DevelopmentKeyRefused(chain.chain_id, reason)
    return Signer(_development_key(index))


class DevChain:
    """Steers a local chain: snapshots, blocks and the clock. Works for anvil and Hardhat."""

    def __init__(self, chain: Chain) -> None:
        """Take a local chain.

        Raises:
            NotALocalChain: the chain is not local.
        """
        reason = why_not_local(chain)
        if reason:
            raise NotALocalChain(chain.chain_id, reason)
        self._chain = chain
        self._prefix = "anvil" if chain.client_version.startswith("anvil/") else "hardhat"

    def snapshot(self) -> str:
        """Remember the chain as it is; return what :meth:`revert` takes."""
        return str(self._ask("evm_snapshot"))

    def revert(self, snapshot: str) -> None:
        """Bring the chain back to a snapshot, which is used up by it."""
        if self._ask("evm_revert", snapshot) is not True:
            raise LookupError(f"the chain has no snapshot {snapshot}")

    def mine(self, blocks: int = 1) -> None:
        """Make blocks now."""
        self._ask(f"{self._prefix}_mine", hex(blocks))

    def now(self) -> Timestamp:
        """Return the newest block's time."""
        return self._chain.block("latest").timestamp

    def set_time(self, moment: Timestamp) -> None:
        """Make a block at exactly this time, which must be later than the newest block's."""
        self._ask("evm_setNextBlockTimestamp", hex(moment))
        self._ask("evm_mine")

    def increase_time(self, seconds: int) -> None:
        """Make a block that many seconds after the newest one."""
        self.set_time(Timestamp(self.now() + seconds))

    def set_automine(self, on: bool) -> None:
        """Choose whether each transaction makes its block at once."""
        self._ask("evm_setAutomine", on)

    def set_balance(self, account: Address, balance: Wei) -> None:
        """Give an account exactly this much of the native coin."""
        self._ask(f"{self._prefix}_setBalance", account, hex(balance))

    def drop_transaction(self, transaction_hash: bytes) -> None:
        """Forget a transaction that is not mined yet."""
        self._ask(f"{self._prefix}_dropTransaction", "0x" + transaction_hash.hex())

    def _ask(self, method: str, *params: Any) -> Any:
        return self._chain.rpc.request(method, *params, repeat=False)


@cache
def _development_key(index: int) -> bytes:
    """Derive the key at m/44'/60'/0'/0/index (BIP-39, BIP-32)."""
    seed = hashlib.pbkdf2_hmac("sha512", _DEVELOPMENT_MNEMONIC.encode(), b"mnemonic", 2048)
    node = hmac.digest(b"Bitcoin seed", seed, "sha512")
    for step in (_HARDENED + 44, _HARDENED + 60, _HARDENED, 0, index):
        key, chain_code = node[:32], node[32:]
        public = PrivateKey(key).public_key.to_compressed_bytes()
        parent = b"\0" + key if step >= _HARDENED else public
        derived = hmac.digest(chain_code, parent + step.to_bytes(4), "sha512")
        child = (int.from_bytes(derived[:32]) + int.from_bytes(key)) % SECPK1_N
        node = child.to_bytes(32) + derived[32:]
    return node[:32]


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
