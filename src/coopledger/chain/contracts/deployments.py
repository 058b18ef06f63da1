"""Where the cooperative's contracts are: ``deployments/<chain id>.json``, and whether it is they.

While a deployment is under way the file holds a journal beside the addresses. A step is written down
before its transaction is broadcast, so that a crash can be resumed.
"""

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from coopledger.chain import artifacts
from coopledger.chain.contracts.access import AccessContract
from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.ledger import LedgerContract
from coopledger.chain.wire.client import Chain
from coopledger.domain.types import NOBODY, Address, BlockNumber, ChainId
from coopledger.errors import BadInput, NotFound, Untrusted

NATIVE_COIN = NOBODY
"""The currency of a box office that sells for the chain's own coin: no contract's."""


class NotDeployed(NotFound):
    """No cooperative was deployed on this chain, as far as is known here."""

    chain_id: ChainId
    file: Path

    says = "there is no deployment on chain {chain_id}: {file} is missing"
    advice = (
        "Run 'coopledger deploy'; or work in the folder that holds the deployments folder, or name that "
        "in COOPLEDGER_DEPLOYMENTS_FOLDER."
    )


class DeploymentUnfinished(NotFound):
    """A deployment on this chain was begun and not finished."""

    chain_id: ChainId
    missing: tuple[str, ...]

    advice = "Run 'coopledger deploy' again; it goes on where it stopped."

    def __str__(self) -> str:
        return f"the deployment on chain {self.chain_id} lacks: {', '.join(self.missing)}"


class DeploymentUnreadable(BadInput):
    """The deployment's file is damaged."""

    file: Path
    reason: str

    says = "{file} cannot be read: {reason}"
    advice = "Restore the file from a copy; it holds nothing secret."


class ForeignCode(Untrusted):
    """At a contract's address there is no code, or another contract's."""

    contract: str
    address: Address
    found: str

    says = "{contract} is not at {address}: {found}"
    advice = (
        "Check the chain and the deployments folder. A local chain that was started anew needs "
        "'coopledger deploy' again."
    )


@dataclass(frozen=True)
class Step:
    """A transaction of a deployment, written down before it was broadcast."""

    hash: str
    nonce: int
    address: Address | None


@dataclass(frozen=True)
class Journal:
    """A deployment as far as it got. ``contracts`` and ``steps`` are by contract or step name."""

    chain_id: ChainId
    first_block: BlockNumber
    contracts: dict[str, Address] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    currency: Address | None = None
    former_box_offices: tuple[Address, ...] = ()
    next_box_office: Address | None = None
    """One that is being prepared to replace the present one."""
    finished: bool = False

    def with_step(self, name: str, step: Step) -> "Journal":
        """Return the journal with one more step written down."""
        return replace(self, steps={**self.steps, name: step})

    def with_contract(self, name: str, address: Address) -> "Journal":
        """Return the journal with one more contract known to be there."""
        return replace(self, contracts={**self.contracts, name: address})


@dataclass(frozen=True)
class Cooperative:
    """The deployed contracts of one cooperative, checked to be what they claim."""

    chain: Chain
    first_block: BlockNumber
    ledger: LedgerContract
    lens: Address
    box_office: BoxOfficeContract
    access: AccessContract
    former_box_offices: tuple[Address, ...]


def file_of(folder: Path, chain_id: ChainId) -> Path:
    """Return the file of a chain's deployment."""
    return folder / f"{chain_id}.json"


def read_journal(folder: Path, chain_id: ChainId) -> Journal:
    """Read a chain's deployment, finished or not.

    Raises:
        NotDeployed: there is none.
        DeploymentUnreadable: its file is damaged.
    """
    file = file_of(folder, chain_id)
    try:
        raw: dict[str, Any] = orjson.loads(file.read_bytes())
        journal = Journal(
            **{
                **raw,
                "steps": {name: Step(**step) for name, step in raw["steps"].items()},
                "former_box_offices": tuple(raw["former_box_offices"]),
            }
        )
    except FileNotFoundError:
        raise NotDeployed(chain_id, file.absolute()) from None
    except OSError as error:
        raise DeploymentUnreadable(file, error.strerror or "unreadable") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise DeploymentUnreadable(file, "it is not what 'coopledger deploy' writes") from None
    if journal.chain_id != chain_id:
        raise DeploymentUnreadable(file, f"it is about chain {journal.chain_id}")
    return journal


def write_journal(folder: Path, journal: Journal) -> None:
    """Write a deployment down so that a crash leaves the old file or the new one, whole."""
    folder.mkdir(parents=True, exist_ok=True)
    file = file_of(folder, journal.chain_id)
    part = file.with_suffix(".part")
    with part.open("w", encoding="utf-8") as stream:
        json.dump(asdict(journal), stream, indent=1, sort_keys=True)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)


def open_cooperative(chain: Chain, folder: Path, *, any_box_office: bool = False) -> Cooperative:
    """Return the cooperative that was deployed on a chain, once its code is known to be ours.

    Args:
        chain: the chain.
        folder: the deployments folder.
        any_box_office: take a box office of another version, as one that is to be replaced may be.

    Raises:
        NotDeployed, DeploymentUnreadable, DeploymentUnfinished: there is none to open.
        ForeignCode: an address holds no code, or other code than this version's.
    """
    journal = read_journal(folder, chain.chain_id)
    names = ("AccessManager", "TicketLedger", "TicketLens", "BoxOffice")
    missing = [name for name in names if name not in journal.contracts]
    if missing or not journal.finished:
        raise DeploymentUnfinished(chain.chain_id, tuple(missing) or ("the roles",))
    ledger = journal.contracts["TicketLedger"]
    checked = names[:-1] if any_box_office else names
    for name in checked:
        check_code(chain, name, journal.contracts[name])
    for name in checked[2:]:
        check_ledger_of(chain, name, journal.contracts[name], ledger)
    return Cooperative(
        chain,
        journal.first_block,
        LedgerContract(chain, ledger),
        journal.contracts["TicketLens"],
        BoxOfficeContract(chain, journal.contracts["BoxOffice"]),
        AccessContract(chain, journal.contracts["AccessManager"]),
        journal.former_box_offices,
    )


def check_code(chain: Chain, name: str, address: Address) -> None:
    """Check that a contract's code is at an address, whatever its immutables hold.

    Raises:
        ForeignCode: it is not.
    """
    code = chain.code_at(address)
    if not code:
        raise ForeignCode(name, address, "there is no code")
    if not artifacts.matches_code(artifacts.load(name), code):
        raise ForeignCode(name, address, "the code is another contract's or version's")


def check_ledger_of(chain: Chain, name: str, address: Address, ledger: Address) -> None:
    """Check that a contract beside the ledger was made for this ledger.

    Raises:
        ForeignCode: it was made for another.
    """
    held = artifacts.immutables_in(artifacts.load(name), chain.code_at(address))["ledger"]
    if held[-20:] != bytes.fromhex(ledger[2:]):
        raise ForeignCode(name, address, f"it serves the ledger 0x{held[-20:].hex()}")
