"""The master secret: reading it, making one for a trial, never showing it.

It is written ``VERSION:HEX``, one version a line (or separated by commas), each 32 bytes or more. Whoever
loses it loses every account that was derived from it, so a trial's secret is written once and never over
an existing one.
"""

import os
import re
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NewType

from coopledger.errors import BadInput, NotAllowed, NotFound

SecretVersion = NewType("SecretVersion", int)
"""Counts master secrets from 1; new data is written under the highest."""

ENVIRONMENT_NAME = "COOPLEDGER_MASTER_SECRET"

_TRIAL_FILE = "master-secret"
_LEAST_BYTES = 32


class MasterSecretUnreadable(BadInput):
    """The master secret is not written as it should be (never shows what is written)."""

    where: str
    reason: str

    says = "The master secret in {where} cannot be read: {reason}."
    advice = "Write it as VERSION:HEX with 64 or more hex digits, such as 1:0fa3…"


class MasterSecretMissing(NotFound):
    """There is no master secret where one was looked for."""

    where: str

    says = "There is no master secret in {where}."
    advice = (
        f"Set {ENVIRONMENT_NAME}, or name the file that holds the master secret. Without the right"
        " one, nobody's e-mail can be read and no account can be used."
    )


class MasterSecretExposed(NotAllowed):
    """Other users of the machine can read the file of the master secret."""

    file: Path
    mode: int

    says = "Other users can read the master secret in {file} (mode {mode:04o})."
    advice = "Run: chmod 600 FILE. If others use this machine, ask for help first."


@dataclass(frozen=True)
class MasterSecret:
    """One version of the secret from which every key and every account is derived."""

    version: SecretVersion
    material: bytes = field(repr=False)


def read_master_secrets(text: str, where: str) -> tuple[MasterSecret, ...]:
    """Read every version from text; ``where`` names its place in failures.

    Raises:
        MasterSecretUnreadable: a part is not VERSION:HEX, too short, or a version stands twice.
        MasterSecretMissing: the text is empty.
    """
    parts = [part for part in re.split(r"[\s,]+", text) if part]
    if not parts:
        raise MasterSecretMissing(where)
    found: dict[SecretVersion, MasterSecret] = {}
    for part in parts:
        match = re.fullmatch(r"([1-9][0-9]{0,8}):(?:0x)?((?:[0-9a-fA-F]{2})+)", part)
        if match is None:
            raise MasterSecretUnreadable(where, "a part is not VERSION:HEX")
        version, material = SecretVersion(int(match[1])), bytes.fromhex(match[2])
        if len(material) < _LEAST_BYTES:
            raise MasterSecretUnreadable(where, f"version {version} is shorter than 32 bytes")
        if version in found:
            raise MasterSecretUnreadable(where, f"version {version} stands there twice")
        found[version] = MasterSecret(version, material)
    return tuple(found[version] for version in sorted(found))


def master_secrets_from_environment(
    environment: Mapping[str, str] = os.environ, name: str = ENVIRONMENT_NAME
) -> tuple[MasterSecret, ...]:
    """Read the master secret from an environment variable.

    Raises:
        MasterSecretMissing: the variable is not set.
        MasterSecretUnreadable: it is badly written.
    """
    return read_master_secrets(environment.get(name, ""), f"the variable {name}")


def master_secrets_from_file(file: Path) -> tuple[MasterSecret, ...]:
    """Read the master secret from a file that only its owner may read.

    Raises:
        MasterSecretMissing: there is no such file.
        MasterSecretExposed: others may read it.
        MasterSecretUnreadable: it is badly written.
    """
    try:
        with file.open() as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            text = opened.read()
    except FileNotFoundError:
        raise MasterSecretMissing(str(file)) from None
    if mode & 0o077:
        raise MasterSecretExposed(file, mode)
    return read_master_secrets(text, str(file))


def master_secrets_of_trial(folder: Path) -> tuple[MasterSecret, ...]:
    """Return the master secret of a local trial, making one in its state folder the first time.

    Two processes at once get the same one.

    Raises:
        MasterSecretExposed: others may read the file.
        MasterSecretUnreadable: it is badly written.
    """
    file = folder / _TRIAL_FILE
    if not file.exists():
        draft = folder / f"{_TRIAL_FILE}.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            opened.write(f"1:{secrets.token_hex(_LEAST_BYTES)}\n")
            opened.flush()
            os.fsync(descriptor)
        # A link never replaces a file: the first process wins, whole, and the others read its.
        with suppress(FileExistsError):
            file.hardlink_to(draft)
        draft.unlink()
    return master_secrets_from_file(file)
