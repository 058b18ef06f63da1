"""The operator's key: read from an encrypted keystore or the environment, never shown.

Failures here never hold what they were given, since it may be the secret itself.
"""

import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from eth_utils.exceptions import ValidationError

from coopledger.chain.sending.signing import Signer
from coopledger.errors import BadInput, NotAllowed
from coopledger.settings import Settings

PASSWORD_VARIABLE = "COOPLEDGER_KEYSTORE_PASSWORD"  # noqa: S105  the name of a variable
_PRIVATE_KEY = re.compile(r"(?:0x)?[0-9a-fA-F]{64}")

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
        from coopledger.chain.sending.keystore import open_keystore

        password = _password(settings, settings.keystore, ask_password, environment)
        return open_keystore(settings.keystore, password)
    key = environment.get(settings.key_variable, "").strip()
    if not key:
        raise NoKeyConfigured(settings.key_variable)
    # A digit that was lost in copying would otherwise make another key.
    if _PRIVATE_KEY.fullmatch(key) is None:
        raise KeyUnusable(settings.key_variable) from None
    try:
        return Signer(bytes.fromhex(key.removeprefix("0x")))
    except (ValueError, ValidationError):
        raise KeyUnusable(settings.key_variable) from None


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
