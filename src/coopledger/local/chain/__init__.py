"""A chain on this machine: its node's process and its saved state."""
