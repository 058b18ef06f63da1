"""Signed messages: written, checked, signed, relayed; and what is done with a key kept for somebody."""
