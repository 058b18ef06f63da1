"""Who is behind an account: encrypted names and e-mails, salts, derived keys, in PostgreSQL.

``desk`` is the door: ``People.open(dsn, secrets)`` and its methods. ``server`` starts the embedded
PostgreSQL for those who bring none. Nothing is imported here, so that the small process that watches the
embedded server (``supervisor``) stays small.
"""
