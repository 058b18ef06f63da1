"""The history of the tables of ``people``, run by ``database.migrating``."""
