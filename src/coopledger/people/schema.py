"""The tables of ``people``, in a PostgreSQL schema of that name.

No column holds anything readable. What must be read is encrypted for its row, what must be found is a
keyed hash, and an erased person keeps a row with nothing in it but times.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    Uuid,
    func,
)

from coopledger.database.migrating import Migrations

SCHEMA = "people"

MIGRATIONS = Migrations(SCHEMA, f"{__package__}:migrations", lock=0x636F6F7070656F70)
"""Its lock is ``cooppeop`` in ASCII."""

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    },
)

master_secret = Table(
    "master_secret",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", LargeBinary, nullable=False),
    comment="Recognises a wrong master secret before it derives other accounts for everybody",
)

person = Table(
    "person",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("secret_version", Integer, nullable=False, comment="derives the person's accounts"),
    Column("salt", LargeBinary, comment="encrypted"),
    Column("email", LargeBinary, comment="encrypted"),
    Column("email_index", LargeBinary, comment="keyed hash"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("erased_at", DateTime(timezone=True)),
    UniqueConstraint("email_index"),
    CheckConstraint(
        "num_nulls(salt, email, email_index) = CASE WHEN erased_at IS NULL THEN 0 ELSE 3 END",
        name="erased_whole",
    ),
    comment="One e-mail address",
)

person_name = Table(
    "person_name",
    metadata,
    Column("person_id", ForeignKey(person.c.id, ondelete="CASCADE"), primary_key=True),
    Column("name_index", LargeBinary, primary_key=True, comment="keyed hash, by person"),
    Column("name", LargeBinary, nullable=False, comment="encrypted"),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="Every distinct name that was seen on a person's address",
)

account = Table(
    "account",
    metadata,
    Column("chain_id", BigInteger, primary_key=True, autoincrement=False),
    Column("ledger", LargeBinary, primary_key=True),
    Column("person_id", ForeignKey(person.c.id, ondelete="CASCADE"), primary_key=True),
    Column("address", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("chain_id", "ledger", "address"),
    Index(None, "person_id"),
    comment="Which account is whose; erased with the person",
)

position = Table(
    "position",
    metadata,
    Column("reference", LargeBinary, primary_key=True, comment="as on the chain"),
    Column("secret_index", LargeBinary, comment="keyed hash of the seller's ticket secret"),
    Column("label_index", LargeBinary, nullable=False, comment="keyed hash of ORDER-POSITION"),
    Index(None, "secret_index"),
    Index(None, "label_index"),
    comment="Finds a ticket's reference by what stands on the seller's own ticket",
)
