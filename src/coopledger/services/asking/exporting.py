"""Writing the register into a file, as of a moment.

Names come from the people's database and only where the registrar asks for them. The export's fingerprint
is that of the register alone.
"""

from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.moments import Moment
from coopledger.domain.register import genesis_head
from coopledger.domain.types import Address
from coopledger.exports.data import About, Fingerprint
from coopledger.exports.streams import NamesOf
from coopledger.exports.writing import write_export
from coopledger.index.asking.queries import Register
from coopledger.index.asking.wanted import Wanted
from coopledger.index.origin import Origin
from coopledger.people.desk import People
from coopledger.people.store import AccountUnknown
from coopledger.pictures.language import House, Language


def origin_of(coop: Cooperative) -> Origin:
    """Return what an index of a cooperative is a copy of."""
    return Origin(coop.chain.chain_id, coop.ledger.address, coop.first_block)


def about(origin: Origin, house: House, register: Register, wanted: Wanted) -> About:
    """Return what an export of the register says of itself."""
    chain_id, ledger, first_block = origin.chain_id, origin.ledger, origin.first_block
    events, head = register.head() or (0, genesis_head(chain_id, ledger))
    return About(
        *(house.name, chain_id, ledger, register.as_of, first_block),
        *(wanted, register.counts(), events, head),
    )


def export(
    file: Path,
    coop: Cooperative,
    house: House,
    connection: Connection,
    as_of: Moment,
    wanted: Wanted,
    language: Language,
    names: NamesOf | None = None,
) -> tuple[About, Fingerprint]:
    """Write the register as of a moment into a file, in the format of its ending.

    Raises:
        NotAnExport, ExportNotWritten: see ``exports.writing``.
    """
    register = Register(connection, as_of)
    said = about(origin_of(coop), house, register, wanted)
    entries = register.whole(wanted)
    return said, write_export(file, said, entries, language, names, _zone(house))


def names_of(people: People, coop: Cooperative) -> NamesOf:
    """Return what gives all attendees' names of an account; none of somebody's own wallet."""

    def found(account: Address) -> tuple[str, ...]:
        try:
            return people.person_of(account, coop.chain.chain_id, coop.ledger.address).names
        except AccountUnknown:
            return ()

    return found


def _zone(house: House) -> ZoneInfo:
    return house.zone
