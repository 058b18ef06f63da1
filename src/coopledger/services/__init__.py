"""The use cases, as functions that read like sentences. They never print and never ask."""
