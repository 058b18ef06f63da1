"""Audits of this cooperative: once, on schedule, and of its index."""
