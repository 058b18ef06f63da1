"""The table of verdicts, in the PostgreSQL schema ``audit``.

A verdict names its chain and ledger in each row. A database may have served another one before; that
one's verdicts stay, and say nothing about this one.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from coopledger.database.migrating import Migrations

SCHEMA = "audit"

MIGRATIONS = Migrations(SCHEMA, f"{__package__}:migrations", lock=0x636F6F7061756455)
"""Its lock is ``coopaudU`` in ASCII."""

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    },
)

verdict = Table(
    "verdict",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("chain_id", BigInteger, nullable=False),
    Column("ledger", LargeBinary, nullable=False),
    Column("began_at", DateTime(timezone=True), nullable=False, comment="by the machine's clock"),
    Column("seconds", Double, nullable=False, comment="how long it took"),
    Column("outcome", Text, nullable=False, comment="agrees, differs, or not done"),
    Column("block", BigInteger, comment="what it is about: the register as of this block"),
    Column("block_hash", LargeBinary),
    Column("block_time", BigInteger, comment="seconds since 1970 UTC"),
    Column("records", BigInteger, comment="in the register by then"),
    Column("findings", BigInteger, comment="how many differences"),
    Column("first_findings", ARRAY(Text), comment="the first of them, as sentences"),
    Column("reason", Text, comment="why it could not be done"),
    CheckConstraint("outcome IN ('agrees', 'differs', 'not done')", name="outcome"),
    CheckConstraint(
        "num_nulls(block, block_hash, block_time, records, findings, first_findings)"
        " = CASE WHEN outcome = 'not done' THEN 6 ELSE 0 END",
        name="whole",
    ),
    CheckConstraint("(reason IS NULL) = (outcome <> 'not done')", name="reason"),
    CheckConstraint("(findings > 0) = (outcome = 'differs')", name="findings"),
    Index(None, "chain_id", "ledger", "id"),
    comment="What each audit of the worker's found; grows, and is never changed",
)
