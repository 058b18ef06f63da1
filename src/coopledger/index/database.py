"""The index's tables in the database: brought up to date, or dropped.

The one subtlety: they live beside the people's in one database, in a schema and with an Alembic
history of their own, so that the copy can be dropped and the people stay.
"""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from coopledger.index.schema import SCHEMA

#: Names our upgrades among all advisory locks of the database: "coopidxU" in ASCII.
_UPGRADE_LOCK = 0x636F6F7069647855


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date within the connection's transaction. Safe to run again."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    config = Config()
    config.set_main_option("script_location", f"{__package__}:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def drop(connection: Connection) -> None:
    """Remove the tables and everything in them."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
    connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
