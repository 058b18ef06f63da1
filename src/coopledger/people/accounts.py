"""Accounts of people without a wallet, derived from the master secret and the person's own salt.

Erasing the salt makes an account underivable for ever (``docs/decisions/custody-by-salt.md``). The
one subtlety: 48 bytes are derived and reduced into 1 … n-1 (FIPS 186-5, A.2.1), so that no result
has to be rejected and none is measurably likelier than another.
"""

import os
from typing import cast

from coincurve import PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_hash.auto import keccak
from eth_utils.address import to_checksum_address

from coopledger.domain.types import Address, ChainId
from coopledger.people.master import MasterSecret

SALT_BYTES = 32

_LABEL = b"coopledger/account/1"
_GROUP_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def new_salt() -> bytes:
    """Return a fresh random salt of 32 bytes for a person."""
    return os.urandom(SALT_BYTES)


def account_address(secret: MasterSecret, salt: bytes, chain: ChainId, ledger: Address) -> Address:
    """Return the address of a person's account on one ledger of one chain."""
    public = PublicKey.from_valid_secret(_private_key(secret, salt, chain, ledger))
    return to_checksum_address(keccak(public.format(compressed=False)[1:])[-20:])


def signer_of(secret: MasterSecret, salt: bytes, chain: ChainId, ledger: Address) -> LocalAccount:
    """Return what signs for a person's account. The one way in which its key leaves here."""
    return cast(LocalAccount, Account.from_key(_private_key(secret, salt, chain, ledger)))


def _private_key(secret: MasterSecret, salt: bytes, chain: ChainId, ledger: Address) -> bytes:
    if len(salt) != SALT_BYTES:
        # A short salt, such as the empty one of an erased person, would give a guessable key.
        raise ValueError(f"a salt has {SALT_BYTES} bytes, this one {len(salt)}")
    # Fixed lengths (20, 32, 20 bytes) keep the three parts apart.
    info = _LABEL + chain.to_bytes(32, "big") + bytes.fromhex(ledger[2:])
    wide = HKDF(algorithm=SHA256(), length=48, salt=salt, info=info).derive(secret.material)
    return (int.from_bytes(wide, "big") % (_GROUP_ORDER - 1) + 1).to_bytes(32, "big")
