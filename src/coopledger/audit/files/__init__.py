"""Lists that somebody else made, held against the audit's own."""
