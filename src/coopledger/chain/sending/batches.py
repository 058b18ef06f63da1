"""Splits work into batches that fit into one transaction each.

A transaction costs either its execution or, if that is more, a floor for its bytes of calldata
(EIP-7623), and a chain may also bound the bytes. A batch is closed before any of the three would be too
much, counting with a share of the cap alone, since figures are averages.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from coopledger.domain.types import Gas
from coopledger.errors import Refused
from coopledger.settings import TRANSACTION_GAS_CAP

Item = TypeVar("Item")

_TRANSACTION_GAS = 21_000
_FLOOR_GAS_PER_BYTE = 40
"""As if no byte were zero, which cost a quarter."""

CALLDATA_LIMIT = 120_000
"""Bytes; nodes take transactions of up to 131,072 with everything."""


class ItemOverGasCap(Refused):
    """One item alone would not fit into a transaction."""

    index: int
    gas: Gas
    limit: Gas

    says = "item {index} needs {gas:,} gas; a batch may plan with {limit:,}"
    advice = "Raise COOPLEDGER_TRANSACTION_GAS_CAP if the chain allows more."


@dataclass(frozen=True)
class Batch(Generic[Item]):
    """Items that go into one transaction, what they should take, and the limit to give it."""

    items: tuple[Item, ...]
    expected_gas: Gas
    gas_limit: Gas


@dataclass(frozen=True)
class Cost:
    """What something takes: gas of execution (its calldata's included) and bytes of calldata."""

    gas: Gas
    calldata: int


def split(
    items: Iterable[Item],
    cost_of: Callable[[Item], Cost],
    base: Cost,
    *,
    gas_cap: Gas = TRANSACTION_GAS_CAP,
    share: float = 0.85,
) -> list[Batch[Item]]:
    """Split items, in order, into as few batches as fit; see :func:`batched`."""
    return list(batched(items, cost_of, base, gas_cap=gas_cap, share=share))


def batched(
    items: Iterable[Item],
    cost_of: Callable[[Item], Cost],
    base: Cost,
    *,
    gas_cap: Gas,
    share: float,
) -> Iterator[Batch[Item]]:
    """Yield items, in order, in as few batches as fit. They may be computed as they are asked for.

    Args:
        items: what is to be done; no items give no batch.
        cost_of: what one item adds to a transaction.
        base: what a transaction takes without items.
        gas_cap: the most gas that one transaction may use.
        share: how much of the cap may be planned with. A batch's limit is its expected gas
            divided by this, so that each has the same room for a wrong estimate.

    Raises:
        ItemOverGasCap: an item does not fit even alone.
    """
    limit = Gas(int(gas_cap * share))
    gathered: list[Item] = []
    gas, calldata = base.gas, base.calldata
    for index, item in enumerate(items):
        cost = cost_of(item)
        if gathered and not _fits(gas + cost.gas, calldata + cost.calldata, limit):
            yield _batch(gathered, gas, calldata, gas_cap, share)
            gathered, gas, calldata = [], base.gas, base.calldata
        gas, calldata = Gas(gas + cost.gas), calldata + cost.calldata
        if not _fits(gas, calldata, limit):
            raise ItemOverGasCap(index, _gas_of(gas, calldata), limit)
        gathered.append(item)
    if gathered:
        yield _batch(gathered, gas, calldata, gas_cap, share)


def _gas_of(gas: int, calldata: int) -> Gas:
    return Gas(max(gas, _TRANSACTION_GAS + _FLOOR_GAS_PER_BYTE * calldata))


def _fits(gas: int, calldata: int, limit: Gas) -> bool:
    return _gas_of(gas, calldata) <= limit and calldata <= CALLDATA_LIMIT


def _batch(items: list[Item], gas: int, calldata: int, gas_cap: Gas, share: float) -> Batch[Item]:
    expected = _gas_of(gas, calldata)
    return Batch(tuple(items), expected, Gas(min(gas_cap, int(expected / share))))
