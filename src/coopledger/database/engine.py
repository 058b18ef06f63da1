"""The connection to a PostgreSQL database, and its failures by name."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import OperationalError

from coopledger.database.dsn import Dsn
from coopledger.errors import Unavailable


class DatabaseUnreachable(Unavailable):
    """The database does not answer, refuses the login, or went away."""

    database: Dsn
    said: str

    says = "The database {database} cannot be used: {said}"
    advice = "Check that the database runs and that its address, user and password are right."


def engine_of(dsn: Dsn) -> Engine:
    """Return an engine on the database; it connects when first used."""
    # Connections beyond the pool's size would be made anew for each use.
    return create_engine(dsn.url, hide_parameters=True, pool_size=15, max_overflow=0)


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
