"""Transactions are signed as eth-account signs them, to the byte, without loading it."""

from eth_account import Account
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.transactions import Fees, UnsignedTransaction
from coopledger.domain.accounts import account_of
from coopledger.domain.types import ChainId, Gas, Wei

_HALF = (1 << 255) - 1
amounts = st.integers(0, 1 << 128)


@given(
    key=st.integers(1, _HALF),
    chain=st.integers(1, 1 << 32),
    nonce=st.integers(0, 1 << 32),
    offered=st.tuples(amounts, st.none() | amounts),
    gas=st.integers(0, 1 << 32),
    to=st.none() | st.binary(min_size=20, max_size=20),
    value=amounts,
    data=st.binary(max_size=200),
)
def test_a_transaction_is_signed_as_eth_account_does(
    key: int,
    chain: int,
    nonce: int,
    offered: tuple[int, int | None],
    gas: int,
    to: bytes | None,
    value: int,
    data: bytes,
) -> None:
    """Whatever it holds, with fees of EIP-1559 or one price for gas: the same bytes."""
    fee, priority = offered
    fees = Fees(Wei(fee), None if priority is None else Wei(priority))
    receiver = None if to is None else account_of("0x" + to.hex())
    own = Signer(key.to_bytes(32)).sign(
        UnsignedTransaction(ChainId(chain), nonce, fees, Gas(gas), receiver, Wei(value), data)
    )
    offer = {"maxFeePerGas": fee, "maxPriorityFeePerGas": priority, "type": 2}
    theirs = Account.sign_transaction(
        {
            "chainId": chain,
            "nonce": nonce,
            "gas": gas,
            "to": to or b"",
            "value": value,
            "data": data,
            **({"gasPrice": fee} if priority is None else offer),
        },
        key.to_bytes(32),
    )
    assert own == bytes(theirs.raw_transaction)
    assert keccak(own) == bytes(theirs.hash)
