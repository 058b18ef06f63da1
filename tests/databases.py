"""Databases of a test's own on a server that many tests share."""

from __future__ import annotations

import secrets

import psycopg

from coopledger.database.dsn import Dsn


def new_database(server: Dsn, template: str = "template1") -> Dsn:
    """Make a database, empty or as another that nobody uses now, and return its DSN.

    It goes with the server (dropping is slow).
    """
    name = f"test_{secrets.token_hex(8)}"
    with psycopg.connect(server.text, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    url = server.url.set(drivername="postgresql", database=name)
    return Dsn(url.render_as_string(hide_password=False))


def end_connections(server: Dsn, database: Dsn) -> None:
    """End everybody's connections to a database.

    A vacuum of the server's own is left alone: only a superuser may end it, which is also why
    ``DROP DATABASE … WITH (FORCE)`` fails where it meets one.
    """
    with psycopg.connect(server.text, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = %s AND backend_type = 'client backend'",
            [database.url.database],
        )


def drop_database(server: Dsn, database: Dsn) -> None:
    """Take a database away from everybody who uses it; a vacuum is waited for."""
    name = database.url.database
    with psycopg.connect(server.text, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        end_connections(server, database)
        admin.execute(f"DROP DATABASE {name}")
