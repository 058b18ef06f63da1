"""coopledger: film tickets that double as cooperative membership, on a chain anybody can check."""

__version__ = "0.1.0"
