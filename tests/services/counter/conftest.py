"""Indexes of a counter's chain, each in a database of its own."""

from __future__ import annotations

from tests.index.conftest import bad_node, index, new_index

__all__ = ["bad_node", "index", "new_index"]
