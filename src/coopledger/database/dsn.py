"""Where a database is and how to log in: an URL that never shows its password.

A DSN holds a password, so ``str`` and ``repr`` give it without; only ``url`` hands out the whole, to the
database driver alone.
"""

from dataclasses import dataclass, field

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from coopledger.errors import BadInput


class NotADsn(BadInput):
    """The text is not the URL of a PostgreSQL database (the text itself may hold a password)."""

    reason: str

    says = "The database address cannot be used: {reason}."
    advice = (
        "Write the database as postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or leave it out to"
        " use the embedded one."
    )


@dataclass(frozen=True)
class Dsn:
    """The address of a PostgreSQL database, password included.

    Raises:
        NotADsn: the text is no PostgreSQL URL.
    """

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        _ = self.url

    @property
    def url(self) -> URL:
        """The URL for SQLAlchemy with psycopg 3 as driver; its own repr hides the password."""
        try:
            url = make_url(self.text)
        except (ArgumentError, ValueError):
            raise NotADsn("it is not a URL") from None
        if url.get_backend_name() not in ("postgresql", "postgres"):
            raise NotADsn(f"it names {url.get_backend_name()}, not postgresql")
        return url.set(drivername="postgresql+psycopg")

    def __str__(self) -> str:
        return self.url.render_as_string(hide_password=True)

    def __repr__(self) -> str:
        return f"Dsn({self})"
