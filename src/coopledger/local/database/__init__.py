"""A PostgreSQL on this machine: its cluster, its process, its user."""
