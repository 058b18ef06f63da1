"""Taking turns at adding people: one process at a time, and a bounded wait for the others."""

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from coopledger.errors import Unavailable

#: Names whoever adds addresses or positions among all advisory locks: "cooppers" in ASCII.
_ADDING_LOCK = 0x636F6F7070657273
_PATIENCE = "30s"
"""For another's turn. A large import takes many of a tenth of a second."""


class SomebodyIsAdding(Unavailable):
    """Another process adds people, and does not come to an end."""

    advice = "Look for an import that stands still, end it, and try again. Nothing was done here."

    def __str__(self) -> str:
        return f"Somebody else has been adding people for {_PATIENCE}."


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
