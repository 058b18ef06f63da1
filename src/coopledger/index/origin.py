"""What an index is a copy of."""

from dataclasses import dataclass

from coopledger.domain.types import Address, BlockNumber, ChainId


@dataclass(frozen=True)
class Origin:
    """A ledger on a chain, and the block from which on it is followed."""

    chain_id: ChainId
    ledger: Address
    first_block: BlockNumber
