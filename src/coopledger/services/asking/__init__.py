"""Answers about the cooperative, from the chain or from the index."""
