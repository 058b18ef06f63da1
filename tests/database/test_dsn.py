"""Database addresses that keep their password to themselves."""

import pytest

from coopledger.database.dsn import Dsn, NotADsn
from coopledger.database.engine import DatabaseUnreachable, engine_of, transaction


def reach(dsn: Dsn) -> None:
    """Open a transaction on the database, and end it."""
    engine = engine_of(dsn)
    try:
        with transaction(engine, dsn):
            pass
    finally:
        engine.dispose()


def test_a_dsn_never_shows_its_password() -> None:
    """Only the driver gets the password."""
    dsn = Dsn("postgresql://siti:geheim@db.example.org:5433/coop")
    assert "geheim" not in f"{dsn} {dsn!r} {dsn.url} {dsn.url!r} {[dsn]}"
    assert dsn.url.password == "geheim"
    assert dsn.url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    "text", ["", "host=db", "mysql://a:geheim@b/c", "postgresql://x:y@h:port/"]
)
def test_what_is_no_postgresql_url_is_refused(text: str) -> None:
    """The failure comes at once and does not repeat what may hold a password."""
    with pytest.raises(NotADsn) as caught:
        Dsn(text)
    assert "geheim" not in str(caught.value)


def test_a_wrong_password_is_refused(server: Dsn) -> None:
    """The server trusts nobody: the right role without its password stays outside."""
    wrong = server.url.set(drivername="postgresql", password="guess")
    dsn = Dsn(wrong.render_as_string(hide_password=False))
    with pytest.raises(DatabaseUnreachable, match="password authentication failed") as caught:
        reach(dsn)
    assert "guess" not in str(caught.value)


@pytest.mark.parametrize("role", ["postgres", "root", "coopledger-db"])
def test_no_other_role_gets_in(server: Dsn, role: str) -> None:
    """Not even the database's own superuser can log in over the socket."""
    dsn = Dsn(server.url.set(username=role).render_as_string(hide_password=False))
    with pytest.raises(DatabaseUnreachable, match=r"no pg_hba\.conf entry"):
        reach(dsn)
