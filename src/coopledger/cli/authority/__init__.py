"""Commands for roles, and for what waits for a role's delay."""
