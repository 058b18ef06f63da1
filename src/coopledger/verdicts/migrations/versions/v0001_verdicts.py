"""The first table: the verdicts of the scheduled audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SCHEMA = "audit"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "verdict",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("ledger", sa.LargeBinary(), nullable=False),
        sa.Column(
            "began_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="by the machine's clock",
        ),
        sa.Column("seconds", sa.Double(), nullable=False, comment="how long it took"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="agrees, differs, or not done"),
        sa.Column(
            "block", sa.BigInteger(), comment="what it is about: the register as of this block"
        ),
        sa.Column("block_hash", sa.LargeBinary()),
        sa.Column("block_time", sa.BigInteger(), comment="seconds since 1970 UTC"),
        sa.Column("records", sa.BigInteger(), comment="in the register by then"),
        sa.Column("findings", sa.BigInteger(), comment="how many differences"),
        sa.Column("first_findings", sa.ARRAY(sa.Text()), comment="the first of them, as sentences"),
        sa.Column("reason", sa.Text(), comment="why it could not be done"),
        sa.CheckConstraint(
            "outcome IN ('agrees', 'differs', 'not done')", name=op.f("verdict_outcome_check")
        ),
        sa.CheckConstraint(
            "num_nulls(block, block_hash, block_time, records, findings, first_findings)"
            " = CASE WHEN outcome = 'not done' THEN 6 ELSE 0 END",
            name=op.f("verdict_whole_check"),
        ),
        sa.CheckConstraint(
            "(reason IS NULL) = (outcome <> 'not done')", name=op.f("verdict_reason_check")
        ),
        sa.CheckConstraint(
            "(findings > 0) = (outcome = 'differs')", name=op.f("verdict_findings_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("verdict_pkey")),
        schema=_SCHEMA,
        comment="What each audit of the worker's found; grows, and is never changed",
    )
    op.create_index(
        op.f("verdict_chain_id_ledger_id_idx"),
        "verdict",
        ["chain_id", "ledger", "id"],
        unique=False,
        schema=_SCHEMA,
    )


def downgrade() -> None:
    """Remove the table and everything in it."""
    op.drop_table("verdict", schema=_SCHEMA)
