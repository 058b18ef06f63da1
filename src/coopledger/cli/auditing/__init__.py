"""Commands of the audit: once, on schedule, and proofs."""
