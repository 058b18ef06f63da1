"""The by-laws in force: the version that a person consents to, and the text that is meant by it.

The one subtlety: the chain knows a version by the hash (Keccak-256) of its file alone. Who holds the
file can prove that it is the one; who does not consents to what the cooperative published.
"""

from dataclasses import dataclass

from eth_utils.crypto import keccak

from coopledger.chain.deployments import Cooperative
from coopledger.domain.types import BylawsVersion
from coopledger.services.import_report import NoBylaws
from coopledger.services.purchase_failures import BylawsFileDiffers


@dataclass(frozen=True)
class Bylaws:
    """A recorded version of the by-laws, and the Keccak-256 of its file."""

    version: BylawsVersion
    file_hash: bytes


def bylaws_in_force(coop: Cooperative) -> Bylaws:
    """Return the by-laws that somebody who joins now consents to.

    Raises:
        NoBylaws: none were recorded.
    """
    version = coop.ledger.bylaws_version()
    if not version:
        raise NoBylaws
    return Bylaws(version, coop.ledger.bylaws_hash(version))


def check_bylaws_file(bylaws: Bylaws, content: bytes) -> None:
    """Check that a file is the recorded version.

    Raises:
        BylawsFileDiffers: it is not.
    """
    found = keccak(content)
    if found != bylaws.file_hash:
        raise BylawsFileDiffers(bylaws.version, bylaws.file_hash, found)
