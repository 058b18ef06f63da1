"""The shapes of what wallets and marketplaces read: the standards' own, so without ``as_of``."""

from pydantic import AnyUrl

from coopledger.api.models.common import Shape


class AttributeShape(Shape):
    """One fact about a ticket."""

    trait_type: str
    """Its name."""
    value: str | int
    display_type: str = ""
    """How to show a number: "number" or "date" (seconds since 1970 UTC); left out for a text."""


class TicketMetadataAnswer(Shape):
    """A ticket as wallets show it (ERC-721, OpenSea's attributes)."""

    name: str
    description: str
    image: AnyUrl
    external_url: AnyUrl
    attributes: list[AttributeShape]


class ContractMetadataAnswer(Shape):
    """The ledger as wallets show it (ERC-7572)."""

    name: str
    symbol: str
    description: str
    image: AnyUrl
    external_link: AnyUrl
