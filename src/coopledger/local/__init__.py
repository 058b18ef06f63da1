"""This machine's own servers, for trials: a chain, a database, and keeping their processes."""
