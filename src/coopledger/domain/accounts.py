"""Accounts as people write them: 0x and 40 hexadecimal digits, checked for typing errors."""

from eth_utils.address import is_checksum_address, is_hex_address, to_checksum_address

from coopledger.domain.types import Address
from coopledger.errors import BadInput


class NotAnAccount(BadInput):
    """What was typed is no account."""

    text: str
    reason: str

    says = "'{text}' is not an account: {reason}"
    advice = "Copy the whole account; it is 0x and 40 more characters."


def account_of(text: str) -> Address:
    """Read an account and check its checksum (EIP-55) where it has one.

    Raises:
        NotAnAccount: it is none, or mistyped.
    """
    if not is_hex_address(text):
        raise NotAnAccount(text, "it is not 0x and 40 hexadecimal digits")
    digits = text.removeprefix("0x").removeprefix("0X")
    if digits not in {digits.lower(), digits.upper()} and not is_checksum_address(text):
        raise NotAnAccount(text, "it is mistyped (its checksum is wrong)")
    return to_checksum_address(text)
