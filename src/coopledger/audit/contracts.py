"""The contracts around a ledger, found from the ledger itself: its access manager, and what sells for it.

A screening can have been opened by anything that held MINTER. Only what has the box office's code, made
for this ledger, is asked about sales and money; anything else is a finding.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from eth_utils.address import to_checksum_address

from coopledger.audit.findings import Findings
from coopledger.chain import artifacts
from coopledger.chain.contracts.access import AccessContract
from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.contract import events_of
from coopledger.chain.contracts.ledger import LedgerContract
from coopledger.chain.wire.client import Chain
from coopledger.domain.roles import Role
from coopledger.domain.screenings import Screening
from coopledger.domain.types import Address, BlockNumber, ScreeningId

_SCREENINGS_A_QUESTION = 200


@dataclass(frozen=True)
class Contracts:
    """What belongs to a ledger, as of a block."""

    chain: Chain
    ledger: LedgerContract
    access: AccessContract
    offices: tuple[BoxOfficeContract, ...]
    first_block: BlockNumber
    office_names: Mapping[Address, str]
    present: Address | None = None
    """The box office that is to be able to sell, where that is known."""
    screenings: tuple[Screening, ...] = ()


def contracts_of(
    ledger: LedgerContract, at: BlockNumber, first_block: BlockNumber, findings: Findings
) -> Contracts:
    """Return what belongs to a ledger, as of a block."""
    chain = ledger.chain
    manager = AccessContract(chain, to_checksum_address(ledger.ask("authority", at=at)))
    if not _is(chain, "AccessManager", manager.address, at):
        expected = "OpenZeppelin's access manager, in this version's code"
        findings.add("who governs", "the ledger's authority", expected, manager.address)
    screenings = tuple(_screenings(ledger, at))
    issuers = dict.fromkeys(screening.issuer for screening in screenings)
    minters = _minters(manager, first_block, at)
    offices = []
    for address in dict.fromkeys((*issuers, *minters)):
        if _is_box_office(chain, address, ledger.address, at):
            offices.append(BoxOfficeContract(chain, address))
        elif address in issuers:
            numbers = [s.screening_id for s in screenings if s.issuer == address]
            what = f"the issuer of screening {numbers[0]}"
            findings.add("who sells", what, "a box office of this ledger", address)
    names = {office.address: "a box office" for office in offices}
    return Contracts(
        chain, ledger, manager, tuple(offices), first_block, names, screenings=screenings
    )


def _screenings(ledger: LedgerContract, at: BlockNumber) -> list[Screening]:
    count = ledger.screening_count(at)
    found: list[Screening] = []
    for start in range(1, count + 1, _SCREENINGS_A_QUESTION):
        end = min(start + _SCREENINGS_A_QUESTION, count + 1)
        found += ledger.screenings([ScreeningId(n) for n in range(start, end)], at)
    return found


def _minters(manager: AccessContract, first: BlockNumber, at: BlockNumber) -> list[Address]:
    event = events_of("AccessManager")["RoleGranted"]
    topics = [event.topic, int(Role.MINTER).to_bytes(32)]
    logs = manager.chain.logs([manager.address], topics, first, at)
    return [to_checksum_address(event.decode(log)["account"]) for log in logs]


def _is_box_office(chain: Chain, address: Address, ledger: Address, at: BlockNumber) -> bool:
    if not _is(chain, "BoxOffice", address, at):
        return False
    held = artifacts.immutables_in(artifacts.load("BoxOffice"), chain.code_at(address, at))[
        "ledger"
    ]
    return held[-20:] == bytes.fromhex(ledger[2:])


def _is(chain: Chain, name: str, address: Address, at: BlockNumber) -> bool:
    code = chain.code_at(address, at)
    return bool(code) and artifacts.matches_code(artifacts.load(name), code)
