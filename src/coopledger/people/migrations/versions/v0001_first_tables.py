"""The first tables: master secrets' fingerprints, persons, their names and accounts, positions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SCHEMA = "people"


def upgrade() -> None:
    """Make the tables."""
    now = sa.func.now()
    op.create_table(
        "master_secret",
        sa.Column("version", sa.Integer, autoincrement=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("version", name="master_secret_pkey"),
        schema=_SCHEMA,
        comment="Recognises a wrong master secret before it derives other accounts for everybody",
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid),
        sa.Column(
            "secret_version", sa.Integer, nullable=False, comment="derives the person's accounts"
        ),
        sa.Column("salt", sa.LargeBinary, comment="encrypted"),
        sa.Column("email", sa.LargeBinary, comment="encrypted"),
        sa.Column("email_index", sa.LargeBinary, comment="keyed hash"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="person_pkey"),
        sa.UniqueConstraint("email_index", name="person_email_index_key"),
        sa.CheckConstraint(
            "num_nulls(salt, email, email_index) = CASE WHEN erased_at IS NULL THEN 0 ELSE 3 END",
            name="person_erased_whole_check",
        ),
        schema=_SCHEMA,
        comment="One e-mail address",
    )
    op.create_table(
        "person_name",
        sa.Column("person_id", sa.Uuid),
        sa.Column("name_index", sa.LargeBinary, comment="keyed hash, by person"),
        sa.Column("name", sa.LargeBinary, nullable=False, comment="encrypted"),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        sa.PrimaryKeyConstraint("person_id", "name_index", name="person_name_pkey"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            [f"{_SCHEMA}.person.id"],
            name="person_name_person_id_fkey",
            ondelete="CASCADE",
        ),
        schema=_SCHEMA,
        comment="Every distinct name that was seen on a person's address",
    )
    op.create_table(
        "account",
        sa.Column("chain_id", sa.BigInteger, autoincrement=False),
        sa.Column("ledger", sa.LargeBinary),
        sa.Column("person_id", sa.Uuid),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        sa.PrimaryKeyConstraint("chain_id", "ledger", "person_id", name="account_pkey"),
        sa.UniqueConstraint(
            "chain_id", "ledger", "address", name="account_chain_id_ledger_address_key"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            [f"{_SCHEMA}.person.id"],
            name="account_person_id_fkey",
            ondelete="CASCADE",
        ),
        schema=_SCHEMA,
        comment="Which account is whose; erased with the person",
    )
    op.create_index("account_person_id_idx", "account", ["person_id"], schema=_SCHEMA)
    op.create_table(
        "position",
        sa.Column("reference", sa.LargeBinary, comment="as on the chain"),
        sa.Column(
            "secret_index", sa.LargeBinary, comment="keyed hash of the seller's ticket secret"
        ),
        sa.Column(
            "label_index", sa.LargeBinary, nullable=False, comment="keyed hash of ORDER-POSITION"
        ),
        sa.PrimaryKeyConstraint("reference", name="position_pkey"),
        schema=_SCHEMA,
        comment="Finds a ticket's reference by what stands on the seller's own ticket",
    )
    op.create_index("position_secret_index_idx", "position", ["secret_index"], schema=_SCHEMA)
    op.create_index("position_label_index_idx", "position", ["label_index"], schema=_SCHEMA)


def downgrade() -> None:
    """Remove the tables and everything in them."""
    for table in ("position", "account", "person_name", "person", "master_secret"):
        op.drop_table(table, schema=_SCHEMA)
