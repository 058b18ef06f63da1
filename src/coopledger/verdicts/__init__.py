"""What the scheduled audit found, each time: its verdicts, kept in the database.

They have a PostgreSQL schema of their own, ``audit``, beside ``people`` and ``index``: a verdict is no copy
of the chain, so dropping the index must not take it along. All SQL stands in ``store``.
"""
