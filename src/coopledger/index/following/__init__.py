"""The one writer: the chain's blocks, read into the index's tables."""
