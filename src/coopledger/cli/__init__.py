"""The commands: each parses, calls one use case, and shows what came of it."""
