"""The table of verdicts in the database: brought up to date.

The one subtlety: its Alembic history is its own, so that neither the index nor the people need know of it.
"""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from coopledger.verdicts.schema import SCHEMA

#: Names our upgrades among all advisory locks of the database: "coopaudU" in ASCII.
_UPGRADE_LOCK = 0x636F6F7061756455


def upgrade(connection: Connection) -> None:
    """Bring the table up to date within the connection's transaction. Safe to run again."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    config = Config()
    config.set_main_option("script_location", f"{__package__}:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
