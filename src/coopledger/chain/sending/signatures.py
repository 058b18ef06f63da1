"""Whose key made the signature of a message (EIP-712).

Wallets write the same signature in three ways, and contracts read one of them: 65 bytes that end with 27
or 28.
"""

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from coopledger.domain.signed_messages import Message
from coopledger.domain.types import Address

_WHOLE, _COMPACT = 65, 64
_LOWEST_V = 27


def as_contracts_read_it(signature: bytes) -> bytes:
    """Return a key's signature with its last byte as contracts take it; others as they are."""
    if len(signature) == _COMPACT:
        # The highest bit of the second half tells which of two keys it is (ERC-2098).
        r, half = signature[:32], int.from_bytes(signature[32:])
        s, parity = half & ((1 << 255) - 1), half >> 255
        return r + s.to_bytes(32) + bytes([_LOWEST_V + parity])
    if len(signature) == _WHOLE and signature[64] < 2:
        return signature[:64] + bytes([_LOWEST_V + signature[64]])
    return signature


def signer_of(message: Message, signature: bytes) -> Address | None:
    """Return the account whose key signed a message; None if no key made this signature."""
    signable = encode_typed_data(full_message=message.typed_data())
    try:
        found: Address = Account.recover_message(
            signable, signature=as_contracts_read_it(signature)
        )
    except (ValueError, TypeError, ValidationError, BadSignature):
        return None
    return found
