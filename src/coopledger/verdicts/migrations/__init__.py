"""The history of the table of verdicts, run by ``database.migrating``."""
