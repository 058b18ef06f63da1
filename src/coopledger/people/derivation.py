"""From the master secret and a salt to a key and its address: the arithmetic alone.

48 bytes are derived and reduced into 1 … n-1 (FIPS 186-5, A.2.1), so that no result has to be rejected
and none is measurably likelier than another. This module loads little, so that the process which runs it
ahead (``ahead``) is soon at work.
"""

import os
from typing import TYPE_CHECKING, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sha3 import keccak_256

from coopledger.domain.checksum import ACCOUNT_BYTES, checksummed

if TYPE_CHECKING:
    from coopledger.domain.types import Address

try:
    from coincurve import PublicKey
except ImportError:  # it has no wheel for Python 3.14
    PublicKey = None  # type: ignore[assignment, misc]

SALT_BYTES = 32

_LABEL = b"coopledger/account/1"
_GROUP_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class FreshAccount(NamedTuple):
    """A salt that nobody has yet, and the account that derives from it. Give it to one person."""

    salt: bytes
    address: "Address"


def new_salt() -> bytes:
    """Return a fresh random salt of 32 bytes for a person."""
    return os.urandom(SALT_BYTES)


def binding_of(chain: int, ledger: bytes) -> bytes:
    """Return what binds an account to one ledger (its 20 bytes) of one chain."""
    # Fixed lengths (20, 32, 20 bytes) keep the three parts apart.
    return _LABEL + chain.to_bytes(32, "big") + ledger


def fresh_account(secret: bytes, binding: bytes) -> FreshAccount:
    """Return another account each time; ``binding`` is what :func:`binding_of` gives."""
    salt = new_salt()
    return FreshAccount(salt, address_of_key(private_key(secret, salt, binding)))


def private_key(secret: bytes, salt: bytes, binding: bytes) -> bytes:
    """Return the private key (32 bytes) of the account with this salt.

    Raises:
        ValueError: the salt has not ``SALT_BYTES``.
    """
    if len(salt) != SALT_BYTES:
        # A short salt, such as the empty one of an erased person, would give a guessable key.
        raise ValueError(f"a salt has {SALT_BYTES} bytes, this one {len(salt)}")
    wide = HKDF(algorithm=SHA256(), length=48, salt=salt, info=binding).derive(secret)
    return (int.from_bytes(wide, "big") % (_GROUP_ORDER - 1) + 1).to_bytes(32, "big")


def address_of_key(key: bytes) -> "Address":
    """Return the checksummed address (EIP-55) of a private key."""
    return checksummed(keccak_256(_public_point(key)[1:]).digest()[-ACCOUNT_BYTES:])


def _public_point(key: bytes) -> bytes:
    if PublicKey is not None:  # 30 times as fast as what follows
        return PublicKey.from_valid_secret(key).format(compressed=False)
    public = ec.derive_private_key(int.from_bytes(key), ec.SECP256K1()).public_key()
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
