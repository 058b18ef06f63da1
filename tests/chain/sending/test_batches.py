"""Batches: nothing lost, nothing over the cap, none smaller than it must be."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopledger.chain.sending.batches import CALLDATA_LIMIT, Cost, ItemOverGasCap, split
from coopledger.domain.types import Gas

BASE = Cost(Gas(60_000), 200)
COSTS = st.lists(
    st.builds(Cost, st.integers(1_000, 400_000).map(Gas), st.integers(32, 4_000)), max_size=300
)


@given(COSTS, st.integers(600_000, 20_000_000), st.floats(0.5, 1.0))
def test_batches_hold_every_item_in_order_and_stay_under_the_cap(
    items: list[Cost], cap: int, share: float
) -> None:
    """The batches are the items in order; each fits its share of the cap, its limit the cap."""
    try:
        batches = split(items, lambda cost: cost, BASE, gas_cap=Gas(cap), share=share)
    except ItemOverGasCap as failure:
        cost = items[failure.index]
        floor = 21_000 + 40 * (BASE.calldata + cost.calldata)
        assert max(BASE.gas + cost.gas, floor) > int(cap * share)
        return
    assert [item for batch in batches for item in batch.items] == items
    for batch in batches:
        calldata = BASE.calldata + sum(item.calldata for item in batch.items)
        gas = BASE.gas + sum(item.gas for item in batch.items)
        assert batch.expected_gas == max(gas, 21_000 + 40 * calldata) <= cap * share
        assert batch.expected_gas <= batch.gas_limit <= cap
        assert calldata <= CALLDATA_LIMIT


@given(COSTS)
def test_no_batch_is_closed_while_the_next_item_fits(items: list[Cost]) -> None:
    """The first item of each batch would not have fitted into the batch before."""
    batches = split(items, lambda cost: cost, BASE)
    for batch, following in itertools.pairwise(batches):
        extended = [*batch.items, following.items[0]]
        gas = BASE.gas + sum(item.gas for item in extended)
        calldata = BASE.calldata + sum(item.calldata for item in extended)
        assert max(gas, 21_000 + 40 * calldata) > int(16_777_216 * 0.85) or (
            calldata > CALLDATA_LIMIT
        )


def test_calldata_can_be_what_closes_a_batch() -> None:
    """Cheap items with many bytes are bounded by the floor price and by the limit of bytes."""
    wide = [Cost(Gas(100), 10_000)] * 30
    assert [len(b.items) for b in split(wide, lambda c: c, BASE, gas_cap=Gas(10**8))] == [11, 11, 8]
    narrow = split(wide, lambda c: c, BASE, gas_cap=Gas(1_000_000), share=1.0)
    assert {len(batch.items) for batch in narrow} == {2}


def test_a_batch_may_be_filled_to_the_last_unit() -> None:
    """What fits exactly goes in; one unit of gas more does not."""
    base, cost = Cost(Gas(200_000), 1), Cost(Gas(400_000), 1)
    for cap, sizes in ((1_000_000, [2, 2]), (999_999, [1, 1, 1, 1])):
        batches = split([cost] * 4, lambda c: c, base, gas_cap=Gas(cap), share=1.0)
        assert [len(batch.items) for batch in batches] == sizes


def test_an_item_that_fits_nowhere_is_named() -> None:
    """One item over the cap is an error with its index, not an endless loop."""
    costs = [Cost(Gas(1_000), 32), Cost(Gas(20_000_000), 32)]
    with pytest.raises(ItemOverGasCap) as failure:
        split(costs, lambda cost: cost, BASE)
    assert failure.value.index == 1


def test_no_items_give_no_batches() -> None:
    """Nothing to do is no transaction."""
    assert split([], lambda cost: cost, BASE) == []
