"""Bundles and single proofs: written from a node, verified without one."""
