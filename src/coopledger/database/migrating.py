"""Bringing a schema's tables up to date, by migrations that lie beside the schema.

Several schemas share one database, each with an Alembic history of its own, so that one can be dropped
while the others stay. Processes may start together: an upgrade takes the schema's lock first and does
everything in one transaction; the second finds the work done.
"""

from dataclasses import dataclass

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Migrations:
    """Where a schema's migrations lie (``package:folder``), and the advisory lock of its upgrades."""

    schema: str
    location: str
    lock: int

    def upgrade(self, connection: Connection) -> None:
        """Bring the tables up to date within the connection's transaction. Safe to run again."""
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": self.lock})
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {self.schema}"))
        config = Config()
        config.set_main_option("script_location", self.location)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
