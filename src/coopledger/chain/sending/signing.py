"""What signs for one account: it tells its address, and has no way to give the key out.

Not by printing, logging, comparing or pickling. The key is eth-keys' alone; eth-account, which signs
messages, loads much that no transaction needs.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak

from coopledger.chain.wire.transactions import UnsignedTransaction
from coopledger.domain.types import Address


class Signer:
    """Signs for one account. Nothing that it does or prints gives the key out."""

    __slots__ = ("__key", "address")

    address: Address

    def __init__(self, key: bytes) -> None:
        """Take a private key.

        Raises:
            ValueError, ValidationError: these bytes are none.
        """
        self.__key = PrivateKey(key)
        self.address = self.__key.public_key.to_checksum_address()

    def __repr__(self) -> str:
        return f"Signer({self.address})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signer is never copied or written down")

    def sign(self, transaction: UnsignedTransaction) -> bytes:
        """Return a transaction with its signature, as a node takes it."""
        signature = self.__key.sign_msg_hash(keccak(transaction.encoded()))
        return transaction.encoded(signature.vrs)

    def sign_typed_data(self, message: Mapping[str, Any]) -> bytes:
        """Return the 65-byte signature of an EIP-712 message (types, domain and message)."""
        from eth_account import Account

        signed = Account.sign_typed_data(self.__key.to_bytes(), full_message=dict(message))
        return bytes(signed.signature)
