"""Encryption at rest and keyed hashes: everything that is done with keys from the master secret.

What must give the same answer for ever (order references, attestations, look-ups) is keyed by the *first*
version of the secret, because it stands on the chain or in an index; what is newly written (fields,
accounts) by the *newest*. A new version never changes an old answer.
"""

import hmac
import os
import unicodedata
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from coopledger.domain.types import Attestation, Email, OrderReference
from coopledger.errors import NotAllowed, Untrusted
from coopledger.people.master import MasterSecret, SecretVersion

# Labels are for good: another label is another key, and old data could not be read any more.
_FIELD = b"coopledger/key/field/1"
_INDEX = b"coopledger/key/index/1"
_REFERENCE = b"coopledger/key/reference/1"
_ATTESTATION = b"coopledger/key/attestation/1"
_FINGERPRINT = b"coopledger/key/fingerprint/1"

_NONCE_BYTES = 12
_ATTESTATION_BYTES = 16


class SealBroken(Untrusted):
    """An encrypted field does not open: it was altered, or put where it does not belong."""

    field: str

    says = "An encrypted {field} was altered or belongs to another row."
    advice = "Restore the people's data from a backup, and find out who can write to the database."


class SecretVersionMissing(NotAllowed):
    """Data was written under a version of the master secret that is not at hand."""

    version: SecretVersion

    says = "Version {version} of the master secret is needed and is not here."
    advice = "Add that version to the master secret; old versions are always kept."


class SealedField(NamedTuple):
    """The one place where a sealed value belongs; it opens nowhere else."""

    table: str
    column: str
    row: bytes

    @property
    def binding(self) -> bytes:
        """The place as unambiguous bytes."""
        return _encoded_column(self.table, self.column) + encode_parts(self.row)


@cache
def _encoded_column(table: str, column: str) -> bytes:
    return encode_parts(table.encode(), column.encode())


def encode_parts(*parts: bytes) -> bytes:
    """Join parts so that no two lists of parts give the same bytes: each behind its length."""
    encoded = b""
    for part in parts:
        encoded += len(part).to_bytes(8, "big") + part
    return encoded


class Vault:
    """Seals and opens fields, and computes the keyed hashes."""

    def __init__(self, secrets: Iterable[MasterSecret]) -> None:
        """Take every version of the master secret that is at hand (at least one)."""
        self._secrets = {secret.version: secret for secret in secrets}
        first, newest = min(self._secrets), max(self._secrets)
        self.newest = self._secrets[newest]
        self._ciphers = {
            version: AESGCM(_derive(secret, _FIELD)) for version, secret in self._secrets.items()
        }
        self._newest_cipher = newest.to_bytes(4, "big"), self._ciphers[newest]
        self._index_key = _derive(self._secrets[first], _INDEX)
        self._reference_key = _derive(self._secrets[first], _REFERENCE)
        self._attestation_key = _derive(self._secrets[first], _ATTESTATION)

    def secret(self, version: SecretVersion) -> MasterSecret:
        """Return one version of the master secret.

        Raises:
            SecretVersionMissing: it is not at hand.
        """
        try:
            return self._secrets[version]
        except KeyError:
            raise SecretVersionMissing(version) from None

    def fingerprints(self) -> dict[SecretVersion, bytes]:
        """Return 32 bytes by version that tell secrets apart and say nothing about them."""
        return {version: _derive(secret, _FINGERPRINT) for version, secret in self._secrets.items()}

    def seal(self, field: SealedField, plain: bytes) -> bytes:
        """Encrypt a value for its place (AES-256-GCM): version (4 bytes), nonce (12), ciphertext."""
        version, cipher = self._newest_cipher
        nonce = os.urandom(_NONCE_BYTES)
        return version + nonce + cipher.encrypt(nonce, plain, version + field.binding)

    def open(self, field: SealedField, sealed: bytes) -> bytes:
        """Decrypt a value from its place.

        Raises:
            SealBroken: it was altered, or sealed for another place.
            SecretVersionMissing: it was sealed under a version that is not at hand.
        """
        version, rest = sealed[:4], sealed[4:]
        number = self.secret(SecretVersion(int.from_bytes(version, "big"))).version
        nonce, encrypted = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        try:
            return self._ciphers[number].decrypt(nonce, encrypted, version + field.binding)
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"{field.table}.{field.column}") from error

    def email_index(self, email: Email) -> bytes:
        """Return the 32 bytes under which an address is looked up."""
        return _mac(self._index_key, b"email", email.encode())

    def name_index(self, person: bytes, name: str) -> bytes:
        """Return the 32 bytes that tell a person's names apart; says nothing across persons."""
        return _mac(self._index_key, b"name", person, name.encode())

    def ticket_secret_index(self, secret: str) -> bytes:
        """Return the 32 bytes under which a seller's ticket secret is looked up."""
        return _mac(self._index_key, b"secret", secret.encode())

    def label_index(self, label: str) -> bytes:
        """Return the 32 bytes under which ORDER-POSITION is looked up."""
        return _mac(self._index_key, b"label", label.encode())

    def order_reference(self, source: str, order: str, position: str) -> OrderReference:
        """Return the keyed hash (32 bytes) that stands on the chain for a sold position."""
        parts = (source.encode(), order.encode(), position.encode())
        return OrderReference(_mac(self._reference_key, b"coopledger/reference/1", *parts))

    def attestation_of(self, text: str) -> Attestation:
        """Return the keyed hash (16 bytes) of the paper or form that a consent was given on.

        Spaces around the text and its Unicode form do not matter.
        """
        clean = unicodedata.normalize("NFC", text.strip())
        whole = _mac(self._attestation_key, b"coopledger/attestation/1", clean.encode())
        return Attestation(whole[:_ATTESTATION_BYTES])


def _derive(secret: MasterSecret, label: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(secret.material)


def _mac(key: bytes, *parts: bytes) -> bytes:
    return hmac.digest(key, encode_parts(*parts), sha256)
