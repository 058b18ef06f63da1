"""Who holds which role, and what waits for a role's delay."""
