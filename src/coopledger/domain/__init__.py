"""Plain values and pure rules of the cooperative's ledger. Imports nothing else of ours."""
