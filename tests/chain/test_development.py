"""Development keys and the clock: for local chains alone."""

from dataclasses import replace

import pytest
from eth_account import Account

from coopledger.chain.development import (
    DevChain,
    DevelopmentKeyRefused,
    NotALocalChain,
    development_signer,
    is_local,
)
from coopledger.chain.wire.client import Chain
from coopledger.chain.wire.rpc import JsonRpc
from coopledger.domain.types import ChainId, Timestamp, Wei


def test_local_chains_hand_out_funded_keys(either_chain: Chain) -> None:
    """Both local nodes fund the development accounts, which differ by index."""
    assert is_local(either_chain)
    accounts = {development_signer(either_chain, index).address for index in range(3)}
    assert len(accounts) == 3
    assert all(either_chain.balance_of(account) >= 10**18 for account in accounts)


def test_development_keys_are_those_of_the_published_phrase(chain: Chain) -> None:
    """Each is the one that eth-account derives from the phrase that anvil and Hardhat publish."""
    Account.enable_unaudited_hdwallet_features()
    phrase = " ".join(["test"] * 11 + ["junk"])
    for index in range(10):
        account = Account.from_mnemonic(phrase, account_path=f"m/44'/60'/0'/0/{index}")
        assert development_signer(chain, index).address == account.address


@pytest.mark.parametrize(
    "foreign",
    [
        {"chain_id": ChainId(1)},
        {"client_version": "Geth/v1.16.0"},
        {"client_version": ""},
        {"client_version": "proxy of anvil/v1"},
        {"rpc": JsonRpc("http://192.0.2.1:8545")},
        {"rpc": JsonRpc("http://127.0.0.1.example.org:8545")},
    ],
    ids=lambda facts: "-".join(map(str, facts.values())),
)
def test_every_other_chain_refuses_development_keys(
    chain: Chain, foreign: dict[str, object]
) -> None:
    """One sign that others may use the chain is enough: no key, and no hand on its clock."""
    other = replace(chain, **foreign)  # type: ignore[arg-type]  # one field each, by parameter
    with pytest.raises(DevelopmentKeyRefused):
        development_signer(other)
    with pytest.raises(NotALocalChain):
        DevChain(other)


def test_the_clock_and_the_chain_can_be_set_and_brought_back(either_chain: Chain) -> None:
    """Snapshots undo blocks and balances; the time can be set to the second."""
    dev = DevChain(either_chain)
    snapshot = dev.snapshot()
    height, account = either_chain.head(), development_signer(either_chain).address
    later = Timestamp(dev.now() + 1_000)
    dev.set_time(later)
    assert dev.now() == later
    dev.increase_time(500)
    assert dev.now() == later + 500
    dev.mine(3)
    assert either_chain.head() == height + 5
    dev.set_balance(account, Wei(17))
    assert either_chain.balance_of(account) == 17
    dev.revert(snapshot)
    assert either_chain.head() == height
    assert either_chain.balance_of(account) > 17
    with pytest.raises(LookupError):
        dev.revert(snapshot)
