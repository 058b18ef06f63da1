"""The connection to the people's database, and bringing its tables up to date.

The one subtlety: processes may start together, so an upgrade takes a lock in the database first and
does everything in one transaction; the second finds the work done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from alembic import command
from alembic.config import Config
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from coopledger.errors import Unavailable
from coopledger.people.dsn import Dsn
from coopledger.people.schema import SCHEMA

#: Names our upgrades among all advisory locks of the database: "cooppeop" in ASCII.
_UPGRADE_LOCK = 0x636F6F7070656F70
#: Likewise, names whoever adds addresses or positions: "cooppers".
_ADDING_LOCK = 0x636F6F7070657273
_PATIENCE = "30s"
"""For another's turn. A large import takes many of a tenth of a second."""


@dataclass(eq=False)
class DatabaseUnreachable(Unavailable):
    """The database does not answer, refuses the login, or went away."""

    database: Dsn
    said: str

    advice: ClassVar[str] = (
        "Check that the database runs and that its address, user and password are right."
    )

    def __str__(self) -> str:
        return f"The database {self.database} cannot be used: {self.said}"


@dataclass(eq=False)
class SomebodyIsAdding(Unavailable):
    """Another process adds people, and does not come to an end."""

    advice: ClassVar[str] = (
        "Look for an import that stands still, end it, and try again. Nothing was done here."
    )

    def __str__(self) -> str:
        return f"Somebody else has been adding people for {_PATIENCE}."


def engine_of(dsn: Dsn) -> Engine:
    """Return an engine on the database; it connects when first used."""
    return create_engine(dsn.url, hide_parameters=True)


@contextmanager
def transaction(engine: Engine, dsn: Dsn) -> Iterator[Connection]:
    """Open a transaction that commits at the end of the block, or rolls back on a failure.

    Raises:
        DatabaseUnreachable: the database does not answer or went away.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        raise DatabaseUnreachable(dsn, str(error.orig).strip()) from error


def take_turn_adding(connection: Connection) -> None:
    """Wait until nobody else adds addresses or positions; from then on the transaction alone does.

    So what it does not find stays away, and can be copied in without asking again.

    Raises:
        SomebodyIsAdding: another process has been at it for half a minute.
    """
    patience = text("SELECT set_config('lock_timeout', :patience, true)")
    connection.execute(patience, {"patience": _PATIENCE})
    try:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADDING_LOCK})
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise SomebodyIsAdding from None
        raise
    connection.execute(patience, {"patience": "0"})


def upgrade(dsn: Dsn) -> None:
    """Bring the tables of ``people`` up to date. Safe to run again, and from many processes.

    Raises:
        DatabaseUnreachable: the database does not answer.
    """
    engine = engine_of(dsn)
    try:
        with transaction(engine, dsn) as connection:
            upgrade_on(connection)
    finally:
        engine.dispose()


def upgrade_on(connection: Connection) -> None:
    """Bring the tables up to date within the connection's transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    config = Config()
    config.set_main_option("script_location", f"{__package__}:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
