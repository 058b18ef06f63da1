"""Commands for signed messages, and their meaning in words."""
