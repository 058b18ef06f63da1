"""Encrypted files that hold a key (keystore version 3).

The library that reads them loads another for keys of another kind, which takes a while, so this module
is imported where there is such a file.
"""

import json
import os
import secrets
from pathlib import Path

import orjson
from eth_keyfile.exceptions import EthKeyfileException
from eth_keyfile.keyfile import create_keyfile_json, decode_keyfile_json

from coopledger.chain.sending.signing import Signer
from coopledger.domain.types import Address
from coopledger.errors import BadInput, NotAllowed, Refused

MINIMUM_PASSWORD_LENGTH = 10


class WrongPassword(NotAllowed):
    """The password does not open the keystore."""

    keystore: Path

    says = "the password does not open {keystore}"
    advice = "Try again with the password chosen when the keystore was made."


class KeystoreUnreadable(BadInput):
    """The keystore file is missing, or is no keystore of version 3."""

    keystore: Path
    reason: str

    says = "{keystore} cannot be read as a keystore: {reason}"
    advice = "Check the path in COOPLEDGER_KEYSTORE, or restore the file."


class KeystoreExists(Refused):
    """A new keystore would overwrite a file."""

    keystore: Path

    says = "{keystore} exists already"
    advice = "Choose another path; a key that is overwritten is lost for good."


class PasswordTooShort(BadInput):
    """The password for a new keystore is too short."""

    minimum: int

    says = "the password must have at least {minimum} characters"
    advice = "Choose a longer one; a sentence is easy to remember."


def open_keystore(keystore: Path, password: str) -> Signer:
    """Return the signer of a keystore file (version 3).

    Raises:
        KeystoreUnreadable: the file is missing or is no keystore.
        WrongPassword: the password does not open it.
    """
    try:
        content = orjson.loads(keystore.read_bytes())
    except OSError as error:
        raise KeystoreUnreadable(keystore, error.strerror or type(error).__name__) from None
    except ValueError:
        raise KeystoreUnreadable(keystore, "it is not JSON") from None
    try:
        key = decode_keyfile_json(content, password.encode())
    except ValueError as error:
        if "MAC mismatch" in str(error):
            raise WrongPassword(keystore) from None
        raise KeystoreUnreadable(keystore, "it is damaged") from None
    except (KeyError, TypeError, AttributeError, NotImplementedError, EthKeyfileException):
        raise KeystoreUnreadable(keystore, "it is no keystore of version 3") from None
    return Signer(key)


def create_keystore(keystore: Path, password: str, *, iterations: int | None = None) -> Address:
    """Make a new key, write it encrypted to a file of mode 600, and return its address.

    Args:
        keystore: the new file.
        password: opens it later.
        iterations: scrypt's work factor; the library's own unless tests want it fast.

    Raises:
        PasswordTooShort: the password has fewer than ``MINIMUM_PASSWORD_LENGTH`` characters.
        KeystoreExists: the file is there already.
    """
    if len(password) < MINIMUM_PASSWORD_LENGTH:
        raise PasswordTooShort(MINIMUM_PASSWORD_LENGTH)
    key = secrets.token_bytes(32)
    address = Signer(key).address
    content = create_keyfile_json(key, password.encode(), kdf="scrypt", iterations=iterations)
    content["address"] = address[2:].lower()
    try:
        descriptor = os.open(keystore, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeystoreExists(keystore) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    return address
