"""The shapes of the open API's answers, one module a subject."""
