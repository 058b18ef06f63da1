"""Keys, signatures, batches, and the sender that never sends twice."""
