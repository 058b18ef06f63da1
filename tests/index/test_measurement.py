"""What ``scripts/bench index`` compares is the same work of the same chain."""

from __future__ import annotations

from bench.index import measure


def test_the_index_and_web3_read_the_same_events() -> None:
    """Of a small chain the index, the bare node and web3.py count the same events, as were made."""
    figures = measure(1_000)
    assert 1_000 <= figures["events"] < 2_000
    assert figures["events_per_s"] > 0
    assert figures["web3_events_per_s"] > 0
