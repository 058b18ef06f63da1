"""The history of the tables of ``index``, run by ``database.migrating``."""
