"""Asking a node: JSON-RPC, the client, transactions."""
