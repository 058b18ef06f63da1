"""Batches: nothing lost, nothing over the cap, none smaller than it must be."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopledger.chain.sending.batches import CALLDATA_LIMIT, Cost, ItemOverGasCap, split
from coopledger.chain.sending.sender import Sender
from coopledger.chain.sending.signing import Signer
from coopledger.chain.wire.client import Chain
from coopledger.chain.wire.transactions import Call
from coopledger.domain.types import Gas
from coopledger.settings import Settings

BASE = Cost(Gas(60_000), 200)
COSTS = st.lists(
    st.builds(Cost, st.integers(1_000, 400_000).map(Gas), st.integers(32, 4_000)), max_size=300
)
TOKENS_A_BYTE, GAS_A_TOKEN = 4, 10


def taken(gas: int, calldata: int) -> int:
    """Return what a transaction of this gas and calldata (no byte zero) takes, by EIP-7623."""
    return max(gas, 21_000 + GAS_A_TOKEN * TOKENS_A_BYTE * calldata)


@pytest.mark.parametrize("size", [1, 1_000, 30_000])
def test_a_batch_is_expected_to_take_what_it_takes(
    chain: Chain, signer: Signer, settings: Settings, size: int
) -> None:
    """A node asks for a transaction of bytes alone what a batch of them is expected to take."""
    call = Call(signer.address, bytes([255]) * size, Gas(2_000_000))
    used = Sender(chain, signer, settings).send(call).gas_used
    (batch,) = split([size], lambda each: Cost(Gas(16 * each), each), Cost(Gas(21_000), 0))
    assert batch.expected_gas == used == taken(21_000 + 16 * size, size)


@given(COSTS, st.integers(600_000, 20_000_000), st.floats(0.5, 1.0))
def test_batches_hold_every_item_in_order_and_stay_under_the_cap(
    items: list[Cost], cap: int, share: float
) -> None:
    """The batches are the items in order; each fits its share of the cap, its limit the cap."""
    try:
        batches = split(items, lambda cost: cost, BASE, gas_cap=Gas(cap), share=share)
    except ItemOverGasCap as failure:
        cost = items[failure.index]
        assert taken(BASE.gas + cost.gas, BASE.calldata + cost.calldata) > int(cap * share)
        return
    assert [item for batch in batches for item in batch.items] == items
    for batch in batches:
        calldata = BASE.calldata + sum(item.calldata for item in batch.items)
        gas = BASE.gas + sum(item.gas for item in batch.items)
        assert batch.expected_gas == taken(gas, calldata) <= cap * share
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
        assert taken(gas, calldata) > int(16_777_216 * 0.85) or (calldata > CALLDATA_LIMIT)


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


def test_a_whole_number_of_batches_fills_a_block(
    chain: Chain, signer: Signer, settings: Settings
) -> None:
    """The limits of so many batches as a block takes leave next to nothing of it, and keep to the cap."""
    block = chain.block("latest").gas_limit
    items = [Cost(Gas(20_000), 64)] * 2_000
    first, *_ = Sender(chain, signer, settings).fill_blocks(items, lambda cost: cost, BASE, 0.9)
    assert first.gas_limit <= settings.transaction_gas_cap < block
    assert 0.98 * block <= block // first.gas_limit * first.gas_limit <= block
