"""The shape of what there is to say of the cooperative as a whole."""

from zoneinfo import ZoneInfo

from pydantic import Field

from coopledger.api.models.common import (
    ADDRESS,
    HEX_32,
    Answer,
    ReadMomentShape,
    Shape,
    hexadecimal,
)
from coopledger.domain.moments import Moment
from coopledger.services.asking.answers import CooperativeFacts


class ChainShape(Shape):
    """The chain that the contracts are on."""

    id: int
    first_block: int
    """No event of the cooperative is in an earlier block."""


class AddressesShape(Shape):
    """Where the contracts are."""

    ledger: str = Field(pattern=ADDRESS)
    """Tickets and register; permanent."""
    box_office: str = Field(pattern=ADDRESS)
    """Sells at present; can be replaced."""
    former_box_offices: list[str]
    lens: str = Field(pattern=ADDRESS)
    """Unpacks the ledger's words; holds nothing."""
    access_manager: str = Field(pattern=ADDRESS)
    """Knows who holds which role."""
    currency: str | None
    """The ERC-20 that buyers pay in; null for the chain's own coin."""


class BylawsShape(Shape):
    """The by-laws in force."""

    version: int
    hash: str = Field(pattern=HEX_32)
    """Keccak-256 of the file."""


class CountsShape(Shape):
    """How many there are of everything."""

    members: int
    """All records, open and closed; the newest one's number."""
    members_open: int
    tickets: int
    """All that were ever issued; the newest one's id."""
    screenings: int
    films: int


class RegisterShape(Shape):
    """The hash chain over the register's events."""

    head: str = Field(pattern=HEX_32)
    events: int
    """How many events it covers."""


class RoleShape(Shape):
    """An account that holds a role."""

    role: str
    account: str = Field(pattern=ADDRESS)
    delay_s: int
    """Seconds that each of its calls must wait, for anybody to see; 0 for none."""


class CooperativeAnswer(Answer):
    """The cooperative as a whole."""

    chain: ChainShape
    addresses: AddressesShape
    bylaws: BylawsShape | None
    """Null as long as none were recorded."""
    counts: CountsShape
    register_: RegisterShape = Field(alias="register")
    roles: list[RoleShape]
    """Who holds which role now."""

    @classmethod
    def of(cls, facts: CooperativeFacts, when: Moment, zone: ZoneInfo) -> "CooperativeAnswer":
        """Return the shape of the facts."""
        places, counts = facts.addresses, facts.counts
        bylaws = facts.bylaws_hash and BylawsShape(
            version=facts.bylaws_version, hash=hexadecimal(facts.bylaws_hash)
        )
        return cls(
            as_of=ReadMomentShape.of(when, zone),
            chain=ChainShape(id=facts.chain_id, first_block=facts.first_block),
            addresses=AddressesShape(
                ledger=places.ledger,
                box_office=places.box_office,
                former_box_offices=list(places.former_box_offices),
                lens=places.lens,
                access_manager=places.access_manager,
                currency=places.currency if int(places.currency, 16) else None,
            ),
            bylaws=bylaws or None,
            counts=CountsShape(
                members=counts.members,
                members_open=counts.members_open,
                tickets=counts.tickets,
                screenings=counts.screenings,
                films=counts.films,
            ),
            register=RegisterShape(
                head=hexadecimal(facts.register_head), events=counts.register_events
            ),
            roles=[
                RoleShape(role=each.role.name, account=each.account, delay_s=each.delay_s)
                for each in facts.roles
            ],
        )
