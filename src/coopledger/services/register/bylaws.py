"""The by-laws: recording a version, listing them, and the version that a person consents to.

The chain holds no text, only the hash (Keccak-256) of each version's file. Who holds a file can prove
which version it is; who does not consents to what the cooperative published.
"""

from dataclasses import dataclass

from eth_utils.crypto import keccak

from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.sender import Sender
from coopledger.domain.types import Address, BlockNumber, BylawsVersion, Timestamp
from coopledger.errors import NotFound, Refused, Untrusted
from coopledger.services.authority.delays import Scheduled, send_or_schedule


@dataclass(frozen=True)
class RecordedBylaws:
    """One version, in force from ``since`` until the next one was recorded."""

    version: BylawsVersion
    hash: bytes
    since: Timestamp
    until: Timestamp | None
    block: BlockNumber
    transaction: bytes


class BylawsNotRecorded(NotFound):
    """No version of the by-laws has this hash."""

    hash: bytes

    says = "no version of the by-laws has the hash {hash:hex}"
    advice = (
        "A single other character makes another hash. Compare with the file that was recorded, "
        "or record this one: coopledger bylaws FILE"
    )


class NoBylaws(Refused):
    """Nobody can join before the by-laws are recorded."""

    says = "no by-laws are recorded, so nobody can consent to them"
    advice = "Record them: coopledger bylaws FILE"


class BylawsFileDiffers(Untrusted):
    """The file is not the by-laws that are recorded."""

    version: BylawsVersion
    recorded: bytes
    found: bytes

    says = (
        "the file is not version {version} of the by-laws: its Keccak-256 is {found:hex}, "
        "recorded is {recorded:hex}"
    )
    advice = "Do not consent to this text. Ask the board for the right file."


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


def record_bylaws(
    coop: Cooperative, sender: Sender, operator: Address, bylaws_hash: bytes
) -> BylawsVersion | Scheduled:
    """Record the next version of the by-laws, at once or after the board's delay.

    Args:
        coop: the deployed contracts.
        sender: sends the operator's transactions.
        operator: holds the role BOARD.
        bylaws_hash: 32 bytes.

    Raises:
        AccessManagedUnauthorized: the operator lacks the role.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    done = send_or_schedule(coop, sender, operator, coop.ledger.set_bylaws_call(bylaws_hash))
    if isinstance(done, Scheduled):
        return done
    return BylawsVersion(coop.ledger.events("BylawsSet", done.logs)[0]["version"])


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
