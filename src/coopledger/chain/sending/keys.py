"""The operator's key: read from an encrypted keystore or the environment, never shown.

A key is held by a :class:`Signer`, which signs and tells its address and has no way to give the key out:
not by printing, logging, comparing or pickling. Failures here never hold what they were given, since it
may be the secret itself.
"""

import json
import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import orjson
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_keyfile.exceptions import EthKeyfileException
from eth_keyfile.keyfile import create_keyfile_json, decode_keyfile_json
from eth_utils.exceptions import ValidationError

from coopledger.domain.types import Address
from coopledger.errors import BadInput, NotAllowed, Refused
from coopledger.settings import Settings

PASSWORD_VARIABLE = "COOPLEDGER_KEYSTORE_PASSWORD"  # noqa: S105  the name of a variable
_PRIVATE_KEY = re.compile(r"(?:0x)?[0-9a-fA-F]{64}")
MINIMUM_PASSWORD_LENGTH = 10

AskPassword = Callable[[Path], str]
"""Asks a person for the password of a keystore, without echo."""


class NoKeyConfigured(NotAllowed):
    """Neither a keystore nor the environment holds the operator's key."""

    variable: str

    says = "no operator's key is configured: no keystore is set, and {variable} is empty"
    advice = "Set COOPLEDGER_KEYSTORE to the operator's keystore file."


class NoPassword(NotAllowed):
    """A keystore is configured, and nothing says its password."""

    keystore: Path

    says = "the password of {keystore} is not known"
    advice = (
        f"Set COOPLEDGER_KEYSTORE_PASSWORD_FILE (or {PASSWORD_VARIABLE}), "
        "or run the command at a terminal."
    )


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


class KeyUnusable(BadInput):
    """The environment variable holds no private key."""

    variable: str

    says = "what {variable} holds is no private key"
    advice = "It must hold 32 bytes in hexadecimal: 64 digits, with or without 0x."


class PasswordFileUnreadable(BadInput):
    """The password file cannot be read."""

    file: Path
    reason: str

    says = "the password file {file} cannot be read: {reason}"
    advice = "Check the path in COOPLEDGER_KEYSTORE_PASSWORD_FILE."


class PasswordFileExposed(NotAllowed):
    """Others than its owner can read the password file, or write to it."""

    file: Path
    mode: int

    says = "others can reach the password file {file} (mode {mode:03o})"
    advice = "Run chmod 600 on the file, and change the password."


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


@dataclass(frozen=True)
class SignedTransaction:
    """A transaction that is ready to be sent, and its hash."""

    raw: bytes
    hash: bytes


class Signer:
    """Signs for one account. Nothing that it does or prints gives the key out."""

    __slots__ = ("__account", "address")

    address: Address

    def __init__(self, account: LocalAccount) -> None:
        self.address = account.address
        self.__account = account

    def __repr__(self) -> str:
        return f"Signer({self.address})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signer is never copied or written down")

    def sign(self, transaction: Mapping[str, Any]) -> SignedTransaction:
        """Sign a transaction whose every field is filled in."""
        signed = self.__account.sign_transaction(dict(transaction))
        return SignedTransaction(bytes(signed.raw_transaction), bytes(signed.hash))

    def sign_typed_data(self, message: Mapping[str, Any]) -> bytes:
        """Return the 65-byte signature of an EIP-712 message (types, domain and message)."""
        return bytes(self.__account.sign_typed_data(full_message=dict(message)).signature)


def load_signer(
    settings: Settings,
    ask_password: AskPassword | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Signer:
    """Return the operator's signer: from the keystore where one is set, else the environment.

    The keystore's password comes from its file, else from ``COOPLEDGER_KEYSTORE_PASSWORD``,
    else from the person.

    Raises:
        NoKeyConfigured: there is neither a keystore nor a key in the environment.
        KeystoreUnreadable, WrongPassword, NoPassword: the keystore cannot be opened.
        PasswordFileUnreadable, PasswordFileExposed: the password file cannot be used.
        KeyUnusable: the variable holds no private key.
    """
    if settings.keystore is not None:
        password = _password(settings, settings.keystore, ask_password, environment)
        return open_keystore(settings.keystore, password)
    key = environment.get(settings.key_variable, "").strip()
    if not key:
        raise NoKeyConfigured(settings.key_variable)
    # A digit that was lost in copying would otherwise make another key.
    if _PRIVATE_KEY.fullmatch(key) is None:
        raise KeyUnusable(settings.key_variable) from None
    try:
        return Signer(Account.from_key(key))
    except (ValueError, ValidationError):
        raise KeyUnusable(settings.key_variable) from None


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
    return Signer(Account.from_key(key))


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
    account: LocalAccount = Account.create()
    content = create_keyfile_json(
        account.key, password.encode(), kdf="scrypt", iterations=iterations
    )
    content["address"] = account.address[2:].lower()
    try:
        descriptor = os.open(keystore, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeystoreExists(keystore) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    return account.address


def _password(
    settings: Settings,
    keystore: Path,
    ask_password: AskPassword | None,
    environment: Mapping[str, str],
) -> str:
    if settings.keystore_password_file is not None:
        return read_password_file(settings.keystore_password_file)
    if environment.get(PASSWORD_VARIABLE):
        return environment[PASSWORD_VARIABLE]
    if ask_password is None:
        raise NoPassword(keystore)
    return ask_password(keystore)


def read_password_file(file: Path) -> str:
    """Return the first line of a file that its owner alone can reach.

    Raises:
        PasswordFileExposed: others can read it, or write to it.
        PasswordFileUnreadable: it cannot be read.
    """
    try:
        with file.open(encoding="utf-8") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            if mode & 0o077:
                raise PasswordFileExposed(file, mode)
            return opened.readline().rstrip("\r\n")
    except OSError as error:
        raise PasswordFileUnreadable(file, error.strerror or type(error).__name__) from None
    except UnicodeDecodeError:
        raise PasswordFileUnreadable(file, "it is not UTF-8 text") from None
