"""Bringing a schema's tables up to date, by migrations that lie beside the schema.

Several schemas share one database, each with an Alembic history of its own, so that one can be dropped
while the others stay. Processes may start together: an upgrade takes the schema's lock first and does
everything in one transaction; the second finds the work done. Where nothing is to be done, Alembic is not
even imported: that takes longer than a sale.
"""

from dataclasses import dataclass
from importlib.resources import files

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Migrations:
    """Where a schema's migrations lie (``package:folder``), and the advisory lock of its upgrades."""

    schema: str
    location: str
    lock: int

    def upgrade(self, connection: Connection) -> None:
        """Bring the tables up to date within the connection's transaction. Safe to run again."""
        if self._is_up_to_date(connection):
            return
        from alembic import command
        from alembic.config import Config

        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": self.lock})
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {self.schema}"))
        config = Config()
        config.set_main_option("script_location", self.location)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    def newest(self) -> str:
        """Return the newest revision, by the files' names: ``v0002_more_tables.py`` holds 0002."""
        package, _, folder = self.location.partition(":")
        names = (file.name for file in files(package).joinpath(folder, "versions").iterdir())
        return max(name[1:].partition("_")[0] for name in names if name.startswith("v"))

    def _is_up_to_date(self, connection: Connection) -> bool:
        table = f"{self.schema}.alembic_version"
        if connection.scalar(text("SELECT to_regclass(:table)"), {"table": table}) is None:
            return False
        version = text(f"SELECT version_num FROM {table}")  # noqa: S608  our own schema's name
        return bool(connection.scalar(version) == self.newest())
