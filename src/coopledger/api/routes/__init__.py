"""The open API's routes, one module a subject."""
