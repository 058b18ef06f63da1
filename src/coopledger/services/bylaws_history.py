"""The versions of the by-laws, as the ledger recorded them by their hashes.

The one subtlety: the chain holds no text. Whoever has a file can say which version it is; nobody can
get a version's text from here.
"""

from dataclasses import dataclass
from typing import ClassVar

from coopledger.chain.contract import events_of
from coopledger.chain.deployments import Cooperative
from coopledger.domain.types import BlockNumber, BylawsVersion, Timestamp
from coopledger.errors import NotFound


@dataclass(frozen=True)
class RecordedBylaws:
    """One version, in force from ``since`` until the next one was recorded."""

    version: BylawsVersion
    hash: bytes
    since: Timestamp
    until: Timestamp | None
    block: BlockNumber
    transaction: bytes


@dataclass(eq=False)
class BylawsNotRecorded(NotFound):
    """No version of the by-laws has this hash."""

    hash: bytes

    advice: ClassVar[str] = (
        "A single other character makes another hash. Compare with the file that was recorded, "
        "or record this one: coopledger bylaws FILE"
    )

    def __str__(self) -> str:
        return f"no version of the by-laws has the hash 0x{self.hash.hex()}"


def list_bylaws(coop: Cooperative) -> list[RecordedBylaws]:
    """Return every version, the oldest first."""
    event = events_of(coop.ledger.artifact)["BylawsSet"]
    found: list[RecordedBylaws] = []
    until: Timestamp | None = None
    logs = coop.chain.logs(
        [coop.ledger.address], [event.topic], coop.first_block, coop.chain.head()
    )
    for log in reversed(list(logs)):
        arguments = event.decode(log)
        since = Timestamp(arguments["timestamp"])
        found.append(
            RecordedBylaws(
                BylawsVersion(arguments["version"]),
                arguments["hash"],
                since,
                until,
                log.block_number,
                log.transaction_hash,
            )
        )
        until = since
    return found[::-1]


def version_of(coop: Cooperative, bylaws_hash: bytes) -> RecordedBylaws:
    """Return the newest version that has a hash.

    Raises:
        BylawsNotRecorded: none has.
    """
    for recorded in reversed(list_bylaws(coop)):
        if recorded.hash == bylaws_hash:
            return recorded
    raise BylawsNotRecorded(bylaws_hash)
